//! What the experiments measure: retrieval quality, balance, latency, and how sure a mean is.
//!
//! Every measure of one query returns a plain `f64`, so that a mean and a bootstrap interval over queries
//! are taken of all of them alike. Where a measure is undefined (no labelled gold, nothing to average,
//! a cut-off of 0) it returns `None` and never 0 or NaN; such queries are left out of a mean, and how
//! many there were is for the caller to report.
//!
//! Ids are of any type that can be hashed. Rankings are taken as given: a tie in score has been broken by
//! whoever ranked, and two rankings can only be compared if both broke ties by one rule (in this project
//! by the lower id).

mod bootstrap;
mod gini;
mod gold_recall;
mod hit_rate;
mod mean;
mod ndcg;
mod percentile;
mod power_law;
mod recall_vs_dense;
mod reciprocal_rank;

pub use bootstrap::{Bootstrap, BootstrapError, Interval};
pub use gini::gini;
pub use gold_recall::gold_recall;
pub use hit_rate::{hit, hit_rate};
pub use mean::mean;
pub use ndcg::ndcg;
pub use percentile::{Percentiles, percentile};
pub use power_law::exponent;
pub use recall_vs_dense::recall_vs_dense;
pub use reciprocal_rank::{mean_reciprocal_rank, reciprocal_rank};
