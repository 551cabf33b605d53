//! What goes into a memory and what comes back.

use std::time::Duration;

use serde_json::{Map, Value};

use rm_store::{DEFAULT_IMPORTANCE, Item, StoredItem};

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
    pub(crate) vector: Option<Vec<f32>>,
    pub(crate) created_at_ms: Option<i64>,
    pub(crate) updated_at_ms: Option<i64>,
    /// Whether its times are kept where it replaces another item, too.
    pub(crate) is_restored: bool,
    pub(crate) life: Life,
    pub(crate) importance: Option<f32>,
    pub(crate) pinned: bool,
}

/// Is how long an item is to be kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Life {
    /// Until it is deleted.
    #[default]
    Endless,
    /// For so many milliseconds from now.
    For(i64),
    /// Until this time, in milliseconds since 1970.
    Until(i64),
}

impl Life {
    /// Returns when it ends, in milliseconds since 1970.
    fn end_ms(self, now_ms: i64) -> Option<i64> {
        match self {
            Self::Endless => None,
            Self::For(ms) => Some(now_ms.saturating_add(ms)),
            Self::Until(at_ms) => Some(at_ms),
        }
    }
}

impl NewItem {
    /// Takes a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            id: None,
            metadata: Map::new(),
            vector: None,
            created_at_ms: None,
            updated_at_ms: None,
            is_restored: false,
            life: Life::default(),
            importance: None,
            pinned: false,
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

impl NewItem {
    /// Gives the vector of the text, which is then not embedded; it is scaled to unit norm.
    ///
    /// It has to come from the memory's own embedder, or from what gives the same vectors.
    #[must_use]
    pub fn vector(mut self, vector: Vec<f32>) -> Self {
        self.vector = Some(vector);
        self
    }

    /// Sets when the item came to be, in milliseconds since 1970, where that is not now: a memory of last year's.
    ///
    /// An item that replaces another keeps the other's time.
    #[must_use]
    pub fn created_at_ms(mut self, created_at_ms: i64) -> Self {
        self.created_at_ms = Some(created_at_ms);
        self
    }

    /// Forgets the item so long after it was added: from then on nothing finds it, and [`RoutingMemory::forget`](crate::RoutingMemory::forget)
    /// removes it.
    #[must_use]
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.life = Life::For(i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX));
        self
    }

    /// Forgets the item at this time, in milliseconds since 1970, as [`ttl`](Self::ttl) does.
    #[must_use]
    pub fn expires_at_ms(mut self, expires_at_ms: i64) -> Self {
        self.life = Life::Until(expires_at_ms);
        self
    }

    /// Sets how much the item matters, from 0 to 1 (default 0.5).
    #[must_use]
    pub fn importance(mut self, importance: f32) -> Self {
        self.importance = Some(importance);
        self
    }

    /// Keeps the item from being forgotten, be it by age, count, importance or its own time to live; it can still be deleted.
    #[must_use]
    pub fn pinned(mut self, pinned: bool) -> Self {
        self.pinned = pinned;
        self
    }

    pub(crate) fn into_stored(self, vector: &[f32], now_ms: i64) -> Item {
        Item {
            id: self.id.unwrap_or_else(|| uuid::Uuid::now_v7().to_string()),
            text: self.text,
            metadata: self.metadata,
            // Most that come with a vector come with one of unit norm, which needs no copy.
            vector: match self.vector {
                Some(given) if given == vector => given,
                _ => vector.to_vec(),
            },
            created_at_ms: self.created_at_ms.unwrap_or(now_ms),
            updated_at_ms: self.updated_at_ms.unwrap_or(now_ms),
            expires_at_ms: self.life.end_ms(now_ms),
            importance: self.importance.unwrap_or(DEFAULT_IMPORTANCE),
            pinned: self.pinned,
        }
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
    pub(crate) expires_at_ms: Option<Option<i64>>,
    pub(crate) importance: Option<f32>,
    pub(crate) pinned: Option<bool>,
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

    /// Sets when the item is forgotten, in milliseconds since 1970; `None` never.
    #[must_use]
    pub fn expires_at_ms(mut self, expires_at_ms: Option<i64>) -> Self {
        self.expires_at_ms = Some(expires_at_ms);
        self
    }

    /// Sets how much the item matters, from 0 to 1.
    #[must_use]
    pub fn importance(mut self, importance: f32) -> Self {
        self.importance = Some(importance);
        self
    }

    /// Sets whether the item is kept from being forgotten.
    #[must_use]
    pub fn pinned(mut self, pinned: bool) -> Self {
        self.pinned = Some(pinned);
        self
    }

    /// Changes everything but the vector.
    pub(crate) fn apply_to(self, item: &mut Item) {
        if let Some(text) = self.text {
            item.text = text;
        }
        if let Some(metadata) = self.metadata {
            item.metadata = metadata;
        }
        item.expires_at_ms = self.expires_at_ms.unwrap_or(item.expires_at_ms);
        item.importance = self.importance.unwrap_or(item.importance);
        item.pinned = self.pinned.unwrap_or(item.pinned);
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
    /// When it is forgotten, in milliseconds since 1970; `None` never.
    pub expires_at_ms: Option<i64>,
    /// How much it matters, from 0 to 1.
    pub importance: f32,
    /// Whether it is kept from being forgotten.
    pub pinned: bool,
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
            expires_at_ms: item.expires_at_ms,
            importance: item.importance,
            pinned: item.pinned,
        }
    }
}
