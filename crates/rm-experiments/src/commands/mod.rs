//! What each command of the command line does, one a file.

mod bench;
mod embed;
mod interrupt;
mod resident;
mod stdout;
mod suite;
mod threads;

pub use bench::bench;
pub use embed::embed;
pub use resident::resident;
pub use suite::suite;
