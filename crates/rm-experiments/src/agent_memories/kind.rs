//! The seven kinds of memory.

use serde::{Deserialize, Serialize};

/// Names what sort of thing a memory records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// What someone likes, avoids or always chooses.
    Preference,
    /// Who somebody is, does or knows.
    People,
    /// An appointment, or what was agreed at one.
    Meeting,
    /// A plan under way: its aim, its deadline, its obstacles.
    Project,
    /// Where something is, what it costs, when it opens.
    Fact,
    /// What the agent was told to do or never to do.
    Instruction,
    /// Something that happened.
    Event,
}

impl Kind {
    /// Every kind, in the order of their declaration.
    pub const ALL: [Self; 7] = [
        Self::Preference,
        Self::People,
        Self::Meeting,
        Self::Project,
        Self::Fact,
        Self::Instruction,
        Self::Event,
    ];

    /// How many of every fifty memories of a topic are of each kind, in the order of [`ALL`](Self::ALL).
    pub(super) const SHARES: [u64; 7] = [10, 7, 6, 6, 8, 6, 7];

    /// Returns the lower-case name, as the data files and CSV columns spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Preference => "preference",
            Self::People => "people",
            Self::Meeting => "meeting",
            Self::Project => "project",
            Self::Fact => "fact",
            Self::Instruction => "instruction",
            Self::Event => "event",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
