//! What came of it.

/// Is a text for a language model to read, within its budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The text; empty where nothing fits.
    pub text: String,
    /// Tokens of the text as it is, counted on the whole of it.
    pub tokens: usize,
    /// The ids of the items in it, in the order of the text.
    pub used: Vec<String>,
    /// Whether the text of the only item in it was cut.
    pub truncated: bool,
    /// What is not in it, best first.
    pub left_out: Vec<LeftOut>,
}

/// Is one item that is not in a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its id.
    pub id: String,
    /// Tokens of a context with this item alone.
    pub tokens: usize,
    /// Why it is not there.
    pub reason: LeftOutReason,
}

/// Says why an item is not in a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeftOutReason {
    /// It alone exceeds the budget.
    TooLong,
    /// Better items have left too little room for it.
    NoRoom,
}
