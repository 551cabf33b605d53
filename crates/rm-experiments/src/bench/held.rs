//! What an index under test holds of its items.

use std::str::FromStr;

use crate::{ListCoding, UnknownCoding};

/// What follows the name of a coding where vectors are in a file.
const IN_FILE: &str = "-file";

/// Names what an index holds of each item, and where: a [`ListCoding`], and with `-file` after its name the vectors in an
/// SQLite file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    in_lists: ListCoding,
    in_file: bool,
}

impl Held {
    /// Returns whether vectors are in a file.
    pub(super) fn in_file(self) -> bool {
        self.in_file
    }

    /// Returns what the lists hold beside the vectors.
    pub(super) fn in_lists(self) -> ListCoding {
        self.in_lists
    }

    pub(super) fn in_words(self) -> String {
        let place = if self.in_file {
            ", vectors in SQLite"
        } else {
            ""
        };
        format!("{}{place}", self.in_lists.in_words())
    }
}

impl FromStr for Held {
    type Err = UnknownCoding;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let coding = name.strip_suffix(IN_FILE);
        let in_lists: ListCoding = coding.unwrap_or(name).parse()?;
        let in_file = coding.is_some();
        if in_file && !in_lists.is_coded() {
            // Every vector would be read for every search.
            return Err(UnknownCoding::new(name));
        }
        Ok(Self { in_lists, in_file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_held_and_where() -> Result<(), UnknownCoding> {
        let held: Held = "4-bit-spill-file".parse()?;
        assert_eq!(held.in_words(), "spilled 4-bit codes, vectors in SQLite");
        let held: Held = "one-bit".parse()?;
        assert_eq!(held.in_words(), "one-bit codes");
        for name in ["exact-file", "one-bit-file-file", "file"] {
            assert!(name.parse::<Held>().is_err(), "{name}");
        }
        Ok(())
    }
}
