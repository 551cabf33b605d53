//! The forward pass of a pack of texts: their tokens laid end to end, nothing padded.

use super::config::HIDDEN;
use super::parameters::Parameters;
use super::workspace::Workspace;
use crate::kernels::{Isa, Threads, mean_unit, norm_rows};
use crate::{Error, Result};

/// The network.
#[derive(Debug)]
pub(crate) struct Encoder {
    parameters: Parameters,
    isa: Isa,
}

impl Encoder {
    pub(crate) fn new(parameters: Parameters, isa: Isa) -> Self {
        Self { parameters, isa }
    }

    /// Writes the unit vector of each text into `out`, row-major `(n_texts, HIDDEN)`.
    ///
    /// The result does not depend on `threads`.
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
        for layer in &self.parameters.layers {
            layer.forward(self.isa, &lengths, workspace, threads);
        }
        let mut hidden = workspace.hidden.as_slice();
        for (n_tokens, out) in lengths.iter().zip(out.chunks_exact_mut(HIDDEN)) {
            let (rows, rest) = hidden.split_at(n_tokens * HIDDEN);
            hidden = rest;
            if !mean_unit(rows, out) {
                return Err(Error::Model(
                    "the mean of a text's tokens has no direction".to_owned(),
                ));
            }
        }
        Ok(())
    }

    /// Sums the vectors of each token's word piece and position.
    fn look_up(&self, texts: &[&[u32]], hidden: &mut [f32]) -> Result<()> {
        let Parameters {
            words, positions, ..
        } = &self.parameters;
        let mut rows = hidden.chunks_exact_mut(HIDDEN);
        for ids in texts {
            for ((&id, position), row) in ids
                .iter()
                .zip(positions.chunks_exact(HIDDEN))
                .zip(&mut rows)
            {
                let start = id as usize * HIDDEN;
                let word = words.get(start..start + HIDDEN).ok_or_else(|| {
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
