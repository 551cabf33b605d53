//! Codes: short stand-ins for vectors, laid out for a scan.

mod block;
mod codec;
mod list_codes;
mod lookup;
mod one_bit;
mod packed;
mod rotation;
mod scan;

pub(crate) use block::{BLOCK_ITEMS, CodeBlocks};
pub(crate) use codec::Codec;
pub(crate) use list_codes::{GROWTH, ListCodes};
pub(crate) use lookup::Lookup;
pub(crate) use scan::{Passing, scan_into};
