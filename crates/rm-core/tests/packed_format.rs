//! Lists that a release has packed are read by every later one, and packed the same.
//!
//! `fixtures/packed-1.bin` is of the code before codes had more than one bit, `packed-2.bin` of the first with four. Both are
//! records: if they no longer fit, a format was changed and needs another name.

use std::sync::Arc;

use rm_core::{
    CentroidId, CodeBits, Codebook, Coding, Index, ItemId, SourceError, Unpacking, VectorSource,
    check_unit,
};

const DIM: usize = 20;
const N_ITEMS: u64 = 45;
const SEED: u64 = 42;

/// Returns the vector of an item by a formula that no library can change.
fn vector(item: u64) -> Vec<f32> {
    let number = |at: u64| ((item * 37 + at * at * 11 + item * at) % 29) as f32 - 13.5;
    (0..DIM as u64).map(number).collect()
}

fn codebook() -> rm_core::Result<Codebook> {
    Codebook::from_rows(DIM, [vector(1_000), vector(2_000)].concat())
}

struct Known;

impl VectorSource for Known {
    fn read(&self, items: &[ItemId], rows: &mut Vec<f32>) -> Result<(), SourceError> {
        for item in items {
            let vector = vector(item.0);
            rows.extend_from_slice(&check_unit(DIM, &vector).map_err(SourceError::new)?);
        }
        Ok(())
    }
}

fn packed(coding: Coding) -> rm_core::Result<Vec<u8>> {
    let mut index = Index::new(codebook()?).with_coding(coding);
    for item in 0..N_ITEMS {
        index.add(ItemId(item), &vector(item))?;
    }
    index.pack_list(CentroidId(0))
}

fn holds(fixture: &[u8], coding: Coding) -> rm_core::Result<()> {
    let mut unpacking = Unpacking::new(codebook()?, coding)?;
    unpacking.list(CentroidId(0), fixture)?;
    let index = unpacking.finish(&[], Arc::new(Known))?;
    assert!(index.len() > 20, "{} items", index.len());
    assert_eq!(index.miscoded()?, vec![]);
    assert!(packed(coding)? == fixture, "packed otherwise than before");
    Ok(())
}

#[test]
fn one_bit_codes_are_as_they_were() -> rm_core::Result<()> {
    holds(
        include_bytes!("fixtures/packed-1.bin"),
        Coding::one_bit(SEED),
    )
}

#[test]
fn codes_of_four_bits_are_as_they_were() -> rm_core::Result<()> {
    holds(
        include_bytes!("fixtures/packed-2.bin"),
        Coding::rabitq(CodeBits::new(4)?, SEED),
    )
}
