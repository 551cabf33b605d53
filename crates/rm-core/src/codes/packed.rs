//! The codes of a list as bytes, to be kept in a file: little-endian numbers one after the other.

use super::{BLOCK_ITEMS, CodeBlocks, Codec, ListCodes, block};

impl ListCodes {
    /// Appends the codes to `out`; `centroid` is where the list's centroid is now.
    pub(crate) fn pack(&self, centroid: &[f32], out: &mut Vec<u8>) {
        out.extend(self.spread.to_le_bytes());
        put(self.origin().unwrap_or(centroid), out);
        put(&self.factors, out);
        put(&self.products, out);
        out.extend_from_slice(self.blocks.bytes());
        if let Some(fine) = &self.fine {
            out.extend_from_slice(fine.bytes());
        }
    }

    /// Reads the codes of `len` items for a list whose centroid is at `centroid`; `None` where `bytes` is anything else.
    pub(crate) fn unpack(
        codec: &Codec,
        len: usize,
        centroid: &[f32],
        bytes: &mut &[u8],
    ) -> Option<Self> {
        let dim = centroid.len();
        let spread = numbers(1, bytes)?[0];
        let origin = numbers(dim, bytes)?;
        let factors = numbers(len, bytes)?;
        let products = numbers(len, bytes)?;
        let wanted = len.div_ceil(BLOCK_ITEMS).checked_mul(BLOCK_ITEMS)?;
        let wanted = wanted.checked_mul(block::rows(dim))?;
        let blocks = bytes.split_off(..wanted)?.to_vec();
        let fine = match codec.fine_codes() {
            Some(fine) => Some(fine.take(len, bytes)?),
            None => None,
        };
        let largest = factors.chunks(BLOCK_ITEMS);
        let largest = largest.map(|factors| factors.iter().copied().fold(0.0, f32::max));
        Some(Self {
            largest_factors: largest.collect(),
            origin: (origin != centroid && len > 0).then(|| origin.into()),
            blocks: CodeBlocks::from_bytes(dim, len, blocks)?,
            factors,
            products,
            spread: if len == 0 { 0.0 } else { spread },
            fine,
        })
    }
}

fn put(numbers: &[f32], out: &mut Vec<u8>) {
    out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

/// Takes the first numbers off `bytes`; `None` where there are fewer or one is not finite.
fn numbers(len: usize, bytes: &mut &[u8]) -> Option<Vec<f32>> {
    let (numbers, _) = bytes.split_off(..len.checked_mul(4)?)?.as_chunks::<4>();
    let numbers: Vec<f32> = numbers
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect();
    let is_finite = numbers.iter().all(|number| number.is_finite());
    is_finite.then_some(numbers)
}
