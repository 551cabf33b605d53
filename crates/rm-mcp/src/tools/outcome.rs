//! What became of a memory that was to be added.

use rm_memory::{AddOutcome, NearItem};
use rmcp::schemars::{self, JsonSchema};
use serde::Serialize;

use crate::answer::rounded;

/// Tells what became of a memory that was to be added.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Outcome {
    /// The id under which the memory holds it; where it was skipped, that of the one that says nearly the same.
    pub(crate) id: String,
    /// Whether it was added; false where it was skipped.
    pub(crate) added: bool,
    /// The memory that says nearly the same; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) near: Option<Near>,
}

/// Is a memory that says nearly the same.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Near {
    /// Its id.
    pub(crate) id: String,
    /// Cosine of the two texts.
    pub(crate) score: f64,
}

impl From<AddOutcome> for Outcome {
    fn from(outcome: AddOutcome) -> Self {
        let id = outcome.id().to_owned();
        let (added, near) = match outcome {
            AddOutcome::Added { near, .. } => (true, near),
            AddOutcome::Skipped { because_of } => (false, Some(because_of)),
            AddOutcome::Replaced { replaced, .. } => (true, Some(replaced)),
        };
        Self {
            id,
            added,
            near: near.map(Near::from),
        }
    }
}

impl From<NearItem> for Near {
    fn from(near: NearItem) -> Self {
        Self {
            id: near.id,
            score: rounded(near.score),
        }
    }
}
