//! A file that was cut off, or in which bits or whole runs of bytes are not what they were, is refused or answers right: no panic, and
//! never a wrong vector or text.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rm_core::dot;
use rm_memory::{AdaptationPolicy, Embedder, KRule, Layout, NewItem, Query, RoutingMemory};

use crate::Outcome;
use crate::hashed_words::HashedWords;

const DIM: usize = 24;
const ITEMS: usize = 260;
const SPACES: [&str; 2] = ["", "acme"];

fn open(path: &Path, layout: Layout) -> rm_memory::Result<RoutingMemory> {
    RoutingMemory::builder()
        .path(path)
        .embedder(Arc::new(HashedWords::new(DIM)))
        .k_rule(KRule::ItemsPerCentroid(20))
        .layout(layout)
        .score_threshold(-1.0)
        .adaptation(AdaptationPolicy::manual())
        .durability(rm_memory::Durability::Normal)
        .open()
}

/// The text follows from the id, so that whoever is given the one can tell the other.
fn text(id: &str) -> String {
    format!("topic-{} of {id}", id.len())
}

fn ids(space: &str) -> Vec<String> {
    (0..ITEMS).map(|n| format!("{space}item-{n}")).collect()
}

/// Where the damage is, how much, and what kind.
#[derive(Debug, Clone)]
enum Damage {
    Cut(f64),
    Flips(Vec<(f64, u8)>),
    Run(f64, Vec<u8>),
    Zeros(f64, usize),
    /// A piece of the file stands where another was, as after a disk has mixed up its blocks.
    Copied(f64, f64, usize),
}

impl Damage {
    fn any() -> impl Strategy<Value = Self> {
        let at = || 0.0..1.0f64;
        prop_oneof![
            at().prop_map(Self::Cut),
            prop::collection::vec((at(), 0..8u8), 1..6).prop_map(Self::Flips),
            (at(), prop::collection::vec(any::<u8>(), 1..600))
                .prop_map(|(at, run)| Self::Run(at, run)),
            (at(), 1..20_000usize).prop_map(|(at, len)| Self::Zeros(at, len)),
            (at(), at(), 1..20_000usize).prop_map(|(from, to, len)| Self::Copied(from, to, len)),
        ]
    }

    fn inflict(&self, bytes: &mut Vec<u8>) {
        let len = bytes.len();
        let place = |share: f64| ((share * len as f64) as usize).min(len - 1);
        match self {
            Self::Cut(at) => bytes.truncate(place(*at)),
            Self::Flips(flips) => flips
                .iter()
                .for_each(|(at, bit)| bytes[place(*at)] ^= 1 << bit),
            Self::Run(at, run) => {
                let at = place(*at);
                let end = (at + run.len()).min(len);
                bytes[at..end].copy_from_slice(&run[..end - at]);
            }
            Self::Zeros(at, run) => {
                let at = place(*at);
                let end = (at + run).min(len);
                bytes[at..end].fill(0);
            }
            Self::Copied(from, to, run) => {
                // Whole pages, as disks mix them up.
                let (from, to) = (place(*from) & !8191, place(*to) & !8191);
                let run = (*run).max(8192) & !8191;
                let run = run.min(len - from.max(to));
                bytes.copy_within(from..from + run, to);
            }
        }
    }
}

/// Is a database as it lay on the disk: the file, and the log beside it.
struct Image {
    file: Vec<u8>,
    log: Vec<u8>,
    layout: Layout,
}

impl Image {
    fn write(&self, folder: &Path) -> std::io::Result<PathBuf> {
        let path = folder.join("memory.db");
        for ending in ["-shm", "-wal", "-journal"] {
            let _ = fs::remove_file(beside(&path, ending));
        }
        fs::write(&path, &self.file)?;
        if !self.log.is_empty() {
            fs::write(beside(&path, "-wal"), &self.log)?;
        }
        Ok(path)
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Makes a database that was closed, or one whose last changes are still in its log.
fn image(layout: Layout, is_open: bool) -> Result<Image, Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let mut memory = open(&path, layout)?;
    for (at, name) in SPACES.iter().enumerate() {
        let space = memory.namespace(name)?;
        let ids = ids(name);
        // Most are in the file, and the last ones in the log, a few to a change.
        let (early, late) = ids.split_at(200);
        space.add_batch(
            early
                .iter()
                .map(|id| NewItem::new(text(id)).id(id.as_str())),
        )?;
        drop(space);
        if at == 0 {
            memory.close()?;
            memory = open(&path, layout)?;
        }
        for id in late.chunks(20) {
            let space = memory.namespace(name)?;
            space.add_batch(id.iter().map(|id| NewItem::new(text(id)).id(id.as_str())))?;
        }
    }
    if is_open {
        let log = fs::read(beside(&path, "-wal"))?;
        let file = fs::read(&path)?;
        assert!(!log.is_empty(), "nothing is in the log");
        return Ok(Image { file, log, layout });
    }
    memory.close()?;
    let file = fs::read(&path)?;
    let log = Vec::new();
    Ok(Image { file, log, layout })
}

/// What was asked, and what was answered: ids with the bits of their scores.
type Answers = BTreeMap<String, Vec<(String, u32)>>;

/// Opens a file and asks it everything; fails at the first answer that cannot be, and returns those that were given.
fn interrogate(path: &Path, layout: Layout) -> Result<(Answers, bool), TestCaseError> {
    let embedder = HashedWords::new(DIM);
    let mut answers = Answers::new();
    let Ok(memory) = open(path, layout) else {
        return Ok((answers, false));
    };
    let report = memory.check();
    let is_clean = report.as_ref().is_ok_and(rm_memory::CheckReport::is_clean);
    let mut lost = 0;
    for name in SPACES {
        let Ok(space) = memory.namespace(name) else {
            continue;
        };
        for hybrid in [false, true] {
            for question in [
                "topic-6 of item-3",
                "topic-11 of acmeitem-77",
                "nothing of the kind",
            ] {
                let query = Query::text(question).top_k(40).hybrid(hybrid);
                let Ok(found) = space.search(query) else {
                    continue;
                };
                let asked = embedder
                    .embed(question)
                    .map_err(|e| TestCaseError::fail(e.to_string()))?;
                let mut seen = Vec::new();
                for item in found {
                    prop_assert_eq!(&item.text, &text(&item.id), "a wrong text");
                    let vector = embedder
                        .embed(&item.text)
                        .map_err(|e| TestCaseError::fail(e.to_string()))?;
                    let expected = dot(&asked, &vector);
                    prop_assert!(
                        (item.score - expected).abs() < 1e-5,
                        "a wrong vector: {} for {}",
                        item.score,
                        expected
                    );
                    prop_assert!(
                        item.id.starts_with(name) && seen.iter().all(|(id, _)| *id != item.id)
                    );
                    seen.push((item.id, item.score.to_bits()));
                }
                answers.insert(format!("{name} {hybrid} {question}"), seen);
            }
        }
        for id in ids(name).iter().step_by(9) {
            match space.get(id) {
                Ok(Some(item)) => prop_assert_eq!(item.text, text(id)),
                Ok(None) => lost += 1,
                Err(_) => {}
            }
        }
    }
    answers.insert("lost".into(), vec![(lost.to_string(), 0)]);
    Ok((answers, is_clean))
}

fn runner(cases: u32) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 64,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Damages the file, whose log is empty: every answer is the one that the whole file gives, or an error.
fn file_is_refused_or_right(layout: Layout) -> Outcome {
    let image = image(layout, false)?;
    let folder = tempfile::tempdir()?;
    let (whole, is_clean) = interrogate(&image.write(folder.path())?, layout)
        .map_err(|error| format!("the whole file: {error}"))?;
    assert!(
        is_clean && whole["lost"][0].0 == "0" && whole.len() == 13,
        "{whole:?}"
    );
    let outcome = runner(350).run(&Damage::any(), |damage| {
        let mut file = image.file.clone();
        damage.inflict(&mut file);
        let log = Vec::new();
        let path = Image { file, log, layout }.write(folder.path())?;
        let (answers, is_clean) = interrogate(&path, image.layout)?;
        for (question, answer) in &answers {
            if question == "lost" || matches!(damage, Damage::Copied(..)) {
                // An id can be lost from the index of ids, and whole pages in the place of others carry checksums of their
                // own; whoever checks is told.
                prop_assert!(
                    answer == &whole[question] || !is_clean,
                    "{} is wrong and nobody is told",
                    question
                );
            } else {
                prop_assert_eq!(answer, &whole[question], "{}", question);
            }
        }
        Ok(())
    });
    Ok(outcome?)
}

#[test]
fn a_damaged_file_with_vectors_in_memory() -> Outcome {
    file_is_refused_or_right(Layout::Vectors)
}

#[test]
fn a_damaged_file_with_codes_in_memory() -> Outcome {
    file_is_refused_or_right(Layout::Codes)
}

/// Damages the log: what it held last can be gone, as after a crash, but what is there is right.
#[test]
fn a_damaged_log_loses_the_last_changes_at_most() -> Outcome {
    for layout in [Layout::Vectors, Layout::Codes] {
        let image = image(layout, true)?;
        let folder = tempfile::tempdir()?;
        let outcome = runner(150).run(&(Damage::any(), any::<bool>()), |(damage, in_log)| {
            let (mut file, mut log) = (image.file.clone(), image.log.clone());
            damage.inflict(if in_log { &mut log } else { &mut file });
            let path = Image { file, log, layout }.write(folder.path())?;
            interrogate(&path, image.layout)?;
            Ok(())
        });
        outcome?;
    }
    Ok(())
}
