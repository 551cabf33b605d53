//! An index of words gives the scores of the written-out formula, whatever came and went before.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rm_core::{Analyser, Bm25, ItemId, LexicalIndex};

/// Draws a text of few distinct words, so that they are shared; it may be empty.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec("[a-d]{1,2}|tea|the", 0..12).prop_map(|words| words.join(" "))
}

/// Scores every text for the query, in f64 and straight from the definition.
fn naive(texts: &BTreeMap<u64, String>, query: &str, k1: f64, b: f64) -> BTreeMap<u64, f64> {
    let analyser = Analyser::default();
    let terms: BTreeMap<u64, Vec<String>> = texts
        .iter()
        .map(|(id, text)| (*id, analyser.terms(text)))
        .collect();
    let n = terms.len() as f64;
    let mean_length = terms.values().map(|t| t.len() as f64).sum::<f64>() / n;
    let score = |text: &Vec<String>| -> f64 {
        let of_term = |term: &String| {
            let df = terms.values().filter(|other| other.contains(term)).count() as f64;
            let tf = text.iter().filter(|other| *other == term).count() as f64;
            let idf = (1.0 + (n - df + 0.5) / (df + 0.5)).ln();
            let norm = k1 * (1.0 - b + b * text.len() as f64 / mean_length);
            if tf > 0.0 {
                idf * tf * (k1 + 1.0) / (tf + norm)
            } else {
                0.0
            }
        };
        analyser.terms(query).iter().map(of_term).sum()
    };
    terms.iter().map(|(id, text)| (*id, score(text))).collect()
}

proptest! {
    #[test]
    fn after_any_additions_and_removals(
        added in prop::collection::vec(text(), 1..30),
        removed in prop::collection::vec(0u64..30, 0..20),
        again in prop::collection::vec(text(), 0..10),
        query in text(), k1 in 0.1f32..2.0, b in 0.0f32..=1.0, k in 0usize..40,
    ) {
        let mut index = LexicalIndex::new(Analyser::default());
        let mut texts = BTreeMap::new();
        for (id, text) in (0..).zip(&added) {
            index.add(ItemId(id), text)?;
            texts.insert(id, text.clone());
        }
        for id in &removed {
            prop_assert_eq!(index.remove(ItemId(*id)).is_ok(), texts.remove(id).is_some());
        }
        for (id, text) in (100..).zip(&again) {
            index.add(ItemId(id), text)?;
            texts.insert(id, text.clone());
        }
        prop_assert_eq!(index.len(), texts.len());

        let bm25 = Bm25::new(k1, b)?;
        let scores = index.query(&query, bm25);
        let expected = naive(&texts, &query, f64::from(k1), f64::from(b));
        for (id, expected) in &expected {
            let got = f64::from(scores.score(ItemId(*id)));
            prop_assert!((got - expected).abs() <= 1e-4 * expected.max(1.0), "{} {} {}", id, got, expected);
        }

        let mut fresh = LexicalIndex::new(Analyser::default());
        for (id, text) in &texts {
            fresh.add(ItemId(*id), text)?;
        }
        let found = scores.top_k(k);
        prop_assert_eq!(&found, &fresh.query(&query, bm25).top_k(k));
        let n_matching = expected.values().filter(|score| **score > 0.0).count();
        prop_assert_eq!(found.len(), n_matching.min(k));
        prop_assert!(found.is_sorted_by(|a, b| a.score > b.score || (a.score == b.score && a.item < b.item)));
    }
}
