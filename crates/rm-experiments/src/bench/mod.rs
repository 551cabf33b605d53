//! Any vectors through RM's search: recall, times, bytes and seconds of building, to hold against other indexes.

mod measure;
mod npy;
mod row;

pub use measure::{Progressed, Settings, measure};
pub use npy::{NpyError, read_npy, write_npy};
pub use row::{BenchRow, table};
