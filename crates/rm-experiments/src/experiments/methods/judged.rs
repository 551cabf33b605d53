//! What methods reach on labelled questions, and how they differ.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::gold_metric::Labels;
use super::{Found, GoldMetric, Method};
use crate::corpora::Dataset;
use crate::metrics::{Bootstrap, mean};
use crate::suite::TextKind;

/// Names the group of all questions together.
pub(in crate::experiments) const ALL: &str = "all";

/// Holds what is known of one question beside its text.
#[derive(Debug, Clone, Default)]
pub(in crate::experiments) struct Question {
    /// Positions of the items that answer it, within its memory.
    pub(in crate::experiments) gold: Vec<usize>,
    /// Grades of all labelled items.
    pub(in crate::experiments) grades: HashMap<usize, u8>,
    /// Kind of question, or the set it was labelled for.
    pub(in crate::experiments) group: &'static str,
    /// Number of the memory that it is asked of.
    pub(in crate::experiments) memory: usize,
    /// Items of that memory.
    pub(in crate::experiments) n_items: usize,
}

/// Holds what each method found for the same questions.
#[derive(Debug)]
pub(in crate::experiments) struct Judged<'a> {
    pub(in crate::experiments) dataset: Dataset,
    pub(in crate::experiments) questions: &'a [Question],
    answers: Vec<Answers>,
}

#[derive(Debug)]
struct Answers {
    label: String,
    n_probes: Option<usize>,
    found: Found,
}

/// Is one line of `gold.csv`: one method and measure over the questions of one group.
#[derive(Debug, Clone, Serialize)]
pub(in crate::experiments) struct GoldRow {
    pub(in crate::experiments) dataset: Dataset,
    pub(in crate::experiments) text_kind: TextKind,
    pub(in crate::experiments) group: &'static str,
    pub(in crate::experiments) n_questions: usize,
    pub(in crate::experiments) method: String,
    pub(in crate::experiments) n_probes: Option<usize>,
    pub(in crate::experiments) metric: GoldMetric,
    pub(in crate::experiments) value: f64,
    pub(in crate::experiments) ci_low: f64,
    pub(in crate::experiments) ci_high: f64,
    pub(in crate::experiments) share_scanned: f64,
}

/// Is one line of `differences.csv`: one method less another on the same questions.
#[derive(Debug, Clone, Serialize)]
pub(in crate::experiments) struct DifferenceRow {
    pub(in crate::experiments) dataset: Dataset,
    pub(in crate::experiments) text_kind: TextKind,
    pub(in crate::experiments) group: &'static str,
    pub(in crate::experiments) method: String,
    pub(in crate::experiments) less: String,
    pub(in crate::experiments) metric: GoldMetric,
    pub(in crate::experiments) difference: f64,
    pub(in crate::experiments) ci_low: f64,
    pub(in crate::experiments) ci_high: f64,
    /// Mean over memories of each one's mean, where there are several.
    pub(in crate::experiments) mean_over_memories: Option<f64>,
    pub(in crate::experiments) memories_ci_low: Option<f64>,
    pub(in crate::experiments) memories_ci_high: Option<f64>,
}

impl<'a> Judged<'a> {
    /// Starts without answers.
    pub(in crate::experiments) fn new(dataset: Dataset, questions: &'a [Question]) -> Self {
        Self {
            dataset,
            questions,
            answers: Vec::new(),
        }
    }

    /// Takes what a method found, one ranking for each question.
    pub(in crate::experiments) fn add(
        &mut self,
        label: String,
        n_probes: Option<usize>,
        found: Found,
    ) {
        self.answers.push(Answers {
            label,
            n_probes,
            found,
        });
    }

    /// Returns the labels of all methods, in the order they came.
    pub(in crate::experiments) fn labels(&self) -> impl Iterator<Item = &str> {
        self.answers.iter().map(|answers| answers.label.as_str())
    }

    /// Returns what a method found.
    pub(in crate::experiments) fn found(&self, label: &str) -> Result<&Found> {
        Ok(&self.named(label)?.found)
    }

    /// Returns one value for each question for which `asked` holds and the metric is defined.
    pub(in crate::experiments) fn values(
        &self,
        label: &str,
        metric: GoldMetric,
        asked: impl Fn(&Question) -> bool,
    ) -> Result<Vec<f64>> {
        let found = self.found(label)?;
        let pairs = self.questions.iter().zip(&found.rankings);
        let asked = pairs.filter(|(question, _)| asked(question));
        let values = asked.filter_map(|(question, ranking)| {
            let labels = Labels {
                gold: &question.gold,
                grades: &question.grades,
            };
            metric.of(ranking, labels)
        });
        Ok(values.collect())
    }

    /// Measures one method over the questions of one group; `None` where the metric is defined for none.
    pub(in crate::experiments) fn gold_row(
        &self,
        label: &str,
        metric: GoldMetric,
        group: &'static str,
    ) -> Result<Option<GoldRow>> {
        let values = self.values(label, metric, |question| is_in(question, group))?;
        if values.is_empty() {
            return Ok(None);
        }
        let interval = Bootstrap::default().mean(&values)?;
        let answers = self.named(label)?;
        let scanned = self.questions.iter().zip(&answers.found.scanned);
        let shares: Vec<f64> = scanned
            .filter(|(question, _)| is_in(question, group))
            .map(|(question, scanned)| *scanned as f64 / question.n_items.max(1) as f64)
            .collect();
        Ok(Some(GoldRow {
            dataset: self.dataset,
            text_kind: self.dataset.kind(),
            group,
            n_questions: values.len(),
            method: label.to_owned(),
            n_probes: answers.n_probes,
            metric,
            value: interval.estimate,
            ci_low: interval.low,
            ci_high: interval.high,
            share_scanned: mean(&shares).unwrap_or(0.0),
        }))
    }

    /// Compares two methods question by question; `None` where the metric is defined for no question of the
    /// group.
    pub(in crate::experiments) fn difference_row(
        &self,
        label: &str,
        less: &str,
        metric: GoldMetric,
        group: &'static str,
    ) -> Result<Option<DifferenceRow>> {
        let of_group = |question: &Question| is_in(question, group);
        let left = self.values(label, metric, of_group)?;
        let right = self.values(less, metric, of_group)?;
        if left.is_empty() {
            return Ok(None);
        }
        let over_questions = Bootstrap::default().paired_difference(&left, &right)?;
        let over_memories = if self.n_memories() > 1 {
            let left = self.means_of_memories(label, metric)?;
            let right = self.means_of_memories(less, metric)?;
            Some(Bootstrap::default().paired_difference(&left, &right)?)
        } else {
            None
        };
        Ok(Some(DifferenceRow {
            dataset: self.dataset,
            text_kind: self.dataset.kind(),
            group,
            method: label.to_owned(),
            less: less.to_owned(),
            metric,
            difference: over_questions.estimate,
            ci_low: over_questions.low,
            ci_high: over_questions.high,
            mean_over_memories: over_memories.map(|interval| interval.estimate),
            memories_ci_low: over_memories.map(|interval| interval.low),
            memories_ci_high: over_memories.map(|interval| interval.high),
        }))
    }

    /// Returns the mean of a method over the questions of each memory.
    pub(in crate::experiments) fn means_of_memories(
        &self,
        label: &str,
        metric: GoldMetric,
    ) -> Result<Vec<f64>> {
        let means = (0..self.n_memories()).map(|memory| {
            let values = self.values(label, metric, |question| question.memory == memory)?;
            mean(&values).with_context(|| format!("memory {memory} has no question"))
        });
        means.collect()
    }

    fn n_memories(&self) -> usize {
        let memories = self.questions.iter().map(|question| question.memory + 1);
        memories.max().unwrap_or(0)
    }

    fn named(&self, label: &str) -> Result<&Answers> {
        let named = self.answers.iter().find(|answers| answers.label == label);
        named.with_context(|| format!("the parameters ask for no {label:?}"))
    }
}

/// Finds the row of a method, group and metric on a data set.
pub(in crate::experiments) fn gold_of<'a>(
    rows: &'a [GoldRow],
    dataset: Dataset,
    label: &str,
    metric: GoldMetric,
    group: &str,
) -> Result<&'a GoldRow> {
    let row = rows.iter().find(|row| {
        (row.dataset, row.metric) == (dataset, metric) && row.method == label && row.group == group
    });
    row.with_context(|| {
        let metric = metric.label();
        format!("{metric} of {label:?} is not measured on {dataset}, {group} questions")
    })
}

/// Returns the methods that every comparison shows: dense, routed, words, and both joined.
pub(in crate::experiments) fn main_methods(n_probes: usize) -> [Method; 5] {
    [
        Method::Dense,
        Method::Routed { n_probes },
        Method::Bm25,
        Method::hybrid(None),
        Method::hybrid(Some(n_probes)),
    ]
}

fn is_in(question: &Question, group: &str) -> bool {
    group == ALL || question.group == group
}

#[cfg(test)]
mod tests {
    use super::{ALL, Found, GoldMetric, Judged, Question};
    use crate::corpora::Dataset;

    fn question(gold: usize, group: &'static str, memory: usize) -> Question {
        Question {
            gold: vec![gold],
            group,
            memory,
            n_items: 4,
            ..Question::default()
        }
    }

    #[test]
    fn means_are_over_the_questions_of_a_group_and_of_a_memory() -> anyhow::Result<()> {
        let questions = [
            question(0, "a", 0),
            question(1, "b", 0),
            question(2, "a", 1),
        ];
        let mut judged = Judged::new(Dataset::Locomo, &questions);
        let found = |rankings: [usize; 3], scanned: usize| Found {
            rankings: rankings.map(|first| vec![first]).to_vec(),
            scanned: vec![scanned; 3],
        };
        judged.add("good".to_owned(), Some(2), found([0, 1, 2], 1));
        judged.add("bad".to_owned(), None, found([0, 3, 3], 4));
        let hit = GoldMetric::Hit(1);
        let row = judged
            .gold_row("bad", hit, "a")?
            .ok_or_else(|| anyhow::anyhow!("no row"))?;
        assert_eq!(
            (row.n_questions, row.value, row.share_scanned),
            (2, 0.5, 1.0)
        );
        assert!(judged.gold_row("bad", hit, "c")?.is_none());
        assert!(judged.gold_row("unknown", hit, "a").is_err());
        let less = judged.difference_row("good", "bad", hit, ALL)?;
        let less = less.ok_or_else(|| anyhow::anyhow!("no row"))?;
        assert!((less.difference - 2.0 / 3.0).abs() < 1e-12);
        // Memory 0 gains a half, memory 1 a whole.
        assert_eq!(less.mean_over_memories, Some(0.75));
        Ok(())
    }
}
