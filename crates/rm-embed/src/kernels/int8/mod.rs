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

/// Inputs that one instruction multiplies and sums.
const GROUP: usize = 4;
