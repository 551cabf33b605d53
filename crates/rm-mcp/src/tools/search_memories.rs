//! `search_memories`: finds what answers a question.

use rm_memory::{Query, Ranking, Recency, Signals};
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::arguments::{filter, min_score, number};
use crate::answer::{Found, Room, fit, rounded};
use crate::memories::Memories;
use crate::refusal::Refusal;
use crate::tool::{Effect, MemoryTool};

/// Results where nothing is said.
const USUAL: usize = 5;

/// Most results.
const MOST: usize = 100;

/// Milliseconds of a day.
const DAY_MS: f64 = 86_400_000.0;

/// Finds what answers a question.
pub(crate) struct SearchMemories;

/// Is what `search_memories` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// What to find, in any words: a question, or what it is about.
    query: String,
    /// How many results at most, 1 to 100 (default 5).
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u64>,
    /// Score below which nothing counts, -1 to 1 (default 0.3); lower it where a search finds too little.
    min_score: Option<f32>,
    /// Search only what passes, such as {"topic": "food"} or {"stars": {"gte": 4}}; eq ne in nin gt gte lt lte contains, joined by AND, OR,
    /// NOT. A memory's own fields are #id, #created_at, #updated_at and #importance.
    filter: Option<Map<String, Value>>,
    /// Let newer memories gain: the age in days at which half of the gain is left.
    recency_half_life_days: Option<f64>,
    /// Namespace to search; the server's own where none is given.
    namespace: Option<String>,
}

/// Is what `search_memories` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// What was found, best first.
    results: Vec<Found>,
    /// How many of the last results are left out to keep the answer short; a lower limit or a filter brings the others.
    left_out: usize,
    /// How far the answer can be trusted; null while the memory is empty.
    signals: Option<Trust>,
}

/// Says how far an answer can be trusted.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Trust {
    /// 1 / (1 + qerr): low where the memory holds little of this kind.
    confidence: f64,
    /// Best minus second-best score among the memory's regions: low where the question lies between two.
    margin: f64,
    /// 1 minus the cosine of the question and the nearest region.
    qerr: f64,
}

impl From<Signals> for Trust {
    fn from(signals: Signals) -> Self {
        Self {
            confidence: rounded(signals.confidence),
            margin: rounded(signals.margin),
            qerr: rounded(signals.qerr),
        }
    }
}

impl Arguments {
    fn query(self) -> Result<Query, Refusal> {
        let mut query = Query::text(self.query);
        query = query.top_k(number("limit", self.limit, USUAL, MOST)?);
        if let Some(score) = self.min_score {
            query = query.threshold(min_score(score)?);
        }
        if let Some(filter) = filter(self.filter)? {
            query = query.filter(filter);
        }
        if let Some(days) = self.recency_half_life_days {
            if !(days > 0.0 && days.is_finite()) {
                let (argument, expected) = ("recency_half_life_days", "a number above 0");
                return Err(Refusal::range(argument, expected, days));
            }
            let recency = Recency::half_life_ms(days * DAY_MS);
            query = query.ranking(Ranking::new().recency(Some(recency)));
        }
        Ok(query)
    }
}

impl MemoryTool for SearchMemories {
    type Arguments = Arguments;
    type Answer = Answer;

    const NAME: &'static str = "search_memories";
    const TITLE: &'static str = "Search memories";
    const DESCRIPTION: &'static str = "Finds the memories that answer a question best, by meaning and by words. Use it before you \
        answer what may depend on earlier conversations. Finding nothing is an answer, too.";
    const EFFECT: Effect = Effect::Reads;

    fn call(memories: &Memories, arguments: Arguments) -> Result<Answer, Refusal> {
        let memory = memories.named(arguments.namespace.as_deref())?;
        let found = memory.search_with_signals(arguments.query()?)?;
        let mut results: Vec<Found> = found.results.into_iter().map(Found::from).collect();
        let left_out = fit(&mut results, Room::of(memories.answer_tokens));
        Ok(Answer {
            results,
            left_out,
            signals: found.signals.map(Trust::from),
        })
    }
}
