//! A search among some of the items returns what comparing with every one of them returns, and a search among all of them
//! what a search that knows of no filter returns; in lists of vectors, of codes, and of codes with vectors elsewhere.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::support::{codebook, ids, vector, vectors};
use proptest::prelude::*;
use rm_core::{
    Allowed, CodeBits, Codebook, Coding, Hit, Index, ItemId, RecallCalibration, Retriever,
    SourceError, VectorSource, Vectors,
};

/// Says how an index holds its items.
#[derive(Debug, Clone, Copy)]
enum Held {
    Vectors,
    Codes,
    CodesTwice,
    CodesAlone,
}

fn held() -> impl Strategy<Value = Held> {
    prop_oneof![
        Just(Held::Vectors),
        Just(Held::Codes),
        Just(Held::CodesTwice),
        Just(Held::CodesAlone)
    ]
}

struct Kept(HashMap<ItemId, Vec<f32>>);

impl VectorSource for Kept {
    fn read(&self, items: &[ItemId], rows: &mut Vec<f32>) -> Result<(), SourceError> {
        for item in items {
            let vector = self.0.get(item);
            let vector = vector.ok_or_else(|| SourceError::new(format!("no item {item}")))?;
            rows.extend_from_slice(vector);
        }
        Ok(())
    }
}

fn index(codebook: Codebook, items: &Vectors, held: Held) -> rm_core::Result<Index> {
    let ids = ids(items.len());
    let index = Index::build(codebook, &ids, items)?;
    let coded = |bits, spill| Coding::RaBitQ {
        bits,
        seed: 7,
        spill,
    };
    Ok(match held {
        Held::Vectors => index,
        Held::Codes => index.with_coding(coded(CodeBits::ONE, false)),
        Held::CodesTwice => index.with_coding(coded(CodeBits::new(3)?, true)),
        Held::CodesAlone => {
            let rows = items.iter().map(<[f32]>::to_vec);
            let kept = Kept(ids.into_iter().zip(rows).collect());
            index
                .with_coding(coded(CodeBits::new(4)?, true))
                .with_vectors_in(Arc::new(kept))?
        }
    })
}

/// Returns the allowed items and their scores, best first.
fn brute_force(
    index: &Index,
    query: &[f32],
    allowed: &BTreeSet<ItemId>,
) -> rm_core::Result<Vec<(ItemId, f32)>> {
    let unit = rm_core::check_unit(query.len(), query)?;
    let stored = allowed.iter().filter(|item| index.contains(**item));
    let mut all: Vec<(ItemId, f32)> = stored
        .map(|item| Ok((*item, rm_core::dot(&unit, &index.vector(*item)?))))
        .collect::<rm_core::Result<_>>()?;
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    Ok(all)
}

fn pairs(hits: &[Hit]) -> Vec<(ItemId, f32)> {
    hits.iter().map(|hit| (hit.item, hit.score)).collect()
}

/// Draws which of 150 items are allowed: few, half, or nearly all of them.
fn allowed() -> impl Strategy<Value = BTreeSet<ItemId>> {
    let of = |share: f64| prop::collection::vec(prop::bool::weighted(share), 150);
    let drawn = prop_oneof![of(0.05), of(0.5), of(0.95)];
    drawn.prop_map(|drawn| {
        let chosen = drawn.iter().zip(1u64..).filter(|(is, _)| **is);
        chosen.map(|(_, id)| ItemId(id)).collect()
    })
}

proptest! {
    #[test]
    fn with_all_probes(
        codebook in codebook(1..20), items in vectors(0..120), query in vector(), allowed in allowed(),
        held in held(), top_k in 0usize..130, threshold in -1.0f32..1.0,
    ) {
        let index = index(codebook, &items, held)?;
        let retriever = Retriever::default().n_probes(index.k()).top_k(top_k).score_threshold(threshold)
            .rerank_errors(f32::INFINITY);
        let found = retriever.query_among(&index, &query, &allowed)?;
        let mut expected = brute_force(&index, &query, &allowed)?;
        let n_allowed = expected.len();
        expected.retain(|(_, score)| *score >= threshold);
        expected.truncate(top_k);
        prop_assert_eq!(pairs(&found.hits), expected);
        prop_assert!(found.candidates >= n_allowed);
        for hit in &found.hits {
            let lists = index.lists().filter(|(_, list)| list.ids().contains(&hit.item));
            let own: Vec<_> = lists.map(|(centroid, _)| centroid).collect();
            prop_assert!(own == [hit.centroid] || matches!(held, Held::CodesTwice | Held::CodesAlone));
        }
    }

    #[test]
    fn where_no_more_are_allowed_than_are_to_be_compared(
        codebook in codebook(1..20), items in vectors(0..120), query in vector(), allowed in allowed(), held in held(),
    ) {
        let index = index(codebook, &items, held)?;
        let retriever = Retriever::default().n_probes(1).top_k(7).score_threshold(-1.0)
            .min_candidates(allowed.count()).rerank_errors(f32::INFINITY);
        let found = retriever.query_among(&index, &query, &allowed)?;
        let mut expected = brute_force(&index, &query, &allowed)?;
        expected.truncate(7);
        prop_assert_eq!(pairs(&found.hits), expected);
    }

    #[test]
    fn enough_allowed_items_are_compared(
        codebook in codebook(1..20), items in vectors(0..120), query in vector(), allowed in allowed(),
        held in held(), n in 1usize..5, least in 0usize..80,
    ) {
        let index = index(codebook, &items, held)?;
        let retriever = Retriever::default().n_probes(n).min_candidates(least).top_k(200).score_threshold(-1.0)
            .rerank_errors(f32::INFINITY);
        let found = retriever.query_among(&index, &query, &allowed)?;
        let n_allowed = brute_force(&index, &query, &allowed)?.len();
        prop_assert!(found.candidates >= least.min(n_allowed));
        prop_assert!(found.hits.iter().all(|hit| allowed.allows(hit.item)));
        if matches!(held, Held::Vectors | Held::Codes) {
            prop_assert_eq!(found.hits.len(), found.candidates);
        }
    }

    #[test]
    fn among_all_items_is_without_a_filter(
        codebook in codebook(1..20), items in vectors(20..120), query in vector(), held in held(),
        n in 1usize..21, least in 0usize..19, top_k in 0usize..30, target in prop::option::of(0.1f64..0.9),
    ) {
        let index = index(codebook, &items, held)?;
        let mut retriever = Retriever::default().n_probes(n).min_candidates(least).top_k(top_k).score_threshold(-1.0);
        if let Some(target) = target {
            let lags = vec![-0.5, -0.1, 0.0, 0.2, 0.6];
            retriever = retriever.recall_target(target, &RecallCalibration::from_parts(5, lags)?);
        }
        let all: HashSet<ItemId> = ids(items.len()).into_iter().collect();
        let found = retriever.query_among(&index, &query, &all)?;
        prop_assert_eq!(found, retriever.query(&index, &query)?);
    }

    #[test]
    fn named_items_are_compared_whatever_list_they_are_in(
        codebook in codebook(1..20), items in vectors(0..120), query in vector(), held in held(),
        named in prop::collection::vec((1u64..150).prop_map(ItemId), 0..60), top_k in 0usize..70,
        threshold in -1.0f32..1.0,
    ) {
        let index = index(codebook, &items, held)?;
        let retriever = Retriever::default().n_probes(1).top_k(top_k).score_threshold(threshold);
        let found = retriever.query_items(&index, &query, &named)?;
        let mut expected = brute_force(&index, &query, &named.iter().copied().collect())?;
        prop_assert_eq!(found.candidates, expected.len());
        expected.retain(|(_, score)| *score >= threshold);
        expected.truncate(top_k);
        prop_assert_eq!(pairs(&found.hits), expected);
        prop_assert_eq!(found.signals, retriever.query(&index, &query)?.signals);
        for hit in &found.hits {
            prop_assert_eq!(hit.centroid, index.centroid_of(hit.item)?);
        }
    }
}

/// What is not allowed raises no bar: far more items than are held at once lie nearer than the only one that is allowed.
#[test]
fn items_that_are_not_allowed_raise_no_bar() -> rm_core::Result<()> {
    for held in [
        Held::Vectors,
        Held::Codes,
        Held::CodesTwice,
        Held::CodesAlone,
    ] {
        let codebook = Codebook::from_rows(2, vec![1.0, 0.0, -1.0, 0.0])?;
        let near = (0..3_000).flat_map(|at| [1.0, at as f32 * 1e-5]);
        let far = [[0.0f32, 1.0], [-0.6, 0.8]].concat();
        let items = Vectors::from_rows(2, near.chain(far).collect())?;
        let index = index(codebook, &items, held)?;
        let allowed = BTreeSet::from([ItemId(3_001), ItemId(3_002)]);
        let retriever = Retriever::default()
            .n_probes(2)
            .top_k(2)
            .score_threshold(-1.0);
        let found = retriever.query_among(&index, &[1.0, 0.0], &allowed)?;
        let hits: Vec<ItemId> = found.hits.iter().map(|hit| hit.item).collect();
        assert_eq!(hits, [ItemId(3_001), ItemId(3_002)], "{held:?}");
        // All but the nearest: cheaper to scan for than to compute one by one.
        let allowed: BTreeSet<ItemId> = (2..=3_002).map(ItemId).collect();
        let found = retriever.query_among(&index, &[1.0, 0.0], &allowed)?;
        let hits: Vec<ItemId> = found.hits.iter().map(|hit| hit.item).collect();
        assert_eq!(hits, [ItemId(2), ItemId(3)], "{held:?}");
        assert!(!found.probed.is_empty());
    }
    Ok(())
}

#[test]
fn options_are_checked_however_few_are_allowed() -> rm_core::Result<()> {
    let index = Index::new(Codebook::from_rows(2, vec![1.0, 0.0])?);
    let none = BTreeSet::new();
    let wrong = Retriever::default().n_probes(0);
    assert!(wrong.query_among(&index, &[1.0, 0.0], &none).is_err());
    assert!(wrong.query_items(&index, &[1.0, 0.0], &[]).is_err());
    let right = Retriever::default();
    assert!(right.query_among(&index, &[1.0], &none).is_err());
    assert!(right.query_items(&index, &[0.0, 0.0], &[]).is_err());
    assert!(
        right
            .query_among(&index, &[1.0, 0.0], &none)?
            .hits
            .is_empty()
    );
    Ok(())
}
