//! What an index under test holds of its items.

use clap::ValueEnum;
use rm_core::Coding;

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

    pub(super) fn coding(self, seed: u64) -> Coding {
        match self {
            Self::Exact => Coding::Exact,
            Self::OneBit | Self::OneBitFile => Coding::OneBit { seed, spill: false },
            Self::OneBitSpill => Coding::OneBit { seed, spill: true },
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact lists",
            Self::OneBit => "one-bit codes",
            Self::OneBitSpill => "one-bit codes, spilled",
            Self::OneBitFile => "one-bit codes, vectors in SQLite",
        }
    }
}
