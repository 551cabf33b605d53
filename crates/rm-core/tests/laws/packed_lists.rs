//! Bytes that no index has packed are refused, and never more than that.

use std::sync::Arc;

use crate::support::{codebook, codes, vector};
use proptest::prelude::*;
use rm_core::{
    CentroidId, CodeBits, Codebook, Coding, Error, Index, ItemId, SourceError, Unpacking,
    VectorSource,
};

/// Has no vector, so that whoever reads one fails.
struct Nowhere;

impl VectorSource for Nowhere {
    fn read(&self, items: &[ItemId], _rows: &mut Vec<f32>) -> Result<(), SourceError> {
        Err(SourceError::new(format!("no vectors of {items:?} here")))
    }
}

/// Packs the lists of an index of some vectors.
fn packed(
    codebook: Codebook,
    coding: Coding,
    vectors: &[Vec<f32>],
) -> rm_core::Result<Vec<Vec<u8>>> {
    let mut index = Index::new(codebook).with_coding(coding);
    for (item, vector) in (0..).map(ItemId).zip(vectors) {
        index.add(item, vector)?;
    }
    let centroids = (0..index.k() as u32).map(CentroidId);
    centroids
        .map(|centroid| index.pack_list(centroid))
        .collect()
}

fn unpacked(codebook: Codebook, coding: Coding, lists: &[Vec<u8>]) -> rm_core::Result<Index> {
    let mut unpacking = Unpacking::new(codebook, coding)?;
    for (centroid, list) in (0..).map(CentroidId).zip(lists) {
        unpacking.list(centroid, list)?;
    }
    unpacking.finish(&[], Arc::new(Nowhere))
}

proptest! {
    #[test]
    fn a_cut_or_changed_list_is_refused_or_harmless(
        codebook in codebook(1..6), coding in codes(),
        vectors in prop::collection::vec(vector(), 1..60),
        at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(),
    ) {
        let lists = packed(codebook.clone(), coding, &vectors)?;
        let whole = unpacked(codebook.clone(), coding, &lists)?;
        prop_assert_eq!(whole.len(), vectors.len());

        let mut damaged = lists.clone();
        let which = at.index(damaged.len());
        let place = at.index(damaged[which].len());
        if cut {
            damaged[which].truncate(place);
            let refused = unpacked(codebook, coding, &damaged);
            let is_refused = matches!(refused, Err(Error::PackedList { .. }));
            prop_assert!(is_refused, "{:?}", refused.map(|index| index.len()));
        } else {
            damaged[which][place] = byte;
            // What a checksum would have found may pass here as another code or id, and that is all.
            if let Ok(index) = unpacked(codebook, coding, &damaged) {
                prop_assert_eq!(index.len(), vectors.len());
            }
        }
    }

    #[test]
    fn lists_of_another_coding_or_codebook_are_refused(
        codebook in codebook(1..6), vectors in prop::collection::vec(vector(), 1..20), bits in 1u8..=8, seed in any::<u64>(),
    ) {
        let (bits, other_bits) = (CodeBits::new(bits)?, CodeBits::new(bits % 8 + 1)?);
        let lists = packed(codebook.clone(), Coding::rabitq(bits, seed), &vectors)?;
        for other in [
            Coding::rabitq(bits, seed.wrapping_add(1)),
            Coding::RaBitQ { bits, seed, spill: true },
            Coding::rabitq(other_bits, seed),
        ] {
            let refused = unpacked(codebook.clone(), other, &lists);
            let is_refused = matches!(refused, Err(Error::PackedList { .. }));
            prop_assert!(is_refused);
        }
        prop_assert!(unpacked(codebook, Coding::Exact, &lists).is_err());
        let longer = Codebook::from_rows(vectors[0].len() + 1, vec![1.0; vectors[0].len() + 1])?;
        prop_assert!(unpacked(longer, Coding::rabitq(bits, seed), &lists[..1]).is_err());
    }
}
