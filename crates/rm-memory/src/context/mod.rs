//! What a language model is given to read: the best items within a hard budget of tokens.

mod assembly;
mod date;
mod format;
mod item;
mod result;
mod truncate;

pub use assembly::assemble;
pub use format::{ContextFormat, ContextOrder};
pub use item::ContextItem;
pub use result::{Context, LeftOut, LeftOutReason};
