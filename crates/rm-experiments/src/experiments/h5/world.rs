//! Worlds: domains of text that an agent may go from one to another of.

use std::collections::HashMap;

use anyhow::{Result, ensure};
use rm_core::Vectors;
use serde::{Deserialize, Serialize};

use super::Parameters;
use super::errors::Episodes;
use crate::agent_memories::{AgentMemories, TopicId};
use crate::corpora::{embed_texts, shuffled};
use crate::datasets::{DataRoot, DatasetError, Domains, Reddit, ShiftDomain, Source, SquadShifts};
use crate::full_error::InFull;
use crate::suite::{Context, DataChoice, TextKind};

/// Streams of the seed, one for each thing that is drawn; 1 is that of the other experiments' items, so
/// that texts they have embedded come from the cache.
const ITEMS: u64 = 1;
const QUESTIONS: u64 = 2;

/// Names a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum WorldName {
    /// Five collections of short texts; texts of a domain ask for others of it.
    Domains,
    /// Paragraphs of three domains with the questions that people wrote about them.
    Squadshifts,
    /// Reddit titles before and after the middle of the sample; bodies of posts ask for their titles.
    RedditByTime,
    /// Generated memories of five groups of topics, with a question each.
    AgentMemories,
}

impl WorldName {
    pub(super) fn kind(self) -> TextKind {
        if self == Self::AgentMemories {
            TextKind::Generated
        } else {
            TextKind::Real
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Domains => "domains",
            Self::Squadshifts => "squadshifts",
            Self::RedditByTime => "reddit-by-time",
            Self::AgentMemories => "agent-memories",
        }
    }
}

impl std::fmt::Display for WorldName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// Returns the worlds that are measured for the wanted ones: each once, and the generated one that may stand
/// in for others.
pub(super) fn order(wanted: &[WorldName]) -> Vec<WorldName> {
    let mut order = wanted.to_vec();
    if !order.contains(&WorldName::AgentMemories) {
        order.push(WorldName::AgentMemories);
    }
    order
}

/// Holds the texts of one domain.
#[derive(Debug, Clone, Default)]
struct Texts {
    name: String,
    texts: Vec<String>,
    /// Questions with the position of the text that answers each; none where texts ask for texts.
    questions: Vec<(String, usize)>,
}

/// Holds the vectors of one domain.
#[derive(Debug, Clone)]
pub(super) struct Domain {
    /// What the tables call it.
    pub(super) name: String,
    /// Vectors of what can be stored.
    pub(super) texts: Vectors,
    /// Vectors of questions; none where texts of the domain are the episodes.
    pub(super) questions: Vectors,
    /// Position of the text that answers each question.
    pub(super) gold: Vec<usize>,
}

/// Holds domains that an agent may go from one to another of.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) name: WorldName,
    pub(super) domains: Vec<Domain>,
}

impl World {
    /// Returns each ordered pair of domains, old and new.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let n = self.domains.len();
        (0..n).flat_map(move |old| {
            (0..n)
                .filter(move |new| *new != old)
                .map(move |new| (old, new))
        })
    }

    /// Returns whether there are such episodes in every domain.
    pub(super) fn has(&self, episodes: Episodes) -> bool {
        let enough = |domain: &Domain| match episodes {
            Episodes::Texts => !domain.texts.is_empty(),
            Episodes::Questions => !domain.questions.is_empty(),
        };
        self.domains.iter().all(enough)
    }
}

/// Holds what was found of the worlds that were asked for.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) worlds: Vec<World>,
    pub(super) remarks: Vec<String>,
    pub(super) failures: Vec<String>,
}

/// Loads and embeds the wanted worlds, generated ones in place of real ones as `--data` says.
pub(super) fn find(context: &Context<'_>, parameters: &Parameters) -> Result<Found> {
    let mut found = Found::default();
    for &name in &parameters.worlds {
        let texts = match context.data() {
            DataChoice::Generated => None,
            _ if name.kind() == TextKind::Generated => None,
            DataChoice::Auto => Some(load(&DataRoot::find(), name, parameters, context.seed())),
            DataChoice::Dir(folder) => Some(load(
                &DataRoot::at(folder),
                name,
                parameters,
                context.seed(),
            )),
        };
        match texts {
            None => found.take_generated(context, parameters)?,
            Some(Ok(texts)) => found.worlds.push(embed(context, name, texts)?),
            Some(Err(error)) if !is_missing(&error) => return Err(error),
            Some(Err(error)) if matches!(context.data(), DataChoice::Dir(_)) => {
                found.failures.push(InFull(&error).to_string());
            }
            Some(Err(_)) => {
                let remark = format!(
                    "{name} was not found, so generated text (agent-memories) stands in for it; data/README.md \
                     says how to get the real one"
                );
                context.progress().warn(&remark);
                found.remarks.push(remark);
                found.take_generated(context, parameters)?;
            }
        }
    }
    Ok(found)
}

impl Found {
    /// Adds the generated world unless it is there already.
    fn take_generated(&mut self, context: &Context<'_>, parameters: &Parameters) -> Result<()> {
        let name = WorldName::AgentMemories;
        if self.worlds.iter().all(|world| world.name != name) {
            let texts = generated(parameters, context.seed())?;
            self.worlds.push(embed(context, name, texts)?);
        }
        Ok(())
    }
}

fn is_missing(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<DatasetError>()
        .is_some_and(DatasetError::is_missing)
}

fn load(root: &DataRoot, name: WorldName, p: &Parameters, seed: u64) -> Result<Vec<Texts>> {
    match name {
        WorldName::Domains => domains(root, p, seed),
        WorldName::Squadshifts => squadshifts(root, p, seed),
        WorldName::RedditByTime => reddit_by_time(root, p, seed),
        WorldName::AgentMemories => generated(p, seed),
    }
}

fn domains(root: &DataRoot, p: &Parameters, seed: u64) -> Result<Vec<Texts>> {
    let reader = Domains::open(root)?;
    let mut by_source: HashMap<Source, Vec<String>> = HashMap::new();
    for text in reader.texts()? {
        by_source.entry(text.source).or_default().push(text.text);
    }
    let drawn = Source::ALL.into_iter().map(|source| {
        let texts = by_source.remove(&source).unwrap_or_default();
        let order = shuffled(texts.len(), seed, ITEMS).into_iter();
        let texts = order.take(p.texts_per_domain).map(|at| texts[at].clone());
        Texts {
            name: source.to_string(),
            texts: texts.collect(),
            questions: Vec::new(),
        }
    });
    Ok(drawn.take(p.n_domains).collect())
}

fn squadshifts(root: &DataRoot, p: &Parameters, seed: u64) -> Result<Vec<Texts>> {
    let reader = SquadShifts::open(root)?;
    let (passages, questions) = (reader.passages()?, reader.questions()?);
    let of_domain = |domain: ShiftDomain| {
        let own: Vec<_> = passages.iter().filter(|x| x.domain == domain).collect();
        let kept = shuffled(own.len(), seed, ITEMS).into_iter();
        let kept: Vec<_> = kept.take(p.passages_per_domain).map(|at| own[at]).collect();
        let positions = kept.iter().enumerate().map(|(at, x)| (x.id.as_str(), at));
        let positions: HashMap<&str, usize> = positions.collect();
        let asked: Vec<(String, usize)> = questions
            .iter()
            .filter_map(|x| Some((x.text.clone(), *positions.get(x.passage_id.as_str())?)))
            .collect();
        let order = shuffled(asked.len(), seed, QUESTIONS).into_iter();
        Texts {
            name: domain.to_string(),
            texts: kept.iter().map(|x| x.text.clone()).collect(),
            questions: order
                .take(p.questions_per_domain)
                .map(|at| asked[at].clone())
                .collect(),
        }
    };
    Ok(ShiftDomain::ALL.map(of_domain).into_iter().collect())
}

/// Takes the sample that A4 takes, or the first of it, cut in two by time.
fn reddit_by_time(root: &DataRoot, p: &Parameters, seed: u64) -> Result<Vec<Texts>> {
    let reddit = Reddit::open(root)?;
    let bodies = reddit.queries()?;
    let asked = shuffled(bodies.len(), seed, QUESTIONS).into_iter();
    let asked: HashMap<&str, &str> = asked
        .take(p.reddit_questions)
        .map(|at| (bodies[at].title_id.as_str(), bodies[at].text.as_str()))
        .collect();
    let titles = reddit.titles(usize::MAX)?;
    let order = shuffled(titles.len(), seed, ITEMS);
    let (gold, others): (Vec<usize>, Vec<usize>) = order
        .into_iter()
        .partition(|&at| asked.contains_key(titles[at].id.as_str()));
    let mut kept: Vec<usize> = gold
        .into_iter()
        .chain(others)
        .take(p.reddit_titles)
        .collect();
    // Titles lie in the file in the order of time.
    kept.sort_unstable();
    let halves = kept.chunks(kept.len().div_ceil(2));
    let halves = halves
        .zip(["older half", "newer half"])
        .map(|(half, name)| {
            let question = |(position, &at): (usize, &usize)| {
                let body = asked.get(titles[at].id.as_str())?;
                Some(((*body).to_owned(), position))
            };
            Texts {
                name: name.to_owned(),
                texts: half.iter().map(|&at| titles[at].text.clone()).collect(),
                questions: half.iter().enumerate().filter_map(question).collect(),
            }
        });
    Ok(halves.collect())
}

/// Generates memories and sorts them by the group that their topic belongs to.
fn generated(p: &Parameters, seed: u64) -> Result<Vec<Texts>> {
    let generator = AgentMemories::new(seed)?;
    let mut groups: Vec<Texts> = Vec::new();
    let mut group_of: HashMap<TopicId, usize> = HashMap::new();
    for group in &p.topic_groups {
        for name in &group.topics {
            let mut topics = generator.topics();
            let topic = topics.find(|topic| generator.topic_name(*topic) == name);
            ensure!(topic.is_some(), "agent-memories has no topic {name:?}");
            group_of.extend(topic.map(|topic| (topic, groups.len())));
        }
        groups.push(Texts {
            name: group.name.clone(),
            ..Texts::default()
        });
    }
    for at in 0..p.generated_texts as u64 {
        let memory = generator.memory(at);
        let Some(&group) = group_of.get(&memory.topic) else {
            continue;
        };
        let group = &mut groups[group];
        let position = group.texts.len();
        group.texts.push(memory.text);
        if position < p.questions_per_domain {
            let question = generator.question(at, 0).text;
            group.questions.push((question, position));
        }
    }
    Ok(groups)
}

fn embed(context: &Context<'_>, name: WorldName, texts: Vec<Texts>) -> Result<World> {
    let domains = texts.into_iter().map(|domain| {
        let label = format!("embed {name}: {}", domain.name);
        let texts: Vec<&str> = domain.texts.iter().map(String::as_str).collect();
        let questions: Vec<&str> = domain.questions.iter().map(|(q, _)| q.as_str()).collect();
        Ok(Domain {
            texts: embed_texts(context, &label, &texts)?,
            questions: embed_texts(context, &format!("{label}, questions"), &questions)?,
            gold: domain.questions.iter().map(|(_, gold)| *gold).collect(),
            name: domain.name,
        })
    });
    let world = World {
        name,
        domains: domains.collect::<Result<_>>()?,
    };
    ensure!(
        world.domains.iter().all(|domain| domain.texts.len() >= 10),
        "{name} gave too few texts for {} domains",
        world.domains.len()
    );
    Ok(world)
}
