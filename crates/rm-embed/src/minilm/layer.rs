//! One transformer layer over packed tokens.

use rayon::prelude::*;

use super::config::HIDDEN;
use super::workspace::Workspace;
use crate::kernels::{
    Activation, Isa, Keys, LayerNorm, Linear, Threads, add_residual_norm, attend,
};

/// Rows that one task of a row-wise kernel takes when the pool shares them.
const ROWS_PER_TASK: usize = 16;

/// Self-attention and feed-forward block, each with its residual and normalisation (Vaswani et al.,
/// 2017, in the post-norm order of Devlin et al., 2019).
#[derive(Debug)]
pub(crate) struct Layer {
    /// Queries, scaled by `1 / sqrt(HEAD_DIM)`, keys and values of all heads in one product.
    pub(crate) query_key_value: Linear,
    /// From the heads' findings back to the hidden width.
    pub(crate) attention_output: Linear,
    /// Normalisation after attention.
    pub(crate) attention_norm: LayerNorm,
    /// First product of the feed-forward block.
    pub(crate) up: Linear,
    /// Second product of the feed-forward block.
    pub(crate) down: Linear,
    /// Normalisation after the feed-forward block.
    pub(crate) norm: LayerNorm,
}

impl Layer {
    /// Replaces the hidden states of the workspace by this layer's; `lengths` are the texts' tokens.
    pub(crate) fn forward(
        &self,
        isa: Isa,
        lengths: &[usize],
        ws: &mut Workspace,
        threads: Threads,
    ) {
        let Workspace {
            hidden,
            qkv,
            context,
            update,
            intermediate,
            linear,
            ..
        } = ws;
        let mut apply = |map: &Linear, activation, x: &[f32], out: &mut [f32]| {
            map.apply(isa, x, out, activation, threads, linear);
        };
        apply(&self.query_key_value, Activation::None, hidden, qkv);
        attention(
            isa,
            lengths,
            qkv,
            context,
            &mut ws.keys,
            &mut ws.weights,
            threads,
        );
        apply(&self.attention_output, Activation::None, context, update);
        residual(isa, hidden, update, &self.attention_norm, threads);
        apply(&self.up, Activation::Gelu, hidden, intermediate);
        apply(&self.down, Activation::None, intermediate, update);
        residual(isa, hidden, update, &self.norm, threads);
    }
}

fn attention(
    isa: Isa,
    lengths: &[usize],
    mut qkv: &[f32],
    mut context: &mut [f32],
    keys: &mut Keys,
    weights: &mut Vec<f32>,
    threads: Threads,
) {
    for &n_tokens in lengths {
        let (text_qkv, rest) = qkv.split_at(n_tokens * 3 * HIDDEN);
        let (text_context, rest_context) = context.split_at_mut(n_tokens * HIDDEN);
        (qkv, context) = (rest, rest_context);
        keys.load(text_qkv, HIDDEN);
        match threads {
            Threads::One => attend(isa, text_qkv, keys, 0, weights, text_context),
            Threads::Pool => {
                let keys = &*keys;
                text_context
                    .par_chunks_mut(ROWS_PER_TASK * HIDDEN)
                    .enumerate()
                    .for_each_init(Vec::new, |weights, (task, out)| {
                        attend(isa, text_qkv, keys, task * ROWS_PER_TASK, weights, out);
                    });
            }
        }
    }
}

fn residual(isa: Isa, hidden: &mut [f32], update: &[f32], norm: &LayerNorm, threads: Threads) {
    match threads {
        Threads::One => add_residual_norm(isa, hidden, update, norm),
        Threads::Pool => hidden
            .par_chunks_mut(ROWS_PER_TASK * HIDDEN)
            .zip(update.par_chunks(ROWS_PER_TASK * HIDDEN))
            .for_each(|(hidden, update)| add_residual_norm(isa, hidden, update, norm)),
    }
}
