//! Scores are what their explanation adds up to, and every switch is off when it is off.

use proptest::prelude::*;
use rm_core::check_unit;
use rm_memory::{Ranked, Ranking, RankingCandidate, RankingRequest, Recency};

const DIM: usize = 3;

/// Holds what a candidate borrows.
#[derive(Debug, Clone)]
struct Owned {
    id: String,
    vector: Vec<f32>,
    cosine: f32,
    lexical: f32,
    at_ms: i64,
    importance: f32,
}

/// Draws candidates, coarse enough that ties occur, in the order of their fused scores.
fn candidates() -> impl Strategy<Value = Vec<Owned>> {
    let vector = prop::collection::vec(-2i8..=2, DIM)
        .prop_filter("no direction", |v| v.iter().any(|x| *x != 0));
    let eighths = |least: i8| (least..=8).prop_map(|n| f32::from(n) / 8.0);
    let one = (vector, eighths(-8), eighths(0), 0i64..5, eighths(0));
    prop::collection::vec(one, 0..20).prop_map(|drawn| {
        let owned = drawn.into_iter().enumerate();
        let owned = owned.map(|(at, (vector, cosine, lexical, day, importance))| {
            let vector: Vec<f32> = vector.into_iter().map(f32::from).collect();
            Owned {
                id: at.to_string(),
                vector: check_unit(DIM, &vector).expect("a direction").into_owned(),
                cosine,
                lexical,
                at_ms: day * 1_000,
                importance,
            }
        });
        let mut owned: Vec<Owned> = owned.collect();
        owned.sort_by(|a, b| b.fused().total_cmp(&a.fused()));
        owned
    })
}

impl Owned {
    fn fused(&self) -> f32 {
        self.cosine + 0.5 * self.lexical
    }

    fn borrowed(&self) -> RankingCandidate<'_> {
        RankingCandidate {
            id: &self.id,
            cosine: self.cosine,
            lexical: self.lexical,
            fused: self.fused(),
            created_at_ms: self.at_ms,
            updated_at_ms: self.at_ms,
            importance: self.importance,
            vector: &self.vector,
        }
    }
}

fn request(unit: f32) -> RankingRequest {
    RankingRequest {
        now_ms: 3_000,
        top_k: usize::MAX,
        unit,
        ..RankingRequest::default()
    }
}

fn rank(ranking: Ranking, owned: &[Owned], request: RankingRequest) -> Vec<Ranked> {
    let candidates: Vec<_> = owned.iter().map(Owned::borrowed).collect();
    ranking.rank(&candidates, &request).expect("valid options")
}

fn positions(ranked: &[Ranked]) -> Vec<usize> {
    ranked.iter().map(|ranked| ranked.at).collect()
}

proptest! {
    #[test]
    fn without_weights_the_order_is_that_of_the_fused_score(
        owned in candidates(), unit in 0.001f32..2.0,
    ) {
        let all: Vec<usize> = (0..owned.len()).collect();
        let off = rank(Ranking::new(), &owned, request(unit));
        prop_assert_eq!(&positions(&off), &all);
        prop_assert!(off.iter().all(|r| r.explanation.score == owned[r.at].fused()));
        let recency = Recency::half_life_ms(1_000.0).weight(0.0);
        let weightless = Ranking::new().recency(recency).importance(0.0);
        prop_assert_eq!(&positions(&rank(weightless, &owned, request(unit))), &all);
        prop_assert_eq!(&positions(&rank(weightless.mmr(1.0), &owned, request(1.0))), &all);
    }

    #[test]
    fn parts_add_up_and_scores_fall(
        owned in candidates(), unit in prop::sample::select(vec![1.0f32, 0.25, 1.0 / 61.0]),
        quarters in prop::option::of(0u8..=4), weight in 0u8..4,
    ) {
        let lambda = quarters.map(|quarters| f32::from(quarters) / 4.0);
        let recency = Recency::half_life_ms(1_000.0).weight(f32::from(weight) / 2.0);
        let ranking = Ranking::new().recency(recency).importance(0.5).mmr(lambda);
        let ranked = rank(ranking, &owned, request(unit));
        prop_assert_eq!(ranked.len(), owned.len());
        prop_assert!(ranked.is_sorted_by(|a, b| a.explanation.score >= b.explanation.score));
        for Ranked { at, explanation } in &ranked {
            prop_assert_eq!(explanation.cosine, owned[*at].cosine);
            prop_assert_eq!(explanation.lexical, owned[*at].lexical);
            prop_assert_eq!(explanation.fused, owned[*at].fused());
            let importance = explanation.importance.expect("is on");
            prop_assert_eq!(importance.value, owned[*at].importance);
            let sum = match &explanation.mmr {
                None => explanation.relevance(),
                Some(mmr) => mmr.lambda * explanation.relevance() - mmr.penalty,
            };
            prop_assert!((explanation.score - sum).abs() <= 1e-6, "{explanation}");
        }
    }

    #[test]
    fn what_is_below_the_threshold_is_out_whatever_it_gains(
        owned in candidates(), threshold in -8i8..=8, weight in 0.0f32..9.0,
    ) {
        let threshold = f32::from(threshold) / 8.0;
        let strict = RankingRequest { threshold, ..request(1.0) };
        let mut found = positions(&rank(Ranking::new().importance(weight), &owned, strict));
        found.sort_unstable();
        let reach = (0..owned.len()).filter(|at| owned[*at].cosine >= threshold);
        prop_assert_eq!(found, reach.collect::<Vec<_>>());
    }

    #[test]
    fn fewer_results_are_the_first_of_more(
        owned in candidates(), top_k in 0usize..20, lambda in prop::option::of(0.0f32..=1.0),
    ) {
        let ranking = Ranking::new().importance(0.3).mmr(lambda);
        let mut all = rank(ranking, &owned, request(1.0));
        let few = rank(ranking, &owned, RankingRequest { top_k, ..request(1.0) });
        all.truncate(top_k);
        prop_assert_eq!(few, all);
    }
}
