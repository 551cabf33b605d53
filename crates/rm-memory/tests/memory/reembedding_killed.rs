//! A move to another model survives `kill -9` at any moment: the memory is the old model's or the new one's, and the next attempt
//! goes on where the last one ended.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rm_memory::{Durability, KRule, MemoryBuilder, NewItem, Query, RoutingMemory};

use crate::Outcome;
use crate::hashed_words::HashedWords;

/// Set in the process that is to be killed; holds the path of its memory.
const VICTIM: &str = "RM_MEMORY_REEMBEDDING";
const THIS_TEST: &str = "reembedding_killed::whatever_the_moment_it_is_one_model_or_the_other";
const ITEMS: usize = 6_000;
const TOLD: &str = "has embedded ";

fn builder(path: &Path, model: &str, dim: usize) -> MemoryBuilder {
    RoutingMemory::builder()
        .path(path)
        .embedder(Arc::new(HashedWords::new(dim).named(model)))
        .k_rule(KRule::ItemsPerCentroid(100))
        .score_threshold(-1.0)
        .hybrid(false)
        .durability(Durability::Normal)
}

fn old(path: &Path) -> MemoryBuilder {
    builder(path, "old", 48)
}

fn new(path: &Path) -> MemoryBuilder {
    builder(path, "new", 32)
}

fn text(n: usize) -> String {
    format!("topic-{} word-{n}", n % 17)
}

#[test]
fn whatever_the_moment_it_is_one_model_or_the_other() -> Outcome {
    if let Some(path) = std::env::var_os(VICTIM) {
        return move_until_killed(Path::new(&path));
    }
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let memory = old(&path).open()?;
    let items = (0..ITEMS).map(|n| NewItem::new(text(n)).id(n.to_string()));
    memory.add_batch(items)?;
    memory.namespace("acme")?.add("the pet is called Rex")?;
    memory.close()?;
    let (mut kills, mut done, mut attempts_old) = (0, 0, 0);
    // Kills come after so many batches, and some time later: in the middle of the next one, of training, or of the last commit.
    for (batches, ms) in [
        (0, 1),
        (2, 0),
        (1, 3),
        (3, 1),
        (1, 0),
        (2, 5),
        (20, 0),
        (20, 15),
        (20, 40),
        (20, 80),
        (20, 160),
        (20, 400),
    ] {
        let told = kill_after(&path, batches, Duration::from_millis(ms))?;
        kills += 1;
        if let Some(first) = told.first() {
            assert!(
                *first >= done,
                "what was embedded is lost: {first} of {done}"
            );
        }
        done = told.last().copied().unwrap_or(done).max(done);
        if is_one_model_or_the_other(&path)? == "new" {
            break;
        }
        attempts_old += 1;
    }
    assert!(
        attempts_old >= 6,
        "only {attempts_old} of {kills} kills left the old model"
    );
    let (memory, report) = new(&path).reembed(&mut |_| {})?;
    assert!(
        report.embedded <= ITEMS as u64 + 1 - done.min(ITEMS as u64),
        "{report:?}, {done}"
    );
    drop(memory);
    assert_eq!(is_one_model_or_the_other(&path)?, "new");
    Ok(())
}

/// Opens the file by the model that it is of, asks everything, and returns which that is.
fn is_one_model_or_the_other(path: &Path) -> Result<&'static str, Box<dyn std::error::Error>> {
    let (memory, model) = match old(path).open() {
        Ok(memory) => {
            assert!(new(path).open().is_err(), "both models were let in");
            (memory, "old")
        }
        Err(_) => (new(path).open()?, "new"),
    };
    assert_eq!(memory.len(), ITEMS);
    let report = memory.check()?;
    assert_eq!(report.findings, [], "{model}");
    for n in [0, 77, ITEMS - 1] {
        let found = memory.search(Query::text(text(n)).top_k(1))?;
        assert_eq!(found[0].id, n.to_string(), "{model}");
        assert!(found[0].score > 0.999, "{model}: {}", found[0].score);
    }
    let found = memory.namespace("acme")?.search("Rex")?;
    assert_eq!(found.len(), 1, "{model}");
    Ok(model)
}

/// Starts a process that moves the memory, kills it some time after it has told of so many batches, and returns what it told.
fn kill_after(
    path: &Path,
    batches: usize,
    later: Duration,
) -> Result<Vec<u64>, Box<dyn std::error::Error>> {
    let mut victim = Command::new(std::env::current_exe()?)
        .args(["--exact", THIS_TEST, "--nocapture"])
        .env(VICTIM, path)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut told = Vec::new();
    let lines = BufReader::new(victim.stdout.take().ok_or("no output")?).lines();
    let mut is_killed = false;
    for line in lines.map_while(Result::ok) {
        let count = line
            .split_once(TOLD)
            .and_then(|(_, count)| count.strip_suffix(';'));
        if let Some(count) = count {
            told.push(count.parse::<u64>()?);
        }
        let all = told.last().is_some_and(|told| *told > ITEMS as u64);
        if !is_killed && !told.is_empty() && (told.len() > batches || all) {
            std::thread::sleep(later);
            victim.kill()?;
            is_killed = true;
        }
    }
    victim.wait()?;
    Ok(told)
}

fn move_until_killed(path: &Path) -> Outcome {
    let mut output = std::io::stdout();
    let (memory, _) = new(path).reembed(&mut |progress| {
        let _ = writeln!(output, "{TOLD}{};", progress.done);
        let _ = output.flush();
    })?;
    // Is killed here at last, with the memory open.
    std::thread::sleep(Duration::from_secs(20));
    drop(memory);
    Ok(())
}
