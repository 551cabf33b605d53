//! Gains over plain text, question by question.

use std::collections::{HashMap, HashSet};

use anyhow::{Context as _, Result};
use rm_core::KRule;

use super::Parameters;
use super::gain::{About, Among, DEPTH, Gain, GainRow, Metric, System};
use super::lengths::FormLength;
use super::search::{EmbeddedMemory, Storage};
use super::sets::{Memory, Set};
use crate::metrics::{Bootstrap, gold_recall, mean, recall_vs_dense, reciprocal_rank};
use crate::output::Table;
use crate::suite::Context;

/// Holds everything that was measured.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) gains: Vec<Gain>,
    pub(super) lengths: Vec<FormLength>,
}

/// Holds the tables while they are written.
pub(super) struct Tables {
    gains: Table<GainRow>,
    pub(super) lengths: Table<FormLength>,
}

impl Tables {
    /// Starts both tables.
    pub(super) fn create(context: &Context<'_>) -> Result<Self> {
        Ok(Self {
            gains: context.table("gains")?,
            lengths: context.table("lengths")?,
        })
    }

    /// Ends both tables.
    pub(super) fn finish(self) -> Result<()> {
        self.gains.finish()?;
        self.lengths.finish()
    }
}

/// Measures every way of storing the texts of a set, among plain texts and among each other.
pub(super) fn measure(
    context: &Context<'_>,
    parameters: &Parameters,
    set: &Set,
    embedded: &[EmbeddedMemory],
    tables: &mut Tables,
) -> Result<Vec<Gain>> {
    let settings = match set.n_enriched {
        Some(n) => vec![(Among::PlainTexts, None), (Among::EachOther, Some(n))],
        None => vec![(Among::OtherTexts, None)],
    };
    let storages = Storage::all(set.forms.len());
    let steps = (settings.len() * storages.len()) as u64;
    let label = format!("A3 {}: ways of storing", set.name);
    let task = context.progress().task(&label, steps, "ways");
    let mut gains = Vec::new();
    for (among, n_items) in settings {
        let memories: Vec<EmbeddedMemory> = embedded
            .iter()
            .map(|memory| n_items.map_or_else(|| memory.clone(), |n| memory.prefix(n)))
            .collect();
        let mut plain: Option<Found> = None;
        for &storage in &storages {
            let found = Found::by(context, parameters, set, &memories, storage)?;
            task.advance(1);
            let Some(plain) = &plain else {
                plain = Some(found);
                continue;
            };
            for (about, counts) in questions(set, storage) {
                let compared = Compared {
                    set,
                    among,
                    about,
                    storage,
                };
                for gain in compared.gains(parameters, plain, &found, &counts)? {
                    tables.gains.write(&gain.row())?;
                    gains.push(gain);
                }
            }
        }
    }
    Ok(gains)
}

/// Holds what one way of storing finds, a value a question, of all memories of a set together.
#[derive(Debug, Default)]
struct Found {
    rm: HashMap<Metric, Vec<f64>>,
    dense: HashMap<Metric, Vec<f64>>,
    n_items: usize,
    n_vectors: usize,
    k: Option<usize>,
}

impl Found {
    fn by(
        context: &Context<'_>,
        parameters: &Parameters,
        set: &Set,
        memories: &[EmbeddedMemory],
        storage: Storage,
    ) -> Result<Self> {
        let rule = parameters.k_rule.parse::<KRule>()?;
        let mut found = Self::default();
        for (memory, embedded) in set.memories.iter().zip(memories) {
            let stored = embedded.stored(storage)?;
            found.n_items += embedded.n_items();
            found.n_vectors += stored.n_vectors();
            let exact = stored.exact(&embedded.queries, DEPTH)?;
            for (metric, values) in values(parameters, memory, &exact, None) {
                found.dense.entry(metric).or_default().extend(values);
            }
            let mut sums: HashMap<Metric, Vec<f64>> = HashMap::new();
            for seed in 0..parameters.n_seeds {
                let seed = context.seed().wrapping_add(seed);
                let n = storage.probes(parameters.n_probes);
                let routed = stored.routed(&embedded.queries, rule, n, DEPTH, seed)?;
                found.k = Some(routed.k);
                for (metric, values) in values(parameters, memory, &routed.items, Some(&exact)) {
                    let sums = sums
                        .entry(metric)
                        .or_insert_with(|| vec![0.0; values.len()]);
                    let share = 1.0 / parameters.n_seeds as f64;
                    sums.iter_mut()
                        .zip(values)
                        .for_each(|(sum, value)| *sum += share * value);
                }
            }
            for (metric, values) in sums {
                found.rm.entry(metric).or_default().extend(values);
            }
        }
        Ok(Self {
            k: found.k.filter(|_| memories.len() == 1),
            ..found
        })
    }

    fn of(&self, system: System, metric: Metric) -> Option<&[f64]> {
        let values = match system {
            System::Rm => self.rm.get(&metric),
            System::Dense => self.dense.get(&metric),
            System::RmOverDense => None,
        };
        values.map(Vec::as_slice)
    }
}

/// Returns the metrics that are measured, those of recall against exact search last.
fn metrics(parameters: &Parameters) -> Vec<Metric> {
    let top_ks = || parameters.top_ks.iter().copied();
    let gold = top_ks().map(Metric::GoldRecall);
    let kept = top_ks().map(Metric::RecallVsDense);
    gold.chain([Metric::ReciprocalRank]).chain(kept).collect()
}

/// Judges the answers to all questions of one memory; those against exact search where it is given.
fn values(
    parameters: &Parameters,
    memory: &Memory,
    found: &[Vec<usize>],
    exact: Option<&[Vec<usize>]>,
) -> Vec<(Metric, Vec<f64>)> {
    let judged = metrics(parameters).into_iter().filter_map(|metric| {
        let asked = memory.queries.iter().zip(found).enumerate();
        let values = asked.map(|(at, (query, found))| match metric {
            Metric::GoldRecall(k) => gold_recall(found, &query.gold, k),
            Metric::ReciprocalRank => {
                let grades: HashMap<usize, u8> = query.gold.iter().map(|&item| (item, 1)).collect();
                reciprocal_rank(found, &grades, 1, DEPTH)
            }
            Metric::RecallVsDense(k) => recall_vs_dense(found, exact?.get(at)?, k),
        });
        // Every question has gold items, so a metric is there for all of them or for none.
        let values: Option<Vec<f64>> = values.collect();
        Some((metric, values?))
    });
    judged.collect()
}

/// Returns which questions are told apart, and for each question of all memories whether it counts.
fn questions(set: &Set, storage: Storage) -> Vec<(About, Vec<bool>)> {
    let is_enriched = |memory: &Memory| -> Vec<bool> {
        let texts = storage.form().and_then(|form| memory.rich.get(form));
        let items: HashSet<usize> = texts.into_iter().flatten().map(|(item, _)| *item).collect();
        let queries = memory.queries.iter();
        queries
            .map(|query| query.gold.iter().any(|gold| items.contains(gold)))
            .collect()
    };
    let enriched: Vec<bool> = set.memories.iter().flat_map(is_enriched).collect();
    let others: Vec<bool> = enriched.iter().map(|enriched| !enriched).collect();
    let mut told_apart = vec![(About::Everything, vec![true; enriched.len()])];
    if enriched.contains(&true) && others.contains(&true) {
        told_apart.push((About::EnrichedItems, enriched));
        told_apart.push((About::OtherItems, others));
    }
    told_apart
}

/// Says what is held against plain text.
#[derive(Debug, Clone, Copy)]
struct Compared<'a> {
    set: &'a Set,
    among: Among,
    about: About,
    storage: Storage,
}

impl Compared<'_> {
    /// Holds what was found against what plain text finds, over the questions that count.
    fn gains(
        &self,
        parameters: &Parameters,
        plain: &Found,
        found: &Found,
        counts: &[bool],
    ) -> Result<Vec<Gain>> {
        let counted = |values: &[f64]| -> Vec<f64> {
            let values = values.iter().zip(counts).filter(|(_, counts)| **counts);
            values.map(|(value, _)| *value).collect()
        };
        let mut gains = Vec::new();
        for metric in metrics(parameters) {
            let of = |system| {
                let both = plain.of(system, metric).zip(found.of(system, metric));
                both.map(|(before, after)| (counted(before), counted(after)))
            };
            let (rm, dense) = (of(System::Rm), of(System::Dense));
            let over = rm.as_ref().zip(dense.as_ref()).map(|(rm, dense)| {
                let lead = |rm: &[f64], dense: &[f64]| -> Vec<f64> {
                    rm.iter().zip(dense).map(|(rm, dense)| rm - dense).collect()
                };
                (lead(&rm.0, &dense.0), lead(&rm.1, &dense.1))
            });
            let systems = [
                (System::Rm, rm),
                (System::Dense, dense),
                (System::RmOverDense, over),
            ];
            for (system, values) in systems {
                if let Some((before, after)) = values {
                    gains.push(self.gain(parameters, (system, metric), found, &before, &after)?);
                }
            }
        }
        Ok(gains)
    }

    fn gain(
        &self,
        parameters: &Parameters,
        (system, metric): (System, Metric),
        found: &Found,
        before: &[f64],
        after: &[f64],
    ) -> Result<Gain> {
        Ok(Gain {
            set: self.set.name,
            kind: self.set.kind,
            among: self.among,
            about: self.about,
            storage: self.storage,
            storage_name: self.storage.name(&self.set.forms),
            n_probes: self.storage.probes(parameters.n_probes),
            system,
            metric,
            n_memories: self.set.memories.len(),
            n_items: found.n_items,
            vectors_per_item: found.n_vectors as f64 / found.n_items.max(1) as f64,
            k: found.k,
            n_queries: after.len(),
            plain: mean(before).unwrap_or_default(),
            enriched: mean(after).unwrap_or_default(),
            gain: Bootstrap::default()
                .paired_difference(after, before)
                .context("no question was asked")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpora::CorpusQuery;
    use crate::suite::TextKind;

    fn parameters() -> Parameters {
        Parameters {
            k_rule: "items/20".to_owned(),
            n_probes: 4,
            published_form: "expanded".to_owned(),
            top_ks: vec![1, 2],
            n_passages: 2,
            n_items: 3,
            n_sampled_queries: 2,
            n_questions: 2,
            n_conversations: 1,
            n_seeds: 1,
        }
    }

    #[test]
    fn routing_is_judged_by_gold_and_by_exact_search() {
        let query = |gold| CorpusQuery {
            text: "what?".to_owned(),
            gold: vec![gold],
        };
        let memory = Memory {
            queries: vec![query(0), query(1)],
            ..Memory::default()
        };
        let exact = vec![vec![0, 1], vec![2, 1]];
        let routed = vec![vec![0, 2], vec![1]];
        let by_gold = values(&parameters(), &memory, &exact, None);
        let expected = vec![
            (Metric::GoldRecall(1), vec![1.0, 0.0]),
            (Metric::GoldRecall(2), vec![1.0, 1.0]),
            (Metric::ReciprocalRank, vec![1.0, 0.5]),
        ];
        assert_eq!(by_gold, expected);
        let by_both = values(&parameters(), &memory, &routed, Some(&exact));
        let kept = [
            (Metric::RecallVsDense(1), vec![1.0, 0.0]),
            (Metric::RecallVsDense(2), vec![0.5, 0.5]),
        ];
        assert_eq!(by_both[3..], kept);
    }

    #[test]
    fn gains_are_differences_and_routing_is_held_against_exact_search() -> Result<()> {
        let found = |rm: [f64; 2], dense: [f64; 2]| Found {
            rm: HashMap::from([(Metric::GoldRecall(1), rm.to_vec())]),
            dense: HashMap::from([(Metric::GoldRecall(1), dense.to_vec())]),
            n_items: 2,
            n_vectors: 3,
            k: Some(1),
        };
        let set = Set {
            name: "texts",
            kind: TextKind::Generated,
            forms: vec!["expanded"],
            memories: vec![Memory::default()],
            n_enriched: None,
        };
        let (plain, rich) = (found([0.0, 1.0], [0.5, 1.0]), found([1.0, 1.0], [0.5, 1.0]));
        let compared = Compared {
            set: &set,
            among: Among::EachOther,
            about: About::Everything,
            storage: Storage::Beside(0),
        };
        let gains = compared.gains(&parameters(), &plain, &rich, &[true, true])?;
        let told: Vec<(System, f64)> = gains.iter().map(|g| (g.system, g.gain.estimate)).collect();
        let expected = [
            (System::Rm, 0.5),
            (System::Dense, 0.0),
            (System::RmOverDense, 0.5),
        ];
        assert_eq!(told, expected);
        assert_eq!(gains[0].vectors_per_item, 1.5);
        Ok(())
    }

    #[test]
    fn questions_are_told_apart_by_what_their_answers_are_stored_as() {
        let query = |gold| CorpusQuery {
            text: "what?".to_owned(),
            gold,
        };
        let memory = Memory {
            rich: vec![vec![(1, String::new())]],
            queries: vec![query(vec![0]), query(vec![0, 1])],
            ..Memory::default()
        };
        let set = Set {
            name: "texts",
            kind: TextKind::Real,
            forms: vec!["with notes"],
            memories: vec![memory],
            n_enriched: None,
        };
        let expected = [
            (About::Everything, vec![true, true]),
            (About::EnrichedItems, vec![false, true]),
            (About::OtherItems, vec![true, false]),
        ];
        assert_eq!(questions(&set, Storage::Instead(0)), expected);
        let everything = questions(&set, Storage::PlainTwiceProbed);
        assert_eq!(everything, expected[..1]);
    }
}
