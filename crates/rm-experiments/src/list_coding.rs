//! The names under which definitions, tables and the command line speak of what lists hold.

use std::fmt;
use std::str::FromStr;

use rm_core::{CodeBits, Coding, Index};
use rm_memory::Layout;
use serde::{Deserialize, Serialize};

/// Names what the lists of an index hold beside the vectors: `exact`, `one-bit`, `one-bit-spill`, or `4-bit` and
/// `4-bit-spill` for any other number of bits up to 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ListCoding {
    /// Nothing: every score is computed.
    Exact,
    /// One bit a component.
    OneBit,
    /// The same, with a second code in another list.
    OneBitSpill,
    /// So many bits a component.
    Bits(CodeBits),
    /// The same, with a second code in another list.
    BitsSpill(CodeBits),
}

impl ListCoding {
    /// Returns what the lists of an index hold.
    #[must_use]
    pub fn of(index: &Index) -> Self {
        match index.coding() {
            Coding::RaBitQ { bits, spill, .. } => Self::of_codes(bits, spill),
            _ => Self::Exact,
        }
    }

    fn of_codes(bits: CodeBits, spill: bool) -> Self {
        match (bits, spill) {
            (CodeBits::ONE, false) => Self::OneBit,
            (CodeBits::ONE, true) => Self::OneBitSpill,
            (bits, false) => Self::Bits(bits),
            (bits, true) => Self::BitsSpill(bits),
        }
    }

    /// Returns the coding that `seed` draws.
    #[must_use]
    pub fn drawn_by(self, seed: u64) -> Coding {
        match self.bits() {
            None => Coding::Exact,
            Some(bits) => Coding::RaBitQ {
                bits,
                seed,
                spill: self.lists_of_an_item() > 1,
            },
        }
    }

    /// Returns the bits of a component, where lists hold codes.
    #[must_use]
    pub fn bits(self) -> Option<CodeBits> {
        match self {
            Self::Exact => None,
            Self::OneBit | Self::OneBitSpill => Some(CodeBits::ONE),
            Self::Bits(bits) | Self::BitsSpill(bits) => Some(bits),
        }
    }

    /// Returns how a memory on a file is opened that holds such lists: with codes its vectors stay in the file, as is the
    /// default of a large memory.
    #[must_use]
    pub fn layout(self) -> Layout {
        match self.bits() {
            None => Layout::Vectors,
            Some(CodeBits::ONE) => Layout::Codes,
            Some(bits) => Layout::FineCodes(bits),
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
            Self::Exact | Self::OneBit | Self::Bits(_) => 1,
            Self::OneBitSpill | Self::BitsSpill(_) => 2,
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
    pub fn in_words(self) -> String {
        match self {
            Self::Exact => "exact lists".to_owned(),
            Self::OneBit => "one-bit codes".to_owned(),
            Self::OneBitSpill => "spilled one-bit codes".to_owned(),
            Self::Bits(bits) => format!("{bits}-bit codes"),
            Self::BitsSpill(bits) => format!("spilled {bits}-bit codes"),
        }
    }
}

impl fmt::Display for ListCoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact => f.pad("exact"),
            Self::OneBit => f.pad("one-bit"),
            Self::OneBitSpill => f.pad("one-bit-spill"),
            Self::Bits(bits) => f.pad(&format!("{bits}-bit")),
            Self::BitsSpill(bits) => f.pad(&format!("{bits}-bit-spill")),
        }
    }
}

/// Says that a name is none of what lists hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected exact, one-bit or 2-bit to 8-bit, the latter perhaps with -spill after it, got {0:?}"
)]
pub struct UnknownCoding(String);

impl UnknownCoding {
    /// Takes the name.
    pub(crate) fn new(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl FromStr for ListCoding {
    type Err = UnknownCoding;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if name == "exact" {
            return Ok(Self::Exact);
        }
        let unknown = || UnknownCoding::new(name);
        let (bits, spill) = match name.strip_suffix("-spill") {
            Some(bits) => (bits, true),
            None => (name, false),
        };
        let bits = match bits.strip_suffix("-bit").ok_or_else(unknown)? {
            "one" => CodeBits::ONE,
            bits => bits
                .parse()
                .ok()
                .and_then(|bits| CodeBits::new(bits).ok())
                .ok_or_else(unknown)?,
        };
        Ok(Self::of_codes(bits, spill))
    }
}

impl TryFrom<String> for ListCoding {
    type Error = UnknownCoding;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.parse()
    }
}

impl From<ListCoding> for String {
    fn from(coding: ListCoding) -> Self {
        coding.to_string()
    }
}

#[cfg(test)]
mod tests {
    use rm_core::Codebook;

    use super::*;

    #[test]
    fn an_index_is_known_by_the_coding_it_was_given() -> anyhow::Result<()> {
        let codebook = Codebook::from_rows(2, vec![1.0, 0.0, 0.0, 1.0])?;
        let four = CodeBits::new(4)?;
        for coding in [
            ListCoding::Exact,
            ListCoding::OneBit,
            ListCoding::OneBitSpill,
            ListCoding::Bits(four),
            ListCoding::BitsSpill(four),
        ] {
            let index = Index::new(codebook.clone()).with_coding(coding.drawn_by(42));
            assert_eq!(ListCoding::of(&index), coding);
            let read: ListCoding = serde_json::from_value(coding.to_string().into())?;
            assert_eq!(read, coding);
            assert_eq!(
                serde_json::to_value(coding)?,
                serde_json::Value::from(coding.to_string())
            );
        }
        Ok(())
    }

    #[test]
    fn names_of_nothing_are_refused() {
        for name in [
            "",
            "bit",
            "-bit",
            "0-bit",
            "9-bit",
            "4",
            "4-bits",
            "spill",
            "exact-spill",
        ] {
            assert_eq!(name.parse::<ListCoding>(), Err(UnknownCoding::new(name)));
        }
        assert_eq!("1-bit-spill".parse(), Ok(ListCoding::OneBitSpill));
    }
}
