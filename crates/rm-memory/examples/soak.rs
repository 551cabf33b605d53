//! Five minutes of everything at once on one file: processes that add, search, change, delete and adapt, and one after the other is
//! killed with `kill -9`. At the end every acknowledged change is there, and the file passes its check.
//!
//!     cargo run --release -p rm-memory --example soak -- [seconds] [processes]
//!
//! Prints what was done. `scripts/soak.sh` runs it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rm_embed::{Embeddings, Error};
use rm_memory::{
    AdaptationPolicy, Embedder, KRule, Layout, NewItem, Query, RoutingMemory, SqliteStore, Store,
    Update,
};

const DIM: usize = 64;
const WORKER: &str = "RM_SOAK_WORKER";

type Outcome<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    if let Ok(worker) = std::env::var(WORKER) {
        let (number, folder) = worker.split_once(' ').ok_or("no folder")?;
        return work(Path::new(folder), number);
    }
    let mut arguments = std::env::args().skip(1);
    let seconds: u64 = arguments.next().map_or(Ok(300), |n| n.parse())?;
    let processes: usize = arguments.next().map_or(Ok(8), |n| n.parse())?;
    let folder = tempfile::tempdir()?;
    let began = Instant::now();
    let mut started = 0;
    let mut running: Vec<(usize, Child)> = Vec::new();
    let mut kills = 0;
    while began.elapsed() < Duration::from_secs(seconds) {
        while running.len() < processes {
            running.push((started, start(folder.path(), started)?));
            started += 1;
        }
        std::thread::sleep(Duration::from_millis(400 + 137 * (kills as u64 % 9)));
        let (number, mut victim) = running.remove(kills % running.len());
        if let Some(status) = victim.try_wait()? {
            return Err(format!("worker {number} ended by itself: {status}").into());
        }
        victim.kill()?;
        victim.wait()?;
        kills += 1;
    }
    for (_, mut worker) in running {
        worker.kill()?;
        worker.wait()?;
        kills += 1;
    }
    verify(folder.path(), started)?;
    println!(
        "{kills} kills of {started} processes in {:.0} s",
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

fn start(folder: &Path, number: usize) -> Outcome<Child> {
    Ok(Command::new(std::env::current_exe()?)
        .env(WORKER, format!("{number} {}", folder.display()))
        .stdout(Stdio::null())
        .spawn()?)
}

fn open(folder: &Path) -> rm_memory::Result<RoutingMemory> {
    let policy = AdaptationPolicy {
        interval: Some(25),
        ..AdaptationPolicy::default()
    };
    RoutingMemory::builder()
        .path(folder.join("memory.db"))
        .embedder(Arc::new(Words))
        .k_rule(KRule::ItemsPerCentroid(20))
        .layout(Layout::Codes)
        .adaptation(policy)
        .open()
}

/// Says what it is about to do and what is done, in a log of its own, until it is killed.
fn work(folder: &Path, number: &str) -> Outcome<()> {
    let mut log = File::create(folder.join(format!("log-{number}")))?;
    let memory = open(folder)?;
    let tenant = memory.namespace("tenant")?;
    let mut say = |line: String| log.write_all(format!("{line}\n").as_bytes());
    for n in 0.. {
        let id = format!("{number}-{n}");
        let here = if n % 5 == 4 { &tenant } else { &memory };
        let text = text(&id);
        say(format!("trying {id}"))?;
        here.add(NewItem::new(text.as_str()).id(&id))?;
        say(format!("there {id}"))?;
        let found = here.search(Query::text(text.as_str()).threshold(-1.0))?;
        if !found.iter().any(|item| item.id == id) {
            return Err(format!("{id} was added and is not found").into());
        }
        if n % 7 == 3 {
            let old = format!("{number}-{}", n - 3);
            let there = if (n - 3) % 5 == 4 { &tenant } else { &memory };
            say(format!("trying {old}"))?;
            there.delete(&old)?;
            say(format!("gone {old}"))?;
        }
        if n % 11 == 6 {
            let old = format!("{number}-{}", n - 1);
            let there = if (n - 1) % 5 == 4 { &tenant } else { &memory };
            there.update(&old, Update::new().importance(0.75))?;
        }
    }
    Ok(())
}

fn text(id: &str) -> String {
    format!("matter of {id} and topic-{}", id.len() % 7)
}

/// Holds what is in the file against what the processes have said.
fn verify(folder: &Path, workers: usize) -> Outcome<()> {
    let began = Instant::now();
    SqliteStore::open(folder.join("memory.db"))?.check()?;
    let memory = open(folder)?;
    let opened = began.elapsed();
    let tenant = memory.namespace("tenant")?;
    for space in [&memory, &tenant] {
        space.search(Query::text("matter"))?;
        let index = space.index().ok_or("no index")?;
        let wrong = (index.misplaced()?.len(), index.miscoded()?.len());
        if wrong != (0, 0) {
            return Err(format!("{wrong:?} misplaced and miscoded in {:?}", space.name()).into());
        }
    }
    let (mut acknowledged, mut open_ends) = (0, 0);
    for worker in 0..workers {
        // The last thing said of an item: there, gone, or that something was tried with it.
        let mut last: BTreeMap<String, String> = BTreeMap::new();
        let Ok(log) = File::open(folder.join(format!("log-{worker}"))) else {
            continue;
        };
        for line in BufReader::new(log).lines() {
            if let Some((said, id)) = line?.split_once(' ') {
                last.insert(id.to_owned(), said.to_owned());
            }
        }
        for (id, said) in last {
            let n: usize = id.split_once('-').ok_or("no number")?.1.parse()?;
            let space = if n % 5 == 4 { &tenant } else { &memory };
            let stored = space.get(&id)?;
            match (said.as_str(), &stored) {
                ("there", None) => return Err(format!("{id} is lost").into()),
                ("gone", Some(_)) => return Err(format!("{id} is back").into()),
                ("trying", _) => open_ends += 1,
                _ => acknowledged += 1,
            }
            if let Some(item) = stored.filter(|item| item.text != text(&id)) {
                return Err(format!("{id} has another text: {:?}", item.text).into());
            }
        }
    }
    let items: u64 = memory.namespaces()?.iter().map(|(_, items)| items).sum();
    println!(
        "{acknowledged} acknowledged changes are all there, {open_ends} were under way; {items} items, K {} and {}, checked and opened in {:.1} s",
        memory.stats().k,
        tenant.stats().k,
        opened.as_secs_f64()
    );
    Ok(())
}

/// Embeds a text as the sum of a direction for each word.
struct Words;

impl Embedder for Words {
    fn dim(&self) -> usize {
        DIM
    }

    fn fingerprint(&self) -> &str {
        "words"
    }

    fn embed(&self, text: &str) -> Result<Vec<f32>, Error> {
        let mut sum = vec![0.0f32; DIM];
        for word in text.split_whitespace() {
            let mut state = word.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
            for value in &mut sum {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                *value += (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0;
            }
        }
        let norm = sum.iter().map(|x| x * x).sum::<f32>().sqrt();
        Ok(sum.into_iter().map(|x| x / norm).collect())
    }

    fn embed_batch(&self, texts: &[&str]) -> Result<Embeddings, Error> {
        let rows = texts.iter().map(|text| self.embed(text));
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        Embeddings::from_rows(DIM, rows.concat()).map_err(|_| Error::Model("ragged rows".into()))
    }
}
