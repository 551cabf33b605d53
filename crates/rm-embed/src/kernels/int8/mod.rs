//! Linear maps in 8 bits: weights quantised per output channel, activations per token as they come.
//!
//! A product of bytes is exact in 32-bit integers, so every instruction set gives the same result.

mod panels;
mod product;
mod rows;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use panels::BytePanels;
pub(crate) use product::{ByteIsa, byte_matmul};
pub(crate) use rows::ByteRows;

/// What one output, or one token, has for a few inputs: four bytes, or two numbers of 16 bits, whichever the
/// instructions multiply ([`ByteIsa::inputs_per_cell`]). One instruction sums the products of a cell.
type Cell = [u8; 4];
