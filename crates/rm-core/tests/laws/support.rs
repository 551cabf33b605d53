//! Random vectors for property tests: coarse enough that equal scores occur, so ties are tested too.

use proptest::prelude::*;
use rm_core::{CodeBits, Codebook, Coding, ItemId, Vectors};

/// Components of every vector here.
pub(crate) const DIM: usize = 6;

/// Draws one vector that is not zero.
pub(crate) fn vector() -> impl Strategy<Value = Vec<f32>> {
    prop::collection::vec((-2i8..=2).prop_map(f32::from), DIM)
        .prop_filter("a zero vector has no direction", |v| {
            v.iter().any(|x| *x != 0.0)
        })
}

/// Draws a block of vectors.
pub(crate) fn vectors(
    len: impl Into<prop::collection::SizeRange>,
) -> impl Strategy<Value = Vectors> {
    prop::collection::vec(vector(), len)
        .prop_map(|rows| Vectors::from_rows(DIM, rows.concat()).expect("whole rows"))
}

/// Draws a codebook; equal centroids may occur.
pub(crate) fn codebook(
    k: impl Into<prop::collection::SizeRange>,
) -> impl Strategy<Value = Codebook> {
    vectors(k).prop_map(|centroids| Codebook::new(&centroids).expect("at least one centroid"))
}

/// Draws a coding with codes of any number of bits, in second lists or not.
pub(crate) fn codes() -> impl Strategy<Value = Coding> {
    (1u8..=8, any::<u64>(), any::<bool>()).prop_map(|(bits, seed, spill)| Coding::RaBitQ {
        bits: CodeBits::new(bits).expect("1 to 8"),
        seed,
        spill,
    })
}

/// Numbers items from 1.
pub(crate) fn ids(len: usize) -> Vec<ItemId> {
    (1..=len as u64).map(ItemId).collect()
}
