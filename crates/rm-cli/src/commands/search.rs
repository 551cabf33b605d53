//! `rmem search`: finds what answers a question.

use anyhow::Result;
use clap::Args;
use rm_memory::{
    Addition, DriftEvent, Explanation, Found, MemoryItem, MemoryStats, Redundancy, RefitReport,
    SearchResult,
};
use serde::Serialize;

use super::adapt::{AdaptationJson, adapted};
use crate::arguments::{QuestionArgs, Shared};
use crate::open::open_with_model;
use crate::output::{DIM, ItemJson, NOTE, Out, SCORE, grouped, metadata_line, one_line};

const AFTER: &str = "\
Examples:
  rmem search \"which colours does the user like?\"
  rmem search \"invoices of March\" --top-k 20 --where year>=2025 --where topic=money
  rmem search ERR_4711 --words always --threshold 0
  rmem search \"when is the deadline?\" --explain
  rmem search \"what did we decide?\" --half-life 7d --mmr 0.7 --neighbours 1

Each line has a score, a text and an id. The score is the cosine of question and text, from -1 to 1. Results are \
ordered by it and by shared words together, and by what else is asked for. Finding nothing is no failure: the status is 0.";

/// Most probed buckets that are named.
const NAMED: usize = 16;

/// Holds the arguments of `search`.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct SearchArgs {
    /// What is asked, and how it is looked for.
    #[command(flatten)]
    question: QuestionArgs,

    /// Results at most.
    #[arg(short = 'k', long, value_name = "N", default_value_t = 5)]
    top_k: usize,

    /// Show the routing signals, what was probed, and how each score came about.
    #[arg(long)]
    explain: bool,
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
    centroid: u32,
    explanation: ExplanationJson,
}

#[derive(Serialize)]
struct ExplanationJson {
    score: f32,
    cosine: f32,
    lexical: f32,
    fused: f32,
    recency: Option<AdditionJson>,
    importance: Option<AdditionJson>,
    mmr: Option<RedundancyJson>,
    neighbour_of: Option<String>,
}

#[derive(Serialize)]
struct AdditionJson {
    value: f32,
    added: f32,
}

#[derive(Serialize)]
struct RedundancyJson {
    lambda: f32,
    similarity: f32,
    nearest: Option<String>,
    penalty: f32,
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
    let text = arguments.question.text()?;
    let memory = open_with_model(shared)?;
    let query = arguments.question.query(&text).top_k(arguments.top_k);
    let answer = memory.search_with_signals(query)?;
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

fn write_found(out: &mut Out, found: &Found) -> Result<()> {
    let (score, text, id) = (found.score, one_line(&found.text), one_line(&found.id));
    out.line(format!(
        "{SCORE}{score:.3}{SCORE:#}  {text}  {DIM}{id}{DIM:#}"
    ))
}

fn explain_found(out: &mut Out, found: &Found) -> Result<()> {
    let (how, bucket) = (&found.explanation, found.centroid);
    let metadata = metadata_line(&found.metadata);
    let separator = if metadata.is_empty() { "" } else { "; " };
    out.line(format!(
        "       {DIM}{how}; bucket {bucket}{separator}{metadata}{DIM:#}"
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
            centroid: found.centroid.0,
            explanation: ExplanationJson::from(found.explanation.clone()),
            item: ItemJson::from(MemoryItem::from(found)),
        }
    }
}

impl From<Explanation> for ExplanationJson {
    fn from(explanation: Explanation) -> Self {
        Self {
            score: explanation.score,
            cosine: explanation.cosine,
            lexical: explanation.lexical,
            fused: explanation.fused,
            recency: explanation.recency.map(AdditionJson::from),
            importance: explanation.importance.map(AdditionJson::from),
            mmr: explanation.mmr.map(RedundancyJson::from),
            neighbour_of: explanation.neighbour_of,
        }
    }
}

impl From<Addition> for AdditionJson {
    fn from(addition: Addition) -> Self {
        Self {
            value: addition.value,
            added: addition.added,
        }
    }
}

impl From<Redundancy> for RedundancyJson {
    fn from(redundancy: Redundancy) -> Self {
        Self {
            lambda: redundancy.lambda,
            similarity: redundancy.similarity,
            nearest: redundancy.nearest,
            penalty: redundancy.penalty,
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
