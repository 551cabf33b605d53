//! The shape of `locomo10.json`, as far as serde can describe it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Number, Value};

/// One element of the file.
#[derive(Deserialize)]
pub(super) struct SampleJson {
    pub(super) sample_id: String,
    pub(super) conversation: ConversationJson,
    pub(super) qa: Vec<QuestionJson>,
    /// `session_N_observation`: speaker, then pairs of a fact and its evidence.
    pub(super) observation: BTreeMap<String, BTreeMap<String, Vec<(String, PointersJson)>>>,
    /// `session_N_summary`.
    pub(super) session_summary: BTreeMap<String, String>,
    /// `events_session_N`.
    pub(super) event_summary: BTreeMap<String, EventsJson>,
}

#[derive(Deserialize)]
pub(super) struct ConversationJson {
    pub(super) speaker_a: String,
    pub(super) speaker_b: String,
    /// `session_N`, a list of turns, and `session_N_date_time`, a text.
    #[serde(flatten)]
    pub(super) sessions: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
pub(super) struct TurnJson {
    pub(super) speaker: String,
    pub(super) dia_id: String,
    pub(super) text: String,
    pub(super) blip_caption: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct QuestionJson {
    pub(super) question: String,
    pub(super) answer: Option<AnswerJson>,
    pub(super) adversarial_answer: Option<String>,
    pub(super) evidence: Vec<String>,
    pub(super) category: u64,
}

/// An answer: years and counts stand as numbers.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum AnswerJson {
    Text(String),
    Number(Number),
}

impl AnswerJson {
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }
}

/// The turns a fact was drawn from: one text with one or more ids, or a list of such texts.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum PointersJson {
    One(String),
    Many(Vec<String>),
}

impl PointersJson {
    pub(super) fn as_slice(&self) -> &[String] {
        match self {
            Self::One(pointer) => std::slice::from_ref(pointer),
            Self::Many(pointers) => pointers,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct EventsJson {
    pub(super) date: String,
    #[serde(flatten)]
    pub(super) by_speaker: BTreeMap<String, Vec<String>>,
}
