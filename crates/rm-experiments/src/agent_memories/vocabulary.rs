//! Everything that slots are filled from.

use super::domain::Domain;
use super::error::GrammarError;
use super::lexicon::Lexicon;
use super::people::People;

/// The word lists and the people.
#[derive(Debug)]
pub(super) struct Vocabulary {
    pub(super) lexicon: Lexicon,
    pub(super) people: People,
}

impl Vocabulary {
    /// Finds what fills a slot of a topic's template; `who.2` is filled as `who` is.
    ///
    /// # Errors
    /// [`GrammarError::Slot`] where no list has the name.
    pub(super) fn domain(
        &self,
        topic: usize,
        slot: &str,
        template: &str,
    ) -> Result<Domain, GrammarError> {
        let name = slot.strip_suffix(".2").unwrap_or(slot);
        Domain::built_in(name)
            .or_else(|| self.lexicon.find(topic, name).map(Domain::List))
            .ok_or_else(|| GrammarError::Slot {
                slot: slot.to_owned(),
                template: template.to_owned(),
            })
    }
}
