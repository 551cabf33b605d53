//! Splits a batch of tokenised texts into packs that go through the network one at a time.

use std::ops::Range;

/// Tokens that a pack holds at most, unless one text alone has more.
///
/// Enough that the products run at full speed, few enough that a pack's activations stay near the
/// core, and that a batch of 32 sentences makes work for several cores.
pub(crate) const TOKENS_PER_PACK: usize = 256;

/// The order in which texts are computed, longest first, and where each pack begins and ends in it.
#[derive(Debug, PartialEq)]
pub(crate) struct Plan {
    /// Indices of the texts, by falling length; texts of one length keep their order.
    pub(crate) order: Vec<usize>,
    /// Ranges of `order`, which they cover in turn.
    pub(crate) packs: Vec<Range<usize>>,
}

impl Plan {
    /// Packs texts of the given lengths; depends on nothing else, so on no number of threads.
    pub(crate) fn new(lengths: &[usize]) -> Self {
        let mut order: Vec<usize> = (0..lengths.len()).collect();
        order.sort_by_key(|&i| std::cmp::Reverse(lengths[i]));
        let mut packs = Vec::new();
        let (mut start, mut n_tokens) = (0, 0);
        for (place, &i) in order.iter().enumerate() {
            if n_tokens + lengths[i] > TOKENS_PER_PACK && place > start {
                packs.push(start..place);
                (start, n_tokens) = (place, 0);
            }
            n_tokens += lengths[i];
        }
        if start < order.len() {
            packs.push(start..order.len());
        }
        Self { order, packs }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Plan, TOKENS_PER_PACK};

    #[test]
    fn fills_packs_from_the_longest_text_down() {
        let plan = Plan::new(&[3, 200, 60, 56, 256]);
        assert_eq!(plan.order, [4, 1, 2, 3, 0]);
        assert_eq!(plan.packs, [0..1, 1..2, 2..5]);
    }

    #[test]
    fn has_no_packs_without_texts() {
        assert!(Plan::new(&[]).packs.is_empty());
    }

    proptest! {
        #[test]
        fn every_text_is_in_one_pack_and_no_pack_is_too_long(
            lengths in prop::collection::vec(3usize..=256, 0..200),
        ) {
            let plan = Plan::new(&lengths);
            let mut seen: Vec<usize> = Vec::new();
            for pack in &plan.packs {
                let texts = &plan.order[pack.clone()];
                let n_tokens: usize = texts.iter().map(|&i| lengths[i]).sum();
                prop_assert!(n_tokens <= TOKENS_PER_PACK);
                seen.extend(texts);
            }
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..lengths.len()).collect::<Vec<_>>());
        }
    }
}
