//! The thirteen experiments of Routing Memory: the suite that runs them, and what it leaves behind.
//!
//! [`experiments`] holds them, one a file; [`corpora`] gives them real text from [`datasets`] or generated text from
//! [`agent_memories`]; [`metrics`] measures. [`suite`] holds what an experiment is, which ones there are and how a run goes; [`output`]
//! writes tables, result rows and the generated report; [`plots`] draws; [`ListCoding`] names what lists hold; [`mod@bench`] holds any vectors against other indexes; [`cli`] is the command
//! line, [`commands`] does what it asks for, and [`full_error`] says what kept it from that.

#![warn(clippy::unwrap_used, clippy::expect_used)]

pub mod agent_memories;
pub mod bench;
pub mod cli;
pub mod commands;
pub mod corpora;
pub mod datasets;
pub mod experiments;
pub mod full_error;
mod list_coding;
pub mod metrics;
pub mod output;
pub mod plots;
pub mod suite;

pub use list_coding::{ListCoding, UnknownCoding};
