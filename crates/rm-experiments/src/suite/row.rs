//! One result: a figure of ours, how it was obtained, and how it stands beside the published one.

use std::fmt;

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use super::{ExperimentId, Figure, Measured, Scale, Verdict};

/// Says where the text of a data set comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextKind {
    /// Written for a purpose of its own and collected.
    Real,
    /// Made by this project's generator.
    Generated,
}

impl TextKind {
    /// Both kinds, real text first.
    pub const ALL: [Self; 2] = [Self::Real, Self::Generated];
}

impl fmt::Display for TextKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Real => "real",
            Self::Generated => "generated",
        })
    }
}

/// Holds one line of `rows.csv`; the fields are its columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultRow {
    /// Experiment that made the row.
    pub experiment: ExperimentId,
    /// What was measured, with the unit at its end where it has one (`p50_ms`).
    pub metric: String,
    /// The published figure, where one was published for this setting.
    pub published: Option<f64>,
    /// Our figure.
    pub ours: f64,
    /// Lower end of its 95% interval.
    pub ci_low: Option<f64>,
    /// Upper end of its 95% interval.
    pub ci_high: Option<f64>,
    /// Data set.
    pub dataset: String,
    /// Whether its text is real.
    pub text_kind: TextKind,
    /// Number of items stored (N).
    pub n_items: u64,
    /// Number of centroids (K), where there is a codebook.
    pub k: Option<u64>,
    /// Number of centroids probed by each query (n), where there are queries.
    pub n_probes: Option<u64>,
    /// Scale of the run.
    pub scale: Scale,
    /// Seed of the run.
    pub seed: u64,
    /// Revision of the code.
    pub git_revision: String,
    /// How ours stands beside the published figure, computed.
    pub verdict: Verdict,
    /// One line on why.
    pub why: String,
    /// Whether the figure is a time and so differs from run to run; such rows have a file of their
    /// own.
    #[serde(skip)]
    pub timing: bool,
}

/// Puts a [`ResultRow`] together; [`because`](Self::because) ends it.
#[derive(Debug, Clone)]
pub struct RowBuilder {
    row: ResultRow,
    measured: Measured,
}

impl RowBuilder {
    /// Starts a row; experiments call [`Context::row`](super::Context::row), which knows the first
    /// four.
    #[must_use]
    pub fn new(
        experiment: ExperimentId,
        scale: Scale,
        seed: u64,
        git_revision: &str,
        metric: &str,
        measured: Measured,
    ) -> Self {
        let interval = measured.interval();
        let row = ResultRow {
            experiment,
            metric: metric.to_owned(),
            published: None,
            ours: measured.value(),
            ci_low: interval.map(|(low, _)| low),
            ci_high: interval.map(|(_, high)| high),
            dataset: String::new(),
            text_kind: TextKind::Generated,
            n_items: 0,
            k: None,
            n_probes: None,
            scale,
            seed,
            git_revision: git_revision.to_owned(),
            verdict: Verdict::NoPublishedFigure,
            why: String::new(),
            timing: false,
        };
        Self { row, measured }
    }

    /// States the data set and how many of its items were stored.
    #[must_use]
    pub fn on(mut self, dataset: &str, text_kind: TextKind, n_items: u64) -> Self {
        self.row.dataset = dataset.to_owned();
        self.row.text_kind = text_kind;
        self.row.n_items = n_items;
        self
    }

    /// States the number of centroids.
    #[must_use]
    pub fn k(mut self, k: u64) -> Self {
        self.row.k = Some(k);
        self
    }

    /// States the number of centroids that each query probed.
    #[must_use]
    pub fn n_probes(mut self, n_probes: u64) -> Self {
        self.row.n_probes = Some(n_probes);
        self
    }

    /// Marks the figure as a time.
    #[must_use]
    pub fn timing(mut self) -> Self {
        self.row.timing = true;
        self
    }

    /// Compares the figure with a published one of the same setting; the verdict is
    /// [`Verdict::of`].
    #[must_use]
    pub fn against(mut self, published: Option<Figure>) -> Self {
        if let Some(figure) = published {
            let (low, high) = self.measured.bounds();
            self.row.published = Some(figure.value);
            self.row.verdict = Verdict::of(figure, low, high);
        }
        self
    }

    /// States whether a published claim that is no number holds.
    #[must_use]
    pub fn claim(mut self, holds: bool) -> Self {
        self.row.verdict = Verdict::of_claim(holds);
        self
    }

    /// Returns the verdict so far, for the sentence that explains it.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.row.verdict
    }

    /// Ends the row with one line on why the verdict is what it is, or on what the figure tells.
    ///
    /// # Errors
    /// When the row lacks its metric, its data set, its number of items or the line itself, or the
    /// line is more than one.
    pub fn because(mut self, why: &str) -> Result<ResultRow> {
        let row = &self.row;
        ensure!(
            !row.metric.is_empty(),
            "a result row of {} has no metric",
            row.experiment
        );
        ensure!(
            !row.dataset.is_empty() && row.n_items > 0,
            "the result row {:?} of {} names no data set or no items; call on(..) before because(..)",
            row.metric,
            row.experiment
        );
        ensure!(
            !why.trim().is_empty() && !why.contains('\n'),
            "the result row {:?} of {} needs one line on why, got {why:?}",
            row.metric,
            row.experiment
        );
        self.row.why = why.trim().to_owned();
        Ok(self.row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::Better;

    fn builder(value: f64, low: f64, high: f64) -> Result<RowBuilder> {
        let measured = Measured::with_interval(value, low, high)?;
        let id = ExperimentId::H2;
        Ok(RowBuilder::new(
            id,
            Scale::Smoke,
            42,
            "0123456789ab",
            "r_at_5",
            measured,
        ))
    }

    #[test]
    fn the_verdict_comes_from_the_interval() -> Result<()> {
        let figure = Figure {
            value: 0.9,
            tolerance: 0.05,
            better: Better::Higher,
        };
        let row = builder(0.97, 0.96, 0.98)?.on("reddit", TextKind::Real, 5000);
        let row = row
            .against(Some(figure))
            .because("more lists are scanned")?;
        assert_eq!(row.verdict, Verdict::Better);
        assert_eq!(row.published, Some(0.9));
        assert_eq!((row.ci_low, row.ci_high), (Some(0.96), Some(0.98)));
        Ok(())
    }

    #[test]
    fn a_row_without_a_published_figure_says_so() -> Result<()> {
        let row = builder(0.97, 0.96, 0.98)?.on("reddit", TextKind::Real, 5000);
        assert_eq!(
            row.against(None).because("b")?.verdict,
            Verdict::NoPublishedFigure
        );
        Ok(())
    }

    #[test]
    fn an_unfinished_row_is_refused() -> Result<()> {
        assert!(builder(0.5, 0.4, 0.6)?.because("no data set").is_err());
        let row = builder(0.5, 0.4, 0.6)?.on("reddit", TextKind::Real, 10);
        assert!(row.clone().because(" ").is_err());
        assert!(row.because("two\nlines").is_err());
        Ok(())
    }
}
