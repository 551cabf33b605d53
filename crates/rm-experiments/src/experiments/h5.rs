//! H5, drift detection.
//!
//! *Question.* How soon after the topic changes does the monitor raise an alarm, how often does it raise one
//! for nothing, and what does adaptation give back of what drift costs?
//!
//! *Hypothesis.* The ratio rule at its published constants raises its alarm within some ten episodes of an
//! abrupt change.
//!
//! *Set-up.* A codebook is trained on texts of one domain. Episodes of that domain, none of which it has seen,
//! then make way for episodes of another: at once, gradually, or again and again. Three rules see the
//! quantisation errors: the original's ratio rule, Page-Hinkley and ADWIN. Their thresholds are set on one half
//! of the texts for the same rate of false alarms and shown on the other half; the published constants are
//! shown beside them. Then the new domain's items are added to the old codebook, and recall is measured before,
//! during and after each kind of adaptation, at the same number of probes and at the same share of items
//! scanned.
//!
//! *Refuted by* real text that takes far longer than the published eleven episodes, or by another rule that is
//! sooner at the same rate of false alarms.

use anyhow::Result;
use serde::Deserialize;

use crate::suite::{Context, Definition, Estimate, Experiment, ExperimentId, Outcome, Scale};

mod adwin;
mod detection;
mod errors;
mod page_hinkley;
mod plots;
mod recall;
mod report;
mod rule;
mod shift;
mod stream;
mod time_order;
mod told;
mod words;
mod world;

use detection::{Calibrated, Detection};
use errors::Episodes;
use recall::Recall;
use time_order::TimeRow;
use world::{World, WorldName};

/// Measures how soon drift is told and what adaptation gives back.
#[derive(Debug, Clone, Copy)]
pub struct DriftDetection;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    worlds: Vec<WorldName>,
    topic_groups: Vec<TopicGroup>,
    stored_share: f64,
    stored_items: usize,
    episodes_before: usize,
    episodes_after: usize,
    gradual_episodes: usize,
    recurring_episodes: usize,
    recurring_switches: usize,
    calm_episodes: usize,
    within_episodes: usize,
    false_alarms_per_1000: f64,
    page_hinkley_delta: f64,
    top_k: usize,
    n_probes: Vec<usize>,
    published_n_probes: usize,
    seen_questions: usize,
    n_seeds: u64,
    n_domains: usize,
    texts_per_domain: usize,
    passages_per_domain: usize,
    questions_per_domain: usize,
    generated_texts: usize,
    reddit_titles: usize,
    reddit_stream: usize,
    reddit_questions: usize,
    recall_questions: usize,
    all_shifts: bool,
}

/// Names some topics of `agent-memories` that make up a domain.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicGroup {
    name: String,
    topics: Vec<String>,
}

impl Experiment for DriftDetection {
    fn id(&self) -> ExperimentId {
        ExperimentId::H5
    }

    fn estimate(&self, definition: &Definition, scale: Scale) -> Result<Estimate> {
        let p: Parameters = definition.parameters(scale)?;
        let wanted = |world: WorldName, texts: usize| {
            if p.worlds.contains(&world) { texts } else { 0 }
        };
        let asked = p.questions_per_domain;
        let short = wanted(WorldName::Domains, p.n_domains * p.texts_per_domain)
            + wanted(WorldName::Squadshifts, 3 * asked)
            + wanted(
                WorldName::AgentMemories,
                p.generated_texts + p.topic_groups.len() * asked,
            )
            + wanted(
                WorldName::RedditByTime,
                p.reddit_titles + p.reddit_questions,
            );
        let paragraphs = wanted(WorldName::Squadshifts, 3 * p.passages_per_domain);
        // Measured on two cores: codebooks of the streams, and the shifts of the largest world.
        let seconds = 0.4 * p.n_seeds as f64 * p.stored_items as f64 / 450.0
            + wanted(WorldName::RedditByTime, p.reddit_titles) as f64 / 6e3;
        Ok(Estimate {
            texts_to_embed: (short + paragraphs) as u64,
            seconds: seconds + short as f64 / 200.0 + paragraphs as f64 / 40.0,
        })
    }

    fn run(&self, context: &Context<'_>) -> Result<Outcome> {
        let p: Parameters = context.parameters()?;
        let found = world::find(context, &p)?;
        anyhow::ensure!(!found.worlds.is_empty(), "{}", found.failures.join("; "));
        let mut measured = Measurements::default();
        let by_time = |world: &&World| world.name == WorldName::RedditByTime;
        let mut tables = detection::Tables::create(context)?;
        for world in found.worlds.iter().filter(|world| !by_time(world)) {
            let kinds = [Episodes::Texts, Episodes::Questions];
            for episodes in kinds.into_iter().filter(|kind| world.has(*kind)) {
                let detection = &mut measured.detection;
                detection::measure(context, &p, world, episodes, &mut tables, detection)?;
            }
        }
        tables.finish()?;
        if let Some(world) = found.worlds.iter().find(by_time) {
            let set = measured.detection.calibrated.iter().copied();
            let of_titles = (WorldName::Domains, Episodes::Texts);
            let set = set.filter(|c| (c.world, c.episodes) == of_titles);
            let set: Vec<Calibrated> = set.collect();
            measured.by_time = time_order::measure(context, &p, world, &set)?;
        }
        let mut tables = recall::Tables::create(context)?;
        for world in &found.worlds {
            recall::measure(context, &p, world, &mut tables, &mut measured.recall)?;
        }
        tables.finish()?;
        let mut outcome = report::outcome(context, &p, &measured)?;
        outcome.notes.remarks.extend(found.remarks);
        outcome.failures = found.failures;
        Ok(outcome)
    }
}

/// Holds everything that was measured.
#[derive(Debug, Default)]
struct Measurements {
    detection: Detection,
    by_time: Vec<TimeRow>,
    recall: Recall,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the parameters of the committed definition at the smallest scale.
    pub(super) fn parameters() -> Result<Parameters> {
        Definition::of(ExperimentId::H5)?.parameters(Scale::Smoke)
    }
}
