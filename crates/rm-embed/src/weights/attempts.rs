//! The record of what was tried to find the model.

use std::fmt;

/// One source that was tried and did not give the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Which source, with its path or address.
    pub source: String,
    /// What happened there.
    pub outcome: String,
}

/// Every source that was tried, in order; displayed one a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempts(Vec<Attempt>);

impl Attempts {
    /// Iterates over the attempts in the order they were made.
    pub fn iter(&self) -> impl Iterator<Item = &Attempt> {
        self.0.iter()
    }

    pub(crate) fn push(&mut self, source: impl Into<String>, outcome: impl Into<String>) {
        self.0.push(Attempt {
            source: source.into(),
            outcome: outcome.into(),
        });
    }
}

impl fmt::Display for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, Attempt { source, outcome }) in self.0.iter().enumerate() {
            let line_end = if number + 1 < self.0.len() { "\n" } else { "" };
            write!(f, "  {}. {source}: {outcome}{line_end}", number + 1)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Attempts;

    #[test]
    fn shows_one_attempt_a_line() {
        let mut attempts = Attempts::default();
        attempts.push("folder /a", "no config.json");
        attempts.push("hub", "switched off");
        assert_eq!(
            attempts.to_string(),
            "  1. folder /a: no config.json\n  2. hub: switched off"
        );
    }
}
