//! One fact in four lengths.

use serde::Serialize;

use super::compose;
use super::dice::{Dice, Stream};
use super::fact::{Dealer, Fact};

/// The same fact as it was noted, and as enrichment would store it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Forms {
    /// The memory's own text.
    pub plain: String,
    /// The text with a second phrasing, other words for its terms and its context.
    pub expanded: String,
    /// The fact as a short entry.
    pub summary: String,
    /// The one sentence that states the fact.
    pub key_sentence: String,
}

impl Forms {
    pub(super) fn write(fact: &Fact<'_>, index: u64, plain: String, dealer: &Dealer) -> Self {
        let dice = &mut Dice::new(dealer.seed, Stream::Forms, index, 0);
        Self {
            expanded: compose::expanded(fact, index, &plain, dealer, dice),
            plain,
            summary: compose::gist(fact, dealer, dice),
            key_sentence: compose::key_sentence(fact, dealer, dice),
        }
    }
}
