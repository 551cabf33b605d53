//! A kind of fact: its key slots, its phrasings, its questions.

use super::domain::Domain;
use super::error::GrammarError;
use super::kind::Kind;
use super::permutation::{Permutation, mix};
use super::source::PatternSource;
use super::template::{Template, slot_names};
use super::vocabulary::Vocabulary;

/// Largest number of facts that one pattern is asked for; larger products are cut to it.
const MOST_FACTS: u128 = 1 << 62;

/// A compiled pattern. Its *key slots* are those that every phrasing carries: together they are the
/// fact, and neither phrasings nor questions may use others.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) kind: Kind,
    pub(super) say: Vec<Template>,
    /// Phrasings in which the speaker is the person of `{who}`.
    pub(super) tell: Vec<Template>,
    pub(super) ask: Vec<Template>,
    pub(super) answer: Template,
    /// A noun phrase that names the fact.
    pub(super) gist: Template,
    pub(super) who: Option<usize>,
    keys: Vec<Key>,
    facts: u64,
}

#[derive(Debug)]
struct Key {
    size: u64,
    /// The earlier key from the same list whose value this one must not take.
    unlike: Option<usize>,
}

impl Pattern {
    /// Compiles a pattern for a topic.
    ///
    /// # Errors
    /// [`GrammarError::Slot`] and [`GrammarError::Pattern`] for what is wrong with its templates.
    pub(super) fn compile(
        source: &PatternSource,
        topic: usize,
        vocabulary: &Vocabulary,
    ) -> Result<Self, GrammarError> {
        let names = key_names(source)?;
        let told = source.say.iter().chain(&source.tell).chain(&source.ask);
        for template in told.chain([&source.answer, &source.gist]) {
            if slot_names(template)?
                .iter()
                .any(|slot| !names.contains(slot))
            {
                return Err(incomplete(
                    template,
                    "it uses a slot that some phrasing lacks",
                ));
            }
        }
        let keys = keys(&names, topic, vocabulary)?;
        let facts = keys
            .iter()
            .map(|key| u128::from(key.size))
            .product::<u128>();
        let compile = |text: &String| Template::compile(text, topic, &names, vocabulary);
        let all = |texts: &[String]| texts.iter().map(compile).collect::<Result<Vec<_>, _>>();
        Ok(Self {
            kind: source.kind,
            say: all(&source.say)?,
            tell: all(&source.tell)?,
            ask: all(&source.ask)?,
            answer: compile(&source.answer)?,
            gist: compile(&source.gist)?,
            who: names.iter().position(|name| name == "who"),
            keys,
            facts: facts.min(MOST_FACTS) as u64,
        })
    }

    /// Number of different facts.
    pub(super) fn facts(&self) -> u64 {
        self.facts
    }

    /// Returns the values of the key slots of the `nth` fact, in the order of the keys; facts repeat
    /// after [`facts`](Self::facts).
    pub(super) fn values(&self, key: u64, nth: u64) -> Vec<u64> {
        let lap = nth / self.facts;
        let mut rank = Permutation::new(self.facts, mix(key, lap)).apply(nth % self.facts);
        let mut values: Vec<u64> = Vec::with_capacity(self.keys.len());
        for key in &self.keys {
            let value = rank % key.size;
            rank /= key.size;
            let skipped = key.unlike.is_some_and(|other| value >= values[other]);
            values.push(value + u64::from(skipped));
        }
        values
    }
}

/// Finds the slots that every phrasing carries, second values (`who.2`) last.
fn key_names(source: &PatternSource) -> Result<Vec<String>, GrammarError> {
    let Some(first) = source.say.first() else {
        return Err(incomplete(&source.gist, "it has no phrasing"));
    };
    if source.say.len() < 2 {
        return Err(incomplete(
            first,
            "it has one phrasing and needs two or more",
        ));
    }
    if source.ask.is_empty() {
        return Err(incomplete(first, "it has no question"));
    }
    let mut names: Vec<String> = Vec::new();
    for name in slot_names(first)? {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    for other in &source.say[1..] {
        let carried = slot_names(other)?;
        names.retain(|name| carried.contains(name));
    }
    if names.is_empty() {
        return Err(incomplete(first, "its phrasings share no slot"));
    }
    names.sort_by_key(|name| name.ends_with(".2"));
    Ok(names)
}

fn keys(names: &[String], topic: usize, vocabulary: &Vocabulary) -> Result<Vec<Key>, GrammarError> {
    let mut keys = Vec::with_capacity(names.len());
    for name in names {
        let domain: Domain = vocabulary.domain(topic, name, name)?;
        let unlike = name
            .strip_suffix(".2")
            .and_then(|base| names.iter().position(|other| other == base));
        let size = domain.size(vocabulary) - u64::from(unlike.is_some());
        if size == 0 {
            return Err(incomplete(
                name,
                "its list has one entry and two are wanted",
            ));
        }
        keys.push(Key { size, unlike });
    }
    Ok(keys)
}

fn incomplete(template: &str, reason: &'static str) -> GrammarError {
    GrammarError::Pattern {
        template: template.to_owned(),
        reason,
    }
}
