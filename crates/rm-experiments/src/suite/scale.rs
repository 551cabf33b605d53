//! How large a run is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Chooses among the three sets of parameters that every definition holds.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// Shows that everything runs: all experiments in about two minutes with cached vectors.
    Smoke,
    /// Gives figures worth reading: all experiments within 15 minutes on two cores.
    Standard,
    /// Runs every published size, a million items included.
    Paper,
}

impl Scale {
    /// Every scale, from small to large.
    pub const ALL: [Self; 3] = [Self::Smoke, Self::Standard, Self::Paper];

    /// Returns the name as the command line and the definitions write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Smoke => "smoke",
            Self::Standard => "standard",
            Self::Paper => "paper",
        }
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}
