//! The rules by which results are dropped.

use serde::Serialize;

/// Says what a filter looks at; all of them keep the first results and drop the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Rule {
    /// Keeps results that score at least tau.
    Score,
    /// Keeps results that score at most so much less than the best.
    Margin,
    /// Keeps the first so many results.
    Count,
}

impl Rule {
    pub(super) const ALL: [Self; 3] = [Self::Score, Self::Margin, Self::Count];

    /// Returns the name that tables and plots show.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Score => "score at least tau",
            Self::Margin => "score near the best",
            Self::Count => "fewer results",
        }
    }

    /// Returns the number by which the rule judges a result: it falls from each result to the next.
    pub(super) fn value(self, best: f32, score: f32, position: usize) -> f64 {
        match self {
            Self::Score => f64::from(score),
            Self::Margin => f64::from(score) - f64::from(best),
            Self::Count => -(position as f64) - 1.0,
        }
    }
}

/// Keeps the results whose value under a rule reaches a threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Filter {
    pub(super) rule: Rule,
    threshold: f64,
}

impl Filter {
    /// Makes the filter of a rule from what people set: tau, the margin or the count.
    pub(super) fn new(rule: Rule, setting: f64) -> Self {
        let threshold = match rule {
            // The product compares in single precision.
            Rule::Score => f64::from(setting as f32),
            Rule::Margin | Rule::Count => -setting,
        };
        Self { rule, threshold }
    }

    /// Makes the filter that keeps results of `value` and above.
    pub(super) fn at_value(rule: Rule, value: f64) -> Self {
        Self {
            rule,
            threshold: value,
        }
    }

    /// Returns tau, the margin or the count, to six decimals: no more of a single-precision number count.
    pub(super) fn setting(&self) -> f64 {
        let setting = match self.rule {
            Rule::Score => self.threshold,
            Rule::Margin | Rule::Count => -self.threshold,
        };
        // Adding 0 turns -0 into 0.
        (setting * 1e6).round() / 1e6 + 0.0
    }

    /// Returns how many of the results with these scores, best first, are kept.
    pub(super) fn kept(&self, scores: &[f32]) -> usize {
        let Some(&best) = scores.first() else {
            return 0;
        };
        let values = scores.iter().enumerate();
        values
            .take_while(|&(at, &score)| self.rule.value(best, score, at) >= self.threshold)
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rm_core::{Score, filter_by_score};

    struct Scored(f32);

    impl Score for Scored {
        fn score(&self) -> f32 {
            self.0
        }
    }

    const SCORES: [f32; 4] = [0.9, 0.7, 0.65, -0.1];

    #[test]
    fn tau_keeps_what_the_product_keeps() -> rm_core::Result<()> {
        for tau in [-1.0, 0.0, 0.65, 0.7, 0.71, 0.95] {
            let product = filter_by_score(SCORES.map(Scored).into(), tau as f32)?;
            assert_eq!(
                Filter::new(Rule::Score, tau).kept(&SCORES),
                product.len(),
                "tau {tau}"
            );
        }
        Ok(())
    }

    #[test]
    fn a_margin_counts_from_the_best_and_never_empties() {
        let kept = |margin| Filter::new(Rule::Margin, margin).kept(&SCORES);
        assert_eq!([0.0, 0.21, 0.26, 2.0].map(kept), [1, 2, 3, 4]);
        assert_eq!(Filter::new(Rule::Margin, 0.5).kept(&[]), 0);
    }

    #[test]
    fn a_count_keeps_so_many() {
        let kept = |count| Filter::new(Rule::Count, count).kept(&SCORES);
        assert_eq!([0.0, 1.0, 3.0, 9.0].map(kept), [0, 1, 3, 4]);
        assert_eq!(Filter::new(Rule::Count, 3.0).setting(), 3.0);
    }
}
