//! The grammar's data files as they are written, and how they are read.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::GrammarError;
use super::kind::Kind;

macro_rules! embedded {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../data/agent-memories/", $name)),
        )
    };
}

/// Every topic's file, in the order of topic ids: adding one at the end leaves the others' ids.
pub(super) const TOPICS: &[(&str, &str)] = &[
    embedded!("topics/travel.toml"),
    embedded!("topics/cooking.toml"),
    embedded!("topics/health.toml"),
    embedded!("topics/family.toml"),
    embedded!("topics/software.toml"),
    embedded!("topics/finance.toml"),
    embedded!("topics/garden.toml"),
    embedded!("topics/music.toml"),
    embedded!("topics/films.toml"),
    embedded!("topics/books.toml"),
    embedded!("topics/running.toml"),
    embedded!("topics/cycling.toml"),
    embedded!("topics/home_repair.toml"),
    embedded!("topics/pets.toml"),
    embedded!("topics/school.toml"),
    embedded!("topics/languages.toml"),
    embedded!("topics/cars.toml"),
    embedded!("topics/photography.toml"),
    embedded!("topics/wine.toml"),
    embedded!("topics/coffee.toml"),
    embedded!("topics/baking.toml"),
    embedded!("topics/knitting.toml"),
    embedded!("topics/chess.toml"),
    embedded!("topics/football.toml"),
    embedded!("topics/hiking.toml"),
    embedded!("topics/sailing.toml"),
    embedded!("topics/astronomy.toml"),
    embedded!("topics/birds.toml"),
    embedded!("topics/painting.toml"),
    embedded!("topics/theatre.toml"),
    embedded!("topics/legal.toml"),
    embedded!("topics/insurance.toml"),
    embedded!("topics/housing.toml"),
    embedded!("topics/hiring.toml"),
    embedded!("topics/marketing.toml"),
    embedded!("topics/research.toml"),
    embedded!("topics/volunteering.toml"),
    embedded!("topics/wedding.toml"),
    embedded!("topics/sleep.toml"),
    embedded!("topics/energy.toml"),
];

/// Names of people and of relations to them.
pub(super) const PEOPLE: (&str, &str) = embedded!("people.toml");
/// Lists that every topic shares.
pub(super) const WORLD: (&str, &str) = embedded!("world.toml");
/// Patterns that every topic shares; their slots are filled from the topic's own lists.
pub(super) const PATTERNS: (&str, &str) = embedded!("patterns.toml");
/// Openings and closings of a memory, by kind.
pub(super) const FRAMES: (&str, &str) = embedded!("frames.toml");
/// What people say between facts.
pub(super) const TALK: (&str, &str) = embedded!("talk.toml");

/// Names of people, `people.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PeopleSource {
    pub(super) women: Vec<String>,
    pub(super) men: Vec<String>,
    pub(super) surnames: Vec<String>,
    pub(super) relations: Vec<String>,
    pub(super) relations_of_women: Vec<String>,
    pub(super) relations_of_men: Vec<String>,
}

/// One pattern: several phrasings of a fact and several questions about it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PatternSource {
    pub(super) kind: Kind,
    pub(super) say: Vec<String>,
    #[serde(default)]
    pub(super) tell: Vec<String>,
    pub(super) ask: Vec<String>,
    pub(super) answer: String,
    pub(super) gist: String,
}

/// `patterns.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PatternsSource {
    pub(super) pattern: Vec<PatternSource>,
}

/// One topic's file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TopicSource {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) why: Vec<String>,
    pub(super) aside: Vec<String>,
    pub(super) lists: BTreeMap<String, Vec<String>>,
    pub(super) pattern: Vec<PatternSource>,
}

/// Openings and closings of one kind, `frames.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FrameSource {
    pub(super) lead: Vec<String>,
    pub(super) tail: Vec<String>,
}

/// `frames.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FramesSource {
    pub(super) preference: FrameSource,
    pub(super) people: FrameSource,
    pub(super) meeting: FrameSource,
    pub(super) project: FrameSource,
    pub(super) fact: FrameSource,
    pub(super) instruction: FrameSource,
    pub(super) event: FrameSource,
    pub(super) reason: Vec<String>,
    pub(super) acquaintance: Vec<String>,
    pub(super) ask_lead: Vec<String>,
}

/// `talk.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TalkSource {
    pub(super) greeting: Vec<String>,
    pub(super) reply: Vec<String>,
    pub(super) reaction: Vec<String>,
    pub(super) follow_up: Vec<String>,
    pub(super) turn_to: Vec<String>,
    pub(super) small_talk: Vec<String>,
    pub(super) farewell: Vec<String>,
    pub(super) mentioned_when: Vec<String>,
    pub(super) two_things: Vec<String>,
}

/// Reads one data file.
///
/// # Errors
/// [`GrammarError::Parse`] where the text is not TOML of the wanted shape.
pub(super) fn read<T: DeserializeOwned>((file, text): (&str, &str)) -> Result<T, GrammarError> {
    toml::from_str(text).map_err(|source| GrammarError::Parse {
        file: file.to_owned(),
        source: Box::new(source),
    })
}
