//! The thirteen experiments of Routing Memory.
