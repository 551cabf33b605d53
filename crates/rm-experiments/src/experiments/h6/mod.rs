//! H6, multi-encoder robustness.
//!
//! *Question.* Does routing depend on which encoder made the vectors?
//!
//! *Hypothesis.* The ratio of routed to dense recall differs by less than half a percent between encoders.
//!
//! *Set-up.* The same items and questions become vectors in several ways that differ in geometry: MiniLM as it is
//! shipped, read after another layer or with another pooling, cut to fewer dimensions or whitened, its word vectors
//! alone, and TF-IDF on its strongest directions; and whatever other models the folder holds that `RM_ENCODERS` names. Each encoder gets codebooks of its own, K by the published rule, and
//! is searched with n lists and with a fixed share of the items. The ratio is the gold recall of routing divided by
//! that of exact search on the same vectors, the spread its largest minus its smallest value; beside it stand R@5 vs
//! dense, the spread that chance alone would show, and what the encoders' geometry is. Questions are resampled for all
//! encoders together.
//!
//! *Refuted by* one encoder whose geometry routing handles worse: a spread whose whole interval lies above the
//! published 0.0036.

mod blocks;
mod comparison;
mod encoder;
mod geometry;
mod measure;
mod plots;
mod principal;
mod ranks;
mod report;
mod spread;
mod static_average;
mod tables;
mod words;

use anyhow::{Result, ensure};
use serde::Deserialize;

use self::comparison::Comparison;
use self::encoder::{Encoder, Sources};
use self::measure::Measured;
use self::report::report;
use crate::corpora::{CorpusSize, Dataset, resolve_for};
use crate::suite::{Context, Definition, Estimate, Experiment, ExperimentId, Outcome, Scale};

/// Measures whether routing depends on the encoder.
#[derive(Debug, Clone, Copy)]
pub struct EncoderRobustness;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    datasets: Vec<Dataset>,
    encoders: Vec<Encoder>,
    n_probes: Vec<usize>,
    budgets: Vec<f64>,
    top_k: usize,
    gold_top_k: usize,
    published_k_rule: String,
    published_n_probes: usize,
    equal_budget: f64,
    useful_share: f64,
    n_items: usize,
    n_queries: usize,
    n_seeds: u64,
}

impl Experiment for EncoderRobustness {
    fn id(&self) -> ExperimentId {
        ExperimentId::H6
    }

    fn estimate(&self, definition: &Definition, scale: Scale) -> Result<Estimate> {
        let p: Parameters = definition.parameters(scale)?;
        let texts = p.datasets.len() * (p.n_items + p.n_queries);
        // Once for the shipped vectors, once more for all other readouts together.
        let embedded = 2 * texts as u64;
        // Measured on two cores: 150 texts a second, and for each encoder, codebook and thousand questions about 1 s
        // at 5,000 items; another half a second for its vectors and their geometry.
        let size = p.n_items as f64 / 5_000.0;
        let codebooks = (p.n_seeds as usize * p.datasets.len() * p.encoders.len()) as f64;
        let searched = codebooks * size * p.n_queries as f64 / 1_000.0;
        let prepared = 0.5 * size * (p.datasets.len() * p.encoders.len()) as f64;
        Ok(Estimate {
            texts_to_embed: embedded,
            seconds: embedded as f64 / 150.0 + searched + prepared,
        })
    }

    fn run(&self, context: &Context<'_>) -> Result<Outcome> {
        let parameters: Parameters = context.parameters()?;
        ensure!(
            parameters.n_probes.contains(&parameters.published_n_probes)
                && parameters.budgets.contains(&parameters.equal_budget)
                && parameters.n_seeds > 0,
            "experiments/h6.toml: expected n_probes to hold published_n_probes, budgets equal_budget, and a seed"
        );
        let size = CorpusSize {
            n_items: parameters.n_items,
            n_queries: parameters.n_queries,
        };
        let resolved = resolve_for(context, &parameters.datasets, size)?;
        let sources = Sources::load(context, &parameters.encoders)?;
        let mut geometry = context.table("geometry")?;
        let mut comparisons = Vec::new();
        for corpus in resolved.corpora {
            let encoded = sources.encode(context, &parameters.encoders, corpus)?;
            let Some(measured) = Measured::of(context, &parameters, &encoded)? else {
                continue;
            };
            measured
                .geometry_rows()
                .try_for_each(|row| geometry.write(&row))?;
            comparisons.push(Comparison::of(&parameters, measured)?);
        }
        geometry.finish()?;
        let mut outcome = report(context, &parameters, &sources.other_names(), &comparisons)?;
        outcome.notes.remarks.extend(resolved.remarks);
        outcome.failures = resolved.failures;
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_encoder_comes_first_and_names_differ() -> Result<()> {
        let definition = Definition::of(ExperimentId::H6)?;
        for scale in Scale::ALL {
            let parameters: Parameters = definition.parameters(scale)?;
            let names: Vec<&str> = parameters
                .encoders
                .iter()
                .map(|e| e.name.as_str())
                .collect();
            assert!(names.len() >= 5, "{names:?}");
            assert_eq!(names[0], "minilm");
            let mut distinct = names.clone();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(distinct.len(), names.len());
            assert!(EncoderRobustness.estimate(&definition, scale)?.seconds > 0.0);
        }
        Ok(())
    }
}
