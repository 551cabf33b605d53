//! What an experiment hands back.

use serde::{Deserialize, Serialize};

use super::ResultRow;
use crate::plots::PlotFile;

/// Holds everything that one run of one experiment found; its tables and plots are already in its
/// folder.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The results; the first row of each kind of text stands for the experiment in the report's
    /// table.
    pub rows: Vec<ResultRow>,
    /// The plots that were saved, in the order the report shows them.
    pub plots: Vec<PlotFile>,
    /// What the report says in words.
    pub notes: Notes,
    /// Parts that were asked for and could not be done (a data set that is missing); the run ends
    /// as failed.
    pub failures: Vec<String>,
}

/// Holds what the report says about an experiment beside its figures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notes {
    /// The answer to the experiment's question, in about two sentences.
    pub answer: String,
    /// The settings a reader needs, in order.
    pub settings: Vec<Setting>,
    /// Known weaknesses, fallbacks and surprises, one sentence each.
    pub remarks: Vec<String>,
    /// What a user gains by Routing Memory, one sentence each with its figures; the page begins with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gains: Vec<String>,
    /// What a user loses or pays, likewise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<String>,
}

/// Holds one setting of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// What was set.
    pub name: String,
    /// What it was set to.
    pub value: String,
}

impl Setting {
    /// Makes a setting of anything that can be shown.
    #[must_use]
    pub fn new(name: &str, value: impl ToString) -> Self {
        Self {
            name: name.to_owned(),
            value: value.to_string(),
        }
    }
}
