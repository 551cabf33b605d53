//! The thirteen experiments of Routing Memory.

pub mod datasets;
pub mod metrics;
