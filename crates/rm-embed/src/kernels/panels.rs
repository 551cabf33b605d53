//! The weights of a linear map in the order in which a product reads them.

use rayon::prelude::*;

use super::dispatch::Isa;
use super::matmul::strip;

/// Outputs that lie side by side: four AVX-512 registers, the height of the product's widest tile.
pub(crate) const PANEL: usize = 64;

/// A linear map `x w + bias`, its weights cut into panels of [`PANEL`] outputs.
///
/// A panel is `(PANEL / strip, n_inputs, strip)`, a strip being the outputs of one tile of the product: each is read
/// from its first to its last byte. With few tokens a product costs as much as reading its weights, and memory
/// gives a run of bytes several times faster than the same bytes at the stride of a whole matrix.
#[derive(Debug)]
pub(crate) struct Panels {
    n_inputs: usize,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Panels {
    /// Rearranges weights that come one row of `n_inputs` an output, as models store them.
    ///
    /// # Panics
    /// When the outputs do not fill whole panels, or there is not one bias for each.
    pub(crate) fn from_outputs(weights: &[f32], bias: Vec<f32>, n_inputs: usize, isa: Isa) -> Self {
        let strip = strip(isa);
        let panel_len = n_inputs * PANEL;
        assert_eq!(weights.len(), bias.len() * n_inputs, "a bias an output");
        assert!(
            bias.len().is_multiple_of(PANEL),
            "whole panels of {PANEL} outputs"
        );
        let mut panels = vec![0.0; weights.len()];
        panels
            .par_chunks_exact_mut(panel_len)
            .zip(weights.par_chunks_exact(panel_len))
            .for_each(|(panel, outputs)| {
                let strips = panel.chunks_exact_mut(strip * n_inputs);
                for (panel, outputs) in strips.zip(outputs.chunks_exact(strip * n_inputs)) {
                    for (input, row) in panel.chunks_exact_mut(strip).enumerate() {
                        for (out, weights) in row.iter_mut().zip(outputs.chunks_exact(n_inputs)) {
                            *out = weights[input];
                        }
                    }
                }
            });
        Self {
            n_inputs,
            weights: panels,
            bias,
        }
    }

    pub(crate) fn n_inputs(&self) -> usize {
        self.n_inputs
    }

    pub(crate) fn n_outputs(&self) -> usize {
        self.bias.len()
    }

    /// Returns weights and bias of one panel.
    pub(crate) fn panel(&self, number: usize) -> (&[f32], &[f32]) {
        let panel_len = self.n_inputs * PANEL;
        (
            &self.weights[number * panel_len..][..panel_len],
            &self.bias[number * PANEL..][..PANEL],
        )
    }
}
