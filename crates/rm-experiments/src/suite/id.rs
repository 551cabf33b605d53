//! The names of the thirteen experiments.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Holds a set of experiments in the suite's order.
pub type ExperimentIds = BTreeSet<ExperimentId>;

/// Names one experiment; the order of the variants is the order of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ExperimentId {
    /// Codebook fundamentals.
    H1,
    /// Retrieval quality.
    H2,
    /// Score filtering.
    H3,
    /// Adaptive K.
    H4,
    /// Drift detection.
    H5,
    /// Multi-encoder robustness.
    H6,
    /// Storage and latency.
    H7,
    /// MS MARCO passages.
    A1,
    /// LoCoMo conversations.
    A2,
    /// Enrichment.
    A3,
    /// A million items.
    A4,
    /// Pareto frontier.
    A5,
    /// Bucket imbalance.
    A6,
}

impl ExperimentId {
    /// Every experiment, in order.
    pub const ALL: [Self; 13] = [
        Self::H1,
        Self::H2,
        Self::H3,
        Self::H4,
        Self::H5,
        Self::H6,
        Self::H7,
        Self::A1,
        Self::A2,
        Self::A3,
        Self::A4,
        Self::A5,
        Self::A6,
    ];

    /// Returns the id as people write it, `H1`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::H1 => "H1",
            Self::H2 => "H2",
            Self::H3 => "H3",
            Self::H4 => "H4",
            Self::H5 => "H5",
            Self::H6 => "H6",
            Self::H7 => "H7",
            Self::A1 => "A1",
            Self::A2 => "A2",
            Self::A3 => "A3",
            Self::A4 => "A4",
            Self::A5 => "A5",
            Self::A6 => "A6",
        }
    }

    /// Returns the name of the experiment's folder, `h1`.
    #[must_use]
    pub fn folder(self) -> String {
        self.as_str().to_ascii_lowercase()
    }
}

impl fmt::Display for ExperimentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for ExperimentId {
    type Err = UnknownExperiment;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL
            .into_iter()
            .find(|id| id.as_str().eq_ignore_ascii_case(word.trim()));
        known.ok_or_else(|| UnknownExperiment::new(word))
    }
}

impl TryFrom<String> for ExperimentId {
    type Error = UnknownExperiment;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        word.parse()
    }
}

impl From<ExperimentId> for String {
    fn from(id: ExperimentId) -> Self {
        id.as_str().to_owned()
    }
}

/// Says that a word names no experiment, and which names there are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no experiment is called {word:?}; the known ones are {}", known())]
pub struct UnknownExperiment {
    word: String,
}

impl UnknownExperiment {
    /// Makes the error for `word`.
    #[must_use]
    pub fn new(word: &str) -> Self {
        Self {
            word: word.to_owned(),
        }
    }
}

fn known() -> String {
    ExperimentId::ALL.map(ExperimentId::as_str).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_case_is_understood() {
        for id in ExperimentId::ALL {
            assert_eq!(id.folder().parse(), Ok(id));
            assert_eq!(id.as_str().parse(), Ok(id));
        }
    }

    #[test]
    fn all_is_in_order_and_whole() {
        assert!(ExperimentId::ALL.is_sorted());
        assert_eq!(ExperimentIds::from(ExperimentId::ALL).len(), 13);
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let message = "H8"
            .parse::<ExperimentId>()
            .map_err(|error| error.to_string());
        let expected = "no experiment is called \"H8\"; the known ones are \
                        H1, H2, H3, H4, H5, H6, H7, A1, A2, A3, A4, A5, A6";
        assert_eq!(message, Err(expected.to_owned()));
    }
}
