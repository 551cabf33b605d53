//! Look-ups of 16 codes at a time in a table that is one register.
//!
//! Even bytes are the low ones of two, so this is for little-endian targets alone. Blocks are not fetched ahead:
//! stable Rust has no request for it on this architecture. The tests of this scan have been run in an emulator (QEMU); it
//! has not been timed.

use std::arch::aarch64::{
    uint8x16_t, uint16x8_t, vaddq_u8, vaddq_u16, vandq_u8, vandq_u16, vcgeq_u16, vdupq_n_u8,
    vdupq_n_u16, vmaxvq_u16, vorrq_u16, vqtbl1q_u8, vreinterpretq_u16_u8, vshrq_n_u8, vsraq_n_u16,
};
use std::mem::transmute;

use super::groups::groups;
use super::{Passing, RowTables, Sums};
use crate::codes::block::BLOCK_ITEMS;
use crate::codes::lookup::{ROWS_IN_A_BYTE, VALUES};

/// Blocks whose look-ups share the loads of the tables.
const TOGETHER: usize = 2;

/// The sums of a block in order: items 0 to 7, 8 to 15, 16 to 23 and 24 to 31.
type Wide = [uint16x8_t; BLOCK_ITEMS / 8];

/// Says that the CPU has NEON, which every target of this architecture with a standard library takes for granted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Neon(());

impl Neon {
    pub(super) fn detect() -> Option<Self> {
        cfg!(target_feature = "neon").then_some(Self(()))
    }

    /// Does as [`scan_into`](super::scan_into).
    pub(super) fn scan(
        self,
        rows: &[RowTables],
        blocks: &[u8],
        limits: &[u16],
        out: &mut Vec<Passing>,
    ) {
        // SAFETY: `self` is made only where NEON is among the features of the target.
        unsafe { scan(rows, blocks, limits, out) }
    }
}

#[target_feature(enable = "neon")]
fn scan(rows: &[RowTables], blocks: &[u8], limits: &[u16], out: &mut Vec<Passing>) {
    let (many, rest) = groups::<TOGETHER>(rows.len() * BLOCK_ITEMS, blocks, limits);
    for group in many {
        let sums = of_blocks(rows, group.blocks);
        keep(sums, group.limits, group.first, out);
    }
    for group in rest {
        let sums = of_blocks(rows, group.blocks);
        keep(sums, group.limits, group.first, out);
    }
}

/// Appends those of `N` blocks that pass; `first` is the position of the first.
#[target_feature(enable = "neon")]
#[inline]
fn keep<const N: usize>(sums: [Wide; N], limits: &[u16; N], first: u32, out: &mut Vec<Passing>) {
    for (n, (sums, limit)) in sums.into_iter().zip(limits).enumerate() {
        let limit = vdupq_n_u16(*limit);
        let [a, b, c, d] = sums.map(|sums| vcgeq_u16(sums, limit));
        if vmaxvq_u16(vorrq_u16(vorrq_u16(a, b), vorrq_u16(c, d))) != 0 {
            out.push(Passing {
                block: first + n as u32,
                sums: joined(sums),
            });
        }
    }
}

/// Returns the sums of `N` blocks.
#[target_feature(enable = "neon")]
#[inline]
fn of_blocks<const N: usize>(rows: &[RowTables], blocks: [&[u8]; N]) -> [Wide; N] {
    let mut sums = [[vdupq_n_u16(0); BLOCK_ITEMS / 8]; N];
    let codes = blocks.map(|block| &block.as_chunks().0[..rows.len()]);
    for from in (0..rows.len()).step_by(ROWS_IN_A_BYTE) {
        let mut bytes = [[vdupq_n_u8(0); 2]; N];
        for at in from..(from + ROWS_IN_A_BYTE).min(rows.len()) {
            let tables = loaded(&rows[at]);
            for n in 0..N {
                bytes[n] = added(bytes[n], look_up(&codes[n][at], tables));
            }
        }
        for n in 0..N {
            sums[n] = widened(sums[n], bytes[n]);
        }
    }
    sums
}

#[target_feature(enable = "neon")]
#[inline]
fn added([a, b]: [uint8x16_t; 2], [x, y]: [uint8x16_t; 2]) -> [uint8x16_t; 2] {
    [vaddq_u8(a, x), vaddq_u8(b, y)]
}

/// Adds the even and the odd bytes to sums of two bytes each.
#[target_feature(enable = "neon")]
#[inline]
fn widened([a, b, c, d]: Wide, bytes: [uint8x16_t; 2]) -> Wide {
    let low_byte = vdupq_n_u16(255);
    let [x, y] = bytes.map(|bytes| vreinterpretq_u16_u8(bytes));
    [
        vaddq_u16(a, vandq_u16(x, low_byte)),
        vaddq_u16(b, vandq_u16(y, low_byte)),
        vsraq_n_u16::<8>(c, x),
        vsraq_n_u16::<8>(d, y),
    ]
}

/// Returns, for each of the 32 codes, the sum of the two values of one row.
#[target_feature(enable = "neon")]
#[inline]
fn look_up(row: &[u8; BLOCK_ITEMS], [low, high]: [uint8x16_t; 2]) -> [uint8x16_t; 2] {
    // SAFETY: both types are 32 bytes of plain numbers.
    let halves = unsafe { transmute::<[u8; BLOCK_ITEMS], [uint8x16_t; 2]>(*row) };
    halves.map(|codes| {
        let low = vqtbl1q_u8(low, vandq_u8(codes, vdupq_n_u8(15)));
        let high = vqtbl1q_u8(high, vshrq_n_u8::<4>(codes));
        vaddq_u8(low, high)
    })
}

fn loaded(tables: &RowTables) -> [uint8x16_t; 2] {
    // SAFETY: both types are 32 bytes of plain numbers.
    unsafe { transmute::<[[u8; VALUES]; 2], [uint8x16_t; 2]>(*tables) }
}

fn joined(sums: Wide) -> Sums {
    // SAFETY: both types are 64 bytes of plain numbers.
    unsafe { transmute::<Wide, Sums>(sums) }
}
