//! The whole grammar, compiled once.

use super::error::GrammarError;
use super::kind::Kind;
use super::lexicon::Lexicon;
use super::people::People;
use super::source::{
    FRAMES, FrameSource, FramesSource, PATTERNS, PEOPLE, PatternsSource, TALK, TOPICS, TalkSource,
    TopicSource, WORLD, read,
};
use super::template::Template;
use super::topic::Topic;
use super::vocabulary::Vocabulary;

/// Word lists, people, topics and frames.
#[derive(Debug)]
pub(super) struct Grammar {
    pub(super) vocabulary: Vocabulary,
    pub(super) topics: Vec<Topic>,
    pub(super) frames: Frames,
    pub(super) talk: Talk,
}

/// Openings and closings.
#[derive(Debug)]
pub(super) struct Frames {
    /// Openings and closings by kind.
    by_kind: Vec<Frame>,
    /// Introductions of a topic's reason, each of which ends where the reason begins.
    pub(super) reason: Vec<String>,
    /// Sentences on who the person is.
    pub(super) acquaintance: Vec<Template>,
    pub(super) ask_lead: Vec<String>,
}

/// Openings and closings of one kind.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) leads: Vec<Template>,
    pub(super) tails: Vec<Template>,
}

/// What people say between facts.
#[derive(Debug)]
pub(super) struct Talk {
    pub(super) greeting: Vec<Template>,
    pub(super) reply: Vec<Template>,
    pub(super) reaction: Vec<Template>,
    pub(super) follow_up: Vec<Template>,
    pub(super) turn_to: Vec<Template>,
    pub(super) small_talk: Vec<Template>,
    pub(super) farewell: Vec<Template>,
    pub(super) mentioned_when: Vec<Template>,
    pub(super) two_things: Vec<Template>,
}

impl Grammar {
    /// Reads and compiles every data file.
    ///
    /// # Errors
    /// [`GrammarError`] for the first fault found.
    pub(super) fn load() -> Result<Self, GrammarError> {
        let mut lexicon = Lexicon::default();
        lexicon.add(None, &read(WORLD)?)?;
        let mut sources: Vec<TopicSource> = Vec::with_capacity(TOPICS.len());
        for (position, &file) in TOPICS.iter().enumerate() {
            let source: TopicSource = read(file)?;
            lexicon.add(Some(position), &source.lists)?;
            sources.push(source);
        }
        let vocabulary = Vocabulary {
            lexicon,
            people: People::new(read(PEOPLE)?)?,
        };
        let shared = read::<PatternsSource>(PATTERNS)?.pattern;
        let topics = sources
            .into_iter()
            .enumerate()
            .map(|(position, source)| Topic::compile(source, position, &shared, &vocabulary))
            .collect::<Result<Vec<_>, _>>()?;
        let frames = Frames::compile(read(FRAMES)?, &vocabulary)?;
        let talk = Talk::compile(&read(TALK)?, &vocabulary)?;
        Ok(Self {
            vocabulary,
            topics,
            frames,
            talk,
        })
    }
}

impl Frames {
    fn compile(source: FramesSource, vocabulary: &Vocabulary) -> Result<Self, GrammarError> {
        let of_kind = |kind| match kind {
            Kind::Preference => &source.preference,
            Kind::People => &source.people,
            Kind::Meeting => &source.meeting,
            Kind::Project => &source.project,
            Kind::Fact => &source.fact,
            Kind::Instruction => &source.instruction,
            Kind::Event => &source.event,
        };
        let frame = |kind| -> Result<Frame, GrammarError> {
            let FrameSource { lead, tail } = of_kind(kind);
            Ok(Frame {
                leads: shared(lead, vocabulary)?,
                tails: shared(tail, vocabulary)?,
            })
        };
        let by_kind = Kind::ALL
            .into_iter()
            .map(frame)
            .collect::<Result<Vec<_>, _>>()?;
        let acquaintance = shared(&source.acquaintance, vocabulary)?;
        Ok(Self {
            by_kind,
            reason: source.reason,
            acquaintance,
            ask_lead: source.ask_lead,
        })
    }

    /// Returns the openings and closings of a kind.
    pub(super) fn of(&self, kind: Kind) -> &Frame {
        &self.by_kind[kind as usize]
    }
}

impl Talk {
    fn compile(source: &TalkSource, vocabulary: &Vocabulary) -> Result<Self, GrammarError> {
        Ok(Self {
            greeting: shared(&source.greeting, vocabulary)?,
            reply: shared(&source.reply, vocabulary)?,
            reaction: shared(&source.reaction, vocabulary)?,
            follow_up: shared(&source.follow_up, vocabulary)?,
            turn_to: shared(&source.turn_to, vocabulary)?,
            small_talk: shared(&source.small_talk, vocabulary)?,
            farewell: shared(&source.farewell, vocabulary)?,
            mentioned_when: shared(&source.mentioned_when, vocabulary)?,
            two_things: shared(&source.two_things, vocabulary)?,
        })
    }
}

/// Compiles templates that use shared lists only.
fn shared(texts: &[String], vocabulary: &Vocabulary) -> Result<Vec<Template>, GrammarError> {
    let no_topic = usize::MAX;
    texts
        .iter()
        .map(|text| Template::compile(text, no_topic, &[], vocabulary))
        .collect()
}
