//! What goes into a memory and what comes back.

use serde_json::{Map, Value};

use rm_store::StoredItem;

/// Is a text to remember, with what is said about it.
///
/// ```
/// use rm_memory::NewItem;
///
/// let plain: NewItem = "User prefers dark mode".into();
/// let dated = NewItem::new("Meeting with Alice").id("meeting-1").meta("room", "4.12");
/// # let _ = (plain, dated);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct NewItem {
    pub(crate) text: String,
    pub(crate) id: Option<String>,
    pub(crate) metadata: Map<String, Value>,
}

impl NewItem {
    /// Takes a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            id: None,
            metadata: Map::new(),
        }
    }

    /// Sets the id; an item that has it already is replaced. Without one a new id is made up.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets one entry of the metadata.
    #[must_use]
    pub fn meta(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }

    /// Sets all metadata.
    #[must_use]
    pub fn metadata(mut self, metadata: Map<String, Value>) -> Self {
        self.metadata = metadata;
        self
    }
}

impl<T: Into<String>> From<T> for NewItem {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

/// Is a change of an item; what is not set stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Update {
    pub(crate) text: Option<String>,
    pub(crate) metadata: Option<Map<String, Value>>,
}

impl Update {
    /// Changes nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets another text, which is embedded and routed anew.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Sets other metadata in place of the old; the text is not embedded again.
    #[must_use]
    pub fn metadata(mut self, metadata: Map<String, Value>) -> Self {
        self.metadata = Some(metadata);
        self
    }
}

/// Is a remembered item.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryItem {
    /// Its id.
    pub id: String,
    /// Its text.
    pub text: String,
    /// What was said about it.
    pub metadata: Map<String, Value>,
    /// When it was first added, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// When it was last changed, in milliseconds since 1970.
    pub updated_at_ms: i64,
}

impl From<StoredItem> for MemoryItem {
    fn from(stored: StoredItem) -> Self {
        let item = stored.item;
        Self {
            id: item.id,
            text: item.text,
            metadata: item.metadata,
            created_at_ms: item.created_at_ms,
            updated_at_ms: item.updated_at_ms,
        }
    }
}
