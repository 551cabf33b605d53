//! What is to be done with a new item, and what became of it.

/// Is an item of the memory with its cosine to a new one.
#[derive(Debug, Clone, PartialEq)]
pub struct NearItem {
    /// Its id.
    pub id: String,
    /// Its cosine with the new item, in [-1, 1].
    pub score: f32,
}

/// Says what is to be done with a new item.
#[derive(Debug, Clone, PartialEq)]
pub enum DuplicateDecision {
    /// It is stored beside everything else.
    Add {
        /// The item that it nearly equals, if there is one.
        near: Option<NearItem>,
    },
    /// It is not stored, because of this item.
    Skip(NearItem),
    /// It is stored in place of this item.
    Replace(NearItem),
}

/// Tells what became of an item that was to be added.
#[derive(Debug, Clone, PartialEq)]
pub enum AddOutcome {
    /// It was stored.
    Added {
        /// Its id.
        id: String,
        /// The item that it nearly equals, if there is one; both are there now.
        near: Option<NearItem>,
    },
    /// It was not stored.
    Skipped {
        /// The item that it nearly equals, which is as it was.
        because_of: NearItem,
    },
    /// It was stored in place of another.
    Replaced {
        /// Its id, which is that of the other unless it came with its own.
        id: String,
        /// The item that it nearly equals, whose text is gone.
        replaced: NearItem,
    },
}

impl AddOutcome {
    /// Returns the id under which the memory holds what was to be added, or what it nearly equals where it was skipped.
    ///
    /// ```
    /// use rm_memory::{AddOutcome, NearItem};
    ///
    /// let because_of = NearItem { id: "a".into(), score: 0.97 };
    /// assert_eq!(AddOutcome::Skipped { because_of }.id(), "a");
    /// ```
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Added { id, .. } | Self::Replaced { id, .. } => id,
            Self::Skipped { because_of } => &because_of.id,
        }
    }
}
