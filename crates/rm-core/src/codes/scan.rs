//! Scanning blocks of codes: for each code the sum of its table look-ups, of which most are too small to matter.
//!
//! All variants add the same whole numbers, so they agree bit for bit.

use super::block::BLOCK_ITEMS;
use super::lookup::{Lookup, ROWS_IN_A_BYTE, VALUES};

/// The sums of one block, in the order of its items.
pub(crate) type Sums = [u16; BLOCK_ITEMS];

/// Is a block in which some sum reaches the block's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Passing {
    /// Position of the block in its list.
    pub(crate) block: u32,
    /// All of its sums.
    pub(crate) sums: Sums,
}

/// Appends to `out` the blocks in which some sum is at least the limit of the block, in order.
///
/// `blocks` is a whole number of blocks of as many rows as `lookup` has; `limits` holds one number for each. `fetches` asks
/// for blocks to be fetched ahead, which doubles the speed where they come from main memory and takes a fifth of it where
/// they come from a cache.
pub(crate) fn scan_into(
    lookup: &Lookup,
    blocks: &[u8],
    limits: &[u16],
    fetches: bool,
    out: &mut Vec<Passing>,
) {
    let (pairs, _) = lookup.tables.as_chunks::<2>();
    if pairs.is_empty() {
        return;
    }
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the CPU has just been found to have AVX2.
            return unsafe {
                match fetches {
                    true => avx2::scan::<true>(pairs, blocks, limits, out),
                    false => avx2::scan::<false>(pairs, blocks, limits, out),
                }
            };
        }
    }
    scan_portable(pairs, blocks, limits, out);
}

/// Does as [`scan_into`] on any machine.
fn scan_portable(
    pairs: &[[[u8; VALUES]; 2]],
    blocks: &[u8],
    limits: &[u16],
    out: &mut Vec<Passing>,
) {
    let blocks = blocks.chunks_exact(pairs.len() * BLOCK_ITEMS);
    for (block, (bytes, limit)) in blocks.zip(limits).enumerate() {
        let mut lanes = [0u16; BLOCK_ITEMS];
        for ([low, high], row) in pairs.iter().zip(bytes.as_chunks::<BLOCK_ITEMS>().0) {
            for (sum, byte) in lanes.iter_mut().zip(row) {
                let value = low[usize::from(byte & 15)] + high[usize::from(byte >> 4)];
                *sum += u16::from(value);
            }
        }
        if lanes.iter().any(|sum| sum >= limit) {
            out.push(Passing {
                block: block as u32,
                sums: in_order(&lanes),
            });
        }
    }
}

/// Takes even and odd lanes apart, which is the order of the items.
fn in_order(lanes: &Sums) -> Sums {
    let half = BLOCK_ITEMS / 2;
    std::array::from_fn(|item| lanes[2 * (item % half) + item / half])
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    //! Look-ups of 32 codes at a time by byte shuffles.

    use std::arch::x86_64::{
        __m128i, __m256i, _MM_HINT_T0, _mm_prefetch, _mm256_add_epi8, _mm256_add_epi16,
        _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi16, _mm256_max_epu16,
        _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_set1_epi16,
        _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16,
    };
    use std::mem::transmute;

    use super::{BLOCK_ITEMS, Passing, ROWS_IN_A_BYTE, Sums, VALUES};

    /// Blocks whose look-ups share the loads of the tables.
    const TOGETHER: usize = 2;

    #[target_feature(enable = "avx2")]
    pub(super) fn scan<const FETCHES: bool>(
        pairs: &[[[u8; VALUES]; 2]],
        blocks: &[u8],
        limits: &[u16],
        out: &mut Vec<Passing>,
    ) {
        let block_bytes = pairs.len() * BLOCK_ITEMS;
        let (many, rest) = limits.as_chunks::<TOGETHER>();
        let (together, alone) = blocks.split_at(many.len() * TOGETHER * block_bytes);
        let mut block = 0;
        for (bytes, limits) in together.chunks_exact(TOGETHER * block_bytes).zip(many) {
            if FETCHES {
                let next = (block as usize + TOGETHER) * block_bytes;
                fetch(&blocks[next..(next + TOGETHER * block_bytes).min(blocks.len())]);
            }
            let (first, second) = bytes.split_at(block_bytes);
            keep(of_blocks(pairs, [first, second]), limits, block, out);
            block += TOGETHER as u32;
        }
        for (bytes, limit) in alone.chunks_exact(block_bytes).zip(rest) {
            keep(of_blocks(pairs, [bytes]), &[*limit], block, out);
        }
    }

    /// Asks for bytes to be fetched from memory while others are looked up.
    fn fetch(bytes: &[u8]) {
        for line in bytes.chunks(64) {
            // SAFETY: every x86-64 CPU has SSE, and a prefetch reads nothing.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
        }
    }

    /// Appends those of `N` blocks that pass; `first` is the position of the first.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn keep<const N: usize>(
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
    fn of_blocks<const N: usize>(
        pairs: &[[[u8; VALUES]; 2]],
        blocks: [&[u8]; N],
    ) -> [[__m256i; 2]; N] {
        let low_bits = _mm256_set1_epi8(15);
        let low_byte = _mm256_set1_epi16(255);
        let mut sums = [[_mm256_setzero_si256(); 2]; N];
        let rows: [&[[u8; BLOCK_ITEMS]]; N] = blocks.map(|block| block.as_chunks().0);
        let (stretches, rest) = pairs.as_chunks::<ROWS_IN_A_BYTE>();
        let parted = rows.map(|rows| rows.as_chunks::<ROWS_IN_A_BYTE>());
        for (at, stretch) in stretches.iter().enumerate() {
            let mut bytes = [_mm256_setzero_si256(); N];
            for n in 0..N {
                for (row, table) in parted[n].0[at].iter().zip(stretch) {
                    bytes[n] = _mm256_add_epi8(bytes[n], look_up(row, table, low_bits));
                }
            }
            for n in 0..N {
                sums[n] = widened(sums[n], bytes[n], low_byte);
            }
        }
        for n in 0..N {
            let mut bytes = _mm256_setzero_si256();
            for (row, table) in parted[n].1.iter().zip(rest) {
                bytes = _mm256_add_epi8(bytes, look_up(row, table, low_bits));
            }
            sums[n] = widened(sums[n], bytes, low_byte);
        }
        sums
    }

    /// Adds the even and the odd bytes to sums of two bytes each.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn widened([even, odd]: [__m256i; 2], bytes: __m256i, low_byte: __m256i) -> [__m256i; 2] {
        [
            _mm256_add_epi16(even, _mm256_and_si256(bytes, low_byte)),
            _mm256_add_epi16(odd, _mm256_srli_epi16::<8>(bytes)),
        ]
    }

    /// Returns, for each of the 32 codes, the sum of the two values of one row.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn look_up(
        row: &[u8; BLOCK_ITEMS],
        [low, high]: &[[u8; VALUES]; 2],
        low_bits: __m256i,
    ) -> __m256i {
        // SAFETY: both types are 32 bytes of plain numbers.
        let row = unsafe { transmute::<[u8; BLOCK_ITEMS], __m256i>(*row) };
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
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::lookup::LARGEST;
    use super::*;

    /// Tables, blocks of as many rows, and limits.
    fn scanned() -> impl Strategy<Value = (Lookup, Vec<u8>, Vec<u16>)> {
        (1usize..40, 0usize..6).prop_flat_map(|(row_pairs, blocks)| {
            let rows = 2 * row_pairs;
            let table = prop::array::uniform16(0..=LARGEST);
            let lookup = prop::collection::vec(table, 2 * rows).prop_map(|tables| Lookup {
                tables,
                offset: 0.0,
                step: 1.0,
            });
            let bytes = prop::collection::vec(any::<u8>(), rows * BLOCK_ITEMS * blocks);
            // About half of the blocks hold a sum of some 1.2 times the mean.
            let most = u16::from(LARGEST) * 3 * rows as u16;
            (lookup, bytes, prop::collection::vec(0..=most, blocks))
        })
    }

    proptest! {
        #[test]
        fn every_variant_is_the_portable_one((lookup, blocks, limits) in scanned()) {
            let mut portable = Vec::new();
            let pairs = lookup.tables.as_chunks::<2>().0;
            scan_portable(pairs, &blocks, &limits, &mut portable);
            for fetches in [false, true] {
                let mut fastest = Vec::new();
                scan_into(&lookup, &blocks, &limits, fetches, &mut fastest);
                prop_assert_eq!(&fastest, &portable);
            }
        }
    }
}
