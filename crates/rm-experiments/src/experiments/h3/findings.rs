//! What was measured on all data sets, and how it is looked up.

use super::Parameters;
use super::answers::Asked;
use super::filter::Rule;
use super::measure::{Chosen, Filtered, Scores};
use crate::corpora::Dataset;
use crate::suite::TextKind;

/// Holds everything that was measured on all data sets.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) filtered: Vec<Filtered>,
    pub(super) scores: Vec<Scores>,
}

impl Findings {
    /// Returns the data sets in their order.
    pub(super) fn datasets(&self) -> Vec<Dataset> {
        let mut datasets: Vec<Dataset> = Vec::new();
        for filtered in &self.filtered {
            if !datasets.contains(&filtered.place.dataset) {
                datasets.push(filtered.place.dataset);
            }
        }
        datasets
    }

    /// Returns the first data set of a kind of text.
    pub(super) fn first_of(&self, kind: TextKind) -> Option<Dataset> {
        self.datasets()
            .into_iter()
            .find(|dataset| dataset.kind() == kind)
    }

    /// Returns what the given settings of one rule do to one query set, in the order of the definition.
    pub(super) fn given(
        &self,
        dataset: Dataset,
        asked: Asked,
        top_k: usize,
        rule: Rule,
    ) -> impl Iterator<Item = &Filtered> {
        self.filtered.iter().filter(move |f| {
            f.place.dataset == dataset
                && f.place.asked == asked
                && f.place.top_k == top_k
                && f.filter.rule == rule
                && f.chosen == Chosen::Given
        })
    }

    /// Returns what the published setting does.
    pub(super) fn published(
        &self,
        p: &Parameters,
        dataset: Dataset,
        asked: Asked,
    ) -> Option<&Filtered> {
        self.given(dataset, asked, p.published_top_k, Rule::Score)
            .find(|f| f.filter.setting() == p.published_tau)
    }

    /// Returns what a rule does whose setting was chosen for something.
    pub(super) fn chosen(
        &self,
        dataset: Dataset,
        top_k: usize,
        rule: Rule,
        chosen: Chosen,
    ) -> Option<&Filtered> {
        self.filtered.iter().find(|f| {
            f.place.dataset == dataset
                && f.place.top_k == top_k
                && f.filter.rule == rule
                && f.chosen == chosen
        })
    }

    /// Returns the median of some scores of one query set.
    pub(super) fn median(&self, dataset: Dataset, asked: Asked, of: &str) -> Option<f64> {
        let scores = self.scores.iter();
        let [_, _, median, _, _] = scores
            .filter(|s| s.place.dataset == dataset && s.place.asked == asked)
            .find(|s| s.of == of)?
            .percentiles;
        Some(median)
    }

    /// Returns gold recall of the same query set without a filter.
    pub(super) fn unfiltered(&self, filtered: &Filtered) -> f64 {
        let place = filtered.place;
        let loosest = self
            .given(place.dataset, place.asked, place.top_k, Rule::Score)
            .map(|f| f.effects.gold_recall.estimate);
        loosest.fold(0.0, f64::max)
    }
}
