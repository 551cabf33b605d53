//! The second look at items that may matter by their first bit: by all bits of their codes.
//!
//! It gives an item a far lower upper end, by which most are passed over, and a *lower end*, estimate less as many standard
//! errors. The k-th best lower end raises the bar without a look at any vector: for it to be too high, one of k items must be
//! below its lower end.

use crate::ItemId;
use crate::codes::{FineQuery, ListCodes};
use crate::top_k::TopK;

/// Standard errors that the first look allows for, over those of the second.
///
/// Either look may pass an item over, and what the first one lets through costs no more than a second look. Over 100,000 Reddit
/// titles, all lists scanned with 2.5 standard errors, one-bit codes miss 11 of 30,000 nearest items (1,000 questions, six
/// rotations); codes of 2, 3, 4, 5 and 8 bits miss 23, 12, 7, 5 and 1, and leave 20, 10, 7, 6 and 5 vectors to read of 178.
/// With 1 in place of 1.2 they would miss 37, 26, 21, 20 and 30.
pub(crate) const FIRST_LOOK: f32 = 1.2;

/// Items that are looked at together, so that their bits are fetched from memory meanwhile.
pub(crate) const LOOKED_AT_ONCE: usize = 32;

/// Is what one query knows of the items that it has looked at.
pub(crate) struct FineScan {
    query: FineQuery,
    /// Standard errors that an estimate may be off by.
    errors: f32,
    lower_ends: TopK<ItemId>,
    /// The first bits of the items that are to be looked at next, one after the other.
    signs: Vec<u8>,
}

impl FineScan {
    /// Begins with no items, of which the `top_k` best are wanted.
    pub(crate) fn new(query: FineQuery, top_k: usize, errors: f32) -> Self {
        Self {
            query,
            errors,
            lower_ends: TopK::new(top_k),
            signs: Vec::new(),
        }
    }

    /// Takes up the item at a position of the list of `codes`, which is to be looked at after those taken up before: its first
    /// bits are at hand now, and its others are fetched from memory.
    pub(crate) fn take_up(&mut self, codes: &ListCodes, position: usize) {
        codes.blocks().append_to(&mut self.signs, position);
        codes.fetch_fine(position);
    }

    /// Lets go of what is taken up.
    pub(crate) fn let_go(&mut self) {
        self.signs.clear();
    }

    /// Looks at the `nth` item that is taken up, which is at a position of the list of `codes`, and returns its upper end;
    /// `base` is the product of the query with the list's origin.
    pub(crate) fn upper_end(
        &mut self,
        nth: usize,
        codes: &ListCodes,
        base: f32,
        position: usize,
        item: ItemId,
    ) -> f32 {
        let signs = self.signs.chunks_exact(codes.blocks().code_bytes());
        let estimate = signs
            .skip(nth)
            .map(|signs| codes.fine_estimate(&self.query, signs, position));
        let Some((estimate, error)) = estimate.flatten().next() else {
            return f32::INFINITY;
        };
        let (middle, reach) = (base + estimate, self.errors * error);
        self.lower_ends.push(middle - reach, item);
        middle + reach
    }

    /// Returns what the k-th best product is at least, once k items were looked at.
    pub(crate) fn floor(&self) -> Option<f32> {
        self.lower_ends.floor()
    }
}
