//! What an index says it holds is what the process grows by.

use std::fs;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rm_core::{CentroidId, CodeBits, Codebook, Coding, Index, ItemId, Vectors};

const DIM: usize = 96;
const N_ITEMS: usize = 120_000;
const K: usize = 300;

fn draw(len: usize, seed: u64) -> rm_core::Result<Vectors> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let rows = (0..len * DIM).map(|_| rng.random_range(-1.0f32..1.0));
    Vectors::from_rows(DIM, rows.collect())
}

/// Returns the resident memory of this process, where the system tells.
fn resident_bytes() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

fn index(coding: Coding) -> rm_core::Result<Index> {
    // Where items lie does not matter here, so they are dealt out and not routed.
    let (items, codebook) = (draw(N_ITEMS, 1)?, Codebook::new(&draw(K, 2)?)?);
    let ids: Vec<ItemId> = (0..N_ITEMS as u64).map(ItemId).collect();
    let centroids: Vec<CentroidId> = (0..N_ITEMS).map(|at| CentroidId((at % K) as u32)).collect();
    Ok(Index::from_assignments(codebook, &ids, &centroids, &items)?.with_coding(coding))
}

/// One test, because another in this process would grow it as well.
#[test]
fn the_sum_of_the_parts_is_within_fifteen_percent() -> rm_core::Result<()> {
    // Threads and what else is made once.
    drop(index(Coding::Exact)?);
    let mut kept = Vec::new();
    for (bits, spill) in [(1, false), (1, true), (4, false)] {
        let before = resident_bytes();
        let index = index(Coding::RaBitQ {
            bits: CodeBits::new(bits)?,
            seed: 42,
            spill,
        })?;
        let after = resident_bytes();
        let bytes = index.bytes();
        let an_item = |bytes: usize| bytes as f64 / N_ITEMS as f64;
        let codes = if spill { 2.0 } else { 1.0 };
        // 12 bytes of code, 4 of factor and 4 of product, 4 more for each block of 32, and blocks that are not full; for further
        // bits 12 bytes each, and 8 for two numbers.
        let further = match bits {
            1 => 0.0,
            bits => 12.0 * f64::from(bits - 1) + 8.0,
        };
        assert!(
            (an_item(bytes.codes) / codes - 20.9 - further).abs() < 1.0,
            "{bytes:?}"
        );
        assert_eq!(bytes.vectors, N_ITEMS * DIM * 4);
        if let (Some(before), Some(after)) = (before, after) {
            let grown = (after as f64 - before as f64) / bytes.total() as f64;
            assert!((0.85..1.15).contains(&grown), "{grown} of {bytes:?}");
        }
        // Freed memory would be used again without the process growing.
        kept.push(index);
    }
    Ok(())
}
