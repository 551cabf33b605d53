//! From `locomo10.json` to conversations.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::conversation::{
    Category, Conversation, Event, Observation, QuestionAnswer, Session, Turn,
};
use super::evidence::{Evidence, TurnId};
use super::json::{EventsJson, QuestionJson, SampleJson, TurnJson};
use crate::datasets::error::{DatasetError, excerpt};
use crate::datasets::root::DataRoot;

const FILE: &str = "locomo/locomo10.json";

/// Reads `locomo/`: 10 conversations, 272 sessions, 5,882 turns, 1,986 questions.
///
/// The text was written by a language model. 1,981 questions point at turns that exist.
#[derive(Debug, Clone)]
pub struct Locomo {
    folder: PathBuf,
}

impl Locomo {
    /// The name of the data set in messages and result rows.
    pub const NAME: &'static str = "locomo";
    /// The files it consists of, relative to the data folder.
    pub const FILES: [&'static str; 1] = [FILE];

    /// Finds the file.
    ///
    /// # Errors
    /// [`DatasetError::Missing`] if no folder of `root` holds it.
    pub fn open(root: &DataRoot) -> Result<Self, DatasetError> {
        let folder = root.locate(Self::NAME, &Self::FILES)?;
        Ok(Self {
            folder: folder.to_path_buf(),
        })
    }

    /// Returns the data folder in which the file was found.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns all conversations in the order of the file; about 3 MB are read whole.
    ///
    /// Dates of sessions without turns (the file has some) are left out.
    ///
    /// # Errors
    /// [`DatasetError::Json`] where the file is not JSON of the right shape,
    /// [`DatasetError::Conversation`] where a conversation contradicts itself, and what reading a file
    /// can bring.
    pub fn conversations(&self) -> Result<Vec<Conversation>, DatasetError> {
        let path = self.folder.join(FILE);
        let bytes = fs::read(&path).map_err(|source| DatasetError::io(&path, source))?;
        let text = utf8(&path, &bytes)?;
        let samples: Vec<SampleJson> =
            serde_json::from_str(text).map_err(|source| DatasetError::Json {
                path: path.clone(),
                line: source.line() as u64,
                expected: "a list of LoCoMo conversations",
                source,
            })?;
        samples
            .into_iter()
            .map(|sample| Sample::new(&path, &sample.sample_id).read(sample))
            .collect()
    }
}

fn utf8<'a>(path: &Path, bytes: &'a [u8]) -> Result<&'a str, DatasetError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = &bytes[..error.valid_up_to()];
        let line_start = valid
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |end| end + 1);
        DatasetError::NotUtf8 {
            path: path.to_path_buf(),
            line: 1 + valid.iter().filter(|&&byte| byte == b'\n').count() as u64,
            valid_bytes: valid.len() - line_start,
        }
    })
}

/// Knows where in the file it is, for messages.
struct Sample<'a> {
    path: &'a Path,
    id: String,
}

impl<'a> Sample<'a> {
    fn new(path: &'a Path, id: &str) -> Self {
        Self {
            path,
            id: id.to_owned(),
        }
    }

    fn read(&self, sample: SampleJson) -> Result<Conversation, DatasetError> {
        let mut sessions = self.sessions(sample.conversation.sessions)?;
        let known = self.turn_ids(&sessions)?;
        for (key, by_speaker) in sample.observation {
            let session = self.session_of(&mut sessions, &key, "session_", "_observation")?;
            session.observations = by_speaker
                .into_iter()
                .flat_map(|(speaker, facts)| {
                    facts.into_iter().map(move |fact| (speaker.clone(), fact))
                })
                .map(|(speaker, (fact, pointers))| {
                    let pointers = pointers.as_slice().iter().map(String::as_str);
                    Observation {
                        speaker,
                        fact,
                        evidence: Evidence::resolve(pointers, &known),
                    }
                })
                .collect();
        }
        for (key, summary) in sample.session_summary {
            self.session_of(&mut sessions, &key, "session_", "_summary")?
                .summary = Some(summary);
        }
        for (key, events) in sample.event_summary {
            self.session_of(&mut sessions, &key, "events_session_", "")?
                .events = flatten(events);
        }
        let questions = sample
            .qa
            .into_iter()
            .enumerate()
            .map(|(index, question)| self.question(index, question, &known))
            .collect::<Result<_, _>>()?;
        Ok(Conversation {
            id: self.id.clone(),
            speakers: [sample.conversation.speaker_a, sample.conversation.speaker_b],
            sessions: sessions.into_values().collect(),
            questions,
        })
    }

    /// Reads `session_N` and `session_N_date_time` into sessions by number.
    fn sessions(
        &self,
        members: BTreeMap<String, Value>,
    ) -> Result<BTreeMap<u32, Session>, DatasetError> {
        let mut dates = BTreeMap::new();
        let mut turns = BTreeMap::new();
        for (key, value) in members {
            if let Some(number) = number_between(&key, "session_", "_date_time") {
                let date = value
                    .as_str()
                    .ok_or_else(|| self.invalid(&key, "a text", kind_of(&value)))?;
                dates.insert(number, date.to_owned());
            } else if let Some(number) = number_between(&key, "session_", "") {
                turns.insert(number, self.turns(&key, value)?);
            } else {
                return Err(self.invalid(&key, "session_N or session_N_date_time", "another name"));
            }
        }
        turns
            .into_iter()
            .map(|(number, turns)| {
                let date_time = dates.remove(&number).ok_or_else(|| {
                    self.invalid(&format!("session_{number}_date_time"), "a text", "nothing")
                })?;
                let session = Session {
                    number,
                    date_time,
                    turns,
                    observations: Vec::new(),
                    summary: None,
                    events: Vec::new(),
                };
                Ok((number, session))
            })
            .collect()
    }

    fn turns(&self, key: &str, value: Value) -> Result<Vec<Turn>, DatasetError> {
        const EXPECTED: &str = "a list of turns {speaker, dia_id, text, blip_caption?}";
        let turns: Vec<TurnJson> = serde_json::from_value(value)
            .map_err(|error| self.invalid(key, EXPECTED, &error.to_string()))?;
        turns
            .into_iter()
            .enumerate()
            .map(|(index, turn)| {
                let place = format!("{key}, turn {}", index + 1);
                let id = TurnId::new(&turn.dia_id)
                    .ok_or_else(|| self.invalid(&place, "a dia_id such as D1:3", &turn.dia_id))?;
                if turn.text.trim().is_empty() {
                    return Err(self.invalid(&place, "text that is not blank", "a blank text"));
                }
                Ok(Turn {
                    id,
                    speaker: turn.speaker,
                    text: turn.text,
                    image_caption: turn.blip_caption,
                })
            })
            .collect()
    }

    /// Collects the ids of all turns, each of which must stand once.
    fn turn_ids(&self, sessions: &BTreeMap<u32, Session>) -> Result<HashSet<TurnId>, DatasetError> {
        let mut ids = HashSet::new();
        for session in sessions.values() {
            for turn in &session.turns {
                if !ids.insert(turn.id.clone()) {
                    let place = format!("session_{}", session.number);
                    let got = format!("{} twice", turn.id);
                    return Err(self.invalid(&place, "every dia_id once", &got));
                }
            }
        }
        Ok(ids)
    }

    fn session_of<'s>(
        &self,
        sessions: &'s mut BTreeMap<u32, Session>,
        key: &str,
        prefix: &str,
        suffix: &str,
    ) -> Result<&'s mut Session, DatasetError> {
        number_between(key, prefix, suffix)
            .and_then(|number| sessions.get_mut(&number))
            .ok_or_else(|| self.invalid(key, "a session that has turns", "none of that number"))
    }

    fn question(
        &self,
        index: usize,
        question: QuestionJson,
        known: &HashSet<TurnId>,
    ) -> Result<QuestionAnswer, DatasetError> {
        let place = format!("qa {}", index + 1);
        let category = Category::from_number(question.category).ok_or_else(|| {
            self.invalid(
                &place,
                "a category from 1 to 5",
                &question.category.to_string(),
            )
        })?;
        if question.question.trim().is_empty() {
            return Err(self.invalid(&place, "a question that is not blank", "a blank text"));
        }
        Ok(QuestionAnswer {
            question: question.question,
            answer: question.answer.map(|answer| answer.into_text()),
            adversarial_answer: question.adversarial_answer,
            category,
            evidence: Evidence::resolve(question.evidence.iter().map(String::as_str), known),
        })
    }

    fn invalid(&self, place: &str, expected: &'static str, got: &str) -> DatasetError {
        DatasetError::Conversation {
            path: self.path.to_path_buf(),
            place: format!("{}, {place}", self.id),
            expected,
            got: excerpt(got),
        }
    }
}

fn flatten(events: EventsJson) -> Vec<Event> {
    let date = events.date;
    events
        .by_speaker
        .into_iter()
        .flat_map(|(speaker, texts)| texts.into_iter().map(move |text| (speaker.clone(), text)))
        .map(|(speaker, text)| Event {
            speaker,
            date: date.clone(),
            text,
        })
        .collect()
}

fn number_between(key: &str, prefix: &str, suffix: &str) -> Option<u32> {
    key.strip_prefix(prefix)?.strip_suffix(suffix)?.parse().ok()
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
