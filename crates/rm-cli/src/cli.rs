//! The command line: what can be done, and what every command takes.

use clap::{Parser, Subcommand};

use crate::arguments::Shared;
use crate::commands::{
    AdaptArgs, AddArgs, CodebookArgs, CompletionsArgs, ContextArgs, DOCTOR_AFTER, DeleteArgs,
    DriftArgs, ExportArgs, ForgetArgs, GetArgs, ImportArgs, ListArgs, McpArgs, REEMBED_AFTER,
    STATS_AFTER, SearchArgs, SnapshotArgs, UpdateArgs,
};

/// What stands below the list of commands.
const AFTER: &str = "\
Examples:
  rmem add \"The user prefers dark mode\"
  rmem search \"which colours does the user like?\"
  git log --format=%s | rmem --db log.db add -
  rmem --db log.db search \"when was the parser mended?\" --explain

The memory is one file. Without --db and RMEM_DB it lies in the platform's data folder (rmem stats says where).

Exit status: 0 done, 1 failed, 2 not understood.";

/// A long-term memory for LLM agents, in one file on this machine.
///
/// Texts go in, and are found again by what they mean and by their words. Nothing leaves the machine: the language model, all-MiniLM-L6-v2,
/// runs here, and is fetched once (87 MiB) if it is not in the program.
#[derive(Debug, Parser)]
#[command(name = "rmem", version, about, after_help = AFTER, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub(crate) shared: Shared,

    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Names what can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Remember a text, a file, or lines of standard input.
    Add(AddArgs),

    /// Find what answers a question.
    Search(SearchArgs),

    /// Make one text for a language model, within a budget of tokens, of what answers a question.
    Context(ContextArgs),

    /// Show one item.
    Get(GetArgs),

    /// Change an item's text, metadata, time to live or importance.
    Update(UpdateArgs),

    /// Delete items, by their ids or by a filter.
    Delete(DeleteArgs),

    /// Forget what is past its time, too old, of little importance, or too much.
    Forget(ForgetArgs),

    /// List items in the order in which they were added.
    List(ListArgs),

    /// Sum up the memory: items, bytes, namespaces, queries.
    #[command(after_help = STATS_AFTER)]
    Stats,

    /// Describe the codebook, and its buckets.
    Codebook(CodebookArgs),

    /// Tell whether questions have moved away from what the codebook was made for.
    Drift(DriftArgs),

    /// Adapt the codebook now: one cycle, one split, or a training on all items.
    Adapt(AdaptArgs),

    /// Write the memory down as JSON Lines.
    Export(ExportArgs),

    /// Take in an export, plain JSON Lines, or a database of the Python original.
    Import(ImportArgs),

    /// Copy the memory into another file while it is in use.
    Snapshot(SnapshotArgs),

    /// Move a memory that was made with another model to this one.
    #[command(after_help = REEMBED_AFTER)]
    Reembed,

    /// Check the model, the file and the index.
    #[command(after_help = DOCTOR_AFTER)]
    Doctor,

    /// Serve the memory to LLM agents by the Model Context Protocol, over standard input and output or over HTTP.
    Mcp(McpArgs),

    /// Print the completions of a shell.
    Completions(CompletionsArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_says_what_it_is_for_and_shows_an_example() {
        for command in Cli::command().get_subcommands() {
            let name = command.get_name();
            assert!(command.get_about().is_some(), "{name}");
            let after = command.get_after_help().map(ToString::to_string);
            let shows = after.is_some_and(|after| after.contains(&format!("rmem {name}")));
            assert!(shows, "{name}");
        }
    }
}
