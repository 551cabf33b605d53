//! A memory moves to another model: whatever happens on the way, it is the old one's until it is the new one's.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rm_embed::Embeddings;
use rm_memory::{
    Embedder, Error, KRule, Layout, MemoryBuilder, NewItem, Query, ReembedReport, RoutingMemory,
    Update,
};

use crate::Outcome;
use crate::counting_embedder::CountingEmbedder;
use crate::hashed_words::HashedWords;
use crate::memories::{MEMORIES, QUESTIONS, fill, with_minilm};

const ITEMS: usize = 1_300;

fn builder(path: &Path, model: Arc<dyn Embedder>) -> MemoryBuilder {
    RoutingMemory::builder()
        .path(path)
        .embedder(model)
        .k_rule(KRule::ItemsPerCentroid(20))
        .score_threshold(-1.0)
        .hybrid(false)
}

fn old_model() -> Arc<dyn Embedder> {
    Arc::new(HashedWords::new(24).named("old"))
}

/// Is of the same dimension, so that nothing but its name keeps its vectors from being mixed with the old ones.
fn new_model() -> Arc<dyn Embedder> {
    Arc::new(Turned(HashedWords::new(24).named("new")))
}

/// Embeds as another one does, with every vector read backwards.
struct Turned(HashedWords);

impl Embedder for Turned {
    fn dim(&self) -> usize {
        self.0.dim()
    }

    fn fingerprint(&self) -> &str {
        self.0.fingerprint()
    }

    fn embed(&self, text: &str) -> rm_embed::Result<Vec<f32>> {
        if text.contains("unspeakable") {
            return Err(rm_embed::Error::EmptyText {
                index: 0,
                text: text.into(),
            });
        }
        let mut vector = self.0.embed(text)?;
        vector.reverse();
        Ok(vector)
    }

    fn embed_batch(&self, texts: &[&str]) -> rm_embed::Result<Embeddings> {
        let rows: rm_embed::Result<Vec<Vec<f32>>> =
            texts.iter().map(|text| self.embed(text)).collect();
        Embeddings::from_rows(self.dim(), rows?.concat()).map_err(|data| {
            rm_embed::Error::WrongDimension {
                expected: self.dim(),
                got: data.len(),
            }
        })
    }
}

fn text(n: usize) -> String {
    format!("topic-{} word-{n}", n % 13)
}

fn make(path: &Path, layout: Layout) -> Outcome {
    let memory = builder(path, old_model()).layout(layout).open()?;
    memory.add_batch((0..ITEMS).map(|n| NewItem::new(text(n)).id(n.to_string())))?;
    let acme = memory.namespace("acme")?;
    acme.add_batch((0..60).map(|n| NewItem::new(text(n)).id(n.to_string())))?;
    memory.namespace("emptied")?.add("soon gone")?;
    memory.namespace("emptied")?.clear()?;
    memory.close()?;
    Ok(())
}

/// Asks for some items by their own texts.
fn answers(memory: &RoutingMemory) -> rm_memory::Result<Vec<(String, u32)>> {
    let mut answers = Vec::new();
    for n in [0, 7, 511, 512, 1_299] {
        let probe = Query::text(text(n)).top_k(1).n_probes(usize::MAX);
        let found = memory.search(probe)?;
        answers.extend(
            found
                .into_iter()
                .map(|item| (item.id, item.score.to_bits())),
        );
    }
    Ok(answers)
}

fn check(memory: &RoutingMemory) -> Outcome {
    assert_eq!(memory.check()?.findings, []);
    let ids: Vec<String> = answers(memory)?.into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["0", "7", "511", "512", "1299"]);
    let found = memory.namespace("acme")?.search(text(41))?;
    assert_eq!(found[0].id, "41");
    Ok(())
}

fn reembed(
    path: &Path,
    model: Arc<dyn Embedder>,
) -> rm_memory::Result<(RoutingMemory, ReembedReport)> {
    builder(path, model).reembed(&mut |_| {})
}

#[test]
fn every_layout_moves_and_is_then_of_the_new_model() -> Outcome {
    for layout in [Layout::Vectors, Layout::Codes] {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("memory.db");
        make(&path, layout)?;
        let mut told = Vec::new();
        let (memory, report) = builder(&path, new_model())
            .layout(layout)
            .reembed(&mut |progress| told.push((progress.done, progress.items)))?;
        assert_eq!(report.from.as_deref(), Some("old"));
        assert_eq!(
            (report.to.as_str(), report.items, report.embedded),
            ("new", 1_360, 1_360)
        );
        let all = [0, 512, 1_024, 1_360, 1_360].map(|done| (done, 1_360));
        assert_eq!(told, all);
        check(&memory)?;
        assert!(memory.stats().k > 30, "{} centroids", memory.stats().k);
        memory.close()?;
        let refused = builder(&path, old_model())
            .open()
            .err()
            .ok_or("the old model was let in")?;
        assert!(refused.to_string().contains("\"new\""), "{refused}");
        // Doing it again does nothing.
        let (memory, report) = reembed(&path, new_model())?;
        assert_eq!((report.items, report.embedded), (0, 0));
        check(&memory)?;
    }
    Ok(())
}

#[test]
fn a_memory_of_another_dimension_takes_the_real_model() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let memory = builder(&path, Arc::new(HashedWords::new(7))).open()?;
    fill(&memory)?;
    memory.close()?;
    let (memory, report) = with_minilm().path(&path).reembed(&mut |_| {})?;
    assert_eq!(report.items as usize, MEMORIES.len());
    for (question, answer) in QUESTIONS {
        assert_eq!(memory.search(question)?[0].id, answer.to_string());
    }
    assert_eq!(memory.check()?.findings, []);
    Ok(())
}

#[test]
fn an_attempt_that_fails_is_gone_on_with() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    make(&path, Layout::Vectors)?;
    let memory = builder(&path, old_model()).open()?;
    let before = answers(&memory)?;
    let last = (ITEMS - 1).to_string();
    memory.update(&last, Update::new().text("unspeakable"))?;
    memory.close()?;
    let error = reembed(&path, new_model()).err().ok_or("it was embedded")?;
    assert!(
        matches!(&error, Error::Reembed { id, .. } if *id == last),
        "{error}"
    );

    let memory = builder(&path, old_model()).open()?;
    memory.update(&last, Update::new().text(text(ITEMS - 1)))?;
    assert_eq!(answers(&memory)?, before);
    memory.close()?;
    let counting = Arc::new(CountingEmbedder::new(new_model()));
    let (memory, report) = reembed(&path, counting.clone())?;
    assert_eq!((report.items, report.embedded), (1_360, 1_360 - 1_024));
    assert_eq!(counting.take_count(), 1_360 - 1_024);
    check(&memory)
}

#[test]
fn what_others_change_meanwhile_comes_along_and_then_they_are_refused() -> Outcome {
    for layout in [Layout::Vectors, Layout::Codes] {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("memory.db");
        make(&path, layout)?;
        let other = builder(&path, old_model()).layout(layout).open()?;
        let acme = other.namespace("acme")?;
        let fresh = other.namespace("fresh")?;
        let untouched = other.namespace("untouched")?;
        let calls = AtomicUsize::new(0);
        let meddle = || -> rm_memory::Result<()> {
            match calls.fetch_add(1, Ordering::Relaxed) {
                1 => {
                    // Among those that have their new vectors already, and those that have not.
                    other.update("3", Update::new().text("topic-0 changed"))?;
                    other.update("1200", Update::new().importance(1.0))?;
                    other.delete("4")?;
                    other.delete("1201")?;
                    other.add(NewItem::new("late word").id("late"))?;
                    fresh.add(NewItem::new("fresh word").id("fresh"))?;
                    assert_eq!(other.search(text(7))?[0].id, "7");
                }
                2 => {
                    acme.clear()?;
                    acme.add(NewItem::new(text(41)).id("41"))?;
                }
                3 => other.refit()?,
                _ => {}
            }
            Ok(())
        };
        let mut outcome = Ok(());
        let (memory, report) = builder(&path, new_model())
            .layout(layout)
            .reembed(&mut |_| {
                if outcome.is_ok() {
                    outcome = meddle();
                }
            })?;
        outcome?;
        assert_eq!(report.items, 1_300 - 2 + 1 + 1 + 1);
        check(&memory)?;
        assert_eq!(memory.search("topic-0 changed")?[0].id, "3");
        assert_eq!(memory.search("late word")?[0].id, "late");
        assert_eq!(
            memory.namespace("fresh")?.search("fresh word")?[0].id,
            "fresh"
        );
        assert!(memory.get("4")?.is_none() && memory.get("1201")?.is_none());

        // Whoever still has the old model can neither search nor add, not even where nothing ever was.
        let is_refusal =
            |error: Option<Error>| error.is_some_and(|error| error.to_string().contains("\"new\""));
        assert!(is_refusal(other.search(text(7)).err()));
        assert!(is_refusal(acme.search(text(41)).err()));
        assert!(is_refusal(other.add("old").err()));
        assert!(is_refusal(untouched.add("old").err()));
        assert!(is_refusal(
            other
                .namespace("acme/new")
                .and_then(|new| new.add("old"))
                .err()
        ));
        assert_eq!(memory.check()?.findings, []);
    }
    Ok(())
}

#[test]
fn a_store_that_is_no_file_is_not_moved() -> Outcome {
    let store = Arc::new(rm_memory::MemoryStore::new());
    let open = |model| {
        RoutingMemory::builder()
            .store(store.clone())
            .embedder(model)
    };
    open(old_model()).open()?.add("tea")?;
    let error = open(new_model())
        .reembed(&mut |_| {})
        .err()
        .ok_or("it was moved")?;
    assert!(matches!(error, Error::ReembedNoFile { .. }), "{error}");
    let (memory, _) = open(old_model()).reembed(&mut |_| {})?;
    assert_eq!(memory.len(), 1);
    Ok(())
}

#[test]
fn a_database_of_the_original_moves_to_another_model() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rm-store/tests/fixtures");
    std::fs::copy(fixtures.join("python-original.sqlite"), &path)?;
    let outcome = reembed(&path, new_model());
    match outcome {
        Ok((memory, report)) => {
            assert_eq!(report.from, None);
            assert_eq!(memory.len() as u64, report.items);
            assert_eq!(memory.check()?.findings, []);
        }
        // It holds an empty text, which no model embeds.
        Err(error) => assert!(matches!(error, Error::Reembed { .. }), "{error}"),
    }
    Ok(())
}
