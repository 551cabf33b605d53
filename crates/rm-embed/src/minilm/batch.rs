//! Splits a batch of tokenised texts into packs that go through the network one at a time.

use std::ops::Range;

use super::longest_first::longest_first;
use crate::kernels::Threads;

/// Tokens that a pack holds at most, unless one text alone has more.
///
/// Enough that the products run at full speed, few enough that a pack's activations stay near the core.
pub(crate) const TOKENS_PER_PACK: usize = 256;
/// Tokens that packs are not made smaller than for the sake of more of them: each reads all the weights.
const SMALLEST_TARGET: usize = 64;
/// Share of their time for which packs must keep the threads busy; sharing the work within each pack does so too.
const BUSY_ENOUGH: f32 = 0.85;
/// Packs for each thread where there are tokens enough, so that all threads end at nearly the same time.
const PACKS_PER_THREAD: usize = 4;

/// The order in which texts are computed, longest first, and where each pack begins and ends in it.
#[derive(Debug, PartialEq)]
pub(crate) struct Plan {
    /// Indices of the texts, by falling length; texts of one length keep their order.
    pub(crate) order: Vec<usize>,
    /// Ranges of `order`, which they cover in turn.
    pub(crate) packs: Vec<Range<usize>>,
    /// What the threads share: packs, each on one thread, or the work within each pack in turn.
    pub(crate) threads: Threads,
}

impl Plan {
    /// Packs texts of the given lengths for a pool of `n_threads`; how they are packed moves no bit of the result.
    pub(crate) fn new(lengths: &[usize], n_threads: usize) -> Self {
        let total: usize = lengths.iter().sum();
        let order = longest_first(lengths);
        let share = total / (n_threads * PACKS_PER_THREAD);
        let packs = cut(
            &order,
            lengths,
            share.clamp(SMALLEST_TARGET, TOKENS_PER_PACK),
        );
        let tokens = packs.iter().map(|pack| {
            let texts = &order[pack.clone()];
            texts.iter().map(|&i| lengths[i]).sum()
        });
        let busy = total as f32 / (n_threads * busiest(tokens, n_threads).max(1)) as f32;
        if busy >= BUSY_ENOUGH {
            Self {
                order,
                packs,
                threads: Threads::One,
            }
        } else {
            Self {
                packs: cut(&order, lengths, TOKENS_PER_PACK),
                order,
                threads: Threads::Pool,
            }
        }
    }
}

/// Cuts texts in their order into packs of at most `limit` tokens, unless one text alone has more.
fn cut(order: &[usize], lengths: &[usize], limit: usize) -> Vec<Range<usize>> {
    let mut packs = Vec::new();
    let (mut start, mut n_tokens) = (0, 0);
    for (place, &i) in order.iter().enumerate() {
        if n_tokens + lengths[i] > limit && place > start {
            packs.push(start..place);
            (start, n_tokens) = (place, 0);
        }
        n_tokens += lengths[i];
    }
    if start < order.len() {
        packs.push(start..order.len());
    }
    packs
}

/// Returns the tokens of the thread that has most of them, where each takes the next pack when it is free.
fn busiest(packs: impl Iterator<Item = usize>, n_threads: usize) -> usize {
    let mut threads = vec![0; n_threads.max(1)];
    for tokens in packs {
        if let Some(idlest) = threads.iter_mut().min() {
            *idlest += tokens;
        }
    }
    threads.into_iter().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Plan, TOKENS_PER_PACK, Threads};

    #[test]
    fn fills_packs_from_the_longest_text_down() {
        let plan = Plan::new(&[3, 200, 60, 56, 256], 1);
        assert_eq!(plan.order, [4, 1, 2, 3, 0]);
        assert_eq!(plan.packs, [0..1, 1..2, 2..5]);
    }

    #[test]
    fn shares_one_text_among_threads_and_gives_each_of_them_packs_of_many() {
        assert_eq!(Plan::new(&[12], 1).threads, Threads::One);
        let alone = Plan::new(&[12], 2);
        assert_eq!((alone.threads, alone.packs.len()), (Threads::Pool, 1));
        let batch = Plan::new(&[20; 32], 2);
        assert_eq!((batch.threads, batch.packs.len()), (Threads::One, 8));
        assert_eq!(Plan::new(&[20; 32], 16).threads, Threads::Pool);
        assert_eq!(Plan::new(&[256], 2).threads, Threads::Pool);
        assert_eq!(Plan::new(&[256; 2], 2).threads, Threads::One);
        assert_eq!(Plan::new(&[256; 3], 2).threads, Threads::Pool);
    }

    #[test]
    fn has_no_packs_without_texts() {
        assert!(Plan::new(&[], 2).packs.is_empty());
    }

    proptest! {
        #[test]
        fn every_text_is_in_one_pack_and_no_pack_is_too_long(
            lengths in prop::collection::vec(3usize..=256, 0..200), n_threads in 1usize..20,
        ) {
            let plan = Plan::new(&lengths, n_threads);
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
