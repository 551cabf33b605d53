//! Two people talking over some months, and questions about what they said.
//!
//! The layout is LoCoMo's (Maharana et al., 2024): sessions with dates, turns with ids such as "D1:3",
//! questions with the ids of the turns that answer them and a category.

use serde::Serialize;

use super::dice::{Dice, Stream};
use super::fact::Dealer;
use super::people::Person;
use super::permutation::mix;

mod questions;
mod script;

/// How long a conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConversationSize {
    /// Number of sessions, at least one.
    pub sessions: usize,
    /// Turns in a session, give or take three; at least eight.
    pub turns: usize,
    /// Most questions to ask; fewer come where the conversation states fewer facts.
    pub questions: usize,
}

impl Default for ConversationSize {
    /// About the size of a LoCoMo conversation: 25 sessions of 22 turns, 200 questions.
    fn default() -> Self {
        Self {
            sessions: 25,
            turns: 22,
            questions: 200,
        }
    }
}

/// A conversation between two people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conversation {
    /// "ac-" and the number in six digits.
    pub id: String,
    /// Full names of the two.
    pub speakers: [String; 2],
    /// Sessions in order of time.
    pub sessions: Vec<Session>,
    /// Questions about what was said.
    pub questions: Vec<ConversationQuestion>,
}

/// One sitting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Session {
    /// Day, as in "8 May 2023".
    pub date: String,
    /// What was said, in order.
    pub turns: Vec<Turn>,
}

/// What one speaker said at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// "D", the session, a colon and the turn, both from 1: unique in the conversation.
    pub id: String,
    /// Given name.
    pub speaker: String,
    /// The words.
    pub text: String,
}

/// A question about a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConversationQuestion {
    /// The question.
    pub question: String,
    /// The answer; for an adversarial question the one that was said of somebody else.
    pub answer: String,
    /// Ids of the turns that hold the answer.
    pub evidence: Vec<String>,
    /// What it takes to answer.
    pub category: QuestionCategory,
}

/// What it takes to answer a question; LoCoMo's numbers, of which 3 (open domain) is not generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum QuestionCategory {
    /// Several turns together.
    MultiHop,
    /// The date of a session.
    Temporal,
    /// One turn.
    SingleHop,
    /// It asks about the wrong speaker, and has no answer.
    Adversarial,
}

impl QuestionCategory {
    /// Returns LoCoMo's number of the category.
    pub fn number(self) -> u8 {
        match self {
            Self::MultiHop => 1,
            Self::Temporal => 2,
            Self::SingleHop => 4,
            Self::Adversarial => 5,
        }
    }
}

impl Conversation {
    pub(super) fn write(dealer: &Dealer, number: u64, size: ConversationSize) -> Self {
        let dealer = &dealer.reseeded(mix(mix(dealer.seed, Stream::Conversation as u64), number));
        let dice = &mut Dice::new(dealer.seed, Stream::Conversation, number, 0);
        let people = &dealer.grammar.vocabulary.people;
        let speakers = two_people(dealer, dice);
        let (sessions, stated) = script::write(dealer, speakers, size, dice);
        let questions = questions::write(dealer, speakers, &sessions, &stated, size, dice);
        let full = |person| format!("{} {}", people.given(person), people.surname(person));
        Self {
            id: format!("ac-{number:06}"),
            speakers: speakers.map(full),
            sessions,
            questions,
        }
    }
}

/// Draws two people whose given names differ.
fn two_people(dealer: &Dealer, dice: &mut Dice) -> [Person; 2] {
    let people = &dealer.grammar.vocabulary.people;
    let first = Person(dice.below(people.size()));
    loop {
        let second = Person(dice.below(people.size()));
        if people.given(second) != people.given(first) {
            return [first, second];
        }
    }
}
