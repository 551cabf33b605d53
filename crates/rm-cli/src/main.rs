//! The command `rmem`: a long-term memory for LLM agents in one file.
//!
//! `rmem --help` lists what it does; README.md has examples, and JSON.md what it prints with `--json`.

#![warn(clippy::unwrap_used, clippy::expect_used)]

mod arguments;
mod cli;
mod commands;
mod error;
mod interrupt;
mod model;
mod open;
mod output;
mod python_original;

use std::process::ExitCode;

use clap::Parser as _;

use cli::Cli;

fn main() -> ExitCode {
    let outcome = match Cli::try_parse() {
        Ok(cli) => commands::run(&cli),
        Err(refusal) => return error::refuse(&refusal),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error::tell(&error),
    }
}
