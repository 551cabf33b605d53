//! What holds for every ranking and every list of sizes.

use std::collections::{HashMap, HashSet};

use proptest::collection::{hash_map, vec};
use proptest::prelude::*;
use rm_experiments::metrics::{
    Bootstrap, Percentiles, gini, gold_recall, hit, mean, ndcg, percentile, recall_vs_dense,
    reciprocal_rank,
};

/// A ranking of ids from a small range, so that two rankings overlap.
fn ranking() -> impl Strategy<Value = Vec<u16>> {
    vec(0_u16..30, 0..25).prop_map(|mut ids| {
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(*id));
        ids
    })
}

fn grades() -> impl Strategy<Value = HashMap<u16, u8>> {
    hash_map(0_u16..30, 0_u8..=3, 0..12)
}

fn ideal(grades: &HashMap<u16, u8>) -> Vec<u16> {
    let mut ids: Vec<u16> = grades.keys().copied().collect();
    ids.sort_by_key(|id| std::cmp::Reverse(grades[id]));
    ids
}

fn is_share(value: Option<f64>) -> bool {
    value.is_none_or(|value| (0.0..=1.0).contains(&value))
}

proptest! {
    #[test]
    fn every_measure_of_a_ranking_is_a_share(
        found in vec(0_u16..30, 0..25), other in ranking(), grades in grades(), k in 0_usize..30,
    ) {
        prop_assert!(is_share(recall_vs_dense(&found, &other, k)));
        prop_assert!(is_share(gold_recall(&found, &other, k)));
        prop_assert!(is_share(hit(&found, &other, k)));
        prop_assert!(is_share(reciprocal_rank(&found, &grades, 2, k)));
        // Summed in another order than the ideal, a perfect ranking may exceed 1 by rounding.
        prop_assert!(ndcg(&found, &grades, k).is_none_or(|value| (0.0..=1.0 + 1e-12).contains(&value)));
    }

    #[test]
    fn the_recalls_ignore_order_within_the_cut(
        (found, shuffled) in ranking().prop_flat_map(|ids| (Just(ids.clone()), Just(ids).prop_shuffle())),
        (exact, reordered) in ranking().prop_flat_map(|ids| (Just(ids.clone()), Just(ids).prop_shuffle())),
    ) {
        let k = found.len().max(exact.len());
        prop_assert_eq!(recall_vs_dense(&found, &exact, k), recall_vs_dense(&shuffled, &reordered, k));
        prop_assert_eq!(gold_recall(&found, &exact, k), gold_recall(&shuffled, &reordered, k));
    }

    #[test]
    fn an_exact_search_is_its_own_measure(exact in ranking(), k in 1_usize..30) {
        prop_assert_eq!(recall_vs_dense(&exact, &exact, k), (!exact.is_empty()).then_some(1.0));
    }

    #[test]
    fn recall_grows_with_the_cut(found in ranking(), gold in ranking(), k in 1_usize..30) {
        prop_assert!(gold_recall(&found, &gold, k) <= gold_recall(&found, &gold, k + 1));
        prop_assert!(hit(&found, &gold, k) <= hit(&found, &gold, k + 1));
    }

    #[test]
    fn the_best_order_has_ndcg_one_and_no_order_more(grades in grades(), found in ranking(), k in 1_usize..30) {
        let best = ndcg(&ideal(&grades), &grades, k);
        prop_assert_eq!(best.is_some(), grades.values().any(|grade| *grade > 0));
        prop_assert!(best.is_none_or(|best| (best - 1.0).abs() < 1e-12));
        prop_assert!(ndcg(&found, &grades, k).is_none_or(|value| value <= 1.0 + 1e-12));
    }

    #[test]
    fn moving_a_better_item_up_never_lowers_ndcg(
        grades in grades(), found in ranking(), at in any::<prop::sample::Index>(),
    ) {
        prop_assume!(found.len() >= 2);
        let at = at.index(found.len() - 1);
        let grade = |id: &u16| grades.get(id).copied().unwrap_or(0);
        let mut improved = found.clone();
        if grade(&found[at]) < grade(&found[at + 1]) {
            improved.swap(at, at + 1);
        }
        if let (Some(before), Some(after)) = (ndcg(&found, &grades, 10), ndcg(&improved, &grades, 10)) {
            prop_assert!(after >= before - 1e-12);
        }
    }

    #[test]
    fn reciprocal_rank_is_one_over_a_rank_in_the_cut(
        grades in grades(), found in ranking(), threshold in 1_u8..=3, k in 1_usize..30,
    ) {
        if let Some(value) = reciprocal_rank(&found, &grades, threshold, k).filter(|value| *value > 0.0) {
            let rank = (1.0 / value).round() as usize;
            prop_assert!(rank <= k);
            prop_assert!(grades[&found[rank - 1]] >= threshold);
        }
    }

    #[test]
    fn gini_is_the_mean_absolute_difference_over_twice_the_mean(sizes in vec(0_usize..1_000, 1..40)) {
        let n = sizes.len() as f64;
        let total: usize = sizes.iter().sum();
        let differences: usize =
            sizes.iter().flat_map(|a| sizes.iter().map(|b| a.abs_diff(*b))).sum();
        let naive = (total > 0).then(|| differences as f64 / (n * n) / (2.0 * total as f64 / n));
        match (gini(&sizes), naive) {
            (Some(fast), Some(naive)) => prop_assert!((fast - naive).abs() < 1e-12),
            (fast, naive) => prop_assert_eq!(fast, naive),
        }
    }

    #[test]
    fn gini_ignores_order_and_scale_and_stays_below_its_bound(
        (sizes, shuffled) in vec(0_usize..1_000, 1..40)
            .prop_flat_map(|sizes| (Just(sizes.clone()), Just(sizes).prop_shuffle())),
        factor in 1_usize..100,
    ) {
        prop_assert_eq!(gini(&sizes), gini(&shuffled));
        let scaled: Vec<usize> = sizes.iter().map(|size| size * factor).collect();
        let n = sizes.len() as f64;
        if let (Some(value), Some(scaled)) = (gini(&sizes), gini(&scaled)) {
            prop_assert!((value - scaled).abs() < 1e-12);
            prop_assert!((0.0..=(n - 1.0) / n).contains(&value));
        }
    }

    #[test]
    fn gini_knows_the_two_extremes(n in 1_usize..200, size in 1_usize..1_000_000, holder in any::<prop::sample::Index>()) {
        prop_assert_eq!(gini(&vec![size; n]), Some(0.0));
        let mut one_holds_all = vec![0; n];
        one_holds_all[holder.index(n)] = size;
        prop_assert_eq!(gini(&one_holds_all), Some((n - 1) as f64 / n as f64));
    }

    #[test]
    fn percentiles_ignore_order_and_lie_within_the_values(
        (values, shuffled) in vec(-1e6_f64..1e6, 1..60)
            .prop_flat_map(|values| (Just(values.clone()), Just(values).prop_shuffle())),
        low in 0.0_f64..=100.0, high in 0.0_f64..=100.0,
    ) {
        let (low, high) = (low.min(high), low.max(high));
        prop_assert_eq!(percentile(&values, low), percentile(&shuffled, low));
        let ends = (percentile(&values, 0.0), percentile(&values, 100.0));
        let between = (percentile(&values, low), percentile(&values, high));
        prop_assert!(ends.0 <= between.0 && between.0 <= between.1 && between.1 <= ends.1);
        prop_assert_eq!(ends.1, values.iter().copied().reduce(f64::max));
        let three = Percentiles::of(&values);
        prop_assert_eq!(three.map(|three| three.p95), percentile(&values, 95.0));
    }

    #[test]
    fn an_interval_lies_within_the_values_and_repeats_itself(
        values in vec(-10.0_f64..10.0, 1..40), seed in any::<u64>(),
    ) {
        let bootstrap = Bootstrap { resamples: 50, seed, ..Bootstrap::default() };
        let interval = bootstrap.mean(&values)?;
        prop_assert_eq!(Some(interval.estimate), mean(&values));
        let least = values.iter().copied().fold(f64::INFINITY, f64::min) - 1e-9;
        let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max) + 1e-9;
        prop_assert!(least <= interval.low && interval.low <= interval.high && interval.high <= greatest);
        prop_assert_eq!(bootstrap.mean(&values)?, interval);
    }

    #[test]
    fn a_difference_turned_round_changes_its_sign(
        pairs in vec((-10.0_f64..10.0, -10.0_f64..10.0), 1..40),
    ) {
        let (left, right): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let bootstrap = Bootstrap { resamples: 50, ..Bootstrap::default() };
        let there = bootstrap.paired_difference(&left, &right)?;
        let back = bootstrap.paired_difference(&right, &left)?;
        prop_assert!((there.estimate + back.estimate).abs() < 1e-9);
        prop_assert!((there.low + back.high).abs() < 1e-9 && (there.high + back.low).abs() < 1e-9);
    }
}
