//! What a filter saves and what it costs.

use anyhow::{Context as _, Result};

use super::super::probing::interval;
use super::answers::Answer;
use super::filter::{Filter, Rule};
use crate::metrics::{Bootstrap, Interval};

/// Holds what one filter does to the first `top_k` results of all queries.
#[derive(Debug, Clone)]
pub(super) struct Effects {
    /// Tokens that are left, mean over queries.
    pub(super) tokens_per_query: f64,
    /// Share of all tokens that is dropped.
    pub(super) tokens_saved: Interval,
    /// Share of the gold items that is returned.
    pub(super) gold_recall: Interval,
    /// Gold recall over that without a filter; `None` where that is 0.
    pub(super) gold_kept: Option<Interval>,
    /// Share of the unfiltered results that is returned, mean over queries.
    pub(super) results_kept: Interval,
    /// Share of the exact `top_k` best that is returned.
    pub(super) recall_vs_dense: Interval,
    /// Share of what exact search returns through the same filter, over the queries for which it returns
    /// anything.
    pub(super) recall_vs_filtered_dense: Option<Interval>,
    /// Share of queries that are left without any result.
    pub(super) empty: Interval,
    /// The same where the gold items are not stored, so that nothing would be right.
    pub(super) empty_without_answer: Interval,
}

impl Effects {
    /// Measures a filter.
    pub(super) fn of(answers: &[Answer], top_k: usize, filter: &Filter) -> Result<Self> {
        let kept: Vec<usize> = answers.iter().map(|a| a.kept(filter, top_k)).collect();
        let each = || answers.iter().zip(&kept);
        let all: Vec<f64> = answers.iter().map(|a| a.tokens(top_k)).collect();
        let left: Vec<f64> = each().map(|(a, &kept)| a.tokens(kept)).collect();
        let dropped: Vec<f64> = all
            .iter()
            .zip(&left)
            .map(|(all, left)| all - left)
            .collect();
        let recall: Vec<f64> = each().map(|(a, &kept)| a.gold_recall(kept)).collect();
        let unfiltered: Vec<f64> = answers.iter().map(|a| a.gold_recall(top_k)).collect();
        let share_kept = |(answer, &kept): (&Answer, &usize)| {
            let n_results = answer.scores(top_k).len();
            (n_results > 0).then(|| kept as f64 / n_results as f64)
        };
        let alike = |(answer, &kept): (&Answer, &usize)| {
            answer.exact_recall(kept, answer.exact_kept(filter, top_k))
        };
        let alike: Vec<Option<f64>> = each().map(alike).collect();
        let is_empty = |best: Option<f32>| {
            let kept = best.map_or(0, |best| filter.kept(&[best]));
            Some(f64::from(u8::from(kept == 0)))
        };
        let bootstrap = Bootstrap::default();
        Ok(Self {
            tokens_per_query: left.iter().sum::<f64>() / left.len().max(1) as f64,
            tokens_saved: bootstrap
                .ratio(&dropped, &all)
                .context("no query has a result")?,
            gold_recall: bootstrap.mean(&recall).context("no query was asked")?,
            gold_kept: bootstrap.ratio(&recall, &unfiltered).ok(),
            results_kept: interval(each().map(share_kept))?,
            recall_vs_dense: interval(each().map(|(a, &kept)| a.exact_recall(kept, top_k)))?,
            recall_vs_filtered_dense: interval(alike.into_iter()).ok(),
            empty: interval(answers.iter().map(|a| is_empty(a.best())))?,
            empty_without_answer: interval(
                answers.iter().map(|a| is_empty(a.best_without_gold())),
            )?,
        })
    }
}

/// Finds the strictest filter of a rule that still keeps the share `target` of the gold recall; `None` where
/// there is no recall to keep.
pub(super) fn keeping_recall(
    answers: &[Answer],
    top_k: usize,
    rule: Rule,
    target: f64,
) -> Option<Filter> {
    let mut gold = values(answers, top_k, rule, Answer::gold_at);
    gold.retain(|(_, worth)| *worth > 0.0);
    let wanted = target * gold.iter().map(|(_, worth)| worth).sum::<f64>();
    let mut reached = 0.0;
    let last = gold.iter().find(|(_, worth)| {
        reached += worth;
        // Sums of shares carry rounding.
        reached >= wanted - 1e-9
    });
    last.map(|(value, _)| Filter::at_value(rule, *value))
}

/// Finds the loosest filter of a rule that still saves the share `saving` of the tokens.
pub(super) fn saving_tokens(
    answers: &[Answer],
    top_k: usize,
    rule: Rule,
    saving: f64,
) -> Option<Filter> {
    let tokens = values(answers, top_k, rule, Answer::tokens_at);
    let budget = (1.0 - saving) * tokens.iter().map(|(_, tokens)| tokens).sum::<f64>();
    let mut spent = 0.0;
    // Results of equal value are kept or dropped together.
    let equals = tokens.chunk_by(|a, b| a.0 == b.0);
    let fits = equals.take_while(|equals| {
        spent += equals.iter().map(|(_, tokens)| tokens).sum::<f64>();
        spent <= budget
    });
    let least = fits.last()?.first()?;
    Some(Filter::at_value(rule, least.0))
}

/// Returns every result's value under a rule with what `worth` says of it, largest value first.
fn values(
    answers: &[Answer],
    top_k: usize,
    rule: Rule,
    worth: fn(&Answer, usize) -> f64,
) -> Vec<(f64, f64)> {
    let of_answer = |answer: &Answer| {
        let scores = answer.scores(top_k).iter().enumerate();
        let best = answer.best().unwrap_or_default();
        let values = scores.map(|(at, &score)| (rule.value(best, score, at), worth(answer, at)));
        values.collect::<Vec<_>>()
    };
    let mut values: Vec<(f64, f64)> = answers.iter().flat_map(of_answer).collect();
    values.sort_by(|a, b| b.0.total_cmp(&a.0));
    values
}

/// Returns gold recall of each query, minus what it is if the same tokens are saved by returning fewer results.
///
/// Where no whole number of results saves exactly as many, the two next numbers are mixed in the proportion
/// that does.
pub(super) fn over_fewer_results(
    answers: &[Answer],
    top_k: usize,
    filter: &Filter,
) -> Result<Interval> {
    let kept: Vec<usize> = answers.iter().map(|a| a.kept(filter, top_k)).collect();
    let spent: f64 = answers.iter().zip(&kept).map(|(a, &n)| a.tokens(n)).sum();
    let total = |n: usize| answers.iter().map(|a| a.tokens(n)).sum::<f64>();
    let fewer = (0..top_k)
        .rev()
        .find(|&n| total(n) <= spent)
        .unwrap_or_default();
    let step = total(fewer + 1) - total(fewer);
    let weight = if step > 0.0 {
        ((spent - total(fewer)) / step).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let filtered = answers.iter().zip(&kept).map(|(a, &n)| a.gold_recall(n));
    let mixed = answers
        .iter()
        .map(|a| (1.0 - weight) * a.gold_recall(fewer) + weight * a.gold_recall(fewer + 1));
    Bootstrap::default()
        .paired_difference(&filtered.collect::<Vec<_>>(), &mixed.collect::<Vec<_>>())
        .context("no query was asked")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two queries of three results, ten tokens each: gold at 0.8 in one, at 0.3 in the other.
    fn answers() -> Vec<Answer> {
        let (gold, other) = (true, false);
        let first = [(0.8, 10.0, gold), (0.5, 10.0, other), (0.2, 10.0, other)];
        let second = [(0.6, 10.0, other), (0.3, 10.0, gold), (0.1, 10.0, other)];
        vec![Answer::of(&first, 1), Answer::of(&second, 1)]
    }

    #[test]
    fn a_threshold_between_the_gold_scores_halves_recall() -> Result<()> {
        let effects = Effects::of(&answers(), 3, &Filter::new(Rule::Score, 0.55))?;
        // Kept: 0.8 and 0.6, so two of six results and twenty of sixty tokens.
        assert!((effects.tokens_saved.estimate - 4.0 / 6.0).abs() < 1e-12);
        assert_eq!(effects.tokens_per_query, 10.0);
        assert_eq!(effects.gold_recall.estimate, 0.5);
        assert_eq!(effects.gold_kept.map(|kept| kept.estimate), Some(0.5));
        assert!((effects.results_kept.estimate - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(effects.empty.estimate, 0.0);
        // Exact search gives the same results, so through the same filter nothing is missed.
        let alike = effects.recall_vs_filtered_dense;
        assert_eq!(alike.map(|recall| recall.estimate), Some(1.0));
        Ok(())
    }

    #[test]
    fn what_is_left_empty_depends_on_whether_the_answer_is_stored() -> Result<()> {
        // Without their gold items the best scores are 0.5 and 0.6.
        let effects = Effects::of(&answers(), 3, &Filter::new(Rule::Score, 0.58))?;
        assert_eq!(effects.empty.estimate, 0.0);
        assert_eq!(effects.empty_without_answer.estimate, 0.5);
        let all = Effects::of(&answers(), 3, &Filter::new(Rule::Score, 0.9))?;
        assert_eq!((all.empty.estimate, all.tokens_saved.estimate), (1.0, 1.0));
        assert!(all.recall_vs_filtered_dense.is_none());
        Ok(())
    }

    #[test]
    fn calibration_keeps_just_enough() {
        let setting =
            |rule, target| keeping_recall(&answers(), 3, rule, target).map(|f| f.setting());
        assert_eq!(setting(Rule::Score, 0.5), Some(0.8));
        assert_eq!(setting(Rule::Score, 0.95), Some(0.3));
        assert_eq!(setting(Rule::Count, 0.5), Some(1.0));
        assert_eq!(setting(Rule::Count, 0.51), Some(2.0));
        assert_eq!(keeping_recall(&[], 3, Rule::Score, 0.5), None);
    }

    #[test]
    fn savings_are_at_least_what_was_asked_for() {
        // A third of the tokens is kept by two results: 0.8 and 0.6.
        let filter = saving_tokens(&answers(), 3, Rule::Score, 0.6);
        assert_eq!(filter.map(|f| f.setting()), Some(0.6));
        let filter = saving_tokens(&answers(), 3, Rule::Count, 0.3);
        assert_eq!(filter.map(|f| f.setting()), Some(2.0));
        // Half of the second results would fit; all or none are kept.
        let filter = saving_tokens(&answers(), 3, Rule::Count, 0.4);
        assert_eq!(filter.map(|f| f.setting()), Some(1.0));
    }

    #[test]
    fn fewer_results_are_mixed_to_the_same_price() -> Result<()> {
        // tau = 0.25 keeps two results of each: as two results do.
        let same = over_fewer_results(&answers(), 3, &Filter::new(Rule::Score, 0.25))?;
        assert_eq!(same.estimate, 0.0);
        // tau = 0.4 keeps three results, recall 0.5. One result each costs two, recall 0.5; two cost four,
        // recall 1; half of each costs three, recall 0.75.
        let worse = over_fewer_results(&answers(), 3, &Filter::new(Rule::Score, 0.4))?;
        assert_eq!(worse.estimate, -0.25);
        // Nothing kept is no results.
        let nothing = over_fewer_results(&answers(), 3, &Filter::new(Rule::Score, 0.9))?;
        assert_eq!(nothing.estimate, 0.0);
        Ok(())
    }
}
