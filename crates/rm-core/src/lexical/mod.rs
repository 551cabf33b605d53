//! Search by words: an analyser, postings that grow and shrink item by item, and BM25.

mod analyser;
mod bm25;
mod lexical_index;
mod lexical_scores;
mod postings;
mod stop_words;

pub use analyser::Analyser;
pub use bm25::{BM25_B, BM25_K1, Bm25};
pub use lexical_index::LexicalIndex;
pub use lexical_scores::{LexicalHit, LexicalScores};
