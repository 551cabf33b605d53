//! 32 components at a time.

use std::arch::x86_64::{
    __m256i, _mm_add_epi32, _mm_cvtsi128_si32, _mm_shuffle_epi32, _mm256_add_epi8,
    _mm256_add_epi32, _mm256_and_si256, _mm256_castsi256_si128, _mm256_cmpeq_epi8,
    _mm256_cvtepu8_epi16, _mm256_extracti128_si256, _mm256_madd_epi16, _mm256_set1_epi32,
    _mm256_set1_epi64x, _mm256_setr_epi64x, _mm256_setzero_si256, _mm256_shuffle_epi8,
    _mm256_sub_epi8,
};
use std::mem::transmute;

use super::portable::product_at;

/// Bytes of a plane that are taken at a time.
const BYTES: usize = 4;

/// Planes after the highest at most.
const MOST_LOW: usize = 7;

/// Says that the CPU has AVX2.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx2(());

impl Avx2 {
    pub(super) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }

    /// Does as [`product`](super::product).
    pub(super) fn product(self, query: &[i16], top: &[u8], low: &[u8]) -> i32 {
        // SAFETY: `self` is made only where the CPU has been found to have AVX2.
        unsafe { product(query, top, low) }
    }
}

#[target_feature(enable = "avx2")]
fn product(query: &[i16], top: &[u8], low: &[u8]) -> i32 {
    let (tops, rest) = top.as_chunks::<BYTES>();
    let (queries, _) = query.as_chunks::<{ 8 * BYTES }>();
    let mut planes: [&[[u8; BYTES]]; MOST_LOW] = [&[]; MOST_LOW];
    let mut n_planes = 0;
    if !top.is_empty() {
        for (place, plane) in planes.iter_mut().zip(low.chunks_exact(top.len())) {
            *place = plane.as_chunks().0;
            n_planes += 1;
        }
    }
    let mut sums = _mm256_setzero_si256();
    for (at, (top, query)) in tops.iter().zip(queries).enumerate() {
        // Where a bit is set the mask is -1.
        let mut values = _mm256_sub_epi8(_mm256_setzero_si256(), mask(*top));
        for plane in &planes[..n_planes] {
            values = _mm256_sub_epi8(_mm256_add_epi8(values, values), mask(plane[at]));
        }
        // SAFETY: both types are 32 whole numbers of 16 bits.
        let [first, second] = unsafe { transmute::<[i16; 8 * BYTES], [__m256i; 2]>(*query) };
        let low = _mm256_cvtepu8_epi16(_mm256_castsi256_si128(values));
        let high = _mm256_cvtepu8_epi16(_mm256_extracti128_si256::<1>(values));
        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(low, first));
        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(high, second));
    }
    let from = top.len() - rest.len();
    let rest = (from..top.len()).map(|at| product_at(query, top, low, at));
    total(sums) + rest.sum::<i32>()
}

/// Returns for each of 32 bits a byte of which all bits are as it is.
#[target_feature(enable = "avx2")]
#[inline]
fn mask(bits: [u8; BYTES]) -> __m256i {
    let all = _mm256_set1_epi32(i32::from_le_bytes(bits));
    // Eight times each of the four bytes, then of each its own bit.
    let places = _mm256_setr_epi64x(
        0,
        0x0101_0101_0101_0101,
        0x0202_0202_0202_0202,
        0x0303_0303_0303_0303,
    );
    let own = _mm256_set1_epi64x(0x8040_2010_0804_0201u64.cast_signed());
    let spread = _mm256_shuffle_epi8(all, places);
    _mm256_cmpeq_epi8(_mm256_and_si256(spread, own), own)
}

/// Returns the sum of eight numbers.
#[target_feature(enable = "avx2")]
#[inline]
fn total(sums: __m256i) -> i32 {
    let low = _mm256_castsi256_si128(sums);
    let four = _mm_add_epi32(low, _mm256_extracti128_si256::<1>(sums));
    let two = _mm_add_epi32(four, _mm_shuffle_epi32::<0b0100_1110>(four));
    _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32::<0b1011_0001>(two)))
}
