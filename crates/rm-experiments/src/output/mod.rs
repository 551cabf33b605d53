//! What a run leaves on disk: tables, result rows, run records and the generated report.
//!
//! Layout: `<out>/README.md` is the report over everything present; `<out>/<id>/` holds `rows.csv`
//! (the results), `rows_timing.csv` (those that are times), `run.json` (settings, command, machine,
//! answer), the experiment's own tables and its plots. A file bears its name only when it is whole,
//! and an experiment's folder is replaced as a whole.

mod atomic;
mod folder;
mod folder_lock;
mod gate;
mod precision_name;
mod record;
pub mod report;
mod rows;
#[cfg(test)]
mod samples;
mod staged;
mod table;
pub mod text;

pub use atomic::AtomicFile;
pub use folder::ResultsFolder;
pub use gate::{Gate, Passage, RunState};
pub use record::RunRecord;
pub use rows::{Recorded, read_rows, write_rows};
pub use staged::Staged;
pub use table::Table;
