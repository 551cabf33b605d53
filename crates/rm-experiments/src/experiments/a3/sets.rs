//! The texts: what is stored plain and in which richer forms, and what is asked.

use std::collections::{HashMap, HashSet};

use anyhow::Result;

use super::Parameters;
use crate::agent_memories::AgentMemories;
use crate::corpora::{CorpusQuery, CorpusSize, Dataset, resolve, shuffled};
use crate::datasets::{Conversation, DataRoot, DatasetError, Enrichment, Locomo, TextForm, TurnId};
use crate::full_error::InFull;
use crate::suite::{Context, DataChoice, TextKind};

/// Stream of the seed that the passages are drawn from.
const PASSAGES: u64 = 31;

/// Holds one memory: its texts, some of them in richer forms too, and questions about them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Memory {
    /// Every stored text, the enriched ones first where only a part is.
    pub(super) plain: Vec<String>,
    /// For each form, the texts it has for the items at these positions.
    pub(super) rich: Vec<Vec<(usize, String)>>,
    pub(super) queries: Vec<CorpusQuery>,
}

/// Holds texts of one source.
#[derive(Debug, Clone)]
pub(super) struct Set {
    pub(super) name: &'static str,
    pub(super) kind: TextKind,
    /// Names of the forms besides plain.
    pub(super) forms: Vec<&'static str>,
    pub(super) memories: Vec<Memory>,
    /// How many of the first items are enriched, where the others are there to be told apart from them;
    /// these alone are then measured too.
    pub(super) n_enriched: Option<usize>,
}

/// Holds all texts that were found.
#[derive(Debug, Default)]
pub(super) struct Sets {
    pub(super) sets: Vec<Set>,
    pub(super) remarks: Vec<String>,
    pub(super) failures: Vec<String>,
}

/// Loads what the run's choice of data asks for; generated text is always there.
pub(super) fn load(context: &Context<'_>, parameters: &Parameters) -> Result<Sets> {
    let mut sets = Sets::default();
    let root = match context.data() {
        DataChoice::Auto => Some(DataRoot::find()),
        DataChoice::Dir(folder) => Some(DataRoot::at(folder)),
        DataChoice::Generated => None,
    };
    if let Some(root) = root {
        for loaded in [
            msmarco(context, parameters, &root),
            locomo(parameters, &root),
        ] {
            sets.take(context, loaded)?;
        }
    }
    sets.sets.push(generated(context, parameters)?);
    Ok(sets)
}

impl Sets {
    /// Adds a set, or says that it is missing.
    fn take(&mut self, context: &Context<'_>, loaded: Result<(Set, Vec<String>)>) -> Result<()> {
        match loaded {
            Ok((set, remarks)) => {
                self.sets.push(set);
                self.remarks.extend(remarks);
            }
            Err(error) => {
                let missing = error.downcast_ref::<DatasetError>();
                if !missing.is_some_and(DatasetError::is_missing) {
                    return Err(error);
                }
                if !matches!(context.data(), DataChoice::Auto) {
                    self.failures.push(InFull(&error).to_string());
                    return Ok(());
                }
                let remark = format!(
                    "{}; the generated forms of agent-memories stand in for it",
                    InFull(&error)
                );
                context.progress().warn(&remark);
                self.remarks.push(remark);
            }
        }
        Ok(())
    }
}

/// Takes gold passages in all forms, and other passages of H2's sample to be told apart from them.
fn msmarco(
    context: &Context<'_>,
    parameters: &Parameters,
    root: &DataRoot,
) -> Result<(Set, Vec<String>)> {
    let enrichment = Enrichment::open(root)?;
    let mut texts = Vec::new();
    for form in TextForm::ALL {
        let passages = enrichment.passages(form)?;
        texts.push(by_id(passages.into_iter().map(|p| (p.id, p.text))));
    }
    let gold: HashMap<String, String> = enrichment
        .qrels()?
        .into_iter()
        .map(|qrel| (qrel.qid, qrel.pid))
        .collect();
    // In the order of the questions, each passage once.
    let mut asked: Vec<(String, String)> = Vec::new();
    let mut known = HashSet::new();
    for query in enrichment.queries()? {
        let Some(pid) = gold.get(&query.id) else {
            continue;
        };
        if known.insert(pid.clone()) && texts.iter().all(|form| form.contains_key(pid)) {
            asked.push((query.text, pid.clone()));
        }
    }
    let drawn = shuffled(asked.len(), context.seed(), PASSAGES);
    let drawn: Vec<&(String, String)> = drawn
        .iter()
        .take(parameters.n_passages)
        .map(|&at| &asked[at])
        .collect();
    let in_form = |form: &HashMap<String, String>| -> Vec<String> {
        let texts = drawn.iter().filter_map(|(_, pid)| form.get(pid).cloned());
        texts.collect()
    };
    let mut plain = in_form(&texts[0]);
    let all_gold: HashSet<String> = texts[0].values().map(|text| words(text)).collect();
    let others = distractors(context, parameters, root)?;
    let n_others = parameters.n_items.saturating_sub(plain.len());
    let others = others
        .into_iter()
        .filter(|text| !all_gold.contains(&words(text)));
    plain.extend(others.take(n_others));
    let memory = Memory {
        plain,
        rich: texts[1..]
            .iter()
            .map(|form| in_form(form).into_iter().enumerate().collect())
            .collect(),
        queries: drawn
            .iter()
            .enumerate()
            .map(|(at, (question, _))| CorpusQuery {
                text: question.clone(),
                gold: vec![at],
            })
            .collect(),
    };
    let remark = "MS MARCO's key sentences are those that answer the question, so they were chosen with the question \
                  in view, which nobody who stores a memory can do; whether summaries and expansions were written without it is \
                  not stated.";
    let set = Set {
        name: "msmarco",
        kind: TextKind::Real,
        forms: vec!["expanded", "summarised", "key sentences"],
        n_enriched: Some(memory.queries.len()),
        memories: vec![memory],
    };
    Ok((set, vec![remark.to_owned()]))
}

/// Returns the passages of H2's sample; enough of them, as far as there are any.
fn distractors(
    context: &Context<'_>,
    parameters: &Parameters,
    root: &DataRoot,
) -> Result<Vec<String>> {
    // A folder that holds the enriched passages and not the others is told apart here from generated text.
    crate::datasets::MsMarco::open(root)?;
    let size = CorpusSize {
        n_items: parameters.n_items,
        n_queries: parameters.n_sampled_queries,
    };
    let (data, seed) = (context.data(), context.seed());
    let resolved = resolve(data, &[Dataset::Msmarco], size, seed, context.progress())?;
    Ok(resolved
        .corpora
        .into_iter()
        .flat_map(|corpus| corpus.items)
        .collect())
}

/// Keeps the first text of each id.
fn by_id(texts: impl Iterator<Item = (String, String)>) -> HashMap<String, String> {
    let mut kept = HashMap::new();
    for (id, text) in texts {
        kept.entry(id).or_insert(text);
    }
    kept
}

/// Returns the words of a text with one space between them; copies of one passage differ in spaces.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Makes one memory of each conversation: turns plain, and with the observations that name them.
fn locomo(parameters: &Parameters, root: &DataRoot) -> Result<(Set, Vec<String>)> {
    let conversations = Locomo::open(root)?.conversations()?;
    let memories: Vec<Memory> = conversations
        .iter()
        .take(parameters.n_conversations)
        .map(of_conversation)
        .collect();
    let share = share_enriched(&memories);
    let remark = format!(
        "LoCoMo's observations are attached to {:.0}% of all turns and to {:.0}% of the turns that answer questions: who \
         wrote them and who wrote the questions found the same turns worth a note, which favours enrichment.",
        100.0 * share.of_all,
        100.0 * share.of_gold,
    );
    let set = Set {
        name: "locomo",
        kind: TextKind::Real,
        forms: vec!["observations added"],
        memories,
        n_enriched: None,
    };
    Ok((set, vec![remark]))
}

/// Is the share of turns that have a richer form.
struct ShareEnriched {
    of_all: f64,
    of_gold: f64,
}

fn share_enriched(memories: &[Memory]) -> ShareEnriched {
    let (mut n_rich, mut n_all, mut n_rich_gold, mut n_gold) = (0, 0, 0, 0);
    for memory in memories {
        let rich: HashSet<usize> = memory.rich.iter().flatten().map(|(at, _)| *at).collect();
        let gold: HashSet<usize> = memory
            .queries
            .iter()
            .flat_map(|query| query.gold.iter().copied())
            .collect();
        n_rich += rich.len();
        n_all += memory.plain.len();
        n_rich_gold += gold.intersection(&rich).count();
        n_gold += gold.len();
    }
    ShareEnriched {
        of_all: n_rich as f64 / n_all.max(1) as f64,
        of_gold: n_rich_gold as f64 / n_gold.max(1) as f64,
    }
}

fn of_conversation(conversation: &Conversation) -> Memory {
    let turns: Vec<_> = conversation.turns().collect();
    let mut observed: HashMap<&TurnId, Vec<&str>> = HashMap::new();
    let sessions = conversation.sessions.iter();
    for observation in sessions.flat_map(|session| &session.observations) {
        for turn in &observation.evidence.turns {
            observed.entry(turn).or_default().push(&observation.fact);
        }
    }
    let plain: Vec<String> = turns
        .iter()
        .map(|turn| format!("{}: {}", turn.speaker, turn.text))
        .collect();
    let rich = turns.iter().enumerate().filter_map(|(at, turn)| {
        let facts = observed.get(&turn.id)?;
        Some((at, format!("{} {}", plain[at], facts.join(" "))))
    });
    let rich = vec![rich.collect()];
    let queries = conversation.questions.iter().filter_map(|question| {
        let is_gold = |turn: &TurnId| question.evidence.turns.contains(turn);
        let gold: Vec<usize> = (0..turns.len())
            .filter(|&at| is_gold(&turns[at].id))
            .collect();
        (!gold.is_empty()).then(|| CorpusQuery {
            text: question.question.clone(),
            gold,
        })
    });
    Memory {
        queries: queries.collect(),
        plain,
        rich,
    }
}

/// Takes the generator's memories: those that are asked for first, in all forms, then others plain.
fn generated(context: &Context<'_>, parameters: &Parameters) -> Result<Set> {
    let size = CorpusSize {
        n_items: parameters.n_items,
        n_queries: parameters.n_questions,
    };
    let data = DataChoice::Generated;
    let wanted = [Dataset::AgentMemories];
    let resolved = resolve(&data, &wanted, size, context.seed(), context.progress())?;
    let generator = AgentMemories::new(context.seed())?;
    let mut memories = Vec::new();
    for corpus in resolved.corpora {
        let gold = corpus.queries.iter().flat_map(|query| &query.gold);
        let first: Vec<usize> = gold.copied().collect();
        let asked: HashSet<usize> = first.iter().copied().collect();
        let others = (0..corpus.items.len()).filter(|at| !asked.contains(at));
        let order: Vec<usize> = first.iter().copied().chain(others).collect();
        let forms: Vec<_> = first.iter().map(|&at| generator.forms(at as u64)).collect();
        let each = |text: fn(&crate::agent_memories::Forms) -> &String| {
            let texts = forms.iter().map(|forms| text(forms).clone());
            texts.enumerate().collect::<Vec<_>>()
        };
        let queries = corpus.queries.iter().enumerate();
        memories.push(Memory {
            plain: order.iter().map(|&at| corpus.items[at].clone()).collect(),
            rich: vec![
                each(|forms| &forms.expanded),
                each(|forms| &forms.summary),
                each(|forms| &forms.key_sentence),
            ],
            queries: queries
                .map(|(at, query)| CorpusQuery {
                    text: query.text.clone(),
                    gold: vec![at],
                })
                .collect(),
        });
    }
    let n_enriched = memories.iter().map(|memory| memory.queries.len()).max();
    Ok(Set {
        name: Dataset::AgentMemories.name(),
        kind: TextKind::Generated,
        forms: vec!["expanded", "summarised", "key sentences"],
        memories,
        n_enriched,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_do_not_tell_passages_apart() {
        assert_eq!(
            words(" 46112 is  in Brownsburg,\tIndiana. "),
            words("46112 is in Brownsburg, Indiana.")
        );
    }

    #[test]
    fn the_share_of_enriched_turns_counts_each_gold_turn_once() {
        let query = |gold: Vec<usize>| CorpusQuery {
            text: "who?".to_owned(),
            gold,
        };
        let memory = Memory {
            plain: vec![String::new(); 8],
            rich: vec![vec![(0, String::new()), (5, String::new())]],
            queries: vec![query(vec![0]), query(vec![0, 3])],
        };
        let share = share_enriched(&[memory]);
        assert_eq!((share.of_all, share.of_gold), (0.25, 0.5));
    }
}
