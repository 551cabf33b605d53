//! One item.

use rm_memory::MemoryItem;
use serde::Serialize;
use serde_json::{Map, Value};

/// Is an item as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct ItemJson {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) created_at_ms: i64,
    pub(crate) updated_at_ms: i64,
    pub(crate) expires_at_ms: Option<i64>,
    pub(crate) importance: f32,
    pub(crate) pinned: bool,
}

impl From<MemoryItem> for ItemJson {
    fn from(item: MemoryItem) -> Self {
        Self {
            id: item.id,
            text: item.text,
            metadata: item.metadata,
            created_at_ms: item.created_at_ms,
            updated_at_ms: item.updated_at_ms,
            expires_at_ms: item.expires_at_ms,
            importance: item.importance,
            pinned: item.pinned,
        }
    }
}

/// Writes metadata in one line, nothing where there is none.
pub(crate) fn metadata_line(metadata: &Map<String, Value>) -> String {
    let entries = metadata.iter().map(|(key, value)| match value {
        Value::String(text) => format!("{key}={text}"),
        value => format!("{key}={value}"),
    });
    super::one_line(&entries.collect::<Vec<_>>().join(" "))
}
