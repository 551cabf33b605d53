//! What `add` has returned from survives `kill -9`.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use rm_memory::{AdaptationPolicy, KRule, Layout, NewItem, Query, RoutingMemory};

use crate::Outcome;
use crate::hashed_words::HashedWords;

/// Set in the process that is to be killed; holds the path of its memory.
const VICTIM: &str = "RM_MEMORY_VICTIM";
const ACKNOWLEDGED: &str = "acknowledged ";

fn open(path: &Path, layout: Layout) -> rm_memory::Result<RoutingMemory> {
    let policy = AdaptationPolicy {
        interval: Some(7),
        ema_rate: 0.2,
        ..AdaptationPolicy::default()
    };
    RoutingMemory::builder()
        .path(path)
        .embedder(Arc::new(HashedWords::new(32)))
        .k_rule(KRule::ItemsPerCentroid(5))
        .adaptation(policy)
        .layout(layout)
        .open()
}

/// The text follows from the id, so that whoever knows the id can ask for the text.
fn text(id: &str) -> String {
    format!("topic-{} {id}", id.len() % 3)
}

#[test]
fn acknowledged_items_survive_kill_9_and_are_found() -> Outcome {
    survive_kill_9(
        Layout::Vectors,
        "kill::acknowledged_items_survive_kill_9_and_are_found",
    )
}

/// Lists that are kept in the file are there in step with the items, whatever the moment.
#[test]
fn so_they_do_where_codes_alone_are_in_memory() -> Outcome {
    survive_kill_9(
        Layout::Codes,
        "kill::so_they_do_where_codes_alone_are_in_memory",
    )
}

fn survive_kill_9(layout: Layout, this_test: &str) -> Outcome {
    if let Some(path) = std::env::var_os(VICTIM) {
        return add_until_killed(Path::new(&path), layout);
    }
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let mut acknowledged = BTreeSet::new();
    // Rounds of different length end at different moments: at the first item, between two trainings, after many.
    for (round, count) in [1, 4, 23, 90, 2, 200].into_iter().enumerate() {
        acknowledged.extend(kill_after(&path, count, this_test)?);
        let memory = open(&path, layout)?;
        // Each kill can come between a commit and its acknowledgement, once.
        let unasked = memory.len() - acknowledged.len();
        assert!(unasked <= round + 1, "round {round}: {unasked} too many");
        let index = memory.index().ok_or("no index")?;
        let wrong = (index.misplaced()?, index.miscoded()?);
        assert_eq!(wrong, (vec![], vec![]), "round {round}");
        for id in &acknowledged {
            // All that one list holds, so that codes pass over none.
            let probe = Query::text(text(id))
                .top_k(1_000)
                .threshold(-1.0)
                .n_probes(1)
                .min_candidates(0)
                .hybrid(false);
            let found = memory.search(probe)?;
            assert!(
                found.iter().any(|item| item.id == *id),
                "round {round}: {id} is lost"
            );
        }
        memory.close()?;
    }
    Ok(())
}

/// Starts the test of this name as a process that adds to `path`, kills it once it has acknowledged `count` items, and
/// returns everything it acknowledged.
fn kill_after(
    path: &Path,
    count: usize,
    this_test: &str,
) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let mut victim = Command::new(std::env::current_exe()?)
        .args(["--exact", this_test, "--nocapture"])
        .env(VICTIM, path)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut acknowledged = Vec::new();
    let lines = BufReader::new(victim.stdout.take().ok_or("no output")?).lines();
    let mut is_killed = false;
    // What is still in the pipe after the kill was acknowledged too, but for a last line that is cut short.
    for line in lines.map_while(Result::ok) {
        let id = line
            .split_once(ACKNOWLEDGED)
            .and_then(|(_, id)| id.strip_suffix(';'));
        acknowledged.extend(id.map(str::to_owned));
        if acknowledged.len() >= count && !is_killed {
            victim.kill()?;
            is_killed = true;
        }
    }
    victim.wait()?;
    assert!(
        is_killed,
        "the process ended by itself after {acknowledged:?}"
    );
    Ok(acknowledged)
}

fn add_until_killed(path: &Path, layout: Layout) -> Outcome {
    let memory = open(path, layout)?;
    let mut output = std::io::stdout();
    for number in 0.. {
        let id = format!("{}-{number}", std::process::id());
        memory.add(NewItem::new(text(&id)).id(&id))?;
        writeln!(output, "{ACKNOWLEDGED}{id};")?;
        output.flush()?;
        // Searches move centroids, so kills meet adaptations being written as well.
        memory.search(text(&id))?;
    }
    Ok(())
}
