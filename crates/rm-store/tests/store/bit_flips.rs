//! A flipped bit anywhere in the file is an error or changes nothing that is read; it is never a wrong answer.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rm_store::{CentroidId, Changes, Error, ItemId, Result, Snapshot, SqliteStore, Store};

use crate::files::files_in;
use crate::samples::{Outcome, fill};

const CASES: u32 = 3_000;

/// Everything a memory reads when it is loaded, and everything it can show.
#[derive(Debug, PartialEq)]
struct Read {
    vectors: Vec<(ItemId, Option<CentroidId>, Vec<f32>)>,
    ids: Vec<(ItemId, String)>,
    snapshot: Snapshot,
}

#[test]
fn no_flipped_bit_passes_for_data() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let store = SqliteStore::open(&path)?;
    fill(&store)?;
    let lists = (0..3u8).map(|at| (CentroidId(at.into()), vec![at + 1; 40]));
    store.apply(Changes::new().pack_lists(lists.collect()))?;
    store.apply(Changes::new().assign(ItemId(2), CentroidId(0)))?;
    let whole = read(&store)?;
    store.close()?;
    let bytes = fs::read(&path)?;
    // Most of so small a file is free space, where flips say nothing; four of five are aimed at what is in use.
    let used: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at] != 0).collect();
    let position = prop_oneof![4 => proptest::sample::select(used), 1 => 0..bytes.len()];
    let (mut found, mut harmless) = (0, 0);
    let mut runner = TestRunner::new_with_rng(
        Config {
            cases: CASES,
            failure_persistence: None,
            ..Config::default()
        },
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let outcome = runner.run(&(position, 0..8u32), |(at, bit)| {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << bit;
        fs::write(&path, &flipped)?;
        match open_and_read(&path) {
            Err(error) => {
                prop_assert!(!error.to_string().is_empty());
                prop_assert_eq!(
                    files_in(folder.path())?,
                    ["memory.db"],
                    "beside it after {}",
                    error
                );
                prop_assert!(fs::read(&path)? == flipped, "written to after {}", error);
                return Ok(());
            }
            Ok(read) => prop_assert!(read == whole, "bit {bit} of byte {at} passed for data"),
        }
        Ok(())
    });
    outcome?;
    // A walk over bytes in use, only to see that the test looks where flips matter.
    for at in (0..bytes.len()).filter(|&at| bytes[at] != 0).step_by(37) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        fs::write(&path, &flipped)?;
        if open_and_read(&path).is_err() {
            found += 1
        } else {
            harmless += 1
        }
    }
    assert!(found > harmless, "{found} flips found, {harmless} harmless");
    Ok(())
}

#[test]
fn a_check_that_passes_vouches_for_the_index_of_ids() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let store = SqliteStore::open(&path)?;
    fill(&store)?;
    let ids = store.ids()?;
    store.close()?;
    let bytes = fs::read(&path)?;
    let mut caught = 0;
    // An id stands in the file twice: in its row, and in the index.
    for (key, id) in &ids {
        for at in positions_of(id.as_bytes(), &bytes) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 4;
            fs::write(&path, &flipped)?;
            let store = SqliteStore::open(&path)?;
            match store.check() {
                Err(error) => {
                    assert!(matches!(error, Error::Damaged { .. }), "{error}");
                    caught += 1;
                }
                Ok(()) => assert_eq!(store.key_of(id)?, Some(*key)),
            }
        }
    }
    assert!(
        caught >= 2 * ids.len(),
        "only {caught} of twice {} flips found",
        ids.len()
    );
    Ok(())
}

fn open_and_read(path: &Path) -> Result<Read> {
    read(&SqliteStore::open(path)?)
}

fn read(store: &dyn Store) -> Result<Read> {
    let mut vectors = Vec::new();
    store.for_each_vector(&mut |key, centroid, vector| {
        vectors.push((key, centroid, vector.to_vec()));
        ControlFlow::Continue(())
    })?;
    Ok(Read {
        vectors,
        ids: store.ids()?,
        snapshot: Snapshot::of(store)?,
    })
}

fn positions_of(wanted: &[u8], bytes: &[u8]) -> Vec<usize> {
    bytes
        .windows(wanted.len())
        .enumerate()
        .filter(|(_, window)| *window == wanted)
        .map(|(at, _)| at)
        .collect()
}
