//! What an index under test holds of its items.

use clap::ValueEnum;

use crate::ListCoding;

/// Names what an index holds of each item, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Held {
    /// Vectors: every score is computed.
    Exact,
    /// Vectors, and codes of one bit a component.
    OneBit,
    /// The same, with a second code in another list.
    OneBitSpill,
    /// Codes of one bit a component; vectors are in an SQLite file.
    OneBitFile,
}

impl Held {
    /// Returns whether vectors are in a file.
    pub(super) fn in_file(self) -> bool {
        self == Self::OneBitFile
    }

    /// Returns what the lists hold beside the vectors.
    pub(super) fn in_lists(self) -> ListCoding {
        match self {
            Self::Exact => ListCoding::Exact,
            Self::OneBit | Self::OneBitFile => ListCoding::OneBit,
            Self::OneBitSpill => ListCoding::OneBitSpill,
        }
    }

    pub(super) fn in_words(self) -> String {
        let place = if self.in_file() {
            ", vectors in SQLite"
        } else {
            ""
        };
        format!("{}{place}", self.in_lists().in_words())
    }
}
