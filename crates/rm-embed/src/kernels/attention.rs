//! Scaled dot-product attention over one text, without padding and without masks.

use pulp::{Simd, WithSimd};

use super::LANES;
use super::dispatch::Isa;
use super::exp::exp_non_positive;

/// Components of a query, key or value of one head.
pub(crate) const HEAD_DIM: usize = 32;
/// Queries that go through the keys together, so that each key is loaded once for all of them.
const N_QUERIES: usize = 4;
/// Registers of components of a value that one query is summed in at a time.
const N_REGISTERS: usize = 2;

/// The keys of one text, transposed, so that one register holds a component of many keys.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// `(hidden, padded)`; what is past the text's tokens is zero.
    data: Vec<f32>,
    /// Tokens of the text, up to whole vectors.
    padded: usize,
}

impl Keys {
    /// Takes the keys out of `qkv`, row-major `(n_tokens, 3 * hidden)`, their second third.
    pub(crate) fn load(&mut self, qkv: &[f32], hidden: usize) {
        let n_tokens = qkv.len() / (3 * hidden);
        self.padded = n_tokens.next_multiple_of(LANES);
        self.data.clear();
        self.data.resize(hidden * self.padded, 0.0);
        for (token, row) in qkv.chunks_exact(3 * hidden).enumerate() {
            let key = &row[hidden..2 * hidden];
            for (column, x) in self.data.chunks_exact_mut(self.padded).zip(key) {
                column[token] = *x;
            }
        }
    }
}

/// Computes `softmax(q k') v` for all heads of some tokens of one text.
///
/// `qkv` is row-major `(n_tokens, 3 * hidden)`: the queries of all heads, already scaled, then the keys, then
/// the values; `keys` are the same text's. The result replaces `out`, row-major `(n_rows, hidden)`, whose first
/// row is token `first` of the text. `weights` is scratch.
pub(crate) fn attend(
    isa: Isa,
    qkv: &[f32],
    keys: &Keys,
    first: usize,
    weights: &mut Vec<f32>,
    out: &mut [f32],
) {
    weights.resize(N_QUERIES * keys.padded, 0.0);
    isa.run(Attend {
        qkv,
        keys,
        first,
        weights,
        out,
    });
}

struct Attend<'a> {
    qkv: &'a [f32],
    keys: &'a Keys,
    first: usize,
    weights: &'a mut [f32],
    out: &'a mut [f32],
}

impl WithSimd for Attend<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let hidden = self.keys.data.len() / self.keys.padded;
        let n_rows = self.out.len() / hidden;
        for head in 0..hidden / HEAD_DIM {
            let mut row = 0;
            while row < n_rows {
                row += match n_rows - row {
                    1 => self.block::<S, 1>(simd, hidden, head, row),
                    2 | 3 => self.block::<S, 2>(simd, hidden, head, row),
                    _ => self.block::<S, N_QUERIES>(simd, hidden, head, row),
                };
            }
        }
    }
}

impl Attend<'_> {
    /// Attends from `Q` tokens with one head; returns `Q`.
    #[inline(always)]
    fn block<S: Simd, const Q: usize>(
        &mut self,
        simd: S,
        hidden: usize,
        head: usize,
        row: usize,
    ) -> usize {
        let padded = self.keys.padded;
        let n_tokens = self.qkv.len() / (3 * hidden);
        let start = head * HEAD_DIM;
        let queries: [&[f32]; Q] = std::array::from_fn(|q| {
            &self.qkv[(self.first + row + q) * 3 * hidden + start..][..HEAD_DIM]
        });
        let keys = &self.keys.data[start * padded..(start + HEAD_DIM) * padded];
        let n_registers = padded / S::F32_LANES;
        let mut register = 0;
        while register < n_registers {
            let (queries, out) = (&queries, &mut *self.weights);
            register += match n_registers - register {
                1 => scores::<S, Q, 1>(simd, queries, keys, register, out),
                2 => scores::<S, Q, 2>(simd, queries, keys, register, out),
                // Where there are 16 registers, sums, keys and queries fill them.
                _ if S::REGISTER_COUNT <= 16 => {
                    scores::<S, Q, 2>(simd, queries, keys, register, out)
                }
                3 => scores::<S, Q, 3>(simd, queries, keys, register, out),
                _ => scores::<S, Q, 4>(simd, queries, keys, register, out),
            };
        }
        let mut scales = [0.0; Q];
        for (scale, row) in scales.iter_mut().zip(self.weights.chunks_exact_mut(padded)) {
            row[n_tokens..].fill(f32::NEG_INFINITY);
            *scale = 1.0 / exponentiate(simd, row);
        }
        let values = &self.qkv[2 * hidden + start..];
        let out = &mut self.out[row * hidden + start..];
        for first in (0..HEAD_DIM / S::F32_LANES).step_by(N_REGISTERS) {
            mix::<S, Q>(simd, self.weights, &scales, values, out, hidden, first);
        }
        Q
    }
}

/// Writes the dot products of `Q` queries with `C` registers of keys, from register `first` on, into
/// `out`, row-major `(Q, padded)`; returns `C`.
#[expect(
    clippy::manual_memcpy,
    reason = "copies take the sums' address, and then all of them go through memory"
)]
#[inline(always)]
fn scores<S: Simd, const Q: usize, const C: usize>(
    simd: S,
    queries: &[&[f32]; Q],
    keys: &[f32],
    first: usize,
    out: &mut [f32],
) -> usize {
    let padded = keys.len() / HEAD_DIM;
    let mut sums = [[simd.splat_f32s(0.0); C]; Q];
    for (d, keys) in keys.chunks_exact(padded).enumerate() {
        let keys = S::as_simd_f32s(keys).0;
        let keys: [S::f32s; C] = std::array::from_fn(|c| keys[first + c]);
        for q in 0..Q {
            let x = simd.splat_f32s(queries[q][d]);
            for c in 0..C {
                sums[q][c] = simd.mul_add_e_f32s(x, keys[c], sums[q][c]);
            }
        }
    }
    for q in 0..Q {
        let out = S::as_mut_simd_f32s(&mut out[q * padded..][..padded]).0;
        for c in 0..C {
            out[first + c] = sums[q][c];
        }
    }
    C
}

/// Replaces scores by `e^(score - largest)` and returns their sum.
#[inline(always)]
fn exponentiate<S: Simd>(simd: S, row: &mut [f32]) -> f32 {
    let row = S::as_mut_simd_f32s(row).0;
    let mut largest = row[0];
    for x in row.iter() {
        largest = simd.max_f32s(largest, *x);
    }
    let largest = simd.splat_f32s(simd.reduce_max_f32s(largest));
    let mut total = simd.splat_f32s(0.0);
    for x in row {
        let weight = exp_non_positive(simd, simd.sub_f32s(*x, largest));
        total = simd.add_f32s(total, weight);
        *x = weight;
    }
    simd.reduce_sum_f32s(total)
}

/// Writes [`N_REGISTERS`] registers, from register `first` on, of the weighted means of the values for `Q` tokens.
///
/// `values` has a row of `3 * hidden` for each token, `out` one of `hidden`.
#[inline(always)]
fn mix<S: Simd, const Q: usize>(
    simd: S,
    weights: &[f32],
    scales: &[f32; Q],
    values: &[f32],
    out: &mut [f32],
    hidden: usize,
    first: usize,
) {
    let padded = weights.len() / N_QUERIES;
    let rows: [&[f32]; Q] = std::array::from_fn(|q| &weights[q * padded..][..padded]);
    let mut sums = [[simd.splat_f32s(0.0); N_REGISTERS]; Q];
    for (token, value) in values.chunks(3 * hidden).enumerate() {
        let value = S::as_simd_f32s(&value[..HEAD_DIM]).0;
        let value: [S::f32s; N_REGISTERS] = std::array::from_fn(|c| value[first + c]);
        for q in 0..Q {
            let weight = simd.splat_f32s(rows[q][token]);
            for c in 0..N_REGISTERS {
                sums[q][c] = simd.mul_add_e_f32s(weight, value[c], sums[q][c]);
            }
        }
    }
    for q in 0..Q {
        let scale = simd.splat_f32s(scales[q]);
        let out = S::as_mut_simd_f32s(&mut out[q * hidden..][..HEAD_DIM]).0;
        for c in 0..N_REGISTERS {
            out[first + c] = simd.mul_f32s(sums[q][c], scale);
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Result, Tensor};
    use proptest::prelude::*;

    use super::{HEAD_DIM, Isa, Keys, attend};

    const N_HEADS: usize = 2;
    const HIDDEN: usize = N_HEADS * HEAD_DIM;

    fn candles(qkv: &[f32]) -> Result<Vec<f32>> {
        let rows = Tensor::from_slice(qkv, (qkv.len() / (3 * HIDDEN), 3 * HIDDEN), &Device::Cpu)?;
        let heads = (0..N_HEADS).map(|head| {
            let part = |i: usize| {
                rows.narrow(1, i * HIDDEN + head * HEAD_DIM, HEAD_DIM)?
                    .contiguous()
            };
            let scores = part(0)?.matmul(&part(1)?.t()?)?;
            candle_nn::ops::softmax(&scores, 1)?.matmul(&part(2)?)
        });
        Tensor::cat(&heads.collect::<Result<Vec<_>>>()?, 1)?
            .flatten_all()?
            .to_vec1()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn agrees_with_candles_operators_at_any_length_and_from_any_token(
            qkv in (1usize..70).prop_flat_map(|n_tokens|
                prop::collection::vec(-1.5f32..1.5, n_tokens * 3 * HIDDEN)),
            first in 0usize..70,
        ) {
            let expected = candles(&qkv).expect("candle attends");
            let first = first % (expected.len() / HIDDEN);
            let (mut keys, mut weights) = (Keys::default(), Vec::new());
            for isa in Isa::available() {
                // scratch that a longer text has used must not show through
                keys.load(&vec![9.0; 80 * 3 * HIDDEN], HIDDEN);
                attend(isa, &vec![9.0; 80 * 3 * HIDDEN], &keys, 0, &mut weights,
                    &mut vec![0.0; 80 * HIDDEN]);
                keys.load(&qkv, HIDDEN);
                let expected = &expected[first * HIDDEN..];
                let mut got = vec![f32::NAN; expected.len()];
                attend(isa, &qkv, &keys, first, &mut weights, &mut got);
                for (got, expected) in got.iter().zip(expected) {
                    prop_assert!((got - expected).abs() < 2e-5, "{got} is not {expected}");
                }
            }
        }
    }
}
