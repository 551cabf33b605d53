//! The ways of searching that A1 and A2 compare, over one memory.

mod fts5;
mod gold_metric;
mod memory;
mod method;

pub(super) use gold_metric::{GoldMetric, Labels};
pub(super) use memory::{Found, SearchedMemory};
pub(super) use method::{FusionRule, Method, RuleName};
