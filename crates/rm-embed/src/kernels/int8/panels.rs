//! The weights of a linear map in 8 bits, in the order in which a product reads them.

use rayon::prelude::*;

use super::super::panels::PANEL;
use super::GROUP;

/// Largest absolute value of a weight. Twice this times the largest activation still fits 16 bits, so that AVX2,
/// which sums pairs of products in 16 bits, gives what AVX-512 gives.
const LARGEST: f32 = 63.0;

/// A linear map `x w + bias` with weights of seven bits and a scale for each output.
///
/// The layout is that of [`Panels`](super::super::Panels), but [`GROUP`] inputs of one output lie together: a panel
/// is row-major `(n_inputs / GROUP, PANEL, GROUP)`.
#[derive(Debug)]
pub(crate) struct BytePanels {
    n_inputs: usize,
    weights: Vec<i8>,
    channels: Channels,
}

/// What turns the integer product of each output into a real number.
#[derive(Debug)]
struct Channels {
    /// What one step of a weight is worth.
    scales: Vec<f32>,
    /// Sums of each output's weights: what one step of an activation's zero point is worth.
    sums: Vec<i32>,
    bias: Vec<f32>,
}

/// One panel of a [`BytePanels`], with a scale, a sum and a bias for each of its outputs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BytePanel<'a> {
    pub(crate) weights: &'a [i8],
    pub(crate) scales: &'a [f32],
    pub(crate) sums: &'a [i32],
    pub(crate) bias: &'a [f32],
}

impl BytePanels {
    /// Quantises weights that come one row of `n_inputs` an output, as models store them.
    ///
    /// # Panics
    /// When the outputs do not fill whole panels, the inputs no whole groups, or there is not one bias an output.
    pub(crate) fn from_outputs(weights: &[f32], bias: Vec<f32>, n_inputs: usize) -> Self {
        assert_eq!(weights.len(), bias.len() * n_inputs, "a bias an output");
        assert!(
            bias.len().is_multiple_of(PANEL) && n_inputs.is_multiple_of(GROUP),
            "whole panels of {PANEL} outputs and groups of {GROUP} inputs"
        );
        let panel_len = n_inputs * PANEL;
        let mut bytes = vec![0; weights.len()];
        let (mut scales, mut sums) = (vec![0.0; bias.len()], vec![0; bias.len()]);
        bytes
            .par_chunks_exact_mut(panel_len)
            .zip(weights.par_chunks_exact(panel_len))
            .zip(scales.par_chunks_exact_mut(PANEL))
            .zip(sums.par_chunks_exact_mut(PANEL))
            .for_each(|(((bytes, weights), scales), sums)| {
                for (output, weights) in weights.chunks_exact(n_inputs).enumerate() {
                    let largest = weights.iter().fold(0.0f32, |m, w| m.max(w.abs()));
                    let inverse = if largest > 0.0 {
                        LARGEST / largest
                    } else {
                        0.0
                    };
                    scales[output] = largest / LARGEST;
                    for (input, w) in weights.iter().enumerate() {
                        let byte = (w * inverse).round() as i8;
                        let group = input / GROUP * PANEL + output;
                        bytes[group * GROUP + input % GROUP] = byte;
                        sums[output] += i32::from(byte);
                    }
                }
            });
        Self {
            n_inputs,
            weights: bytes,
            channels: Channels { scales, sums, bias },
        }
    }

    pub(crate) fn n_inputs(&self) -> usize {
        self.n_inputs
    }

    pub(crate) fn n_outputs(&self) -> usize {
        self.channels.bias.len()
    }

    pub(crate) fn panel(&self, number: usize) -> BytePanel<'_> {
        let outputs = number * PANEL..(number + 1) * PANEL;
        BytePanel {
            weights: &self.weights[outputs.start * self.n_inputs..outputs.end * self.n_inputs],
            scales: &self.channels.scales[outputs.clone()],
            sums: &self.channels.sums[outputs.clone()],
            bias: &self.channels.bias[outputs],
        }
    }
}
