//! What was exported comes back as it was: every item, every time, every bit of every vector.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use rm_memory::{
    Clock, Error, ExportOptions, ImportOptions, Layout, MemoryBuilder, NewItem, OnConflict,
    RoutingMemory, Store,
};
use rm_store::{Item, SqliteStore, View};

use crate::Outcome;
use crate::counting_embedder::CountingEmbedder;
use crate::hashed_words::HashedWords;
use crate::memories::{MEMORIES, QUESTIONS, fill, with_minilm};

const DIM: usize = 24;

fn hashed() -> MemoryBuilder {
    RoutingMemory::builder()
        .embedder(Arc::new(HashedWords::new(DIM)))
        .score_threshold(-1.0)
}

/// Fills two namespaces with items that have everything an item can have.
fn fill_richly(memory: &RoutingMemory) -> Outcome {
    let item = |n: i32| {
        let item = NewItem::new(format!("topic-{} \"word\"\n-{n} grün 🌱", n % 7))
            .id(format!("id \"{n}\""))
            .created_at_ms(1_000 + i64::from(n))
            .pinned(n % 5 == 0);
        let item = match n % 3 {
            0 => item
                .meta("share", 0.1 + f64::from(n))
                .meta("list", vec![1, n]),
            1 => item.importance(0.1).expires_at_ms(i64::MAX - i64::from(n)),
            _ => item,
        };
        match n % 4 {
            // With values that take all digits, or few.
            0 => item.vector(
                (0..DIM)
                    .map(|at| 1.0 / (at as f32 + 3.7 + n as f32))
                    .collect(),
            ),
            _ => item,
        }
    };
    memory.add_batch((0..700).map(item))?;
    let acme = memory.namespace("acme/\"support\"")?;
    acme.add_batch((0..40).map(item))?;
    acme.update("id \"3\"", rm_memory::Update::new().importance(1.0))?;
    Ok(())
}

fn export(
    memory: &RoutingMemory,
    options: ExportOptions,
) -> Result<String, Box<dyn std::error::Error>> {
    let mut out = Vec::new();
    memory.export(&mut out, options)?;
    Ok(String::from_utf8(out)?)
}

/// Reads a file by its store, vectors included.
fn contents(path: &std::path::Path) -> rm_store::Result<BTreeMap<String, Vec<Item>>> {
    let mut contents = BTreeMap::new();
    SqliteStore::open(path)?.view(&mut |view: &dyn View| {
        for (name, _) in view.namespaces()? {
            let mut items = Vec::new();
            view.for_each_item(&name, &mut |stored| {
                items.push(stored.item);
                std::ops::ControlFlow::Continue(())
            })?;
            contents.insert(name, items);
        }
        Ok(())
    })?;
    Ok(contents)
}

#[test]
fn a_round_trip_with_vectors_changes_nothing_and_embeds_nothing() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (from, to) = (folder.path().join("from.db"), folder.path().join("to.db"));
    let memory = hashed().path(&from).open()?;
    fill_richly(&memory)?;
    let text = export(&memory, ExportOptions::new().vectors(true))?;
    assert_eq!(text.lines().count(), 1 + 700 + 40);
    memory.close()?;

    let counting = Arc::new(CountingEmbedder::new(Arc::new(HashedWords::new(DIM))));
    let other = hashed()
        .embedder(counting.clone())
        .layout(Layout::Codes)
        .path(&to)
        .open()?;
    let mut told = Vec::new();
    let report =
        other.import_with_progress(text.as_bytes(), ImportOptions::new(), &mut |progress| {
            told.push((progress.done.added, progress.items));
        })?;
    assert_eq!((report.added, report.embedded, report.lines), (740, 0, 741));
    assert_eq!(told, [(512, Some(740)), (700, Some(740)), (740, Some(740))]);
    assert_eq!(counting.take_count(), 0);
    assert_eq!(export(&other, ExportOptions::new().vectors(true))?, text);
    assert_eq!(other.check()?.findings, []);
    other.close()?;
    let (from, to) = (contents(&from)?, contents(&to)?);
    assert_eq!(from.len(), 2);
    assert!(from == to, "something was lost");
    let bits = |items: &Item| items.vector.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert!(from[""].iter().map(bits).eq(to[""].iter().map(bits)));
    Ok(())
}

#[test]
fn without_vectors_texts_are_embedded_again_and_found() -> Outcome {
    let memory = with_minilm().open()?;
    fill(&memory)?;
    let text = export(&memory, ExportOptions::new())?;
    assert!(!text.contains("\"vector\""));
    let other = with_minilm().open()?;
    let report = other.import(text.as_bytes(), ImportOptions::new())?;
    assert_eq!(report.embedded as usize, MEMORIES.len());
    for (question, answer) in QUESTIONS {
        assert_eq!(other.search(question)?[0].id, answer.to_string());
    }
    Ok(())
}

#[test]
fn vectors_of_another_model_are_not_used() -> Outcome {
    let memory = hashed().open()?;
    memory.add("tea with milk")?;
    let text = export(&memory, ExportOptions::new().vectors(true))?;
    let embedder = HashedWords::new(DIM).named("another");
    let other = RoutingMemory::builder()
        .embedder(Arc::new(embedder))
        .open()?;
    let report = other.import(text.as_bytes(), ImportOptions::new())?;
    assert_eq!((report.added, report.embedded), (1, 1));
    Ok(())
}

#[test]
fn one_namespace_is_exported_alone_and_imported_anywhere() -> Outcome {
    let memory = hashed().open()?;
    fill_richly(&memory)?;
    let acme = memory.namespace("acme/\"support\"")?;
    let text = export(&acme, ExportOptions::new().this_namespace_only(true))?;
    assert_eq!(text.lines().count(), 41);
    let other = hashed().open()?;
    other.import(text.as_bytes(), ImportOptions::new())?;
    assert_eq!(other.namespaces()?, [("acme/\"support\"".to_owned(), 40)]);
    let beta = other.namespace("beta")?;
    beta.import(
        text.as_bytes(),
        ImportOptions::new().into_this_namespace(true),
    )?;
    assert_eq!(beta.len(), 40);
    Ok(())
}

#[test]
fn an_export_is_one_state_while_others_write() -> Outcome {
    /// Is a place to write to that adds to the memory at the first line.
    struct Meddling<'m>(&'m RoutingMemory, Vec<u8>);
    impl Write for Meddling<'_> {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if self.1.is_empty() {
                let late = || -> rm_memory::Result<()> {
                    self.0.add("late arrival")?;
                    self.0.delete("id \"5\"")?;
                    self.0.namespace("acme/\"support\"")?.clear()?;
                    Ok(())
                };
                late().map_err(std::io::Error::other)?;
            }
            self.1.extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let folder = tempfile::tempdir()?;
    let memory = hashed().path(folder.path().join("memory.db")).open()?;
    fill_richly(&memory)?;
    let before = export(&memory, ExportOptions::new().vectors(true))?;
    let mut out = Meddling(&memory, Vec::new());
    memory.export(&mut out, ExportOptions::new().vectors(true))?;
    assert_eq!(String::from_utf8(out.1)?, before);
    assert_eq!(memory.len(), 700);
    Ok(())
}

#[test]
fn what_is_past_its_time_is_left_out_and_an_empty_memory_has_a_header_alone() -> Outcome {
    let memory = hashed().clock(Clock::new(|| 50)).open()?;
    assert_eq!(export(&memory, ExportOptions::new())?.lines().count(), 1);
    memory.add(NewItem::new("gone").expires_at_ms(40))?;
    memory.add(NewItem::new("here").expires_at_ms(60))?;
    let text = export(&memory, ExportOptions::new())?;
    assert!(
        text.contains("\"items\":1}") && text.contains("here"),
        "{text}"
    );
    assert!(!text.contains("gone"));
    let other = hashed().clock(Clock::new(|| 50)).open()?;
    assert_eq!(
        other.import(text.as_bytes(), ImportOptions::new())?.added,
        1
    );
    Ok(())
}

#[test]
fn an_import_that_is_repeated_skips_or_replaces_what_is_there() -> Outcome {
    let memory = hashed().open()?;
    fill_richly(&memory)?;
    let text = export(&memory, ExportOptions::new())?;
    let error = memory.import(text.as_bytes(), ImportOptions::new());
    let error = error
        .err()
        .ok_or("an id that is taken was let in")?
        .to_string();
    assert!(
        error.starts_with("line 2: expected an id that no other item has, got \"id"),
        "{error}"
    );
    let options = ImportOptions::new().on_conflict(OnConflict::Skip);
    let report = memory.import(text.as_bytes(), options)?;
    assert_eq!((report.skipped, report.added, report.embedded), (740, 0, 0));
    memory.update("id \"3\"", rm_memory::Update::new().text("changed"))?;
    let options = ImportOptions::new().on_conflict(OnConflict::Replace);
    let report = memory.import(text.as_bytes(), options)?;
    assert_eq!((report.replaced, report.added), (740, 0));
    assert_eq!(export(&memory, ExportOptions::new())?, text);
    Ok(())
}

#[test]
fn an_export_that_was_cut_short_is_noticed() -> Outcome {
    let memory = hashed().open()?;
    fill_richly(&memory)?;
    let text = export(&memory, ExportOptions::new())?;
    let lines: Vec<&str> = text.lines().take(600).collect();
    let other = hashed().open()?;
    let error = other.import(lines.join("\n").as_bytes(), ImportOptions::new());
    let error = error.err().ok_or("nothing was noticed")?;
    assert!(
        matches!(
            error,
            Error::ImportCutShort {
                expected: 740,
                got: 599,
                ..
            }
        ),
        "{error}"
    );
    // In the middle of a line it is a line that cannot be read.
    let other = hashed().open()?;
    let error = other.import(&text.as_bytes()[..text.len() / 2], ImportOptions::new());
    assert!(matches!(error, Err(Error::ImportLine { .. })), "{error:?}");
    Ok(())
}
