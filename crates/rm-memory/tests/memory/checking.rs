//! A check finds what is wrong, all of it, and changes nothing.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rm_memory::{Layout, RoutingMemory};

use crate::Outcome;
use crate::hashed_words::HashedWords;

fn open(path: &Path, layout: Layout) -> rm_memory::Result<RoutingMemory> {
    RoutingMemory::builder()
        .path(path)
        .embedder(Arc::new(HashedWords::new(32)))
        .layout(layout)
        .open()
}

fn make(path: &Path, layout: Layout) -> Outcome {
    let memory = open(path, layout)?;
    memory.add_batch((0..300).map(|n| format!("topic-{} word-{n}", n % 9)))?;
    memory
        .namespace("acme")?
        .add_batch((0..50).map(|n| format!("invoice {n}")))?;
    memory.close()?;
    Ok(())
}

#[test]
fn a_memory_that_is_well_has_no_findings() -> Outcome {
    for layout in [Layout::Vectors, Layout::CodesAndVectors, Layout::Codes] {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("memory.db");
        make(&path, layout)?;
        let bytes = fs::read(&path)?;
        let memory = open(&path, layout)?;
        let report = memory.check()?;
        assert_eq!(report.findings, [], "{layout:?}");
        assert_eq!((report.namespaces, report.items), (2, 350));
        memory.close()?;
        assert!(fs::read(&path)? == bytes, "checking has changed the file");
    }
    let memory = RoutingMemory::builder()
        .embedder(Arc::new(HashedWords::new(32)))
        .open()?;
    assert!(memory.check()?.is_clean());
    memory.add("in RAM")?;
    assert!(memory.check()?.is_clean());
    Ok(())
}

/// Each fault is told, not only the first.
#[test]
fn every_fault_is_told() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    make(&path, Layout::Vectors)?;
    let connection = rusqlite::Connection::open(&path)?;
    let acme = 1i64 << 40;
    connection.execute_batch(&format!(
        "UPDATE items SET text = 'another text' WHERE key IN (3, 5);
         UPDATE vectors SET vector = zeroblob(128) WHERE key = 7;
         UPDATE assignments SET centroid = 1 - (centroid > 0) WHERE key = {};
         DELETE FROM vectors WHERE key = {};",
        acme + 2,
        acme + 4,
    ))?;
    drop(connection);
    // What is needed to open is well in neither namespace, so the checks are asked of the store.
    let store = rm_memory::SqliteStore::open(&path)?;
    let faults = rm_memory::Store::faults(&store)?;
    let expected = [
        "the text of item 3 does not match".to_owned(),
        "the text of item 5 does not match".to_owned(),
        "the vector of item 7 does not match".to_owned(),
        format!("the assignment of item {} does not match", acme + 2),
        format!("item {} has no vector", acme + 4),
    ];
    for expected in expected {
        assert!(
            faults.iter().any(|fault| fault.contains(&expected)),
            "{expected}: {faults:?}"
        );
    }
    Ok(())
}

#[test]
fn what_is_damaged_under_an_open_memory_is_found() -> Outcome {
    for layout in [Layout::Vectors, Layout::Codes] {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("memory.db");
        make(&path, layout)?;
        let memory = open(&path, layout)?;
        let connection = rusqlite::Connection::open(&path)?;
        connection.execute_batch(
            "UPDATE items SET text = 'x' WHERE key = 3; DELETE FROM items WHERE key = 9;",
        )?;
        let report = memory.check()?;
        let told: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        for expected in ["the text of item 3", "299 ids of items but 300 vectors"] {
            assert!(
                told.iter().any(|told| told.contains(expected)),
                "{expected}: {told:?}"
            );
        }
        // Nobody deleted it, so leaving it out would be a wrong answer.
        let error = memory
            .search("topic-8 word-8")
            .err()
            .ok_or("a text is missing")?;
        assert!(
            error.to_string().contains("item 9") || error.to_string().contains("damaged"),
            "{error}"
        );
    }
    Ok(())
}
