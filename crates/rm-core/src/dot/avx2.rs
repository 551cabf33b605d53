//! The sums in registers of eight.

use std::arch::x86_64::{
    __m128, __m256, _mm_add_ps, _mm_add_ss, _mm_cvtss_f32, _mm_movehl_ps, _mm_shuffle_ps,
    _mm256_add_ps, _mm256_castps256_ps128, _mm256_extractf128_ps, _mm256_mul_ps, _mm256_setzero_ps,
};
use std::mem::transmute;

use super::LANES;

/// The running sums, in order.
type Sums = [__m256; LANES / 8];

/// Says that the CPU has AVX2.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx2(());

impl Avx2 {
    pub(super) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }

    /// Does as [`dot`](super::dot).
    pub(super) fn dot(self, a: &[f32], b: &[f32]) -> f32 {
        // SAFETY: `self` is made only where the CPU has been found to have AVX2.
        unsafe { dot(a, b) }
    }

    /// Does as [`dots_into`](super::dots_into); `query` is not empty.
    pub(super) fn dots(self, query: &[f32], rows: &[f32], out: &mut Vec<f32>) {
        // SAFETY: `self` is made only where the CPU has been found to have AVX2.
        unsafe { dots(query, rows, out) }
    }
}

#[target_feature(enable = "avx2")]
fn dots(query: &[f32], rows: &[f32], out: &mut Vec<f32>) {
    out.extend(rows.chunks_exact(query.len()).map(|row| dot(query, row)));
}

#[target_feature(enable = "avx2")]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let len = a.len().min(b.len());
    let (a_blocks, a_rest) = a[..len].as_chunks::<LANES>();
    let (b_blocks, b_rest) = b[..len].as_chunks::<LANES>();
    let mut sums = [_mm256_setzero_ps(); LANES / 8];
    for (x, y) in a_blocks.iter().zip(b_blocks) {
        add_products(&mut sums, x, y);
    }
    if !a_rest.is_empty() {
        // Products of zeros leave sums as they are, none of which is -0.
        let (mut x, mut y) = ([0.0; LANES], [0.0; LANES]);
        x[..a_rest.len()].copy_from_slice(a_rest);
        y[..b_rest.len()].copy_from_slice(b_rest);
        add_products(&mut sums, &x, &y);
    }
    let [first, second, third, fourth] = sums;
    let sixteen = [_mm256_add_ps(first, third), _mm256_add_ps(second, fourth)];
    let eight = _mm256_add_ps(sixteen[0], sixteen[1]);
    let low = _mm256_castps256_ps128(eight);
    let four: __m128 = _mm_add_ps(low, _mm256_extractf128_ps::<1>(eight));
    let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
}

#[target_feature(enable = "avx2")]
#[inline]
fn add_products(sums: &mut Sums, x: &[f32; LANES], y: &[f32; LANES]) {
    // SAFETY: both types are 32 floats.
    let (x, y) = unsafe {
        (
            transmute::<[f32; LANES], Sums>(*x),
            transmute::<[f32; LANES], Sums>(*y),
        )
    };
    for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
        *sum = _mm256_add_ps(*sum, _mm256_mul_ps(x, y));
    }
}
