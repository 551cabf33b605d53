//! The names under which definitions, tables and the command line speak of what lists hold.

use std::fmt;

use clap::ValueEnum;
use rm_core::{Coding, Index};
use rm_memory::Layout;
use serde::{Deserialize, Serialize};

/// Names what the lists of an index hold beside the vectors.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum ListCoding {
    /// Nothing: every score is computed.
    Exact,
    /// One bit a component.
    OneBit,
    /// The same, with a second code in another list.
    OneBitSpill,
}

impl ListCoding {
    /// Returns what the lists of an index hold.
    #[must_use]
    pub fn of(index: &Index) -> Self {
        match index.coding() {
            Coding::OneBit { spill: false, .. } => Self::OneBit,
            Coding::OneBit { spill: true, .. } => Self::OneBitSpill,
            _ => Self::Exact,
        }
    }

    /// Returns the coding that `seed` draws.
    #[must_use]
    pub fn drawn_by(self, seed: u64) -> Coding {
        match self {
            Self::Exact => Coding::Exact,
            Self::OneBit => Coding::OneBit { seed, spill: false },
            Self::OneBitSpill => Coding::OneBit { seed, spill: true },
        }
    }

    /// Returns how a memory on a file is opened that holds such lists: with codes its vectors stay in the file, as is the
    /// default of a large memory.
    #[must_use]
    pub fn layout(self) -> Layout {
        match self {
            Self::Exact => Layout::Vectors,
            Self::OneBit | Self::OneBitSpill => Layout::Codes,
        }
    }

    /// Returns whether lists hold codes.
    #[must_use]
    pub fn is_coded(self) -> bool {
        self != Self::Exact
    }

    /// Returns in how many lists an item stands.
    #[must_use]
    pub fn lists_of_an_item(self) -> usize {
        match self {
            Self::Exact | Self::OneBit => 1,
            Self::OneBitSpill => 2,
        }
    }

    /// Adds what lists hold to a name, where that is more than vectors: `2*sqrt, one-bit codes`.
    #[must_use]
    pub fn behind(self, name: &str) -> String {
        match self {
            Self::Exact => name.to_owned(),
            coded => format!("{name}, {}", coded.in_words()),
        }
    }

    /// Returns what reports call such lists.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Exact => "exact lists",
            Self::OneBit => "one-bit codes",
            Self::OneBitSpill => "spilled one-bit codes",
        }
    }
}

impl fmt::Display for ListCoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Exact => "exact",
            Self::OneBit => "one-bit",
            Self::OneBitSpill => "one-bit-spill",
        })
    }
}

#[cfg(test)]
mod tests {
    use rm_core::Codebook;

    use super::*;

    #[test]
    fn an_index_is_known_by_the_coding_it_was_given() -> anyhow::Result<()> {
        let codebook = Codebook::from_rows(2, vec![1.0, 0.0, 0.0, 1.0])?;
        for coding in [
            ListCoding::Exact,
            ListCoding::OneBit,
            ListCoding::OneBitSpill,
        ] {
            let index = Index::new(codebook.clone()).with_coding(coding.drawn_by(42));
            assert_eq!(ListCoding::of(&index), coding);
            let read: ListCoding = serde_json::from_value(coding.to_string().into())?;
            assert_eq!(read, coding);
        }
        Ok(())
    }
}
