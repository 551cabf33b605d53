//! What a condition is about: an entry of the metadata, or what a memory knows of its items itself.

use std::fmt;

use serde_json::{Map, Value};

/// What the names of an item's own fields begin with.
const OWN: char = '#';

/// Joins the keys of a path.
const DOT: char = '.';

/// Takes its meaning from the character that follows.
const ESCAPE: char = '\\';

/// Names that mean something else where filters are written as JSON.
pub(super) const RESERVED: [&str; 6] = ["AND", "OR", "NOT", "and", "or", "not"];

/// Is a field of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Field {
    /// The keys that lead to an entry of the metadata, at least one.
    Metadata(Vec<String>),
    /// What is not in the metadata.
    Own(OwnField),
    /// A name that begins as those of own fields do and is none.
    Unknown(String),
}

/// Is a field that every item has, whatever its metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnField {
    /// The user's id of the item.
    Id,
    /// When the item was first added.
    CreatedAt,
    /// When the item was last changed.
    UpdatedAt,
    /// How much the item matters.
    Importance,
}

impl OwnField {
    pub(crate) const ALL: [Self; 4] =
        [Self::Id, Self::CreatedAt, Self::UpdatedAt, Self::Importance];

    /// Returns the name as filters have it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Id => "#id",
            Self::CreatedAt => "#created_at",
            Self::UpdatedAt => "#updated_at",
            Self::Importance => "#importance",
        }
    }

    /// Returns whether the field is a time.
    pub(crate) fn is_time(self) -> bool {
        matches!(self, Self::CreatedAt | Self::UpdatedAt)
    }
}

impl Field {
    /// Reads a name: an own field, or keys with dots between them, in which a backslash takes the meaning from the character
    /// after it.
    pub(crate) fn parse(name: &str) -> Self {
        if name.starts_with(OWN) {
            let own = OwnField::ALL.into_iter().find(|own| own.name() == name);
            return own.map_or_else(|| Self::Unknown(name.to_owned()), Self::Own);
        }
        let (mut keys, mut key) = (Vec::new(), String::new());
        let mut characters = name.chars();
        while let Some(character) = characters.next() {
            match character {
                DOT => keys.push(std::mem::take(&mut key)),
                ESCAPE => key.push(characters.next().unwrap_or(ESCAPE)),
                _ => key.push(character),
            }
        }
        keys.push(key);
        Self::Metadata(keys)
    }
}

impl fmt::Display for Field {
    /// Writes the name that [`parse`](Self::parse) reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(own) => f.write_str(own.name()),
            Self::Unknown(name) => f.write_str(name),
            Self::Metadata(keys) => {
                let mut name = String::new();
                for (at, key) in keys.iter().enumerate() {
                    push_key(&mut name, key, at == 0);
                }
                f.write_str(&name)
            }
        }
    }
}

/// Appends a key to the name of the path before it, of which it may be the first one.
pub(crate) fn push_key(name: &mut String, key: &str, is_first: bool) {
    if !is_first {
        name.push(DOT);
    } else if key.starts_with([OWN, '$']) || RESERVED.contains(&key) {
        name.push(ESCAPE);
    }
    for character in key.chars() {
        if matches!(character, DOT | ESCAPE) {
            name.push(ESCAPE);
        }
        name.push(character);
    }
}

/// Returns the entry that a path leads to: through objects alone.
pub(super) fn entry<'m>(metadata: &'m Map<String, Value>, keys: &[String]) -> Option<&'m Value> {
    let (first, rest) = keys.split_first()?;
    let first = metadata.get(first)?;
    rest.iter()
        .try_fold(first, |value, key| value.as_object()?.get(key))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_paths() {
        let keys = |name: &str| match Field::parse(name) {
            Field::Metadata(keys) => keys,
            other => panic!("{other:?}"),
        };
        assert_eq!(keys("user.name"), ["user", "name"]);
        assert_eq!(keys(r"user\.name"), ["user.name"]);
        assert_eq!(keys(r"\#id"), ["#id"]);
        assert_eq!(keys(r"C:\\"), [r"C:\"]);
        assert_eq!(keys("a..b."), ["a", "", "b", ""]);
        assert_eq!(keys(""), [""]);
        assert_eq!(Field::parse("#id"), Field::Own(OwnField::Id));
        assert_eq!(Field::parse("#size"), Field::Unknown("#size".into()));
    }

    proptest! {
        #[test]
        fn a_path_is_read_back(keys in prop::collection::vec(r"[a.\\#$]{0,4}|AND|not|.*", 1..4)) {
            let field = Field::Metadata(keys);
            let name = field.to_string();
            prop_assert!(!RESERVED.contains(&name.as_str()) && !name.starts_with(['#', '$']));
            prop_assert_eq!(Field::parse(&name), field);
        }
    }
}
