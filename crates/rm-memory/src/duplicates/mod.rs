//! What becomes of a text that is remembered already in almost the same words.

mod numbers;
mod outcome;
mod policy;

pub use outcome::{AddOutcome, DuplicateDecision, NearItem};
pub use policy::{DEFAULT_DUPLICATE_THRESHOLD, DuplicatePolicy, OnDuplicate};
