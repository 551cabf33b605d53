//! Why a tool did not do what it was asked for, in one line for whoever asked.

use std::error::Error;

/// Is what a tool answers where it cannot do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal(String);

impl Refusal {
    /// Says this, in one line.
    pub(crate) fn new(why: impl AsRef<str>) -> Self {
        let parts = why.as_ref().lines().map(str::trim);
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        Self(parts.join("; "))
    }

    /// Says that no memory has this id.
    pub(crate) fn unknown(id: &str) -> Self {
        Self::new(format!(
            "no memory has the id {id:?}; search_memories and get_memories show those there are"
        ))
    }

    /// Says which argument is out of range.
    pub(crate) fn range(argument: &str, expected: &str, got: impl std::fmt::Display) -> Self {
        Self::new(format!("{argument}: expected {expected}, got {got}"))
    }

    /// Returns the line.
    pub(crate) fn into_line(self) -> String {
        self.0
    }
}

impl From<rm_memory::Error> for Refusal {
    /// Tells the error with its causes, less those that the words before them tell already.
    fn from(error: rm_memory::Error) -> Self {
        if let rm_memory::Error::UnknownItem { id } = &error {
            return Self::unknown(id);
        }
        let mut told = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let words = error.to_string();
            if !told.contains(&words) {
                told = format!("{told}: {words}");
            }
            cause = error.source();
        }
        Self::new(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_lines_become_one() {
        let refusal = Refusal::new("not found; tried:\n  1. a\n\n  2. b");
        assert_eq!(refusal.into_line(), "not found; tried:; 1. a; 2. b");
    }

    #[test]
    fn an_unknown_id_comes_with_advice() {
        let error = rm_memory::Error::UnknownItem { id: "a".into() };
        let line = Refusal::from(error).into_line();
        assert!(line.starts_with("no memory has the id \"a\"; "), "{line}");
    }
}
