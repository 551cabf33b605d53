//! From an index to the one fact it stands for.

use std::sync::Arc;

use super::deck::{Dealt, Deck};
use super::error::GrammarError;
use super::grammar::Grammar;
use super::kind::Kind;
use super::pattern::Pattern;
use super::people::Person;
use super::permutation::mix;
use super::template::{Scene, Voice};
use super::topic::{Topic, TopicId};

/// A pattern with its key slots filled.
#[derive(Debug, Clone)]
pub(super) struct Fact<'g> {
    pub(super) topic: &'g Topic,
    pub(super) topic_id: TopicId,
    pub(super) pattern: &'g Pattern,
    pub(super) values: Vec<u64>,
}

/// Deals facts: equal numbers of each topic, fixed shares of each kind, every pattern in turn.
#[derive(Debug, Clone)]
pub(super) struct Dealer {
    pub(super) grammar: Arc<Grammar>,
    pub(super) seed: u64,
    topics: Deck,
    kinds: Deck,
}

impl Dealer {
    /// # Errors
    /// [`GrammarError`] where a data file is at fault.
    pub(super) fn new(seed: u64) -> Result<Self, GrammarError> {
        let grammar = Grammar::load()?;
        let topics = Deck::new(&vec![1; grammar.topics.len()]);
        Ok(Self {
            grammar: Arc::new(grammar),
            seed,
            topics,
            kinds: Deck::new(&Kind::SHARES),
        })
    }

    /// Returns a dealer of other facts from the same grammar.
    pub(super) fn reseeded(&self, seed: u64) -> Self {
        Self {
            seed,
            ..self.clone()
        }
    }

    /// Returns the fact of an index.
    pub(super) fn fact(&self, index: u64) -> Fact<'_> {
        let in_topic = self.topics.deal(self.seed, index);
        let topic = &self.grammar.topics[in_topic.item];
        let topic_key = mix(self.seed, in_topic.item as u64 + 1);
        let in_kind = self.kinds.deal(topic_key, in_topic.nth);
        let kind = Kind::ALL[in_kind.item];
        let kind_key = mix(topic_key, in_kind.item as u64 + 1);
        let patterns = topic.patterns(kind);
        let in_pattern = patterns.deck.deal(kind_key, in_kind.nth);
        let pattern = &patterns.patterns[in_pattern.item];
        let pattern_key = mix(kind_key, in_pattern.item as u64 + 1);
        let values = pattern.values(pattern_key, in_pattern.nth);
        Fact {
            topic,
            topic_id: TopicId(in_topic.item as u16),
            pattern,
            values,
        }
    }

    /// Returns the index of the `nth` fact of a topic.
    pub(super) fn index_in_topic(&self, topic: TopicId, nth: u64) -> u64 {
        self.topics.position(
            self.seed,
            Dealt {
                item: usize::from(topic.0),
                nth,
            },
        )
    }

    /// Returns the first index at which some pattern may run out of facts, rounded down.
    pub(super) fn capacity(&self) -> u64 {
        let of_pattern = |kind: Kind, patterns: &super::topic::Patterns, item: usize| {
            let rounds = patterns.patterns[item].facts() / patterns.deck.share(item);
            let of_kind = u128::from(rounds) * u128::from(patterns.deck.len());
            let of_topic = of_kind / u128::from(self.kinds.share(kind as usize))
                * u128::from(self.kinds.len());
            of_topic * u128::from(self.topics.len())
        };
        let topics = self.grammar.topics.iter();
        let all = topics.flat_map(|topic| {
            Kind::ALL.into_iter().flat_map(move |kind| {
                let patterns = topic.patterns(kind);
                (0..patterns.patterns.len()).map(move |item| of_pattern(kind, patterns, item))
            })
        });
        all.min().unwrap_or_default().min(u128::from(u64::MAX)) as u64
    }
}

impl<'g> Fact<'g> {
    /// Returns what the fact's templates are rendered against.
    pub(super) fn scene<'a>(&'a self, dealer: &'a Dealer, voice: Voice) -> Scene<'a> {
        Scene {
            vocabulary: &dealer.grammar.vocabulary,
            label: &self.topic.label,
            values: &self.values,
            who: self.who(),
            seed: dealer.seed,
            voice,
        }
    }

    /// Returns the person the fact is about, where it is about one.
    pub(super) fn who(&self) -> Option<Person> {
        self.pattern.who.map(|key| Person(self.values[key]))
    }

    /// Returns the same fact about somebody else; unchanged where it is about nobody.
    pub(super) fn about(mut self, person: Person) -> Self {
        if let Some(key) = self.pattern.who {
            self.values[key] = person.0;
        }
        self
    }
}
