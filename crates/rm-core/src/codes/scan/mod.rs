//! Scanning blocks of codes: for each code the sum of its table look-ups, of which most are too small to matter.
//!
//! All variants add the same whole numbers, so they agree bit for bit.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64", test))]
mod groups;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon;
mod portable;

use super::block::BLOCK_ITEMS;
use super::lookup::{Lookup, VALUES};

/// The sums of one block, in the order of its items.
pub(crate) type Sums = [u16; BLOCK_ITEMS];

/// The tables of one row of codes: of its low four bits, then of its high four bits.
type RowTables = [[u8; VALUES]; 2];

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
/// they come from a cache (measured with AVX2).
pub(crate) fn scan_into(
    lookup: &Lookup,
    blocks: &[u8],
    limits: &[u16],
    fetches: bool,
    out: &mut Vec<Passing>,
) {
    let (rows, _) = lookup.tables.as_chunks::<2>();
    if !rows.is_empty() {
        Scan::widest().run(rows, blocks, limits, fetches, out);
    }
}

/// Is a way to scan that this machine has.
#[derive(Debug, Clone, Copy)]
enum Scan {
    #[cfg(target_arch = "x86_64")]
    Avx512(avx512::Avx512),
    #[cfg(target_arch = "x86_64")]
    Avx2(avx2::Avx2),
    #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
    Neon(neon::Neon),
    Portable,
}

impl Scan {
    /// Returns all ways that this machine has, the one of the widest registers first and the portable one last.
    fn available() -> impl Iterator<Item = Self> {
        let all = [
            #[cfg(target_arch = "x86_64")]
            avx512::Avx512::detect().map(Self::Avx512),
            #[cfg(target_arch = "x86_64")]
            avx2::Avx2::detect().map(Self::Avx2),
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            neon::Neon::detect().map(Self::Neon),
            Some(Self::Portable),
        ];
        all.into_iter().flatten()
    }

    fn widest() -> Self {
        Self::available().next().unwrap_or(Self::Portable)
    }

    /// Does as [`scan_into`]; `rows` is not empty.
    fn run(
        self,
        rows: &[RowTables],
        blocks: &[u8],
        limits: &[u16],
        fetches: bool,
        out: &mut Vec<Passing>,
    ) {
        #[cfg(not(target_arch = "x86_64"))]
        let _ = fetches;
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(avx512) => avx512.scan(rows, blocks, limits, fetches, out),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(avx2) => avx2.scan(rows, blocks, limits, fetches, out),
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Self::Neon(neon) => neon.scan(rows, blocks, limits, out),
            Self::Portable => portable::scan(rows, blocks, limits, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::lookup::LARGEST;
    use super::*;

    /// Tables, blocks of as many rows, and limits.
    fn scanned() -> impl Strategy<Value = (Vec<RowTables>, Vec<u8>, Vec<u16>)> {
        (1usize..80, 0usize..12).prop_flat_map(|(rows, blocks)| {
            let table = || prop::array::uniform16(0..=LARGEST);
            let tables = prop::collection::vec([table(), table()], rows);
            let bytes = prop::collection::vec(any::<u8>(), rows * BLOCK_ITEMS * blocks);
            // About half of the blocks hold a sum of some 1.2 times the mean.
            let most = u16::from(LARGEST) * 3 * rows as u16;
            (tables, bytes, prop::collection::vec(0..=most, blocks))
        })
    }

    /// A machine without one of them tests the others, and says so.
    #[test]
    fn a_machine_with_vector_registers_has_more_than_the_portable_scan() {
        let available: Vec<Scan> = Scan::available().collect();
        println!("scans of this machine, all of them tested: {available:?}");
        assert!(matches!(available.last(), Some(Scan::Portable)));
        #[cfg(target_arch = "x86_64")]
        {
            let has = |wanted: fn(&Scan) -> bool| available.iter().any(wanted);
            assert_eq!(
                has(|scan| matches!(scan, Scan::Avx2(_))),
                is_x86_feature_detected!("avx2")
            );
            assert_eq!(
                has(|scan| matches!(scan, Scan::Avx512(_))),
                is_x86_feature_detected!("avx512bw")
            );
        }
        #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
        assert_eq!(available.len(), 2);
    }

    #[test]
    fn the_largest_values_overflow_nowhere() {
        for rows in 1..=48 {
            let tables = vec![[[LARGEST; VALUES]; 2]; rows];
            let blocks = vec![255; 9 * rows * BLOCK_ITEMS];
            let sum = 2 * u16::from(LARGEST) * rows as u16;
            // Every third block has a limit that is just out of reach.
            let limits: Vec<u16> = (0..9).map(|n| sum + u16::from(n % 3 == 1)).collect();
            let passing = [0, 2, 3, 5, 6, 8].map(|block| Passing {
                block,
                sums: [sum; BLOCK_ITEMS],
            });
            for scan in Scan::available() {
                let mut found = Vec::new();
                scan.run(&tables, &blocks, &limits, false, &mut found);
                assert_eq!(found, passing, "{scan:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn every_scan_is_the_portable_one((tables, blocks, limits) in scanned()) {
            let mut portable = Vec::new();
            Scan::Portable.run(&tables, &blocks, &limits, false, &mut portable);
            for scan in Scan::available() {
                for fetches in [false, true] {
                    let mut found = Vec::new();
                    scan.run(&tables, &blocks, &limits, fetches, &mut found);
                    prop_assert_eq!(&found, &portable, "{:?}", scan);
                }
            }
        }
    }
}
