//! What goes to standard output: JSON for programs, lines for people.

mod bar;
mod date;
mod item;
mod measure;
mod plain;
mod stdout;
mod style;

pub(crate) use bar::{byte_bar, counted_bar};
pub(crate) use date::date_time;
pub(crate) use item::{ItemJson, metadata_line};
pub(crate) use measure::{grouped, human_bytes, items};
pub(crate) use plain::one_line;
pub(crate) use stdout::{Out, ReaderGone};
pub(crate) use style::{BAD, DIM, ERROR, GOOD, NOTE, SCORE};
