//! A linear map in either precision.

use super::dispatch::Isa;
use super::int8::{BytePanels, ByteRows, byte_matmul};
use super::matmul::{Activation, matmul};
use super::panels::Panels;
use super::threads::Threads;

/// A linear map, packed for its product.
#[derive(Debug)]
pub(crate) enum Linear {
    /// Weights in single precision.
    F32(Panels),
    /// Weights in 8 bits; activations are quantised token by token as they come.
    Int8(BytePanels),
}

/// What products need while they run; reused from product to product.
#[derive(Debug, Default)]
pub(crate) struct LinearScratch {
    /// Parts of a product that many threads compute.
    blocks: Vec<f32>,
    /// Activations in 8 bits.
    bytes: ByteRows,
}

impl Linear {
    /// Computes `out = activation(x w + bias)`, with `x` row-major `(n, n_inputs)` and `out` row-major
    /// `(n, n_outputs)`; the old contents of `out` do not matter.
    ///
    /// # Panics
    /// When a block does not have that shape.
    pub(crate) fn apply(
        &self,
        isa: Isa,
        x: &[f32],
        out: &mut [f32],
        activation: Activation,
        threads: Threads,
        scratch: &mut LinearScratch,
    ) {
        let LinearScratch { blocks, bytes } = scratch;
        match self {
            Self::F32(panels) => matmul(isa, out, x, panels, activation, threads, blocks),
            Self::Int8(panels) => {
                bytes.load(isa, x, panels.n_inputs(), threads);
                byte_matmul(isa, out, bytes, panels, activation, threads, blocks);
            }
        }
    }
}
