//! One memory as it is told.

use rm_memory::MemoryItem;
use rmcp::schemars::{self, JsonSchema};
use serde::Serialize;
use serde_json::{Map, Value};

use super::cost::Cost;
use super::fit::Cuttable;
use super::{cost, cost_of_text, when};

/// Importance of a memory of which nothing was said.
const USUAL_IMPORTANCE: f32 = 0.5;

/// Is one memory as it is told; what is as usual is left out.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Item {
    /// Its id.
    pub(crate) id: String,
    /// Its text.
    pub(crate) text: String,
    /// True where the text was cut to keep the answer short; get_memory reads on.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) truncated: bool,
    /// What was said about it; absent where nothing was.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) metadata: Map<String, Value>,
    /// True where the metadata was left out to keep the answer short.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) metadata_left_out: bool,
    /// When it was added.
    pub(crate) created_at: String,
    /// When it was last changed; absent where it never was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) updated_at: Option<String>,
    /// When it will be forgotten; absent where it stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<String>,
    /// How much it matters, from 0 to 1; absent where it is 0.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) importance: Option<f64>,
    /// True where it is kept whatever its age and importance.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) pinned: bool,
}

/// Is a memory that answers a question.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Found {
    /// Cosine of question and text, from -1 to 1; results are ordered by it and by shared words together.
    pub(crate) score: f64,
    /// The memory.
    #[serde(flatten)]
    pub(crate) item: Item,
}

impl From<MemoryItem> for Item {
    fn from(item: MemoryItem) -> Self {
        let is_changed = item.updated_at_ms != item.created_at_ms;
        Self {
            id: item.id,
            text: item.text,
            truncated: false,
            metadata: item.metadata,
            metadata_left_out: false,
            created_at: when(item.created_at_ms),
            updated_at: is_changed.then(|| when(item.updated_at_ms)),
            expires_at: item.expires_at_ms.map(when),
            importance: (item.importance != USUAL_IMPORTANCE).then(|| rounded(item.importance)),
            pinned: item.pinned,
        }
    }
}

impl From<rm_memory::Found> for Found {
    fn from(found: rm_memory::Found) -> Self {
        Self {
            score: rounded(found.score),
            item: Item::from(MemoryItem::from(found)),
        }
    }
}

impl Item {
    /// Takes off the text what comes before this many characters.
    pub(crate) fn skip(&mut self, characters: usize) {
        if characters > 0 {
            self.text = self.text.chars().skip(characters).collect();
        }
    }
}

impl Cuttable for Item {
    fn cost(&self) -> usize {
        cost(&serde_json::to_value(self).unwrap_or_default())
    }

    fn cut(&mut self, budget: usize) {
        if self.cost() <= budget {
            return;
        }
        let metadata = cost(&Value::Object(self.metadata.clone()));
        if metadata > budget / 2 {
            self.metadata.clear();
            self.metadata_left_out = true;
            if self.cost() <= budget {
                return;
            }
        }
        self.truncated = true;
        let besides = self.cost().saturating_sub(cost_of_text(&self.text));
        let end = fitting(&self.text, budget.saturating_sub(besides));
        self.text.truncate(end);
    }
}

impl Cuttable for Found {
    fn cost(&self) -> usize {
        cost(&serde_json::to_value(self).unwrap_or_default())
    }

    fn cut(&mut self, budget: usize) {
        let besides = self.cost().saturating_sub(self.item.cost());
        self.item.cut(budget.saturating_sub(besides));
    }
}

/// Returns where a text ends that costs no more than this: after a word where there is one, or after a character.
pub(crate) fn fitting(text: &str, budget: usize) -> usize {
    let mut cost = Cost::default();
    let mut after_word = 0;
    for (at, character) in text.char_indices() {
        cost.push(character);
        if cost.count() > budget {
            // A word that takes most of the room is cut as well.
            return if after_word > at / 2 { after_word } else { at };
        }
        if character.is_whitespace() {
            after_word = at;
        }
    }
    text.len()
}

/// Rounds to three places, which is as exact as anybody needs to know.
pub(crate) fn rounded(number: f32) -> f64 {
    (f64::from(number) * 1e3).round() / 1e3
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(value: &bool) -> bool {
    !value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(text: String) -> Item {
        Item::from(MemoryItem {
            id: "a".into(),
            text,
            metadata: Map::new(),
            created_at_ms: 0,
            updated_at_ms: 0,
            expires_at_ms: None,
            importance: 0.5,
            pinned: false,
        })
    }

    #[test]
    fn what_is_as_usual_is_not_told() -> Result<(), serde_json::Error> {
        let told = serde_json::to_string(&item("tea".into()))?;
        let expected = r#"{"id":"a","text":"tea","created_at":"1970-01-01T00:00:00Z"}"#;
        assert_eq!(told, expected);
        Ok(())
    }

    #[test]
    fn a_cut_keeps_within_the_budget_and_says_so() {
        for text in [
            "green tea ".repeat(500),
            "茶".repeat(900),
            "x".repeat(4_000),
            "\"\n".repeat(900),
        ] {
            let mut item = item(text.clone());
            item.cut(500);
            assert!(item.cost() <= 500, "{}", item.cost());
            assert!(item.truncated && !item.text.is_empty());
            assert!(text.starts_with(&item.text));
        }
    }

    #[test]
    fn metadata_that_fills_the_budget_is_left_out() {
        let mut item = item("tea".into());
        item.metadata
            .insert("notes".into(), "word ".repeat(2_000).into());
        item.cut(500);
        assert!(item.metadata.is_empty() && item.metadata_left_out && !item.truncated);
    }
}
