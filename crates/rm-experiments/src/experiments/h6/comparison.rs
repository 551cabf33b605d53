//! How the encoders stand beside each other on one data set.

use anyhow::{Context as _, Result};

use super::Parameters;
use super::measure::{Measured, Probing};
use super::ranks::rank_correlation;
use super::spread::{Shares, Spread};
use crate::metrics::{Bootstrap, Interval, percentile};
use crate::suite::Figure;

/// Holds the measurements on one data set and how far its encoders lie apart with each setting.
#[derive(Debug, Clone)]
pub(super) struct Comparison {
    pub(super) measured: Measured,
    /// Of gold recall over that of exact search, one for each setting.
    pub(super) gold: Vec<Spread>,
    /// The same among the encoders of use alone.
    pub(super) useful_gold: Vec<Spread>,
    /// Of R@k vs dense, one for each setting.
    pub(super) recall: Vec<Spread>,
    /// Places of the encoders of use: those whose exact search finds enough gold.
    pub(super) useful: Vec<usize>,
}

impl Comparison {
    /// Compares the encoders with each setting.
    pub(super) fn of(parameters: &Parameters, measured: Measured) -> Result<Self> {
        let settings = 0..measured.probings.len();
        let useful = useful(parameters, &measured);
        let useful_shares = |at: usize| -> Vec<Shares> {
            let all = measured.gold(at);
            useful.iter().map(|&place| all[place].clone()).collect()
        };
        let all = |shares: &dyn Fn(usize) -> Vec<Shares>| -> Result<Vec<Spread>> {
            let spreads = settings.clone().map(|at| Spread::of(&shares(at)));
            let spreads: Result<_> = spreads.collect();
            spreads.with_context(|| format!("cannot compare encoders on {}", measured.dataset))
        };
        Ok(Self {
            gold: all(&|at| measured.gold(at))?,
            useful_gold: all(&useful_shares)?,
            recall: all(&|at| measured.recall(at))?,
            useful,
            measured,
        })
    }

    fn setting(&self, probing: Probing) -> Result<usize> {
        let at = self.measured.setting(probing);
        at.with_context(|| format!("{probing:?} was not measured"))
    }

    /// Returns the place of the setting that the published figure is for.
    pub(super) fn published(&self, parameters: &Parameters) -> Result<usize> {
        self.setting(Probing::Lists(parameters.published_n_probes))
    }

    /// Returns the place of the setting in which all encoders scan equally much.
    pub(super) fn equal(&self, parameters: &Parameters) -> Result<usize> {
        self.setting(Probing::Share(parameters.equal_budget))
    }

    /// Returns the setting that scans least among those whose spread lies below the published one for certain.
    pub(super) fn cheapest_that_passes(&self, figure: Figure) -> Option<usize> {
        let passes = |at: &usize| self.useful_gold[*at].range.high <= figure.value;
        let scanned = |at: &usize| self.measured.share_scanned(*at);
        (0..self.useful_gold.len())
            .filter(passes)
            .min_by(|a, b| scanned(a).total_cmp(&scanned(b)))
    }

    /// Returns the names of all encoders.
    pub(super) fn names(&self) -> Vec<&str> {
        let encoders = self.measured.encoders.iter();
        encoders.map(|encoder| encoder.encoder.as_str()).collect()
    }

    /// Returns the names of the encoders of use.
    pub(super) fn useful_names(&self) -> Vec<&str> {
        let names = self.names();
        self.useful.iter().map(|&place| names[place]).collect()
    }

    /// Compares with one setting the sentence encoders that are read as they were trained: the shipped one, and those
    /// that the user named, past the first `n_defined`; `None` where there is but one.
    pub(super) fn trained(
        &self,
        n_defined: usize,
        at: usize,
    ) -> Result<Option<(Vec<&str>, Spread)>> {
        let names = self.names();
        let places: Vec<usize> = (0..names.len())
            .filter(|&place| place == 0 || place >= n_defined)
            .collect();
        if places.len() < 2 {
            return Ok(None);
        }
        let all = self.measured.gold(at);
        let shares: Vec<Shares> = places.iter().map(|&place| all[place].clone()).collect();
        let names = places.into_iter().map(|place| names[place]);
        Ok(Some((names.collect(), Spread::of(&shares)?)))
    }

    /// Returns the rank correlation beyond which, either way, one in twenty lies where nothing is behind it.
    pub(super) fn telling_correlation(&self) -> f64 {
        1.96 / (self.measured.encoders.len() as f64 - 1.0).max(1.0).sqrt()
    }

    /// Returns how effective dimension and R@k vs dense rank alike over the encoders, questions resampled.
    pub(super) fn dimension_against_recall(&self, at: usize) -> Result<Option<Interval>> {
        let dimensions: Vec<f64> = self
            .measured
            .encoders
            .iter()
            .map(|encoder| encoder.geometry.participation_ratio)
            .collect();
        let sum = |recalls: &[f64]| recalls.iter().sum();
        let recalls = |of: &dyn Fn(&[f64]) -> f64| -> Vec<f64> {
            let encoders = self.measured.encoders.iter();
            encoders
                .map(|encoder| of(&encoder.reached[at].recall_vs_dense))
                .collect()
        };
        let Some(estimate) = rank_correlation(&dimensions, &recalls(&sum)) else {
            return Ok(None);
        };
        let resampled = Bootstrap::default().resample(self.measured.n_queries, |draws| {
            let drawn = recalls(&|recalls| draws.iter().map(|&query| recalls[query]).sum());
            rank_correlation(&dimensions, &drawn)
        })?;
        let resampled: Vec<f64> = resampled.into_iter().flatten().collect();
        let end = |percent| percentile(&resampled, percent).context("no resample");
        Ok(Some(Interval {
            estimate,
            low: end(2.5)?,
            high: end(97.5)?,
        }))
    }
}

/// Returns the places of the encoders whose exact search finds enough of the gold that the best one's does.
fn useful(parameters: &Parameters, measured: &Measured) -> Vec<usize> {
    let found: Vec<f64> = measured
        .encoders
        .iter()
        .map(|encoder| encoder.dense_gold.iter().sum())
        .collect();
    let enough = parameters.useful_share * found.iter().copied().fold(0.0, f64::max);
    (0..found.len())
        .filter(|&place| found[place] >= enough)
        .collect()
}
