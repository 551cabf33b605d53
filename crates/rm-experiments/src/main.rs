//! Command line of the experiment suite.

fn main() {}
