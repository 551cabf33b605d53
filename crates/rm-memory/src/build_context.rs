//! A text for a language model to read, of what answers a query best.

use crate::{
    Context, ContextFormat, ContextItem, EmbedderTokens, Query, Result, RoutingMemory,
    TokenCounter, assemble,
};

/// Items that a context is chosen from, where the query does not say.
const CONTEXT_TOP_K: usize = 50;

impl RoutingMemory {
    /// Puts what answers a query best into one text of at most `max_tokens` tokens, counted on the whole of it with the embedder's
    /// tokenizer.
    ///
    /// ```no_run
    /// # use rm_memory::RoutingMemory;
    /// let memory = RoutingMemory::open("agent.db")?;
    /// let context = memory.build_context("what does the user eat?", 300)?;
    /// assert!(context.tokens <= 300);
    /// println!("{}", context.text);
    /// # Ok::<(), rm_memory::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`search`](Self::search), and where the embedder has no tokenizer: bring one with
    /// [`build_context_with`](Self::build_context_with).
    pub fn build_context(&self, query: impl Into<Query>, max_tokens: usize) -> Result<Context> {
        let counter = EmbedderTokens(self.embedder());
        self.build_context_with(query, max_tokens, &counter, &ContextFormat::default())
    }

    /// Does as [`build_context`](Self::build_context) with the tokenizer of the model that is to read it, and in a format of your
    /// own.
    ///
    /// # Errors
    /// As [`search`](Self::search) and [`assemble`].
    pub fn build_context_with(
        &self,
        query: impl Into<Query>,
        max_tokens: usize,
        counter: &(impl TokenCounter + ?Sized),
        format: &ContextFormat,
    ) -> Result<Context> {
        let mut query = query.into();
        query.top_k = Some(query.top_k.unwrap_or(CONTEXT_TOP_K));
        let found = self.search(query)?;
        let items: Vec<ContextItem<'_>> = found.iter().map(ContextItem::from).collect();
        assemble(&items, max_tokens, counter, format)
    }
}
