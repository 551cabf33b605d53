//! Look-ups one at a time: what every other scan is held to.

use super::{Passing, RowTables, Sums};
use crate::codes::block::BLOCK_ITEMS;

/// Does as [`scan_into`](super::scan_into) on any machine.
pub(super) fn scan(rows: &[RowTables], blocks: &[u8], limits: &[u16], out: &mut Vec<Passing>) {
    let blocks = blocks.chunks_exact(rows.len() * BLOCK_ITEMS);
    for (block, (bytes, limit)) in blocks.zip(limits).enumerate() {
        let mut lanes = [0u16; BLOCK_ITEMS];
        for ([low, high], row) in rows.iter().zip(bytes.as_chunks::<BLOCK_ITEMS>().0) {
            for (sum, byte) in lanes.iter_mut().zip(row) {
                let value = low[usize::from(byte & 15)] + high[usize::from(byte >> 4)];
                *sum += u16::from(value);
            }
        }
        if lanes.iter().any(|sum| sum >= limit) {
            out.push(Passing {
                block: block as u32,
                sums: in_order(&lanes),
            });
        }
    }
}

/// Takes even and odd lanes apart, which is the order of the items.
fn in_order(lanes: &Sums) -> Sums {
    let half = BLOCK_ITEMS / 2;
    std::array::from_fn(|item| lanes[2 * (item % half) + item / half])
}
