//! Readers for the real data sets: one file a data set, one strict format each.
//!
//! A reader is opened on a [`DataRoot`], which looks for the data set's files in the places where they
//! may lie, and then either streams records ([`Records`]) or returns them whole. Every reader refuses
//! what does not fit its format with a [`DatasetError`] that names file, line, what was expected and
//! what came; none panics on a foreign, truncated or corrupt file.
//!
//! What the sets are, where they come from and what is weak about them stands in `data/README.md`.
//!
//! ```no_run
//! use rm_experiments::datasets::{DataRoot, Reddit};
//!
//! # fn main() -> Result<(), rm_experiments::datasets::DatasetError> {
//! let reddit = Reddit::open(&DataRoot::find())?;
//! for title in reddit.titles(10_000)? {
//!     println!("{}\t{}", title.subreddit, title.text);
//! }
//! # Ok(())
//! # }
//! ```

mod domains;
mod enrichment;
mod error;
mod fields;
mod lines;
mod locomo;
mod msmarco;
mod passage;
mod records;
mod reddit;
mod relevance;
mod root;
mod squadshifts;

pub use domains::{Domains, LabelledText, Source};
pub use enrichment::{Enrichment, TextForm};
pub use error::{Attempt, DatasetError};
pub use locomo::{
    Category, Conversation, Event, Evidence, Locomo, Observation, QuestionAnswer, Session, Turn,
    TurnId,
};
pub use msmarco::MsMarco;
pub use passage::Passage;
pub use records::Records;
pub use reddit::{BodyQuery, Reddit, Title};
pub use relevance::{Qrel, Query, Split};
pub use root::DataRoot;
pub use squadshifts::{ShiftDomain, ShiftPassage, ShiftQuestion, SquadShifts};
