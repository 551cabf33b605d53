//! The laws of the parts that touch neither index nor store, held up by random input; one behaviour a file.

mod budget_is_hard;
mod forgetting_follows_its_rules;
mod score_is_the_sum_of_its_parts;
