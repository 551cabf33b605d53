//! The buffers of one forward pass, kept from pass to pass.

use super::config::{HIDDEN, INTERMEDIATE};
use crate::kernels::{Keys, LinearScratch};

/// Everything that one pack of tokens needs on its way through the network; about 15 KiB a token.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    /// State of each token, `(n_tokens, HIDDEN)`.
    pub(crate) hidden: Vec<f32>,
    /// Queries, keys and values of all heads, `(n_tokens, 3 * HIDDEN)`.
    pub(crate) qkv: Vec<f32>,
    /// What the heads found, `(n_tokens, HIDDEN)`.
    pub(crate) context: Vec<f32>,
    /// Output of a product that returns to the hidden width, `(n_tokens, HIDDEN)`.
    pub(crate) update: Vec<f32>,
    /// Between the two products of the feed-forward block, `(n_tokens, INTERMEDIATE)`.
    pub(crate) intermediate: Vec<f32>,
    /// Keys of one text.
    pub(crate) keys: Keys,
    /// Attention weights of a few tokens.
    pub(crate) weights: Vec<f32>,
    /// What products need.
    pub(crate) linear: LinearScratch,
}

impl Workspace {
    /// Makes every buffer exactly as long as a pack of `n_tokens` needs; contents are unspecified.
    pub(crate) fn resize(&mut self, n_tokens: usize) {
        self.hidden.resize(n_tokens * HIDDEN, 0.0);
        self.qkv.resize(n_tokens * 3 * HIDDEN, 0.0);
        self.context.resize(n_tokens * HIDDEN, 0.0);
        self.update.resize(n_tokens * HIDDEN, 0.0);
        self.intermediate.resize(n_tokens * INTERMEDIATE, 0.0);
    }
}
