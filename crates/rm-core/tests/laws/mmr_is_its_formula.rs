//! Maximal marginal relevance is what its formula says, computed anew for every pick.

use proptest::prelude::*;
use rm_core::{Vectors, dot, mmr};

use crate::support::vectors;

/// Picks by the formula: each time every similarity with everything picked, from the start.
fn naive(relevance: &[f32], vectors: &Vectors, lambda: f32, k: usize) -> Vec<(usize, f32)> {
    let row = |at: usize| vectors.get(at).expect("a row");
    let mut picked: Vec<(usize, f32)> = Vec::new();
    while picked.len() < k.min(relevance.len()) {
        let mut best: Option<(usize, f32)> = None;
        for at in (0..relevance.len()).filter(|at| picked.iter().all(|(other, _)| other != at)) {
            let similarities = picked
                .iter()
                .map(|(other, _)| dot(row(at), row(*other)).min(1.0));
            let similarity = similarities.fold(0.0, f32::max);
            let value = lambda * relevance[at] - (1.0 - lambda) * similarity;
            if best.is_none_or(|(_, most)| value > most) {
                best = Some((at, value));
            }
        }
        picked.extend(best);
    }
    picked
}

/// Draws vectors with a relevance for each, coarse enough that ties occur.
fn items() -> impl Strategy<Value = (Vectors, Vec<f32>)> {
    vectors(0..24).prop_flat_map(|vectors| {
        let relevance = (-4i8..=4).prop_map(|quarters| f32::from(quarters) / 4.0);
        let relevance = prop::collection::vec(relevance, vectors.len());
        (Just(vectors), relevance)
    })
}

proptest! {
    #[test]
    fn it_picks_what_the_formula_picks(
        (vectors, relevance) in items(), quarters in 0u8..=4, k in 0usize..30,
    ) {
        let lambda = f32::from(quarters) / 4.0;
        let picks = mmr(&relevance, &vectors, lambda, k)?;
        let found: Vec<(usize, f32)> = picks.iter().map(|pick| (pick.row, pick.value)).collect();
        prop_assert_eq!(found, naive(&relevance, &vectors, lambda, k));
        prop_assert!(picks.is_sorted_by(|a, b| a.value >= b.value));
        for pick in &picks {
            prop_assert_eq!(pick.penalty, (1.0 - lambda) * pick.similarity);
            prop_assert_eq!(pick.value, lambda * relevance[pick.row] - pick.penalty);
        }
    }

    #[test]
    fn lambda_one_is_the_order_by_relevance((vectors, relevance) in items()) {
        let mut sorted: Vec<usize> = (0..relevance.len()).collect();
        sorted.sort_by(|a, b| relevance[*b].total_cmp(&relevance[*a]));
        let picks = mmr(&relevance, &vectors, 1.0, relevance.len())?;
        let rows: Vec<usize> = picks.iter().map(|pick| pick.row).collect();
        prop_assert_eq!(rows, sorted);
        prop_assert!(picks.iter().all(|pick| pick.penalty == 0.0));
    }
}
