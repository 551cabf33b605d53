//! A topic: its words, its patterns, and in which shares they are dealt.

use super::deck::Deck;
use super::error::GrammarError;
use super::kind::Kind;
use super::pattern::Pattern;
use super::source::{PatternSource, TopicSource};
use super::template::Template;
use super::vocabulary::Vocabulary;

/// A topic by position in the generator's list of topics.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct TopicId(pub u16);

/// How often a topic's own pattern is dealt for each time that a shared one is.
const OWN_PATTERN_SHARE: u64 = 2;

/// A compiled topic.
#[derive(Debug)]
pub(super) struct Topic {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) reasons: Vec<Template>,
    pub(super) asides: Vec<Template>,
    /// Patterns and their deck, by kind.
    pub(super) by_kind: [Patterns; Kind::ALL.len()],
}

/// The patterns of one kind and the deck that deals them.
#[derive(Debug)]
pub(super) struct Patterns {
    pub(super) patterns: Vec<Pattern>,
    pub(super) deck: Deck,
}

impl Topic {
    /// Compiles a topic's own patterns and the shared ones against its word lists, which the
    /// vocabulary must already hold.
    ///
    /// # Errors
    /// [`GrammarError`] for the first fault found.
    pub(super) fn compile(
        source: TopicSource,
        position: usize,
        shared: &[PatternSource],
        vocabulary: &Vocabulary,
    ) -> Result<Self, GrammarError> {
        let sentences = |texts: &[String]| {
            let compile = |text: &String| Template::compile(text, position, &[], vocabulary);
            texts.iter().map(compile).collect::<Result<Vec<_>, _>>()
        };
        let reasons = sentences(&source.why)?;
        let asides = sentences(&source.aside)?;
        let mut by_kind = Vec::with_capacity(Kind::ALL.len());
        for kind in Kind::ALL {
            by_kind.push(Patterns::compile(
                kind, &source, position, shared, vocabulary,
            )?);
        }
        let by_kind = by_kind.try_into().map_err(|_| GrammarError::MissingKind {
            topic: source.name.clone(),
            kind: "any",
        })?;
        Ok(Self {
            name: source.name,
            label: source.label,
            reasons,
            asides,
            by_kind,
        })
    }

    /// Returns the patterns of a kind.
    pub(super) fn patterns(&self, kind: Kind) -> &Patterns {
        &self.by_kind[kind as usize]
    }
}

impl Patterns {
    fn compile(
        kind: Kind,
        topic: &TopicSource,
        position: usize,
        shared: &[PatternSource],
        vocabulary: &Vocabulary,
    ) -> Result<Self, GrammarError> {
        let mut patterns = Vec::new();
        let mut shares = Vec::new();
        let own = topic
            .pattern
            .iter()
            .map(|source| (source, OWN_PATTERN_SHARE));
        for (source, share) in shared.iter().map(|source| (source, 1)).chain(own) {
            if source.kind == kind {
                patterns.push(Pattern::compile(source, position, vocabulary)?);
                shares.push(share);
            }
        }
        if patterns.is_empty() {
            return Err(GrammarError::MissingKind {
                topic: topic.name.clone(),
                kind: kind.name(),
            });
        }
        Ok(Self {
            patterns,
            deck: Deck::new(&shares),
        })
    }
}
