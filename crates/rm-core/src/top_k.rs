//! Keeps the k best of a stream of scored ids.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// Is one scored id; the better one is greater: higher score first, then the smaller id.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scored<I> {
    pub(crate) score: f32,
    pub(crate) id: I,
}

impl<I: Ord> Ord for Scored<I> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score
            .total_cmp(&other.score)
            .then_with(|| other.id.cmp(&self.id))
    }
}

impl<I: Ord> PartialOrd for Scored<I> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<I: Ord> Eq for Scored<I> where I: PartialEq {}

/// Collects scored ids and keeps the `k` best, whatever the order they come in.
#[derive(Debug)]
pub(crate) struct TopK<I> {
    k: usize,
    heap: BinaryHeap<Reverse<Scored<I>>>,
}

impl<I: Ord + Copy> TopK<I> {
    /// Makes room for `k` ids; `k` 0 keeps none.
    pub(crate) fn new(k: usize) -> Self {
        Self {
            k,
            heap: BinaryHeap::with_capacity(k.min(1024) + 1),
        }
    }

    /// Offers one id; costs `log k` when it is among the best so far and one comparison otherwise.
    pub(crate) fn push(&mut self, score: f32, id: I) {
        let offered = Scored { score, id };
        if self.heap.len() < self.k {
            self.heap.push(Reverse(offered));
        } else if let Some(mut worst) = self.heap.peek_mut()
            && offered > worst.0
        {
            *worst = Reverse(offered);
        }
    }

    /// Returns the score an id must reach to be kept, once there are `k`.
    pub(crate) fn floor(&self) -> Option<f32> {
        (self.heap.len() >= self.k)
            .then(|| self.heap.peek().map(|worst| worst.0.score))
            .flatten()
    }

    /// Returns what was kept, best first.
    pub(crate) fn into_sorted(self) -> Vec<Scored<I>> {
        self.heap
            .into_sorted_vec()
            .into_iter()
            .map(|kept| kept.0)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_keeps_what_sorting_would(
            scores in prop::collection::vec(-3i8..3, 0..60), k in 0usize..70,
        ) {
            let mut top = TopK::new(k);
            let mut all = Vec::new();
            for (id, score) in scores.iter().enumerate() {
                let score = f32::from(*score) / 4.0;
                top.push(score, id);
                all.push(Scored { score, id });
            }
            all.sort_by(|a, b| b.cmp(a));
            all.truncate(k);
            prop_assert_eq!(top.into_sorted(), all);
        }
    }
}
