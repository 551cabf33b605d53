//! The plain types of a conversation.

use std::fmt;

use super::evidence::{Evidence, TurnId};

/// Holds one conversation: its sessions in order and the questions asked about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// The conversation's id, such as `conv-26`.
    pub id: String,
    /// The names of the two speakers.
    pub speakers: [String; 2],
    /// The sessions that have turns, by rising number.
    pub sessions: Vec<Session>,
    /// The questions, in the order of the file.
    pub questions: Vec<QuestionAnswer>,
}

impl Conversation {
    /// Returns the turns of all sessions, in the order they were said.
    pub fn turns(&self) -> impl Iterator<Item = &Turn> {
        self.sessions.iter().flat_map(|session| &session.turns)
    }
}

/// Holds one session: turns said at one sitting, and what was noted about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The session's number, from 1.
    pub number: u32,
    /// When it took place, as written: `1:56 pm on 8 May, 2023`.
    pub date_time: String,
    /// The turns, in the order they were said.
    pub turns: Vec<Turn>,
    /// Facts about the speakers drawn from the turns, by speaker.
    pub observations: Vec<Observation>,
    /// The summary of the session, if there is one.
    pub summary: Option<String>,
    /// What happened in the speakers' lives up to the session, by speaker.
    pub events: Vec<Event>,
}

/// Holds one turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The turn's id, unique in its conversation and not beyond it.
    pub id: TurnId,
    /// Who speaks.
    pub speaker: String,
    /// What is said.
    pub text: String,
    /// A caption of the image shared with the turn, written by a captioning model.
    pub image_caption: Option<String>,
}

/// Holds one fact about a speaker and the turns it was drawn from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Whom the fact is about.
    pub speaker: String,
    /// The fact, as a sentence.
    pub fact: String,
    /// The turns it was drawn from.
    pub evidence: Evidence,
}

/// Holds one event in a speaker's life, from the script that the conversation was written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Whose life it happened in.
    pub speaker: String,
    /// When, as written: `8 May, 2023`.
    pub date: String,
    /// What happened, as a sentence.
    pub text: String,
}

/// Holds one question about a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionAnswer {
    /// The question.
    pub question: String,
    /// The right answer; a number in the file is given as its digits. Most adversarial questions have none.
    pub answer: Option<String>,
    /// The answer that an adversarial question tempts to.
    pub adversarial_answer: Option<String>,
    /// What kind of question it is.
    pub category: Category,
    /// The turns that the answer rests on.
    pub evidence: Evidence,
}

/// Names the kind of a question.
///
/// The file gives a number and the paper lists the kinds in another order; the counts (282, 321, 96, 841,
/// 446) and the data set's own evaluation code settle which number is which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// 1: the answer joins turns of several sessions.
    MultiHop,
    /// 2: the answer is a time, or needs one.
    Temporal,
    /// 3: the answer needs knowledge of the world besides the conversation.
    OpenDomain,
    /// 4: the answer stands in one session.
    SingleHop,
    /// 5: the question rests on something that was not said, and should not be answered.
    Adversarial,
}

impl Category {
    /// All categories, by rising number.
    pub const ALL: [Self; 5] = [
        Self::MultiHop,
        Self::Temporal,
        Self::OpenDomain,
        Self::SingleHop,
        Self::Adversarial,
    ];

    /// Returns the number that the file uses, 1 to 5.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::MultiHop => 1,
            Self::Temporal => 2,
            Self::OpenDomain => 3,
            Self::SingleHop => 4,
            Self::Adversarial => 5,
        }
    }

    /// Returns the category with a number of the file.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|category| u64::from(category.number()) == number)
    }

    /// Returns the name for result rows.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MultiHop => "multi_hop",
            Self::Temporal => "temporal",
            Self::OpenDomain => "open_domain",
            Self::SingleHop => "single_hop",
            Self::Adversarial => "adversarial",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
