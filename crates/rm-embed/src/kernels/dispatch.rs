//! Chooses at run time which compiled form of a kernel runs.

use pulp::{Arch, WithSimd};

use super::int8::ByteIsa;

/// Names the environment variable that chooses a slower form than the machine's best.
const VARIABLE: &str = "RM_SIMD";

/// The instruction set that kernels run on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Isa {
    name: &'static str,
    floats: Arch,
    bytes: ByteIsa,
}

impl Isa {
    /// What every machine of the target has.
    const PORTABLE: Self = Self {
        name: "portable",
        floats: Arch::Scalar,
        bytes: ByteIsa::Portable,
    };

    /// Takes the fastest form, or the one that `RM_SIMD` names.
    ///
    /// # Errors
    /// A sentence, when this machine has no form of that name.
    pub(crate) fn from_env() -> Result<Self, String> {
        Self::named(std::env::var(VARIABLE).ok().as_deref())
    }

    fn named(name: Option<&str>) -> Result<Self, String> {
        let available = Self::available();
        let found = match name.filter(|name| !name.is_empty()) {
            None => available.first(),
            Some(name) => available.iter().find(|isa| isa.name == name),
        };
        found.copied().ok_or_else(|| {
            let names: Vec<&str> = available.iter().map(|isa| isa.name).collect();
            format!(
                "expected {VARIABLE} to name instructions of this machine ({}), found {:?}",
                names.join(", "),
                name.unwrap_or_default()
            )
        })
    }

    /// Lists the forms that this machine can run, fastest first.
    pub(crate) fn available() -> Vec<Self> {
        let mut forms = Self::native();
        forms.push(Self::PORTABLE);
        forms
    }

    #[cfg(target_arch = "x86_64")]
    fn native() -> Vec<Self> {
        let bytes = ByteIsa::available();
        let form = |name, floats, bytes| Self {
            name,
            floats,
            bytes,
        };
        let narrow = bytes.iter().find(|isa| **isa != ByteIsa::Avx512Vnni);
        let (widest, narrow) = (bytes[0], *narrow.unwrap_or(&ByteIsa::Portable));
        let avx512 = pulp::x86::V4::try_new().map(|v4| form("avx512", Arch::V4(v4), widest));
        let avx2 = pulp::x86::V3::try_new().map(|v3| form("avx2", Arch::V3(v3), narrow));
        avx512.into_iter().chain(avx2).collect()
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn native() -> Vec<Self> {
        vec![Self {
            name: "native",
            floats: Arch::new(),
            bytes: ByteIsa::Portable,
        }]
    }

    /// Returns the instructions for products of bytes.
    pub(crate) fn bytes(self) -> ByteIsa {
        self.bytes
    }

    /// Runs `kernel` in its form for this instruction set.
    ///
    /// Its `with_simd` must be `#[inline(always)]`, and so must everything that it calls, for only then is its
    /// body compiled with the instructions of the caller.
    #[inline]
    pub(crate) fn run<K: WithSimd<Output = ()>>(self, kernel: K) {
        self.floats.dispatch(kernel);
    }
}

#[cfg(test)]
impl Isa {
    /// Takes the fastest form.
    pub(crate) fn detect() -> Self {
        Self::available()[0]
    }

    /// Lists a form for all the instructions for products of bytes that this machine has.
    pub(crate) fn for_all_bytes() -> Vec<Self> {
        let with = |bytes| Self {
            bytes,
            ..Self::detect()
        };
        ByteIsa::available().into_iter().map(with).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Isa;

    #[test]
    fn the_fastest_is_taken_unless_another_is_named() {
        let names: Vec<&str> = Isa::available().iter().map(|isa| isa.name).collect();
        assert_eq!(names.last(), Some(&"portable"));
        let taken = |name| Isa::named(name).map(|isa| isa.name);
        assert_eq!(taken(None), Ok(names[0]));
        assert_eq!(taken(Some("")), Ok(names[0]));
        for name in &names {
            assert_eq!(taken(Some(name)), Ok(*name));
        }
    }

    #[test]
    fn what_the_machine_has_not_is_refused_with_what_it_has() {
        let error = Isa::named(Some("mmx"))
            .map(|isa| isa.name)
            .expect_err("no such form");
        assert!(
            error.contains("portable") && error.ends_with("\"mmx\""),
            "{error}"
        );
    }
}
