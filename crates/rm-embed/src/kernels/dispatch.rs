//! Chooses at run time which compiled form of a kernel runs.

use pulp::{Arch, Simd, WithSimd};

use super::int8::ByteIsa;

/// Names the instruction set that kernels run on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Isa {
    /// The widest set that this machine has.
    Native(Arch),
    /// What every machine of the target has; slower, and held to the native form by tests.
    #[cfg_attr(not(test), expect(dead_code, reason = "the twin that tests force"))]
    Portable,
}

impl Isa {
    /// Detects the widest instruction set; the answer is cached by the standard library.
    pub(crate) fn detect() -> Self {
        Self::Native(Arch::new())
    }

    /// Returns the instructions for products of bytes.
    pub(crate) fn bytes(self) -> ByteIsa {
        match self {
            Self::Native(_) => ByteIsa::detect(),
            Self::Portable => ByteIsa::Portable,
        }
    }

    /// Runs `kernel` in its form for this instruction set.
    #[inline]
    pub(crate) fn run<K: Kernel>(self, kernel: K) {
        match self {
            Self::Native(arch) => arch.dispatch(Vectorised(kernel)),
            Self::Portable => kernel.run::<false>(),
        }
    }

    /// Runs `kernel`, which is written in vectors of whatever width there is.
    #[inline]
    pub(crate) fn run_simd<K: WithSimd<Output = ()>>(self, kernel: K) {
        match self {
            Self::Native(arch) => arch.dispatch(kernel),
            Self::Portable => kernel.with_simd(pulp::Scalar::new()),
        }
    }
}

/// A computation that is compiled once per instruction set.
///
/// `run` must be `#[inline(always)]`, and so must everything that it calls, for only then is its
/// body compiled with the instructions of the caller.
pub(crate) trait Kernel {
    /// Computes; `FMA` says whether a fused multiply-add is one instruction here.
    fn run<const FMA: bool>(self);
}

struct Vectorised<K>(K);

impl<K: Kernel> WithSimd for Vectorised<K> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        if S::IS_SCALAR {
            self.0.run::<false>();
        } else {
            self.0.run::<true>();
        }
    }
}
