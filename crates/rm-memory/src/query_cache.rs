//! The vectors of the last questions: agents ask the same again, and a look here is a thousand times faster than the model.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashlink::LruCache;

/// Questions whose vectors are kept where nothing is said; with 384 components each, half a megabyte with their texts.
pub const DEFAULT_KEPT_QUESTIONS: usize = 256;

/// Bytes of the longest text that is kept: longer ones are seldom asked twice.
const LONGEST_BYTES: usize = 1_024;

/// Keeps the vectors of the questions that were asked last.
pub(crate) struct QueryCache(Mutex<LruCache<String, Arc<[f32]>>>);

impl QueryCache {
    /// Keeps so many at most.
    pub(crate) fn new(most: usize) -> Self {
        Self(Mutex::new(LruCache::new(most)))
    }

    /// Returns the vector of a question that was asked not long ago.
    pub(crate) fn get(&self, text: &str) -> Option<Arc<[f32]>> {
        self.lock().get(text).map(Arc::clone)
    }

    /// Keeps the vector of a question.
    pub(crate) fn put(&self, text: &str, vector: &[f32]) {
        if text.len() <= LONGEST_BYTES {
            self.lock().insert(text.to_owned(), Arc::from(vector));
        }
    }

    /// Returns the bytes of texts and vectors that are kept.
    pub(crate) fn bytes(&self) -> usize {
        let kept = self.lock();
        let bytes = kept
            .iter()
            .map(|(text, vector)| text.len() + size_of_val(&**vector));
        bytes.sum()
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<String, Arc<[f32]>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_questions_stay_and_long_ones_are_not_kept() {
        let cache = QueryCache::new(3);
        for n in 0..4 {
            cache.put(&n.to_string(), &[n as f32]);
        }
        assert!(cache.get("0").is_none());
        assert_eq!(cache.get("1").as_deref(), Some(&[1.0][..]));
        let before = cache.bytes();
        cache.put(&"x".repeat(LONGEST_BYTES + 1), &[1.0]);
        assert_eq!(cache.bytes(), before);
        let none = QueryCache::new(0);
        none.put("1", &[1.0]);
        assert!(none.get("1").is_none());
    }
}
