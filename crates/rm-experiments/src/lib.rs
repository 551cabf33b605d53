//! The thirteen experiments of Routing Memory: the suite that runs them, and what it leaves behind.
//!
//! [`suite`] holds what an experiment is, which ones there are and how a run goes; [`output`]
//! writes tables, result rows and the generated report; [`plots`] draws; [`cli`] is the command
//! line.

pub mod agent_memories;
pub mod cli;
pub mod datasets;
pub mod metrics;
pub mod output;
pub mod plots;
pub mod suite;
