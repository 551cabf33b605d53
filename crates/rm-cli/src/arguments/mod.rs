//! What several commands take.

mod entry;
mod filter;
mod input;
mod number;
mod period;
mod question;
mod shared;

pub(crate) use entry::Entry;
pub(crate) use filter::FilterArgs;
pub(crate) use input::{Line, Lines, STDIN, text_or_stdin};
pub(crate) use number::{cosine, share};
pub(crate) use period::period;
pub(crate) use question::QuestionArgs;
pub(crate) use shared::Shared;
