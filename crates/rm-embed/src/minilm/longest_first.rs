//! The order in which the texts of a batch are computed.

use std::cmp::Reverse;

/// Returns the indices of texts of the given lengths, by falling length; texts of one length keep their order.
pub(crate) fn longest_first(lengths: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&i| Reverse(lengths[i]));
    order
}
