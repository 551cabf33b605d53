//! A recall target decides how many lists a search scans, by what sample questions have shown, and keeps what it promises.

use std::sync::Arc;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rm_memory::{
    AdaptationPolicy, KRule, Layout, MAX_RECALL_QUESTIONS, MemoryBuilder, NewItem, Query,
    RECALL_TOP_K, RoutingMemory, SearchResult,
};

use crate::Outcome;
use crate::hashed_words::HashedWords;

const DIM: usize = 32;
const N_ITEMS: usize = 4_000;

/// Draws vectors about some topics, so that neighbours share a few lists.
fn drawn(count: usize, seed: u64) -> Vec<Vec<f32>> {
    let mut topics = ChaCha8Rng::seed_from_u64(7);
    let mut direction =
        || -> Vec<f32> { (0..DIM).map(|_| topics.random_range(-1.0..1.0)).collect() };
    let topics: Vec<Vec<f32>> = (0..60).map(|_| direction()).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut mixture = || -> Vec<f32> {
        let (a, b) = (rng.random_range(0..60), rng.random_range(0..60));
        let weight: f32 = rng.random_range(0.0..1.0);
        let sum = topics[a].iter().zip(&topics[b]);
        sum.map(|(a, b)| weight * a + (1.0 - weight) * b + rng.random_range(-0.4..0.4))
            .collect()
    };
    (0..count).map(|_| mixture()).collect()
}

fn builder() -> MemoryBuilder {
    RoutingMemory::builder()
        .embedder(Arc::new(HashedWords::new(DIM)))
        .adaptation(AdaptationPolicy::manual())
        .k_rule(KRule::Fixed(60))
}

fn fill(memory: &RoutingMemory) -> Outcome {
    let items = drawn(N_ITEMS, 1).into_iter().enumerate();
    memory
        .add_batch(items.map(|(at, vector)| NewItem::new(format!("item {at}")).vector(vector)))?;
    Ok(())
}

fn questions() -> Vec<Query> {
    drawn(MAX_RECALL_QUESTIONS, 2)
        .into_iter()
        .map(Query::vector)
        .collect()
}

/// Returns the share of the nearest items that searches for a recall find, and the share of all items that they compare.
fn measure(memory: &RoutingMemory, target: f64) -> Result<(f64, f64), Box<dyn std::error::Error>> {
    let (mut found, mut compared, asked) = (0, 0, drawn(200, 3));
    for vector in &asked {
        let query = || {
            Query::vector(vector.clone())
                .top_k(RECALL_TOP_K)
                .threshold(-1.0)
        };
        let exact = memory.search(query().n_probes(60))?;
        let answer = memory.search_with_signals(query().recall_target(target))?;
        assert_eq!(answer.results.len(), RECALL_TOP_K);
        let is_near = |id: &String| exact.iter().any(|exact| exact.id == *id);
        found += answer
            .results
            .iter()
            .filter(|found| is_near(&found.id))
            .count();
        compared += answer.candidates;
    }
    let n = asked.len() as f64;
    Ok((
        found as f64 / n / RECALL_TOP_K as f64,
        compared as f64 / n / N_ITEMS as f64,
    ))
}

#[test]
fn questions_like_the_samples_find_what_was_asked_for() -> Outcome {
    for layout in [Layout::Vectors, Layout::Codes] {
        let folder = tempfile::tempdir()?;
        let memory = builder()
            .layout(layout)
            .path(folder.path().join("memory.db"))
            .open()?;
        fill(&memory)?;
        let report = memory.calibrate_recall(questions())?;
        assert_eq!(
            (report.questions, report.top_k),
            (MAX_RECALL_QUESTIONS, RECALL_TOP_K)
        );
        let mut compared_before = 0.0;
        for target in [0.7, 0.95] {
            let (recall, compared) = measure(&memory, target)?;
            // Four standard errors of the mean of 200 recalls and of 200 samples.
            assert!(
                (target - 0.06..1.0).contains(&recall),
                "{layout:?}: {recall} for {target}"
            );
            assert!(
                (compared_before..0.9).contains(&compared),
                "{layout:?}: {compared} for {target}"
            );
            compared_before = compared;
        }
        let (recall, compared) = measure(&memory, 1.0)?;
        assert!(
            recall > 0.99 && compared == 1.0,
            "{layout:?}: {recall}, {compared}"
        );
    }
    Ok(())
}

#[test]
fn without_questions_items_stand_for_them() -> Outcome {
    let memory = builder().recall_target(0.9).open()?;
    fill(&memory)?;
    // Here they are drawn as the questions are, so that they tell as well.
    let (recall, compared) = measure(&memory, 0.9)?;
    assert!(
        (0.84..1.0).contains(&recall) && compared < 0.9,
        "{recall}, {compared}"
    );
    Ok(())
}

fn ask(memory: &RoutingMemory) -> rm_memory::Result<SearchResult> {
    memory.search_with_signals(Query::vector(drawn(1, 4).remove(0)).recall_target(0.95))
}

#[test]
fn a_calibration_is_stored_and_ends_with_its_codebook() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let memory = builder().path(&path).open()?;
    fill(&memory)?;
    memory.calibrate_recall(questions())?;
    let before = ask(&memory)?;
    memory.close()?;
    let setting = || -> Result<String, rusqlite::Error> {
        let file = rusqlite::Connection::open(&path)?;
        file.query_row(
            "SELECT value FROM settings WHERE key LIKE '%recall_calibration'",
            [],
            |row| row.get(0),
        )
    };
    let stored = setting()?;
    // Another process searches as this one did, and calibrates nothing.
    let memory = builder().path(&path).open()?;
    assert_eq!(ask(&memory)?, before);
    assert_eq!(setting()?, stored);
    // A training of the codebook takes it along, and the questions calibrate the new one.
    memory.refit()?;
    assert_eq!(setting()?, "");
    ask(&memory)?;
    assert!(setting()?.contains("lags"));
    let (recall, _) = measure(&memory, 0.95)?;
    assert!(recall > 0.89, "{recall}");
    Ok(())
}

#[test]
fn a_small_memory_is_searched_whole() -> Outcome {
    let memory = builder().recall_target(0.5).open()?;
    assert!(ask(&memory)?.results.is_empty());
    let items = drawn(300, 1).into_iter().enumerate();
    memory
        .add_batch(items.map(|(at, vector)| NewItem::new(format!("item {at}")).vector(vector)))?;
    assert_eq!(ask(&memory)?.candidates, 300);
    Ok(())
}

#[test]
fn what_is_no_recall_is_refused() -> Outcome {
    let expected = "recall_target must be a recall above 0 and at most 1";
    for target in [0.0, 1.5, f64::NAN] {
        let refused = builder().recall_target(target).open().map(drop);
        assert!(
            refused.is_err_and(|error| error.to_string().starts_with(expected)),
            "{target}"
        );
    }
    let memory = builder().open()?;
    let asked = memory.search(Query::text("tea").recall_target(2.0));
    assert!(asked.is_err_and(|error| error.to_string().starts_with(expected)));
    assert!(
        memory.calibrate_recall(questions()).is_err(),
        "there is nothing to search"
    );
    fill(&memory)?;
    assert!(
        memory.calibrate_recall(Vec::<Query>::new()).is_err(),
        "there are no questions"
    );
    assert!(memory.calibrate_recall([""]).is_err(), "an empty question");
    Ok(())
}
