//! The thirteen experiments of Routing Memory.

pub mod agent_memories;
pub mod datasets;
pub mod metrics;
