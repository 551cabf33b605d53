//! Which texts hold a term, and how often.

/// Is the place of a text in an index; given to another text once the first is gone.
pub(super) type Slot = u32;

/// Says that a text holds a term `frequency` times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Posting {
    pub(super) slot: Slot,
    pub(super) frequency: u32,
}

/// Holds the postings of one term by rising slot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Postings {
    postings: Vec<Posting>,
}

impl Postings {
    pub(super) fn len(&self) -> usize {
        self.postings.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Posting> {
        self.postings.iter().copied()
    }

    /// Adds a posting for a slot that has none; free for the slot of a new text, which is the last.
    pub(super) fn insert(&mut self, posting: Posting) {
        let at = self.postings.partition_point(|p| p.slot < posting.slot);
        self.postings.insert(at, posting);
    }

    /// Takes out the posting of a slot, if there is one.
    pub(super) fn remove(&mut self, slot: Slot) {
        if let Ok(at) = self.postings.binary_search_by_key(&slot, |p| p.slot) {
            self.postings.remove(at);
        }
    }
}
