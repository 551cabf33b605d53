//! A plot that was saved.

use serde::{Deserialize, Serialize};

/// Names a plot in an experiment's folder: `<stem>.svg` and `<stem>.png`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlotFile {
    /// File name without its ending.
    pub stem: String,
    /// What the plot shows, as one sentence, for the report and for who cannot see it.
    pub caption: String,
}
