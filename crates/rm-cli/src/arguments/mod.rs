//! What several commands take.

mod entry;
mod filter;
mod input;
mod number;
mod period;
mod shared;

pub(crate) use entry::Entry;
pub(crate) use filter::FilterArgs;
pub(crate) use input::{Line, Lines, STDIN, text_or_stdin};
pub(crate) use number::{cosine, importance};
pub(crate) use period::period;
pub(crate) use shared::Shared;
