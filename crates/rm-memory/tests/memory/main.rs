//! What a memory promises, one behaviour a file.
//!
//! Where text meets search, the model is the real one; [`HashedWords`](hashed_words::HashedWords) stands in
//! where thousands of items or hundreds of random lives are needed and meaning is not.

mod counting_embedder;
mod hashed_words;
mod index_state;
mod memories;
mod shared_store;

mod adapting_in_background;
mod adding_and_changing;
mod another_model;
mod checking;
mod codes;
mod contexts;
mod counters;
mod damaged_files;
mod deleting;
mod drift_alarm_adapts;
mod drift_responses;
mod every_item_stays_in_reach;
mod export_and_import;
mod failing_store;
mod forgetting;
mod importing_lines;
mod k_follows_n;
mod kill;
mod listing;
mod metadata_comes_back;
mod namespaces;
mod near_duplicates;
mod one_item_is_a_memory;
mod opening_never_refits;
mod processes;
mod python_original;
mod ranking_in_search;
mod recall_targets;
mod reembedding;
mod reembedding_killed;
mod refusals;
mod reopening;
mod snapshots;
mod threads;
mod threshold_is_obeyed;
mod top_k_is_obeyed;
mod two_opens;

/// Is what a test returns.
type Outcome = Result<(), Box<dyn std::error::Error>>;
