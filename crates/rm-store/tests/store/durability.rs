//! What was acknowledged survives `kill -9`.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use rm_store::{CentroidId, Changes, SqliteStore, Store};

use crate::samples::{Outcome, codebook, item};

/// Set in the process that is to be killed; holds the path of its store.
const VICTIM: &str = "RM_STORE_VICTIM";
const ROUNDS: usize = 6;
const ACKNOWLEDGED: &str = "acknowledged ";

#[test]
fn acknowledged_changes_survive_kill_9() -> Outcome {
    if let Some(path) = std::env::var_os(VICTIM) {
        return write_until_killed(Path::new(&path));
    }
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let mut acknowledged = BTreeSet::new();
    for round in 0..ROUNDS {
        // Rounds of different length end at different moments: while the file is made, in the log, after it was folded in.
        acknowledged.extend(kill_after(&path, [1, 7, 40, 150, 3, 400][round])?);
        let store = SqliteStore::open(&path)?;
        store.check()?;
        let stored: BTreeSet<String> = store.ids()?.into_iter().map(|(_, id)| id).collect();
        let lost: Vec<_> = acknowledged.difference(&stored).collect();
        assert!(lost.is_empty(), "round {round}: lost {lost:?}");
        // Each kill can come between a commit and its acknowledgement, once.
        assert!(
            stored.len() <= acknowledged.len() + round + 1,
            "round {round}: {} stored",
            stored.len()
        );
        assert_eq!(store.routing()?, Some(codebook(2)));
    }
    Ok(())
}

/// Starts this very test as a process that writes to `path`, kills it once it has acknowledged `count` items, and returns
/// everything it acknowledged.
fn kill_after(path: &Path, count: usize) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let mut victim = Command::new(std::env::current_exe()?)
        .args([
            "--exact",
            "durability::acknowledged_changes_survive_kill_9",
            "--nocapture",
        ])
        .env(VICTIM, path)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut acknowledged = Vec::new();
    let mut lines = BufReader::new(victim.stdout.take().ok_or("no output")?).lines();
    for line in lines.by_ref() {
        // The test harness prints the start of a line before the first acknowledgement.
        if let Some((_, id)) = line?.split_once(ACKNOWLEDGED) {
            acknowledged.push(id.to_owned());
        }
        if acknowledged.len() == count {
            victim.kill()?;
            break;
        }
    }
    // What was still in the pipe was acknowledged too. The last line may be cut short by the kill; then it is none.
    for line in lines.map_while(Result::ok) {
        acknowledged.extend(
            line.strip_prefix(ACKNOWLEDGED)
                .filter(|id| id.ends_with(';'))
                .map(str::to_owned),
        );
    }
    victim.wait()?;
    assert!(acknowledged.len() >= count, "the process ended by itself");
    Ok(acknowledged)
}

fn write_until_killed(path: &Path) -> Outcome {
    let store = SqliteStore::open(path)?;
    let mut output = std::io::stdout();
    if store.routing()?.is_none() {
        store.apply(Changes::new().replace_routing(codebook(2), Vec::new()))?;
    }
    for number in 0.. {
        let id = format!("{}-{number};", std::process::id());
        store.apply(Changes::new().put(item(&id, number), Some(CentroidId(1))))?;
        writeln!(output, "{ACKNOWLEDGED}{id}")?;
        output.flush()?;
    }
    Ok(())
}
