//! A3, enrichment.
//!
//! *Question.* Does storing richer text about an item make it easier to find?
//!
//! *Hypothesis.* Enriched text raises recall by about the published five points, through routing as much as
//! through dense search.
//!
//! *Set-up.* The answers to questions are stored plain, and in forms that a language model or the generator
//! made of them: expanded, summarised, cut to key sentences, with observations about them. A form takes the
//! place of the plain text, or has a vector of its own beside it, and the better of the two counts; twice as
//! many lists of plain text show what can be gained without. The answers stand among plain texts, or every
//! stored text has the same form: the first alone gives answers an advantage over what they compete with.
//! Gains are differences to plain text, question by question, for exact search and for routing with K by
//! items/20 and four lists, whose recall is averaged over codebooks.
//!
//! *Refuted by* a gain that dense search has and routing has not, or by no gain at all.

mod gain;
mod lengths;
mod measure;
mod plots;
mod report;
mod search;
mod sets;
mod words;

use anyhow::Result;
use serde::Deserialize;

use self::measure::{Findings, Tables, measure};
use self::search::EmbeddedMemory;
use super::tokens::TokenCounter;
use crate::suite::{Context, Definition, Estimate, Experiment, ExperimentId, Outcome, Scale};

/// Measures what enriched text gains.
#[derive(Debug, Clone, Copy)]
pub struct Enriched;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    k_rule: String,
    n_probes: usize,
    published_form: String,
    top_ks: Vec<usize>,
    n_passages: usize,
    n_items: usize,
    n_sampled_queries: usize,
    n_questions: usize,
    n_conversations: usize,
    n_seeds: u64,
}

impl Experiment for Enriched {
    fn id(&self) -> ExperimentId {
        ExperimentId::A3
    }

    fn estimate(&self, definition: &Definition, scale: Scale) -> Result<Estimate> {
        let p: Parameters = definition.parameters(scale)?;
        // Of a passage four forms and a question; of a memory three and a question; of a conversation some
        // 590 turns, 240 with observations, and 200 questions.
        let texts = 5 * p.n_passages + 4 * p.n_questions + 1030 * p.n_conversations + 2 * p.n_items;
        let searches = 26 * p.n_seeds as usize * p.n_items;
        Ok(Estimate {
            texts_to_embed: texts as u64,
            // Measured on two cores: 100 such texts a second, 50 us an item and codebook.
            seconds: texts as f64 / 100.0 + searches as f64 * 5e-5,
        })
    }

    fn run(&self, context: &Context<'_>) -> Result<Outcome> {
        let parameters: Parameters = context.parameters()?;
        let sets = sets::load(context, &parameters)?;
        let mut tables = Tables::create(context)?;
        let mut findings = Findings::default();
        let mut counter = None;
        for set in &sets.sets {
            let embedded: Vec<EmbeddedMemory> = set
                .memories
                .iter()
                .map(|memory| search::embed(context, set, memory))
                .collect::<Result<_>>()?;
            // The embedder has fetched the model's files by now.
            let counter = match &mut counter {
                Some(counter) => counter,
                none => none.insert(TokenCounter::load()?),
            };
            for length in lengths::measure(set, counter)? {
                tables.lengths.write(&length)?;
                findings.lengths.push(length);
            }
            findings
                .gains
                .extend(measure(context, &parameters, set, &embedded, &mut tables)?);
        }
        tables.finish()?;
        let mut outcome = report::outcome(context, &parameters, &findings)?;
        outcome.notes.remarks.extend(sets.remarks);
        outcome.failures = sets.failures;
        Ok(outcome)
    }
}
