//! `rmem search`: finds what answers a question.

use anyhow::Result;
use clap::{Args, ValueEnum};
use rm_memory::{DriftEvent, Found, MemoryItem, MemoryStats, Query, RefitReport, SearchResult};
use serde::Serialize;

use super::adapt::{AdaptationJson, adapted};
use crate::arguments::{FilterArgs, Shared, cosine, text_or_stdin};
use crate::open::open_with_model;
use crate::output::{DIM, ItemJson, NOTE, Out, SCORE, grouped, metadata_line, one_line};

const AFTER: &str = "\
Examples:
  rmem search \"which colours does the user like?\"
  rmem search \"invoices of March\" --top-k 20 --where year>=2025 --where topic=money
  rmem search ERR_4711 --words always --threshold 0
  rmem search \"when is the deadline?\" --explain

Each line has a score, a text and an id. The score is the cosine of question and text, from -1 to 1. Results are \
ordered by it and by shared words together. Finding nothing is no failure: the status is 0.";

/// Most probed buckets that are named.
const NAMED: usize = 16;

/// Holds the arguments of `search`.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct SearchArgs {
    /// What to find, in any words; - takes standard input.
    #[arg(value_name = "QUERY")]
    query: String,

    /// Results at most.
    #[arg(short = 'k', long, value_name = "N", default_value_t = 5)]
    top_k: usize,

    /// Score below which nothing is shown [default: 0.3].
    #[arg(long, value_name = "SCORE", value_parser = cosine, allow_hyphen_values = true)]
    threshold: Option<f32>,

    /// Whether words count as well as meaning; auto: in a memory of up to 100,000 items.
    #[arg(long, value_enum, default_value_t = Words::Auto)]
    words: Words,

    /// Buckets to look into at least [default: 3].
    #[arg(long, value_name = "N")]
    n_probes: Option<usize>,

    /// Items to compare at least, whatever buckets that takes [default: 1,000, with codes 20,000].
    #[arg(long, value_name = "N")]
    min_candidates: Option<usize>,

    /// Show the routing signals, what was probed, and how each result came to its place.
    #[arg(long)]
    explain: bool,

    /// Which items to search among.
    #[command(flatten)]
    filter: FilterArgs,
}

/// Says whether words take part.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Words {
    /// Where the memory is not too large.
    Auto,
    /// In any memory.
    Always,
    /// By meaning alone.
    Never,
}

/// Is what `search` prints as JSON.
#[derive(Serialize)]
struct Answer<'a> {
    query: &'a str,
    results: Vec<FoundJson>,
    signals: Option<SignalsJson>,
    probed: Vec<u32>,
    candidates: usize,
    by_words: bool,
    drift: Option<DriftJson>,
    adaptation: Option<AdaptationJson>,
    refit: Option<RefitJson>,
}

#[derive(Serialize)]
struct FoundJson {
    #[serde(flatten)]
    item: ItemJson,
    score: f32,
    rank_score: f32,
    lexical: f32,
    centroid: u32,
}

#[derive(Serialize)]
struct SignalsJson {
    confidence: f32,
    margin: f32,
    qerr: f32,
    top_centroid: u32,
}

#[derive(Serialize)]
struct DriftJson {
    event: &'static str,
    episode: u64,
    ratio: f64,
}

#[derive(Serialize)]
struct RefitJson {
    k_before: usize,
    k_after: usize,
    items: usize,
}

/// Searches for what is asked for.
pub(crate) fn run(shared: &Shared, arguments: &SearchArgs) -> Result<()> {
    let text = text_or_stdin(&arguments.query)?;
    let memory = open_with_model(shared)?;
    let answer = memory.search_with_signals(arguments.query(&text))?;
    if shared.json {
        return Out::json(&Answer::new(&text, answer));
    }
    let mut out = Out::new();
    for found in &answer.results {
        write_found(&mut out, found)?;
        if arguments.explain {
            explain_found(&mut out, found)?;
        }
    }
    if arguments.explain {
        explain(&mut out, &answer, &memory.stats())?;
    }
    out.end()
}

impl SearchArgs {
    fn query(&self, text: &str) -> Query {
        let mut query = Query::text(text).top_k(self.top_k);
        if let Some(threshold) = self.threshold {
            query = query.threshold(threshold);
        }
        match self.words {
            Words::Auto => {}
            Words::Always => query = query.hybrid(true),
            Words::Never => query = query.hybrid(false),
        }
        if let Some(n_probes) = self.n_probes {
            query = query.n_probes(n_probes);
        }
        if let Some(min_candidates) = self.min_candidates {
            query = query.min_candidates(min_candidates);
        }
        if let Some(filter) = self.filter.filter() {
            query = query.filter(filter);
        }
        query
    }
}

fn write_found(out: &mut Out, found: &Found) -> Result<()> {
    let (score, text, id) = (found.score, one_line(&found.text), one_line(&found.id));
    out.line(format!(
        "{SCORE}{score:.3}{SCORE:#}  {text}  {DIM}{id}{DIM:#}"
    ))
}

fn explain_found(out: &mut Out, found: &Found) -> Result<()> {
    let (rank, words, bucket) = (found.rank_score, found.lexical, found.centroid);
    let metadata = metadata_line(&found.metadata);
    let separator = if metadata.is_empty() { "" } else { "; " };
    out.line(format!(
        "       {DIM}rank score {rank:.4}, words {words:.2}, bucket {bucket}{separator}{metadata}{DIM:#}"
    ))
}

/// Writes what routing saw and did.
fn explain(out: &mut Out, answer: &SearchResult, stats: &MemoryStats) -> Result<()> {
    let Some(signals) = &answer.signals else {
        return out.line("nothing is remembered yet");
    };
    out.line(format!(
        "confidence {:.3}, margin {:.3}, qerr {:.3}; bucket {} is nearest",
        signals.confidence, signals.margin, signals.qerr, signals.top_centroid
    ))?;
    let named = answer.probed.iter().take(NAMED).map(ToString::to_string);
    let more = if answer.probed.len() > NAMED {
        " ..."
    } else {
        ""
    };
    out.line(format!(
        "probed {} of {} buckets ({}{more}), compared {} of {} items, by meaning{}",
        grouped(answer.probed.len() as u64),
        grouped(stats.k as u64),
        named.collect::<Vec<_>>().join(" "),
        grouped(answer.candidates as u64),
        grouped(stats.items as u64),
        if answer.by_words { " and words" } else { "" },
    ))?;
    if let Some(drift) = answer.drift.and_then(DriftJson::new) {
        let DriftJson { event, ratio, .. } = drift;
        out.line(format!(
            "{NOTE}drift: {event}, the error is {ratio:.2} times that of the baseline{NOTE:#}"
        ))?;
    }
    if let Some(report) = &answer.adaptation {
        out.line(adapted(report))?;
    }
    if let Some(refit) = &answer.refit {
        let (before, after) = (refit.k_before, refit.k_after);
        out.line(format!("trained again: {before} buckets became {after}"))?;
    }
    Ok(())
}

impl<'a> Answer<'a> {
    fn new(query: &'a str, answer: SearchResult) -> Self {
        Self {
            query,
            results: answer.results.into_iter().map(FoundJson::from).collect(),
            signals: answer.signals.map(|signals| SignalsJson {
                confidence: signals.confidence,
                margin: signals.margin,
                qerr: signals.qerr,
                top_centroid: signals.top_centroid.0,
            }),
            probed: answer.probed.iter().map(|centroid| centroid.0).collect(),
            candidates: answer.candidates,
            by_words: answer.by_words,
            drift: answer.drift.and_then(DriftJson::new),
            adaptation: answer.adaptation.as_ref().map(AdaptationJson::from),
            refit: answer.refit.map(|refit: RefitReport| RefitJson {
                k_before: refit.k_before,
                k_after: refit.k_after,
                items: refit.items,
            }),
        }
    }
}

impl From<Found> for FoundJson {
    fn from(found: Found) -> Self {
        Self {
            score: found.score,
            rank_score: found.rank_score,
            lexical: found.lexical,
            centroid: found.centroid.0,
            item: ItemJson::from(MemoryItem {
                id: found.id,
                text: found.text,
                metadata: found.metadata,
                created_at_ms: found.created_at_ms,
                updated_at_ms: found.updated_at_ms,
                expires_at_ms: found.expires_at_ms,
                importance: found.importance,
                pinned: found.pinned,
            }),
        }
    }
}

impl DriftJson {
    /// Names what the monitor noticed; `None` for what this program does not know of yet.
    fn new(event: DriftEvent) -> Option<Self> {
        let (event, episode, ratio) = match event {
            DriftEvent::Alarm(alarm) => ("alarm", alarm.episode, alarm.ratio),
            DriftEvent::Recovered { episode, ratio } => ("recovered", episode, ratio),
            _ => return None,
        };
        Some(Self {
            event,
            episode,
            ratio,
        })
    }
}
