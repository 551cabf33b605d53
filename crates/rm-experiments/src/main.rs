//! The command `rm-experiments`: runs the experiments of Routing Memory.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use rm_experiments::cli::{Cli, Command};
use rm_experiments::commands;
use rm_experiments::full_error::InFull;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match &cli.command {
        None => commands::suite(&cli.run),
        Some(Command::Embed(arguments)) => commands::embed(arguments),
        Some(Command::Bench(arguments)) => commands::bench(arguments),
        Some(Command::Resident(arguments)) => commands::resident(arguments),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Where nobody reads it any more, the status still tells.
            drop(writeln!(io::stderr(), "error: {}", InFull(&error)));
            ExitCode::FAILURE
        }
    }
}
