//! Weights in the order in which a product reads them.

use rayon::prelude::*;

/// Outputs that lie side by side: four AVX-512 registers, the height of the product's widest tile.
pub(crate) const PANEL: usize = 64;

/// The weights of a linear map, cut into panels of [`PANEL`] outputs.
///
/// A panel is row-major `(n_inputs, PANEL)` and is read from its first to its last byte. With few
/// tokens a product costs as much as reading its weights, and memory gives a run of bytes several
/// times faster than the same bytes at the stride of a whole matrix.
#[derive(Debug)]
pub(crate) struct Panels {
    n_inputs: usize,
    data: Vec<f32>,
}

impl Panels {
    /// Rearranges weights that come one row of `n_inputs` an output, as models store them.
    ///
    /// # Panics
    /// When the outputs do not fill whole panels.
    pub(crate) fn from_outputs(weights: &[f32], n_inputs: usize) -> Self {
        let panel_len = n_inputs * PANEL;
        assert!(
            weights.len().is_multiple_of(panel_len),
            "whole panels of {PANEL} outputs"
        );
        let mut data = vec![0.0; weights.len()];
        data.par_chunks_exact_mut(panel_len)
            .zip(weights.par_chunks_exact(panel_len))
            .for_each(|(panel, outputs)| {
                for (input, row) in panel.chunks_exact_mut(PANEL).enumerate() {
                    for (out, weights) in row.iter_mut().zip(outputs.chunks_exact(n_inputs)) {
                        *out = weights[input];
                    }
                }
            });
        Self { n_inputs, data }
    }

    pub(crate) fn n_inputs(&self) -> usize {
        self.n_inputs
    }

    pub(crate) fn n_outputs(&self) -> usize {
        self.data.len() / self.n_inputs
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[f32]> {
        self.data.chunks_exact(self.n_inputs * PANEL)
    }

    pub(crate) fn par_iter(&self) -> impl IndexedParallelIterator<Item = &[f32]> {
        self.data.par_chunks_exact(self.n_inputs * PANEL)
    }
}
