//! The weights of a linear map in 8 bits, in the order in which a product reads them.

use rayon::prelude::*;

use super::super::panels::PANEL;
use super::{ByteIsa, Cell};

/// Largest absolute value of a weight.
const LARGEST: f32 = 127.0;

/// A linear map `x w + bias` with weights of eight bits and a scale for each output.
///
/// The layout is that of [`Panels`](super::super::Panels) with cells in place of numbers: a panel is
/// `(PANEL / strip, n_inputs / inputs_per_cell, strip)`.
#[derive(Debug)]
pub(crate) struct BytePanels {
    n_inputs: usize,
    inputs_per_cell: usize,
    weights: Vec<Cell>,
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
    pub(crate) weights: &'a [Cell],
    pub(crate) scales: &'a [f32],
    pub(crate) sums: &'a [i32],
    pub(crate) bias: &'a [f32],
}

impl BytePanels {
    /// Quantises weights that come one row of `n_inputs` an output, as models store them.
    ///
    /// # Panics
    /// When the outputs do not fill whole panels, the inputs no whole cells, or there is not one bias an output.
    pub(crate) fn from_outputs(
        weights: &[f32],
        bias: Vec<f32>,
        n_inputs: usize,
        isa: ByteIsa,
    ) -> Self {
        let inputs_per_cell = isa.inputs_per_cell();
        assert_eq!(weights.len(), bias.len() * n_inputs, "a bias an output");
        assert!(
            bias.len().is_multiple_of(PANEL) && n_inputs.is_multiple_of(inputs_per_cell),
            "whole panels of {PANEL} outputs and cells of {inputs_per_cell} inputs"
        );
        let panel_len = n_inputs * PANEL;
        let strip = isa.strip();
        let cells_per_strip = n_inputs / inputs_per_cell * strip;
        let mut cells = vec![Cell::default(); weights.len() / inputs_per_cell];
        let (mut scales, mut sums) = (vec![0.0; bias.len()], vec![0; bias.len()]);
        cells
            .par_chunks_exact_mut(panel_len / inputs_per_cell)
            .zip(weights.par_chunks_exact(panel_len))
            .zip(scales.par_chunks_exact_mut(PANEL))
            .zip(sums.par_chunks_exact_mut(PANEL))
            .for_each(|(((cells, weights), scales), sums)| {
                for (output, weights) in weights.chunks_exact(n_inputs).enumerate() {
                    let largest = weights.iter().fold(0.0f32, |m, w| m.max(w.abs()));
                    let inverse = if largest > 0.0 {
                        LARGEST / largest
                    } else {
                        0.0
                    };
                    scales[output] = largest / LARGEST;
                    let cells = &mut cells[output / strip * cells_per_strip..][..cells_per_strip];
                    let column = cells.iter_mut().skip(output % strip).step_by(strip);
                    for (cell, weights) in column.zip(weights.chunks_exact(inputs_per_cell)) {
                        for (place, w) in weights.iter().enumerate() {
                            let byte = (w * inverse).round() as i8;
                            sums[output] += i32::from(byte);
                            if isa.is_wide() {
                                let wide = i16::from(byte).to_le_bytes();
                                cell[2 * place..2 * place + 2].copy_from_slice(&wide);
                            } else {
                                cell[place] = byte.cast_unsigned();
                            }
                        }
                    }
                }
            });
        Self {
            n_inputs,
            inputs_per_cell,
            weights: cells,
            channels: Channels { scales, sums, bias },
        }
    }

    pub(crate) fn n_inputs(&self) -> usize {
        self.n_inputs
    }

    pub(crate) fn inputs_per_cell(&self) -> usize {
        self.inputs_per_cell
    }

    pub(crate) fn n_outputs(&self) -> usize {
        self.channels.bias.len()
    }

    pub(crate) fn panel(&self, number: usize) -> BytePanel<'_> {
        let outputs = number * PANEL..(number + 1) * PANEL;
        let cells_per_output = self.n_inputs / self.inputs_per_cell;
        BytePanel {
            weights: &self.weights[outputs.start * cells_per_output..][..PANEL * cells_per_output],
            scales: &self.channels.scales[outputs.clone()],
            sums: &self.channels.sums[outputs.clone()],
            bias: &self.channels.bias[outputs],
        }
    }
}
