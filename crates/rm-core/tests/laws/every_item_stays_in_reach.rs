//! Whatever is added, removed, replaced, moved, split, pruned or merged: every item is in the list it is
//! routed to, its code is that of its vector, and a search over all lists is brute force.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::support::{codebook, codes, vector};
use proptest::prelude::*;
use rm_core::{
    AdaptationConfig, AdaptationReport, CentroidId, Coding, EmaUpdates, Error, Index, ItemId,
    Retriever, SourceError, Unpacking, VectorSource, check_unit, dot,
};

/// Keeps vectors for an index that holds none.
#[derive(Default)]
struct Shelf(Mutex<BTreeMap<ItemId, Vec<f32>>>);

impl Shelf {
    fn put(&self, item: u64, vector: &[f32]) {
        let unit = check_unit(vector.len(), vector).expect("a direction");
        let mut vectors = self.0.lock().expect("no panic");
        vectors.insert(ItemId(item), unit.into_owned());
    }
}

impl VectorSource for Shelf {
    fn read(&self, items: &[ItemId], rows: &mut Vec<f32>) -> Result<(), SourceError> {
        let vectors = self.0.lock().expect("no panic");
        for item in items {
            let vector = vectors.get(item);
            rows.extend(vector.ok_or_else(|| SourceError::new(format!("item {item} is gone")))?);
        }
        Ok(())
    }
}

#[derive(Debug, Clone)]
enum Step {
    Add(u64, Vec<f32>),
    Replace(u64, Vec<f32>),
    Remove(u64),
    Query(Vec<f32>),
    Split(u32),
    Prune(u32),
    Adapt { seconds: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let item = 0u64..40;
    prop_oneof![
        8 => (item.clone(), vector()).prop_map(|(item, v)| Step::Add(item, v)),
        2 => (item.clone(), vector()).prop_map(|(item, v)| Step::Replace(item, v)),
        3 => item.prop_map(Step::Remove),
        4 => vector().prop_map(Step::Query),
        2 => (0u32..12).prop_map(Step::Split),
        2 => (0u32..12).prop_map(Step::Prune),
        2 => (0i64..5_000).prop_map(|seconds| Step::Adapt { seconds }),
    ]
}

fn coding() -> impl Strategy<Value = Coding> {
    prop_oneof![1 => Just(Coding::Exact), 3 => codes()]
}

/// Is what the index should hold, kept the simplest way.
#[derive(Default)]
struct Model {
    vectors: BTreeMap<ItemId, Vec<f32>>,
    centroids: BTreeMap<ItemId, CentroidId>,
    shelf: Arc<Shelf>,
}

impl Model {
    fn follow(&mut self, report: &AdaptationReport) {
        self.centroids.extend(report.reassigned.iter().copied());
    }

    fn holds(&self, index: &Index) -> Result<(), TestCaseError> {
        prop_assert_eq!(index.misplaced()?, vec![]);
        prop_assert_eq!(index.miscoded()?, vec![]);
        prop_assert_eq!(index.len(), self.vectors.len());
        for (item, vector) in &self.vectors {
            let stored = index.vector(*item)?;
            prop_assert_eq!(&*stored, vector.as_slice());
            prop_assert_eq!(Some(&index.centroid_of(*item)?), self.centroids.get(item));
        }
        Ok(())
    }

    fn brute_force(&self, query: &[f32]) -> Vec<(ItemId, f32)> {
        let unit = rm_core::check_unit(query.len(), query).expect("a direction");
        let mut all: Vec<_> = self
            .vectors
            .iter()
            .map(|(item, vector)| (*item, dot(&unit, vector)))
            .collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        all
    }
}

fn take(
    step: Step,
    index: &mut Index,
    pending: &mut EmaUpdates,
    model: &mut Model,
) -> Result<(), TestCaseError> {
    match step {
        Step::Add(item, vector) => match index.add(ItemId(item), &vector) {
            Ok(encoding) => {
                model.shelf.put(item, &vector);
                let stored = index.vector(ItemId(item))?.to_vec();
                prop_assert!(model.vectors.insert(ItemId(item), stored).is_none());
                model.centroids.insert(ItemId(item), encoding.centroid);
            }
            Err(error) => {
                prop_assert_eq!(error, Error::DuplicateItem(ItemId(item)));
                prop_assert!(model.vectors.contains_key(&ItemId(item)));
            }
        },
        Step::Replace(item, vector) => {
            let known = model.vectors.contains_key(&ItemId(item));
            let replaced = index.replace(ItemId(item), &vector);
            prop_assert_eq!(replaced.is_ok(), known);
            if let Ok(encoding) = replaced {
                model.shelf.put(item, &vector);
                model
                    .vectors
                    .insert(ItemId(item), index.vector(ItemId(item))?.to_vec());
                model.centroids.insert(ItemId(item), encoding.centroid);
            }
        }
        Step::Remove(item) => {
            let known = model.vectors.remove(&ItemId(item)).is_some();
            prop_assert_eq!(index.remove(ItemId(item)).is_ok(), known);
            model
                .shelf
                .0
                .lock()
                .expect("no panic")
                .remove(&ItemId(item));
        }
        Step::Query(query) => {
            let retriever = Retriever::default()
                .n_probes(99)
                .top_k(99)
                .score_threshold(-1.0)
                .rerank_errors(f32::INFINITY);
            let found = retriever.query(index, &query)?;
            let twice = usize::from(matches!(index.coding(), Coding::RaBitQ { spill: true, .. }));
            prop_assert!(found.candidates <= model.vectors.len() * (1 + twice));
            prop_assert_eq!(found.reranked, model.vectors.len());
            let hits: Vec<_> = found.hits.iter().map(|hit| (hit.item, hit.score)).collect();
            prop_assert_eq!(hits, model.brute_force(&query));
            let nearest = found.signals.top_centroid;
            index.record_use(nearest, 0);
            pending.record(index.codebook(), nearest, &query, 0.3)?;
        }
        Step::Split(centroid) if (centroid as usize) < index.k() && index.k() < 30 => {
            pending.clear();
            if let Some(report) = index.split(CentroidId(centroid), 7)? {
                prop_assert_eq!((report.splits(), report.k_after), (1, report.k_before + 1));
                model.follow(&report);
            }
        }
        Step::Prune(centroid) if (centroid as usize) < index.k() && index.k() > 1 => {
            pending.clear();
            let report = index.prune(CentroidId(centroid))?;
            prop_assert_eq!((report.prunes(), report.k_after), (1, report.k_before - 1));
            model.follow(&report);
        }
        Step::Adapt { seconds } => {
            let config = AdaptationConfig {
                max_k: 25,
                ..AdaptationConfig::default()
            };
            let moves = pending.len();
            let report = index.adapt(&config, pending, seconds * 1_000, 7)?;
            prop_assert_eq!(report.moves(), moves);
            prop_assert!(pending.is_empty());
            let removed = report.prunes() + report.merges();
            prop_assert_eq!(report.k_after + removed, report.k_before + report.splits());
            prop_assert_eq!(report.k_after, index.k());
            model.follow(&report);
        }
        Step::Split(_) | Step::Prune(_) => {}
    }
    Ok(())
}

proptest! {
    #[test]
    fn through_any_sequence_of_steps(
        codebook in codebook(1..8), coding in coding(), elsewhere in any::<bool>(),
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let mut model = Model::default();
        let mut index = Index::new(codebook).with_coding(coding);
        if elsewhere && coding != Coding::Exact {
            index = index.with_vectors_in(model.shelf.clone())?;
        }
        let mut pending = EmaUpdates::default();
        for step in steps {
            take(step, &mut index, &mut pending, &mut model)?;
            model.holds(&index)?;
        }
        let (items, vectors) = index.items()?;
        let centroids: Result<Vec<_>, _> = items.iter().map(|i| index.centroid_of(*i)).collect();
        let loaded =
            Index::from_assignments(index.codebook().clone(), &items, &centroids?, &vectors)?;
        model.holds(&loaded)?;
        if index.has_vectors_elsewhere() {
            let mut unpacking = Unpacking::new(index.codebook().clone(), coding)?;
            for centroid in (0..index.k() as u32).map(CentroidId) {
                unpacking.list(centroid, &index.pack_list(centroid)?)?;
            }
            let unpacked = unpacking.finish(&[], model.shelf.clone())?;
            model.holds(&unpacked)?;
            prop_assert_eq!(unpacked.unpacked_lists(), vec![]);
            prop_assert_eq!(unpacked.stats(), index.stats());
        }
    }
}
