//! What cannot be remembered or searched for is refused, and leaves everything as it was.

use std::sync::Arc;

use rm_core::{SphericalConfig, Trainer};
use rm_embed::{Embeddings, Result as EmbedResult};
use rm_memory::{
    AdaptationConfig, AdaptationPolicy, DriftConfig, Embedder, Error, KRule, MemoryBuilder,
    NewItem, Query, RoutingMemory, Update,
};
use rm_store::Snapshot;
use serde_json::Value;

use crate::hashed_words::HashedWords;
use crate::index_state::IndexState;
use crate::memories::{MEMORIES, fill, with_minilm};
use crate::shared_store::SharedStore;

/// Is a model that breaks its contract on the words `nan`, `infinite`, `zero`, `short` and `double`.
struct Unsound(HashedWords);

impl Embedder for Unsound {
    fn dim(&self) -> usize {
        self.0.dim()
    }

    fn fingerprint(&self) -> &str {
        self.0.fingerprint()
    }

    fn embed(&self, text: &str) -> EmbedResult<Vec<f32>> {
        let mut vector = self.0.embed(text)?;
        match text {
            "nan" => vector[1] = f32::NAN,
            "infinite" => vector[0] = f32::INFINITY,
            "zero" => vector.fill(0.0),
            "short" => vector.truncate(3),
            "double" => vector.extend_from_within(..),
            _ => {}
        }
        Ok(vector)
    }

    fn embed_batch(&self, texts: &[&str]) -> EmbedResult<Embeddings> {
        let rows = texts
            .iter()
            .map(|text| self.embed(text))
            .collect::<EmbedResult<Vec<_>>>()?;
        let rows = rows.concat();
        let dim = if rows.len().is_multiple_of(self.dim()) {
            self.dim()
        } else {
            1
        };
        Embeddings::from_rows(dim, rows).map_err(|_| rm_embed::Error::Model("no rows".into()))
    }
}

/// Holds everything that a refusal must leave alone.
fn everything(
    memory: &RoutingMemory,
    store: &SharedStore,
) -> (Option<IndexState>, Snapshot, String) {
    let snapshot = store.snapshot().expect("a store in RAM can be read");
    let stats = format!("{:?} {:?}", memory.stats(), memory.codebook_info());
    (IndexState::of(memory), snapshot, stats)
}

/// Tries `call` on an empty memory and on a filled one, and looks for traces in RAM and in the store.
fn assert_refused(
    build: fn() -> MemoryBuilder,
    message: &str,
    call: impl Fn(&RoutingMemory) -> rm_memory::Result<()>,
) {
    for filled in [false, true] {
        let store = SharedStore::default();
        let memory = build()
            .store(Arc::new(store.clone()))
            .open()
            .expect("an empty memory opens");
        if filled {
            fill(&memory).expect("items are stored");
        }
        let before = everything(&memory, &store);
        let error = call(&memory).expect_err(message);
        assert!(
            error.to_string().contains(message),
            "expected {message:?} in {error}"
        );
        assert_eq!(everything(&memory, &store), before, "after {error}");
        assert_eq!(
            store.snapshot().expect("readable").to_string(),
            before.1.to_string()
        );
        // Nothing is left to be written later either.
        let applied = store.applied();
        memory.save().expect("nothing to save");
        assert_eq!(
            store.applied(),
            applied,
            "something was saved after {error}"
        );
    }
}

fn unsound() -> MemoryBuilder {
    RoutingMemory::builder().embedder(Arc::new(Unsound(HashedWords::new(8))))
}

#[test]
fn empty_texts_and_ids() {
    for empty in ["", " \n\t"] {
        let message = "at least one visible character";
        assert_refused(with_minilm, message, |memory| memory.add(empty).map(drop));
        assert_refused(with_minilm, message, |memory| {
            memory
                .add_batch([MEMORIES[0], empty, MEMORIES[1]])
                .map(drop)
        });
        assert_refused(with_minilm, message, |memory| {
            memory.update("0", Update::new().text(empty))
        });
        assert_refused(with_minilm, message, |memory| {
            memory.search(empty).map(drop)
        });
    }
    let nameless = || NewItem::new("A text without a name").id("");
    assert_refused(with_minilm, "at least one character", |memory| {
        memory.add(nameless()).map(drop)
    });
    assert_refused(with_minilm, "at least one character", |memory| {
        memory
            .add_batch([NewItem::new(MEMORIES[0]), nameless()])
            .map(drop)
    });
    // Visible to Rust, but nothing that the model reads.
    assert_refused(with_minilm, "has no tokens", |memory| {
        memory.add("\u{0}").map(drop)
    });
}

#[test]
fn vectors_without_direction_or_of_another_dimension() {
    let found = |vector: Vec<f32>| {
        move |memory: &RoutingMemory| memory.search(Query::vector(vector.clone())).map(drop)
    };
    assert_refused(
        with_minilm,
        "expected 384 components, got 3",
        found(vec![1.0; 3]),
    );
    assert_refused(with_minilm, "expected 384 components, got 0", found(vec![]));
    assert_refused(with_minilm, "is zero", found(vec![0.0; 384]));
    let mut vector = vec![0.1; 384];
    vector[7] = f32::NAN;
    assert_refused(with_minilm, "component 7 is NaN", found(vector));
    assert_refused(
        with_minilm,
        "component 0 is inf",
        found(vec![f32::INFINITY; 384]),
    );
}

#[test]
fn models_that_break_their_contract() {
    let faults = [
        ("nan", "component 1 is NaN"),
        ("infinite", "component 0 is inf"),
        ("zero", "is zero"),
        ("short", "3"),
        ("double", "gave 2 vectors for 1 texts"),
    ];
    for (text, message) in faults {
        assert_refused(unsound, message, |memory| memory.add(text).map(drop));
        if text != "double" && text != "short" {
            assert_refused(unsound, message, |memory| memory.search(text).map(drop));
        }
    }
    for text in ["nan", "infinite", "zero", "short", "double"] {
        assert_refused(unsound, "", |memory| {
            memory.add_batch(["good", text, "fine"]).map(drop)
        });
        assert_refused(unsound, "", |memory| {
            memory.update("0", Update::new().text(text))
        });
        assert_refused(unsound, "", |memory| memory.search(text).map(drop));
    }
}

#[test]
fn metadata_that_could_not_be_read_back() {
    let too_deep = || (0..200).fold(Value::from(1), |inner, _| Value::Array(vec![inner]));
    let item = || NewItem::new("Nested like a doll").meta("doll", too_deep());
    assert_refused(with_minilm, "levels deep", |memory| {
        memory.add(item()).map(drop)
    });
    assert_refused(with_minilm, "levels deep", |memory| {
        memory
            .add_batch([NewItem::new(MEMORIES[0]), item()])
            .map(drop)
    });
}

#[test]
fn query_options_out_of_range() {
    let query = || Query::text("anything at all");
    assert_refused(with_minilm, "n_probes", |memory| {
        memory.search(query().n_probes(0)).map(drop)
    });
    assert_refused(with_minilm, "score_threshold", |memory| {
        memory.search(query().threshold(f32::NAN)).map(drop)
    });
}

#[test]
fn options_out_of_range_when_opening() {
    let memory = || RoutingMemory::builder().embedder(Arc::new(HashedWords::new(8)));
    let adapting = |cycle| AdaptationPolicy {
        cycle,
        ..AdaptationPolicy::default()
    };
    let averaging = |ema_rate| AdaptationPolicy {
        ema_rate,
        ..AdaptationPolicy::default()
    };
    let trainer = Trainer::Spherical(SphericalConfig {
        sample_per_centroid: 0,
        ..SphericalConfig::default()
    });
    let bad_split = AdaptationConfig {
        split_variance: f32::NAN,
        ..AdaptationConfig::default()
    };
    let bad_least = AdaptationConfig {
        min_k: 0,
        ..AdaptationConfig::default()
    };
    let refused = [
        ("n_probes", memory().n_probes(0)),
        ("score_threshold", memory().score_threshold(f32::NAN)),
        ("K rule", memory().k_rule(KRule::Fixed(0))),
        ("K rule", memory().k_rule(KRule::Sqrt(f64::NAN))),
        (
            "drift window",
            memory().drift(DriftConfig {
                window: 0,
                ..DriftConfig::default()
            }),
        ),
        ("sample_per_centroid", memory().trainer(trainer)),
        ("split_variance", memory().adaptation(adapting(bad_split))),
        ("min_k", memory().adaptation(adapting(bad_least))),
        ("EMA rate", memory().adaptation(averaging(1.5))),
        ("EMA rate", memory().adaptation(averaging(-0.1))),
        ("EMA rate", memory().adaptation(averaging(f32::NAN))),
    ];
    for (name, builder) in refused {
        let store = SharedStore::default();
        let error = builder
            .store(Arc::new(store.clone()))
            .open()
            .map(drop)
            .expect_err(name);
        assert!(matches!(error, Error::Core(_)), "{error:?}");
        assert!(
            error.to_string().contains(name),
            "expected {name} in {error}"
        );
        assert_eq!(store.applied(), 0, "{name}: the store was written to");
    }
}
