//! How well a ranking answers one question, by what people labelled.

use std::collections::HashMap;

use serde::{Serialize, Serializer};

use crate::metrics::{gold_recall, hit, ndcg, reciprocal_rank};

/// Is one measure of a ranking against labels, with its cut-off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::experiments) enum GoldMetric {
    /// Share of the gold items in the top k.
    GoldRecall(usize),
    /// Whether any gold item is in the top k.
    Hit(usize),
    /// 1 over the rank of the first gold item in the top k.
    ReciprocalRank(usize),
    /// nDCG of graded labels.
    Ndcg(usize),
}

/// Holds what is known to answer a question.
#[derive(Debug, Clone, Copy)]
pub(in crate::experiments) struct Labels<'a> {
    /// Items that answer it.
    pub(in crate::experiments) gold: &'a [usize],
    /// Grades of all labelled items.
    pub(in crate::experiments) grades: &'a HashMap<usize, u8>,
}

impl GoldMetric {
    /// Returns the measure of one ranking, best first; `None` where it is undefined.
    pub(in crate::experiments) fn of(self, found: &[usize], labels: Labels<'_>) -> Option<f64> {
        match self {
            Self::GoldRecall(k) => gold_recall(found, labels.gold, k),
            Self::Hit(k) => hit(found, labels.gold, k),
            Self::ReciprocalRank(k) => {
                let grades: HashMap<usize, u8> = labels.gold.iter().map(|at| (*at, 1)).collect();
                reciprocal_rank(found, &grades, 1, k)
            }
            Self::Ndcg(k) => ndcg(found, labels.grades, k),
        }
    }

    /// Returns the name in tables and plots.
    pub(in crate::experiments) fn label(self) -> String {
        match self {
            Self::GoldRecall(k) => format!("gold recall@{k}"),
            Self::Hit(k) => format!("hit@{k}"),
            Self::ReciprocalRank(k) => format!("MRR@{k}"),
            Self::Ndcg(k) => format!("nDCG@{k}"),
        }
    }
}

impl Serialize for GoldMetric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.label())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{GoldMetric, Labels};

    #[test]
    fn each_is_computed_of_the_same_ranking() {
        let grades = HashMap::from([(7, 3), (9, 2), (4, 1)]);
        let labels = Labels {
            gold: &[7, 9],
            grades: &grades,
        };
        let found = [1, 9, 4, 7];
        assert_eq!(GoldMetric::GoldRecall(3).of(&found, labels), Some(0.5));
        assert_eq!(GoldMetric::Hit(1).of(&found, labels), Some(0.0));
        assert_eq!(GoldMetric::ReciprocalRank(10).of(&found, labels), Some(0.5));
        let ideal = 7.0 + 3.0 / 3f64.log2() + 1.0 / 2.0;
        let gained = 3.0 / 3f64.log2() + 1.0 / 2.0 + 7.0 / 5f64.log2();
        let ndcg = GoldMetric::Ndcg(10).of(&found, labels);
        assert!(ndcg.is_some_and(|ndcg| (ndcg - gained / ideal).abs() < 1e-12));
    }
}
