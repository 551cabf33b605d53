//! Ids of turns, and the pointers at them, some of them malformed.

use std::collections::HashSet;
use std::fmt;

/// Identifies one turn inside one conversation: `D`, the session's number, `:`, the turn's number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TurnId(String);

impl TurnId {
    /// Returns the id if the whole of `text` is one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (id_length(text) == Some(text.len())).then(|| Self(text.to_owned()))
    }

    /// Returns the id as the file writes it, such as `D1:3`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TurnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Holds the turns that a question or an observation rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Turns of the conversation, in the order they are named, each once.
    pub turns: Vec<TurnId>,
    /// What was named and is no turn of the conversation, as written.
    ///
    /// In the published file: two turns that do not exist, two malformed ids, and `D30:05`, which may
    /// mean `D30:5` but is not guessed at, so that counts agree with everybody's.
    pub unresolved: Vec<String>,
}

impl Evidence {
    /// Takes every id out of `pointers`, several of which may stand in one text (`D8:6; D9:17`), and
    /// keeps those that are in `known`.
    pub(super) fn resolve<'a>(
        pointers: impl IntoIterator<Item = &'a str>,
        known: &HashSet<TurnId>,
    ) -> Self {
        let mut evidence = Self::default();
        for pointer in pointers {
            let ids = ids_in(pointer);
            if ids.is_empty() {
                evidence.unresolved.push(pointer.to_owned());
            }
            for id in ids {
                if !known.contains(&id) {
                    evidence.unresolved.push(id.0);
                } else if !evidence.turns.contains(&id) {
                    evidence.turns.push(id);
                }
            }
        }
        evidence
    }
}

/// Returns every match of `D\d+:\d+`, leftmost first, none overlapping.
fn ids_in(text: &str) -> Vec<TurnId> {
    let mut ids = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('D') {
        rest = &rest[start..];
        let length = id_length(rest);
        if let Some(length) = length {
            ids.push(TurnId(rest[..length].to_owned()));
        }
        rest = &rest[length.unwrap_or(1)..];
    }
    ids
}

/// Returns the length in bytes of the id that `text` begins with.
fn id_length(text: &str) -> Option<usize> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let session = text.strip_prefix('D')?;
    let session_digits = digits(session);
    let turn = session[session_digits..].strip_prefix(':')?;
    let turn_digits = digits(turn);
    (session_digits > 0 && turn_digits > 0).then_some(2 + session_digits + turn_digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(ids: &[TurnId]) -> Vec<&str> {
        ids.iter().map(TurnId::as_str).collect()
    }

    #[test]
    fn ids_are_found_wherever_they_stand() {
        assert_eq!(texts(&ids_in("D1:3")), ["D1:3"]);
        assert_eq!(texts(&ids_in("D8:6; D9:17")), ["D8:6", "D9:17"]);
        assert_eq!(texts(&ids_in("D9:1 D4:4D4:6,")), ["D9:1", "D4:4", "D4:6"]);
        assert_eq!(texts(&ids_in("DD12:34x é")), ["D12:34"]);
        for none in ["", "D", "D:11:26", "D1:", "D:3", "d1:3", "D1 :3"] {
            assert!(ids_in(none).is_empty(), "{none:?}");
        }
    }

    #[test]
    fn a_turn_id_is_the_whole_text() {
        assert_eq!(
            TurnId::new("D1:3").map(|id| id.to_string()).as_deref(),
            Some("D1:3")
        );
        for bad in ["D1:3 ", " D1:3", "D1:3:4", "1:3", ""] {
            assert_eq!(TurnId::new(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn what_is_no_turn_is_kept_apart() {
        let known: HashSet<TurnId> = ["D1:1", "D1:2", "D2:5"]
            .into_iter()
            .filter_map(TurnId::new)
            .collect();
        let evidence = Evidence::resolve(["D1:2; D2:5", "D", "D9:9", "D1:2", "D2:05"], &known);
        assert_eq!(texts(&evidence.turns), ["D1:2", "D2:5"]);
        assert_eq!(evidence.unresolved, ["D", "D9:9", "D2:05"]);
    }
}
