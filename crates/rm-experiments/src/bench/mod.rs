//! Any vectors through RM's search: recall, times, bytes and seconds of building, to hold against other indexes.

mod held;
mod measure;
mod npy;
mod row;
mod vector_file;

pub use held::Held;
pub use measure::{Progressed, Settings, measure};
pub use npy::{NpyError, for_each_block, read_npy, write_npy};
pub use row::{BenchRow, table};
