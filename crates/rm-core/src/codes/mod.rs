//! Codes: short stand-ins for vectors, laid out for a scan.

mod block;
mod codec;
mod fine_codes;
mod fine_query;
mod list_codes;
mod lookup;
mod many_bits;
mod one_bit;
mod packed;
mod planes;
mod rotation;
mod scan;

pub(crate) use block::{BLOCK_ITEMS, CodeBlocks};
pub(crate) use codec::Codec;
pub(crate) use fine_query::FineQuery;
pub(crate) use list_codes::{GROWTH, ListCodes};
pub(crate) use lookup::Lookup;
pub(crate) use scan::{Passing, scan_into};
