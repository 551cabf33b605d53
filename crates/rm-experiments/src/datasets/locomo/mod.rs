//! LoCoMo: long conversations between two people, with questions that point at the turns they rest on
//! (Maharana et al., 2024).
//!
//! ```no_run
//! use rm_experiments::datasets::{DataRoot, Locomo};
//!
//! # fn main() -> Result<(), rm_experiments::datasets::DatasetError> {
//! for conversation in Locomo::open(&DataRoot::find())?.conversations()? {
//!     for question in &conversation.questions {
//!         let gold = conversation.turns().filter(|turn| question.evidence.turns.contains(&turn.id));
//!         println!("{} -> {} turns", question.question, gold.count());
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod conversation;
mod evidence;
mod json;
mod reader;

pub use conversation::{Category, Conversation, Event, Observation, QuestionAnswer, Session, Turn};
pub use evidence::{Evidence, TurnId};
pub use reader::Locomo;
