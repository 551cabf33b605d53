//! The sums in registers of eight, of products that are made and added in pairs.

use std::arch::x86_64::{
    __m128i, __m256i, _mm_add_epi32, _mm_cvtsi128_si32, _mm_shuffle_epi32, _mm256_add_epi32,
    _mm256_castsi256_si128, _mm256_cvtepi8_epi16, _mm256_extracti128_si256, _mm256_madd_epi16,
    _mm256_setzero_si256,
};
use std::mem::transmute;

use super::PADDING;

/// Components in a register of a query.
const WIDTH: usize = 16;

/// The running sums.
type Sums = [__m256i; PADDING / WIDTH];

/// Says that the CPU has AVX2.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx2(());

impl Avx2 {
    pub(super) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }

    /// Does as [`sums_into`](super::portable::sums_into).
    pub(super) fn sums_into(self, rows: &[i8], query: &[i16], out: &mut Vec<i32>) {
        // SAFETY: `self` is made only where the CPU has been found to have AVX2.
        unsafe { sums_into(rows, query, out) }
    }
}

#[target_feature(enable = "avx2")]
fn sums_into(rows: &[i8], query: &[i16], out: &mut Vec<i32>) {
    let (query_blocks, _) = query.as_chunks::<PADDING>();
    for row in rows.chunks_exact(query.len().max(1)) {
        let (blocks, _) = row.as_chunks::<PADDING>();
        let mut sums = [_mm256_setzero_si256(); PADDING / WIDTH];
        for (c, q) in blocks.iter().zip(query_blocks) {
            add_products(&mut sums, c, q);
        }
        let [a, b, c, d] = sums;
        let sum = _mm256_add_epi32(_mm256_add_epi32(a, b), _mm256_add_epi32(c, d));
        let (low, high) = (
            _mm256_castsi256_si128(sum),
            _mm256_extracti128_si256::<1>(sum),
        );
        let four = _mm_add_epi32(low, high);
        let two = _mm_add_epi32(four, _mm_shuffle_epi32::<0b00_00_11_10>(four));
        let one = _mm_add_epi32(two, _mm_shuffle_epi32::<0b00_00_00_01>(two));
        out.push(_mm_cvtsi128_si32(one));
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn add_products(sums: &mut Sums, c: &[i8; PADDING], q: &[i16; PADDING]) {
    // SAFETY: the types that are turned into each other have the same size, and any bits are a number.
    let (c, q) = unsafe {
        (
            transmute::<[i8; PADDING], [__m128i; PADDING / WIDTH]>(*c),
            transmute::<[i16; PADDING], [__m256i; PADDING / WIDTH]>(*q),
        )
    };
    for ((sum, c), q) in sums.iter_mut().zip(c).zip(q) {
        *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(_mm256_cvtepi8_epi16(c), q));
    }
}
