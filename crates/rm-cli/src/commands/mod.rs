//! What can be done, one file a command; each takes what is asked for and writes what there is to say.

mod adapt;
mod add;
mod codebook;
mod completions;
mod context;
mod delete;
mod doctor;
mod drift;
mod export;
mod forget;
mod get;
mod import;
mod list;
mod mcp;
mod reembed;
mod search;
mod snapshot;
mod stats;
mod update;

pub(crate) use adapt::AdaptArgs;
pub(crate) use add::AddArgs;
pub(crate) use codebook::CodebookArgs;
pub(crate) use completions::CompletionsArgs;
pub(crate) use context::ContextArgs;
pub(crate) use delete::DeleteArgs;
pub(crate) use doctor::AFTER as DOCTOR_AFTER;
pub(crate) use drift::DriftArgs;
pub(crate) use export::ExportArgs;
pub(crate) use forget::ForgetArgs;
pub(crate) use get::GetArgs;
pub(crate) use import::ImportArgs;
pub(crate) use list::ListArgs;
pub(crate) use mcp::McpArgs;
pub(crate) use reembed::AFTER as REEMBED_AFTER;
pub(crate) use search::SearchArgs;
pub(crate) use snapshot::SnapshotArgs;
pub(crate) use stats::AFTER as STATS_AFTER;
pub(crate) use update::UpdateArgs;

use anyhow::Result;

use crate::cli::{Cli, Command};

/// Does what the command line asks for.
///
/// # Errors
/// When it cannot be done, or means nothing.
pub(crate) fn run(cli: &Cli) -> Result<()> {
    let shared = &cli.shared;
    match &cli.command {
        Command::Add(arguments) => add::run(shared, arguments),
        Command::Search(arguments) => search::run(shared, arguments),
        Command::Context(arguments) => context::run(shared, arguments),
        Command::Get(arguments) => get::run(shared, arguments),
        Command::Update(arguments) => update::run(shared, arguments),
        Command::Delete(arguments) => delete::run(shared, arguments),
        Command::Forget(arguments) => forget::run(shared, arguments),
        Command::List(arguments) => list::run(shared, arguments),
        Command::Stats => stats::run(shared),
        Command::Codebook(arguments) => codebook::run(shared, arguments),
        Command::Drift(arguments) => drift::run(shared, arguments),
        Command::Adapt(arguments) => adapt::run(shared, arguments),
        Command::Export(arguments) => export::run(shared, arguments),
        Command::Import(arguments) => import::run(shared, arguments),
        Command::Snapshot(arguments) => snapshot::run(shared, arguments),
        Command::Reembed => reembed::run(shared),
        Command::Doctor => doctor::run(shared),
        Command::Mcp(arguments) => mcp::run(shared, arguments),
        Command::Completions(arguments) => completions::run(shared, arguments),
    }
}
