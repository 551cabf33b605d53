//! One transformer layer over packed tokens.

use rayon::prelude::*;

use super::config::{HIDDEN, N_HEADS};
use super::workspace::Workspace;
use crate::kernels::{
    HEAD_DIM, HeadScratch, Isa, LayerNorm, Panels, Threads, add_bias_gelu, add_bias_residual_norm,
    attend, matmul,
};

/// Rows that one task of a row-wise kernel takes when the pool shares them.
const ROWS_PER_TASK: usize = 16;

/// A linear map.
#[derive(Debug)]
pub(crate) struct Linear {
    /// Kept as the product reads them.
    pub(crate) weights: Panels,
    /// One for each output.
    pub(crate) bias: Vec<f32>,
}

impl Linear {
    /// Computes `out = x weights`, without the bias: the kernel that follows adds it in passing.
    fn apply(&self, isa: Isa, x: &[f32], out: &mut [f32], threads: Threads) {
        matmul(isa, out, x, &self.weights, threads);
    }
}

/// Self-attention and feed-forward block, each with its residual and normalisation (Vaswani et al.,
/// 2017, in the post-norm order of Devlin et al., 2019).
#[derive(Debug)]
pub(crate) struct Layer {
    /// Queries, keys and values of all heads in one product.
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
        self.query_key_value
            .apply(isa, &ws.hidden, &mut ws.qkv, threads);
        self.attention(isa, lengths, ws, threads);
        self.attention_output
            .apply(isa, &ws.context, &mut ws.update, threads);
        residual(
            isa,
            ws,
            &self.attention_output.bias,
            &self.attention_norm,
            threads,
        );

        self.up
            .apply(isa, &ws.hidden, &mut ws.intermediate, threads);
        let bias = &self.up.bias;
        match threads {
            Threads::One => add_bias_gelu(isa, &mut ws.intermediate, bias),
            Threads::Pool => ws
                .intermediate
                .par_chunks_mut(ROWS_PER_TASK * bias.len())
                .for_each(|rows| add_bias_gelu(isa, rows, bias)),
        }
        self.down
            .apply(isa, &ws.intermediate, &mut ws.update, threads);
        residual(isa, ws, &self.down.bias, &self.norm, threads);
    }

    fn attention(&self, isa: Isa, lengths: &[usize], ws: &mut Workspace, threads: Threads) {
        let bias = &self.query_key_value.bias;
        let (mut qkv, mut by_head) = (ws.qkv.as_slice(), ws.by_head.as_mut_slice());
        let mut context = ws.context.as_mut_slice();
        for &n_tokens in lengths {
            let (text_qkv, rest) = qkv.split_at(n_tokens * bias.len());
            let (text_heads, rest_heads) = by_head.split_at_mut(n_tokens * HIDDEN);
            let (text_context, rest_context) = context.split_at_mut(n_tokens * HIDDEN);
            (qkv, by_head, context) = (rest, rest_heads, rest_context);
            let head_width = n_tokens * HEAD_DIM;
            match threads {
                Threads::One => {
                    for (head, out) in text_heads.chunks_exact_mut(head_width).enumerate() {
                        attend(isa, text_qkv, bias, head, &mut ws.head, out);
                    }
                }
                Threads::Pool => {
                    text_heads
                        .par_chunks_exact_mut(head_width)
                        .enumerate()
                        .for_each_init(HeadScratch::default, |scratch, (head, out)| {
                            attend(isa, text_qkv, bias, head, scratch, out)
                        });
                }
            }
            interleave_heads(text_heads, text_context);
        }
    }
}

/// From `(N_HEADS, n_tokens, HEAD_DIM)` to `(n_tokens, N_HEADS * HEAD_DIM)`.
fn interleave_heads(by_head: &[f32], context: &mut [f32]) {
    let head_width = by_head.len() / N_HEADS;
    for (token, row) in context.chunks_exact_mut(HIDDEN).enumerate() {
        let heads = by_head.chunks_exact(head_width);
        for (out, head) in row.chunks_exact_mut(HEAD_DIM).zip(heads) {
            out.copy_from_slice(&head[token * HEAD_DIM..(token + 1) * HEAD_DIM]);
        }
    }
}

fn residual(isa: Isa, ws: &mut Workspace, bias: &[f32], norm: &LayerNorm, threads: Threads) {
    match threads {
        Threads::One => add_bias_residual_norm(isa, &mut ws.hidden, &ws.update, bias, norm),
        Threads::Pool => ws
            .hidden
            .par_chunks_mut(ROWS_PER_TASK * HIDDEN)
            .zip(ws.update.par_chunks(ROWS_PER_TASK * HIDDEN))
            .for_each(|(hidden, update)| add_bias_residual_norm(isa, hidden, update, bias, norm)),
    }
}
