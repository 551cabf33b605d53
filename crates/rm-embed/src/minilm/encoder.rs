//! The forward pass of a pack of texts: their tokens laid end to end, nothing padded.

use super::config::HIDDEN;
use super::parameters::Parameters;
use super::readout::{Pooling, Readout};
use super::workspace::Workspace;
use crate::kernels::{Isa, Threads, first_unit, max_unit, mean_unit, norm_rows};
use crate::{Error, Result};

/// The network.
#[derive(Debug)]
pub(crate) struct Encoder {
    parameters: Parameters,
    /// What a text's vector is made of, at least one.
    readouts: Vec<Readout>,
    isa: Isa,
}

impl Encoder {
    pub(crate) fn new(parameters: Parameters, readouts: Vec<Readout>, isa: Isa) -> Self {
        Self {
            parameters,
            readouts,
            isa,
        }
    }

    /// Returns the number of components of a text's vector.
    pub(crate) fn dim(&self) -> usize {
        self.readouts.len() * HIDDEN
    }

    /// Returns the vector of a word piece, before positions, or `None` for one that is not in the vocabulary.
    pub(crate) fn word_vector(&self, id: u32) -> Option<&[f32]> {
        let start = id as usize * HIDDEN;
        self.parameters.words.get(start..start + HIDDEN)
    }

    /// Writes the unit vector of each text into `out`, row-major `(n_texts, dim)`.
    ///
    /// Of several readouts each has its part of the vector, in their order, and all parts are equally long. The
    /// result does not depend on `threads`.
    ///
    /// # Errors
    /// When a text's vector has no direction, which finite parameters do not bring about.
    pub(crate) fn forward(
        &self,
        texts: &[&[u32]],
        workspace: &mut Workspace,
        threads: Threads,
        out: &mut [f32],
    ) -> Result<()> {
        let lengths: Vec<usize> = texts.iter().map(|ids| ids.len()).collect();
        workspace.resize(lengths.iter().sum());
        self.look_up(texts, &mut workspace.hidden)?;
        norm_rows(self.isa, &mut workspace.hidden, &self.parameters.norm);
        self.read(0, &lengths, &workspace.hidden, out)?;
        let deepest = self.readouts.iter().map(|readout| readout.layer).max();
        let layers = self.parameters.layers.iter().take(deepest.unwrap_or(0));
        for (before, layer) in layers.enumerate() {
            layer.forward(self.isa, &lengths, workspace, threads);
            self.read(before + 1, &lengths, &workspace.hidden, out)?;
        }
        Ok(())
    }

    /// Fills the parts of all vectors that are read after `layer`.
    fn read(
        &self,
        layer: usize,
        lengths: &[usize],
        mut hidden: &[f32],
        out: &mut [f32],
    ) -> Result<()> {
        if self.readouts.iter().all(|readout| readout.layer != layer) {
            return Ok(());
        }
        let share = 1.0 / (self.readouts.len() as f32).sqrt();
        for (n_tokens, out) in lengths.iter().zip(out.chunks_exact_mut(self.dim())) {
            let (rows, rest) = hidden.split_at(n_tokens * HIDDEN);
            hidden = rest;
            let parts = self.readouts.iter().zip(out.chunks_exact_mut(HIDDEN));
            for (readout, part) in parts.filter(|(readout, _)| readout.layer == layer) {
                let has_direction = match readout.pooling {
                    Pooling::Mean => mean_unit(rows, part),
                    Pooling::Cls => first_unit(rows, part),
                    Pooling::Max => max_unit(rows, part),
                };
                if !has_direction {
                    return Err(Error::Model(
                        "the pool of a text's tokens has no direction".to_owned(),
                    ));
                }
                // One readout is the whole vector, and its bits stay.
                if self.readouts.len() > 1 {
                    part.iter_mut().for_each(|x| *x *= share);
                }
            }
        }
        Ok(())
    }

    /// Sums the vectors of each token's word piece and position.
    fn look_up(&self, texts: &[&[u32]], hidden: &mut [f32]) -> Result<()> {
        let mut rows = hidden.chunks_exact_mut(HIDDEN);
        for ids in texts {
            for ((&id, position), row) in ids
                .iter()
                .zip(self.parameters.positions.chunks_exact(HIDDEN))
                .zip(&mut rows)
            {
                let word = self.word_vector(id).ok_or_else(|| {
                    Error::Model(format!("token {id} is not in the model's vocabulary"))
                })?;
                for ((out, word), position) in row.iter_mut().zip(word).zip(position) {
                    *out = word + position;
                }
            }
        }
        Ok(())
    }
}
