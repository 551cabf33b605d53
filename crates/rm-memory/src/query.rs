//! What is searched for, and how.

use crate::{Filter, Ranking};

/// Is a question to a memory: a text or a vector, with options that replace the memory's own.
///
/// ```
/// use rm_memory::{Filter, Query};
///
/// let query = Query::text("what are the user's UI preferences?")
///     .top_k(10)
///     .threshold(0.1)
///     .n_probes(8)
///     .filter(Filter::eq("topic", "preferences"));
/// # let _ = query;
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub(crate) subject: Subject,
    pub(crate) top_k: Option<usize>,
    pub(crate) threshold: Option<f32>,
    pub(crate) n_probes: Option<usize>,
    pub(crate) recall_target: Option<f64>,
    pub(crate) min_candidates: Option<usize>,
    pub(crate) hybrid: Option<bool>,
    pub(crate) filter: Option<Filter>,
    pub(crate) ranking: Option<Ranking>,
}

/// Is what a query is about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Subject {
    Text(String),
    Vector(Vec<f32>),
}

impl Query {
    /// Searches for a text, which is embedded, and by its words as well ([`hybrid`](Self::hybrid)).
    pub fn text(text: impl Into<String>) -> Self {
        Self::about(Subject::Text(text.into()))
    }

    /// Searches for a vector of the embedder's dimension; it is scaled to unit norm.
    #[must_use]
    pub fn vector(vector: Vec<f32>) -> Self {
        Self::about(Subject::Vector(vector))
    }

    fn about(subject: Subject) -> Self {
        Self {
            subject,
            top_k: None,
            threshold: None,
            n_probes: None,
            recall_target: None,
            min_candidates: None,
            hybrid: None,
            filter: None,
            ranking: None,
        }
    }

    /// Sets how many results are returned at most (default 5).
    #[must_use]
    pub fn top_k(mut self, top_k: usize) -> Self {
        self.top_k = Some(top_k);
        self
    }

    /// Sets the cosine a result must reach, in place of the memory's own, be it higher or lower. Words and weights order
    /// results, and never lift one over the threshold.
    #[must_use]
    pub fn threshold(mut self, threshold: f32) -> Self {
        self.threshold = Some(threshold);
        self
    }

    /// Sets how many lists are scanned at least, in place of the memory's own number.
    #[must_use]
    pub fn n_probes(mut self, n_probes: usize) -> Self {
        self.n_probes = Some(n_probes);
        self
    }

    /// Has the search choose its number of lists for a wanted recall, in place of the memory's own target
    /// ([`MemoryBuilder::recall_target`](crate::MemoryBuilder::recall_target)). Where `n_probes` is set as well, that holds.
    #[must_use]
    pub fn recall_target(mut self, target: f64) -> Self {
        self.recall_target = Some(target);
        self
    }

    /// Sets how many items are compared at least, in place of the memory's own number; with 0, exactly
    /// `n_probes` lists are scanned.
    #[must_use]
    pub fn min_candidates(mut self, min_candidates: usize) -> Self {
        self.min_candidates = Some(min_candidates);
        self
    }

    /// Sets whether a text is searched by its words as well as by its meaning, in place of the memory's own choice
    /// ([`MemoryBuilder::hybrid`](crate::MemoryBuilder::hybrid)). Without a text there are no words.
    #[must_use]
    pub fn hybrid(mut self, hybrid: bool) -> Self {
        self.hybrid = Some(hybrid);
        self
    }

    /// Sets what counts beside the match with the query, in place of the memory's own
    /// ([`MemoryBuilder::ranking`](crate::MemoryBuilder::ranking)): recency, importance, variety, neighbours in time.
    #[must_use]
    pub fn ranking(mut self, ranking: Ranking) -> Self {
        self.ranking = Some(ranking);
        self
    }

    /// Returns how many results are wanted at most.
    pub(crate) fn wanted(&self) -> usize {
        self.top_k.unwrap_or(rm_core::DEFAULT_TOP_K)
    }

    /// Searches among the items alone that pass a filter. The others are as if they were not there: however narrow the filter
    /// is, what passes is found.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = Some(filter);
        self
    }
}

impl<T: Into<String>> From<T> for Query {
    fn from(text: T) -> Self {
        Self::text(text)
    }
}
