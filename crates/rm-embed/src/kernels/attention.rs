//! Scaled dot-product attention of one head over one text, without padding and without masks.

use super::LANES;
use super::dispatch::{Isa, Kernel};
use super::exp::exp_non_positive;
use super::lanes::{Lanes, accumulate, chunks, chunks_mut, sum};

/// Components of a query, key or value of one head.
pub(crate) const HEAD_DIM: usize = 32;
/// Queries that go through the keys together, so that each key is loaded once for all of them.
const N_QUERIES: usize = 4;

/// What one head needs while it runs; reused from text to text.
#[derive(Debug, Default)]
pub(crate) struct HeadScratch {
    /// Queries with their bias, scaled by `1 / sqrt(HEAD_DIM)`, `(n_tokens up to a block, HEAD_DIM)`.
    queries: Vec<f32>,
    /// Keys with their bias, transposed: `(HEAD_DIM, n_tokens up to a vector)`.
    keys: Vec<f32>,
    /// Values with their bias, `(n_tokens, HEAD_DIM)`.
    values: Vec<f32>,
    /// Attention weights of one block of queries, `(N_QUERIES, n_tokens up to a vector)`.
    weights: Vec<f32>,
}

/// Computes `softmax(q k' / sqrt(d)) v` for head `head` of one text.
///
/// `qkv` is row-major `(n_tokens, 3 * hidden)`: the queries of all heads, then the keys, then the
/// values, all without `bias`, which has `3 * hidden` components. The result replaces `out`,
/// row-major `(n_tokens, HEAD_DIM)`.
pub(crate) fn attend(
    isa: Isa,
    qkv: &[f32],
    bias: &[f32],
    head: usize,
    scratch: &mut HeadScratch,
    out: &mut [f32],
) {
    isa.run(Attend {
        qkv,
        bias,
        head,
        scratch,
        out,
    });
}

struct Attend<'a> {
    qkv: &'a [f32],
    bias: &'a [f32],
    head: usize,
    scratch: &'a mut HeadScratch,
    out: &'a mut [f32],
}

impl Kernel for Attend<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let n_tokens = self.qkv.len() / self.bias.len();
        let padded = n_tokens.next_multiple_of(LANES);
        self.scratch.load(self.qkv, self.bias, self.head);
        let HeadScratch {
            queries,
            keys,
            values,
            weights,
        } = self.scratch;
        weights.resize(N_QUERIES * padded, 0.0);
        for (queries, out) in queries
            .chunks_exact(N_QUERIES * HEAD_DIM)
            .zip(self.out.chunks_mut(N_QUERIES * HEAD_DIM))
        {
            scores::<FMA>(queries, keys, padded, weights);
            let mut scales = [0.0; N_QUERIES];
            for (scale, row) in scales.iter_mut().zip(weights.chunks_exact_mut(padded)) {
                *scale = 1.0 / exponentiate::<FMA>(row, n_tokens);
            }
            mix::<FMA>(weights, padded, values, &scales, out);
        }
    }
}

impl HeadScratch {
    /// Gathers one head out of the product's rows, adding the bias on the way.
    #[inline(always)]
    fn load(&mut self, qkv: &[f32], bias: &[f32], head: usize) {
        let hidden = bias.len() / 3;
        let n_tokens = qkv.len() / bias.len();
        let padded = n_tokens.next_multiple_of(LANES);
        let part = |i: usize| i * hidden + head * HEAD_DIM..i * hidden + (head + 1) * HEAD_DIM;
        let (q_part, k_part, v_part) = (part(0), part(1), part(2));
        let scale = 1.0 / (HEAD_DIM as f32).sqrt();
        self.queries.clear();
        self.queries
            .resize(n_tokens.next_multiple_of(N_QUERIES) * HEAD_DIM, 0.0);
        self.keys.clear();
        self.keys.resize(HEAD_DIM * padded, 0.0);
        self.values.resize(n_tokens * HEAD_DIM, 0.0);
        let queries = self.queries.chunks_exact_mut(HEAD_DIM);
        let values = self.values.chunks_exact_mut(HEAD_DIM);
        for (token, ((row, query), value)) in qkv
            .chunks_exact(bias.len())
            .zip(queries)
            .zip(values)
            .enumerate()
        {
            let (q, k, v) = (
                &row[q_part.clone()],
                &row[k_part.clone()],
                &row[v_part.clone()],
            );
            for ((out, x), bias) in query.iter_mut().zip(q).zip(&bias[q_part.clone()]) {
                *out = (x + bias) * scale;
            }
            let column = self.keys.iter_mut().skip(token).step_by(padded);
            for ((out, x), bias) in column.zip(k).zip(&bias[k_part.clone()]) {
                *out = x + bias;
            }
            for ((out, x), bias) in value.iter_mut().zip(v).zip(&bias[v_part.clone()]) {
                *out = x + bias;
            }
        }
    }
}

/// Writes the dot products of a block of queries with all keys, row-major `(N_QUERIES, padded)`.
#[inline(always)]
fn scores<const FMA: bool>(queries: &[f32], keys: &[f32], padded: usize, out: &mut [f32]) {
    for start in (0..padded).step_by(LANES) {
        let mut acc = [[0.0; LANES]; N_QUERIES];
        for (d, keys) in keys.chunks_exact(padded).enumerate() {
            if let Some(keys) = keys.get(start..).and_then(|keys| keys.first_chunk()) {
                for (i, acc) in acc.iter_mut().enumerate() {
                    accumulate::<FMA>(acc, queries[i * HEAD_DIM + d], keys);
                }
            }
        }
        for (row, acc) in out.chunks_exact_mut(padded).zip(&acc) {
            row[start..start + LANES].copy_from_slice(acc);
        }
    }
}

/// Replaces scores by `e^(score - largest)` and returns their sum; what is past `n_tokens` is padding.
#[inline(always)]
fn exponentiate<const FMA: bool>(row: &mut [f32], n_tokens: usize) -> f32 {
    row[n_tokens..].fill(f32::NEG_INFINITY);
    let mut largest = [f32::NEG_INFINITY; LANES];
    for x in chunks(row) {
        for i in 0..LANES {
            largest[i] = if x[i] > largest[i] { x[i] } else { largest[i] };
        }
    }
    let largest = largest.into_iter().fold(f32::NEG_INFINITY, f32::max);
    let mut total: Lanes = [0.0; LANES];
    for x in chunks_mut(row) {
        for i in 0..LANES {
            x[i] = exp_non_positive::<FMA>(x[i] - largest);
            total[i] += x[i];
        }
    }
    sum(total)
}

/// Writes the weighted means of the values; `out` is row-major `(up to N_QUERIES, HEAD_DIM)`.
#[inline(always)]
fn mix<const FMA: bool>(
    weights: &[f32],
    padded: usize,
    values: &[f32],
    scales: &[f32; N_QUERIES],
    out: &mut [f32],
) {
    for start in (0..HEAD_DIM).step_by(LANES) {
        let mut acc = [[0.0; LANES]; N_QUERIES];
        for (token, value) in values.chunks_exact(HEAD_DIM).enumerate() {
            if let Some(value) = value[start..].first_chunk() {
                for (i, acc) in acc.iter_mut().enumerate() {
                    accumulate::<FMA>(acc, weights[i * padded + token], value);
                }
            }
        }
        for ((row, acc), scale) in out.chunks_exact_mut(HEAD_DIM).zip(&acc).zip(scales) {
            for (out, acc) in row[start..start + LANES].iter_mut().zip(acc) {
                *out = acc * scale;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Result, Tensor};
    use proptest::prelude::*;

    use super::{HEAD_DIM, HeadScratch, Isa, attend};

    const N_HEADS: usize = 2;
    const HIDDEN: usize = N_HEADS * HEAD_DIM;

    fn candles(qkv: &[f32], bias: &[f32], head: usize) -> Result<Vec<f32>> {
        let n_tokens = qkv.len() / bias.len();
        let rows = Tensor::from_slice(qkv, (n_tokens, 3 * HIDDEN), &Device::Cpu)?
            .broadcast_add(&Tensor::from_slice(bias, 3 * HIDDEN, &Device::Cpu)?)?;
        let part = |i: usize| {
            rows.narrow(1, i * HIDDEN + head * HEAD_DIM, HEAD_DIM)?
                .contiguous()
        };
        let scores = (part(0)?.matmul(&part(1)?.t()?)? / (HEAD_DIM as f64).sqrt())?;
        candle_nn::ops::softmax(&scores, 1)?
            .matmul(&part(2)?)?
            .flatten_all()?
            .to_vec1()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn agrees_with_candles_operators_at_any_length(
            (qkv, bias) in (1usize..70).prop_flat_map(|n_tokens| (
                prop::collection::vec(-3.0f32..3.0, n_tokens * 3 * HIDDEN),
                prop::collection::vec(-1.0f32..1.0, 3 * HIDDEN),
            )),
            head in 0..N_HEADS,
        ) {
            let expected = candles(&qkv, &bias, head).expect("candle attends");
            // a scratch that a longer text has used must not show through
            let mut scratch = HeadScratch::default();
            attend(Isa::detect(), &vec![9.0; 80 * 3 * HIDDEN], &bias, head, &mut scratch,
                &mut vec![0.0; 80 * HEAD_DIM]);
            for isa in [Isa::detect(), Isa::Portable] {
                let mut got = vec![f32::NAN; expected.len()];
                attend(isa, &qkv, &bias, head, &mut scratch, &mut got);
                for (got, expected) in got.iter().zip(&expected) {
                    prop_assert!((got - expected).abs() < 2e-5, "{got} is not {expected}");
                }
            }
        }
    }
}
