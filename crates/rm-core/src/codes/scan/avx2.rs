//! Look-ups of 32 codes at a time by byte shuffles.

use std::arch::x86_64::{
    __m128i, __m256i, _MM_HINT_T0, _mm_prefetch, _mm256_add_epi8, _mm256_add_epi16,
    _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi16, _mm256_max_epu16,
    _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_set1_epi16,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16,
};
use std::mem::transmute;

use super::groups::groups;
use super::{Passing, RowTables, Sums};
use crate::codes::block::BLOCK_ITEMS;
use crate::codes::lookup::{ROWS_IN_A_BYTE, VALUES};

/// Blocks whose look-ups share the loads of the tables.
const TOGETHER: usize = 2;

/// Says that the CPU has AVX2.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx2(());

impl Avx2 {
    pub(super) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }

    /// Does as [`scan_into`](super::scan_into).
    pub(super) fn scan(
        self,
        rows: &[RowTables],
        blocks: &[u8],
        limits: &[u16],
        fetches: bool,
        out: &mut Vec<Passing>,
    ) {
        // SAFETY: `self` is made only where the CPU has been found to have AVX2.
        unsafe {
            match fetches {
                true => scan::<true>(rows, blocks, limits, out),
                false => scan::<false>(rows, blocks, limits, out),
            }
        }
    }
}

#[target_feature(enable = "avx2")]
fn scan<const FETCHES: bool>(
    rows: &[RowTables],
    blocks: &[u8],
    limits: &[u16],
    out: &mut Vec<Passing>,
) {
    let (many, rest) = groups::<TOGETHER>(rows.len() * BLOCK_ITEMS, blocks, limits);
    for group in many {
        if FETCHES {
            fetch(group.ahead);
        }
        let sums = of_blocks(rows, group.blocks);
        keep(sums, group.limits, group.first, out);
    }
    for group in rest {
        let sums = of_blocks(rows, group.blocks);
        keep(sums, group.limits, group.first, out);
    }
}

/// Asks for bytes to be fetched from memory while others are looked up.
#[inline]
pub(super) fn fetch(bytes: &[u8]) {
    for line in bytes.chunks(64) {
        // SAFETY: every x86-64 CPU has SSE, and a prefetch reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
}

/// Appends those of `N` blocks that pass; `first` is the position of the first.
#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn keep<const N: usize>(
    sums: [[__m256i; 2]; N],
    limits: &[u16; N],
    first: u32,
    out: &mut Vec<Passing>,
) {
    for (n, ([even, odd], limit)) in sums.into_iter().zip(limits).enumerate() {
        let limit = _mm256_set1_epi16(limit.cast_signed());
        // A sum of at least the limit is the larger of the two.
        let even_passes = _mm256_cmpeq_epi16(_mm256_max_epu16(even, limit), even);
        let odd_passes = _mm256_cmpeq_epi16(_mm256_max_epu16(odd, limit), odd);
        if _mm256_movemask_epi8(_mm256_or_si256(even_passes, odd_passes)) != 0 {
            out.push(Passing {
                block: first + n as u32,
                sums: joined(even, odd),
            });
        }
    }
}

/// Returns the sums of `N` blocks, those of items 0 to 15 and those of items 16 to 31.
#[target_feature(enable = "avx2")]
#[inline]
fn of_blocks<const N: usize>(rows: &[RowTables], blocks: [&[u8]; N]) -> [[__m256i; 2]; N] {
    let mut sums = [[_mm256_setzero_si256(); 2]; N];
    let (stretches, rest) = rows.as_chunks::<ROWS_IN_A_BYTE>();
    let parted = blocks.map(|block| {
        let rows: &[[u8; BLOCK_ITEMS]] = block.as_chunks().0;
        rows.as_chunks::<ROWS_IN_A_BYTE>()
    });
    for (at, stretch) in stretches.iter().enumerate() {
        let mut bytes = [_mm256_setzero_si256(); N];
        for n in 0..N {
            for (row, tables) in parted[n].0[at].iter().zip(stretch) {
                bytes[n] = _mm256_add_epi8(bytes[n], look_up(row, tables));
            }
        }
        for n in 0..N {
            sums[n] = widened(sums[n], bytes[n]);
        }
    }
    for n in 0..N {
        let mut bytes = _mm256_setzero_si256();
        for (row, tables) in parted[n].1.iter().zip(rest) {
            bytes = _mm256_add_epi8(bytes, look_up(row, tables));
        }
        sums[n] = widened(sums[n], bytes);
    }
    sums
}

/// Adds the even and the odd bytes to sums of two bytes each.
#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn widened([even, odd]: [__m256i; 2], bytes: __m256i) -> [__m256i; 2] {
    [
        _mm256_add_epi16(even, _mm256_and_si256(bytes, _mm256_set1_epi16(255))),
        _mm256_add_epi16(odd, _mm256_srli_epi16::<8>(bytes)),
    ]
}

/// Returns, for each of the 32 codes, the sum of the two values of one row.
#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn look_up(row: &[u8; BLOCK_ITEMS], [low, high]: &RowTables) -> __m256i {
    // SAFETY: both types are 32 bytes of plain numbers.
    let row = unsafe { transmute::<[u8; BLOCK_ITEMS], __m256i>(*row) };
    let low_bits = _mm256_set1_epi8(15);
    let above = _mm256_and_si256(_mm256_srli_epi16::<4>(row), low_bits);
    let low = _mm256_shuffle_epi8(broadcast(low), _mm256_and_si256(row, low_bits));
    let high = _mm256_shuffle_epi8(broadcast(high), above);
    _mm256_add_epi8(low, high)
}

#[target_feature(enable = "avx2")]
#[inline]
fn broadcast(table: &[u8; VALUES]) -> __m256i {
    // SAFETY: both types are 16 bytes of plain numbers.
    let table = unsafe { transmute::<[u8; VALUES], __m128i>(*table) };
    _mm256_broadcastsi128_si256(table)
}

fn joined(even: __m256i, odd: __m256i) -> Sums {
    // SAFETY: both types are 64 bytes of plain numbers.
    unsafe { transmute::<[__m256i; 2], Sums>([even, odd]) }
}
