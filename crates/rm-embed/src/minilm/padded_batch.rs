//! Lays texts of about one length side by side, padded to the longest of them.

use std::ops::Range;

use candle_core::{Device, Tensor};

use super::longest_first::longest_first;

/// The order in which texts are computed, longest first, and where each batch begins and ends in it.
#[derive(Debug, PartialEq)]
pub(crate) struct PaddedPlan {
    /// Indices of the texts, by falling length; texts of one length keep their order.
    pub(crate) order: Vec<usize>,
    /// Ranges of `order`, which they cover in turn.
    pub(crate) batches: Vec<Range<usize>>,
}

impl PaddedPlan {
    /// Cuts texts of the given lengths into batches of at most `limit` tokens, padding included; a text that is
    /// longer than that has a batch of its own.
    pub(crate) fn new(lengths: &[usize], limit: usize) -> Self {
        let order = longest_first(lengths);
        let mut batches = Vec::new();
        let mut start = 0;
        for place in 1..=order.len() {
            let n_texts_with_next = place + 1 - start;
            if place == order.len() || n_texts_with_next * lengths[order[start]] > limit {
                batches.push(start..place);
                start = place;
            }
        }
        Self { order, batches }
    }
}

/// The tensors of one batch, `(n_texts, longest)`.
#[derive(Debug)]
pub(crate) struct PaddedBatch {
    /// Token ids; `[PAD]`, which is 0, past the end of a text.
    pub(crate) ids: Tensor,
    /// 1 for a token, 0 for padding, as `f32`.
    pub(crate) mask: Tensor,
}

impl PaddedBatch {
    /// Lays texts side by side in the memory of `device`.
    pub(crate) fn new(texts: &[&[u32]], device: &Device) -> candle_core::Result<Self> {
        let longest = texts.iter().map(|ids| ids.len()).max().unwrap_or(0);
        let mut ids = vec![0_u32; texts.len() * longest];
        let mut mask = vec![0_f32; ids.len()];
        for (index, text) in texts.iter().enumerate() {
            let row = index * longest..index * longest + text.len();
            ids[row.clone()].copy_from_slice(text);
            mask[row].fill(1.0);
        }
        let shape = (texts.len(), longest);
        Ok(Self {
            ids: Tensor::from_vec(ids, shape, device)?,
            mask: Tensor::from_vec(mask, shape, device)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;
    use proptest::prelude::*;

    use super::{PaddedBatch, PaddedPlan};

    #[test]
    fn fills_batches_from_the_longest_text_down() {
        let plan = PaddedPlan::new(&[3, 200, 60, 70, 256, 50], 256);
        assert_eq!(plan.order, [4, 1, 3, 2, 5, 0]);
        assert_eq!(plan.batches, [0..1, 1..2, 2..5, 5..6]);
        assert!(PaddedPlan::new(&[], 256).batches.is_empty());
    }

    #[test]
    fn pads_with_zeros_that_the_mask_leaves_out() {
        let batch = PaddedBatch::new(&[&[7, 8, 9], &[5]], &Device::Cpu).expect("lies on the CPU");
        let ids: Vec<Vec<u32>> = batch.ids.to_vec2().expect("two rows");
        assert_eq!(ids, [[7, 8, 9], [5, 0, 0]]);
        let mask: Vec<Vec<f32>> = batch.mask.to_vec2().expect("two rows");
        assert_eq!(mask, [[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]]);
    }

    proptest! {
        #[test]
        fn every_text_is_in_one_batch_and_no_batch_is_too_large(
            lengths in prop::collection::vec(3usize..=256, 0..200), limit in 1usize..2000,
        ) {
            let plan = PaddedPlan::new(&lengths, limit);
            let mut seen: Vec<usize> = Vec::new();
            for batch in &plan.batches {
                let texts = &plan.order[batch.clone()];
                prop_assert!(texts.len() == 1 || texts.len() * lengths[texts[0]] <= limit);
                prop_assert!(texts.iter().all(|&i| lengths[i] <= lengths[texts[0]]));
                seen.extend(texts);
            }
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..lengths.len()).collect::<Vec<_>>());
        }
    }
}
