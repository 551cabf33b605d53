//! `rmem completions`: prints the completions of a shell.

use anyhow::Result;
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;
use serde::Serialize;

use crate::arguments::Shared;
use crate::cli::Cli;
use crate::output::Out;

const AFTER: &str = "\
Examples:
  rmem completions bash > ~/.local/share/bash-completion/completions/rmem
  rmem completions zsh > ~/.zfunc/_rmem
  rmem completions fish > ~/.config/fish/completions/rmem.fish";

/// Holds the arguments of `completions`.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct CompletionsArgs {
    /// Shell to complete for.
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

/// Is what `completions` prints as JSON.
#[derive(Serialize)]
struct Completions {
    shell: String,
    script: String,
}

/// Prints the completions.
pub(crate) fn run(shared: &Shared, arguments: &CompletionsArgs) -> Result<()> {
    let mut command = Cli::command();
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "rmem", &mut script);
    let script = String::from_utf8(script)?;
    if shared.json {
        let shell = arguments.shell.to_string();
        return Out::json(&Completions { shell, script });
    }
    let mut out = Out::new();
    out.line(script.trim_end())?;
    out.end()
}
