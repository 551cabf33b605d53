//! `rmem context`: one text for a language model, of what answers a question best.

use anyhow::Result;
use clap::Args;
use rm_memory::{Context, ContextFormat, ContextOrder, EmbedderTokens, LeftOutReason};
use serde::Serialize;

use crate::arguments::{QuestionArgs, Shared};
use crate::open::open_with_model;
use crate::output::Out;

const AFTER: &str = "\
Examples:
  rmem context \"what does the user eat?\"
  rmem context \"what did we decide?\" --max-tokens 300 --header \"What is known:\" --dates --oldest-first

The budget holds for the whole text, header and all. Tokens are counted as all-MiniLM-L6-v2 splits them: another model \
may count some more or fewer. An item that does not fit is left out, and shorter ones after it may go in.";

/// Holds the arguments of `context`.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct ContextArgs {
    /// What is asked, and how it is looked for.
    #[command(flatten)]
    question: QuestionArgs,

    /// Tokens that the text may have.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    max_tokens: usize,

    /// Items to choose from at most.
    #[arg(short = 'k', long, value_name = "N", default_value_t = 50)]
    top_k: usize,

    /// What stands before the items.
    #[arg(long, value_name = "TEXT")]
    header: Option<String>,

    /// Put before each item the day on which it was added.
    #[arg(long)]
    dates: bool,

    /// The oldest item first, in place of the best.
    #[arg(long)]
    oldest_first: bool,
}

/// Is what `context` prints as JSON.
#[derive(Serialize)]
struct ContextJson {
    text: String,
    tokens: usize,
    used: Vec<String>,
    truncated: bool,
    left_out: Vec<LeftOutJson>,
}

#[derive(Serialize)]
struct LeftOutJson {
    id: String,
    tokens: usize,
    reason: &'static str,
}

/// Writes the text.
pub(crate) fn run(shared: &Shared, arguments: &ContextArgs) -> Result<()> {
    let text = arguments.question.text()?;
    let memory = open_with_model(shared)?;
    let query = arguments.question.query(&text).top_k(arguments.top_k);
    let counter = EmbedderTokens(memory.embedder());
    let format = arguments.format();
    let context = memory.build_context_with(query, arguments.max_tokens, &counter, &format)?;
    if shared.json {
        return Out::json(&ContextJson::from(context));
    }
    let mut out = Out::new();
    if !context.text.is_empty() {
        out.line(&context.text)?;
    }
    out.end()
}

impl ContextArgs {
    fn format(&self) -> ContextFormat {
        let order = match self.oldest_first {
            true => ContextOrder::OldestFirst,
            false => ContextOrder::BestFirst,
        };
        let format = ContextFormat::new().dates(self.dates).order(order);
        match &self.header {
            Some(header) => format.header(header),
            None => format,
        }
    }
}

impl From<Context> for ContextJson {
    fn from(context: Context) -> Self {
        let left_out = context.left_out.into_iter().map(|left| LeftOutJson {
            id: left.id,
            tokens: left.tokens,
            reason: match left.reason {
                LeftOutReason::TooLong => "too long",
                LeftOutReason::NoRoom => "no room",
            },
        });
        Self {
            text: context.text,
            tokens: context.tokens,
            used: context.used,
            truncated: context.truncated,
            left_out: left_out.collect(),
        }
    }
}
