//! The laws of this crate, each in a file of its own, held up by random input.

mod batch_is_single;
mod codes_find_the_best;
mod every_item_stays_in_reach;
mod hybrid_is_fusion_of_everything;
mod mmr_is_its_formula;
mod packed_lists;
mod recall_target;
mod retrieval_among_is_brute_force;
mod retrieval_is_brute_force;
mod support;
mod training;
mod words_are_the_naive_formula;
