//! What an index under test holds of its items.

use std::str::FromStr;

use crate::{ListCoding, UnknownCoding};

/// Names what an index holds of each item, and where: a [`ListCoding`], and with `-file` after its name the vectors in an
/// SQLite file, with `-cached` in such a file and in the cache before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    in_lists: ListCoding,
    place: Place,
}

/// Is where vectors are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Ram,
    File,
    CachedFile,
}

impl Place {
    /// Returns what follows the name of a coding.
    fn suffix(self) -> &'static str {
        match self {
            Self::Ram => "",
            Self::File => "-file",
            Self::CachedFile => "-cached",
        }
    }
}

impl Held {
    /// Returns where vectors are.
    pub(super) fn place(self) -> Place {
        self.place
    }

    /// Returns what the lists hold beside the vectors.
    pub(super) fn in_lists(self) -> ListCoding {
        self.in_lists
    }

    pub(super) fn in_words(self) -> String {
        let place = match self.place {
            Place::Ram => "",
            Place::File => ", vectors in SQLite",
            Place::CachedFile => ", vectors in SQLite and cached",
        };
        format!("{}{place}", self.in_lists.in_words())
    }
}

impl FromStr for Held {
    type Err = UnknownCoding;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let places = [Place::CachedFile, Place::File, Place::Ram];
        let of = |place: Place| Some((name.strip_suffix(place.suffix())?, place));
        let (coding, place) = places
            .into_iter()
            .find_map(of)
            .unwrap_or((name, Place::Ram));
        let in_lists: ListCoding = coding.parse()?;
        if place != Place::Ram && !in_lists.is_coded() {
            // Every vector would be read for every search.
            return Err(UnknownCoding::new(name));
        }
        Ok(Self { in_lists, place })
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
        let held: Held = "one-bit-cached".parse()?;
        assert_eq!(
            held.in_words(),
            "one-bit codes, vectors in SQLite and cached"
        );
        for name in ["exact-file", "exact-cached", "one-bit-file-file", "file"] {
            assert!(name.parse::<Held>().is_err(), "{name}");
        }
        Ok(())
    }
}
