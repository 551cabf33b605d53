//! The order of results: what besides the match with the query counts, and how each score came about.

mod candidate;
mod explanation;
mod neighbours;
mod options;
mod rank;
mod recency;

pub use candidate::{RankingCandidate, RankingRequest};
pub use explanation::{Addition, Explanation, Redundancy};
pub use neighbours::{InTime, Neighbour, Neighbours, Timeline};
pub use options::Ranking;
pub use rank::Ranked;
pub use recency::{DEFAULT_HALF_LIFE_DAYS, DEFAULT_RECENCY_WEIGHT, Recency};
