//! The ways of searching that A1 and A2 compare, and what they reach on labelled questions.

mod fts5;
mod gold_metric;
mod judged;
mod memory;
mod method;
mod plots;

pub(super) use gold_metric::GoldMetric;
pub(super) use judged::{ALL, DifferenceRow, GoldRow, Judged, Question, gold_of, main_methods};
pub(super) use memory::{Found, SearchedMemory};
pub(super) use method::{FusionRule, Method, RuleName};
pub(super) use plots::{OverProbes, over_probes};
