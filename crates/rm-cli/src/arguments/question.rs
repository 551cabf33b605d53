//! What is asked, and how it is looked for.

use std::time::Duration;

use anyhow::Result;
use clap::{Args, ValueEnum};
use rm_memory::{Query, Ranking, Recency};

use super::number::{recall, weight};
use super::{FilterArgs, cosine, period, share, text_or_stdin};

/// Holds what is asked, and how it is looked for.
#[derive(Debug, Args)]
pub(crate) struct QuestionArgs {
    /// What to find, in any words; - takes standard input.
    #[arg(value_name = "QUERY")]
    query: String,

    /// Score below which nothing counts [default: 0.3].
    #[arg(long, value_name = "SCORE", value_parser = cosine, allow_hyphen_values = true)]
    threshold: Option<f32>,

    /// Whether words count as well as meaning; auto: in a memory of up to 100,000 items.
    #[arg(long, value_enum, default_value_t = Words::Auto)]
    words: Words,

    /// Buckets to look into at least [default: 3].
    #[arg(long, value_name = "N")]
    n_probes: Option<usize>,

    /// Share of the ten nearest to find on average: look into as many buckets as that takes, question by question.
    #[arg(long, value_name = "RECALL", value_parser = recall, conflicts_with = "n_probes")]
    recall_target: Option<f64>,

    /// Items to compare at least, whatever buckets that takes [default: 1,000, with codes 20,000].
    #[arg(long, value_name = "N")]
    min_candidates: Option<usize>,

    /// Let newer items gain: the newest by so much score on the oldest [default: 0; 0.1 with --half-life].
    #[arg(long, value_name = "WEIGHT", value_parser = weight)]
    recency_weight: Option<f32>,

    /// Age at which half of that gain is left [default: 30d].
    #[arg(long, value_name = "PERIOD", value_parser = period)]
    half_life: Option<Duration>,

    /// Let important items gain: one of importance 1 by so much score on one of importance 0 [default: 0].
    #[arg(long, value_name = "WEIGHT", value_parser = weight)]
    importance_weight: Option<f32>,

    /// Take off the score of what resembles a better result: 1 takes off nothing, 0 heeds novelty alone.
    #[arg(long, value_name = "LAMBDA", value_parser = share)]
    mmr: Option<f32>,

    /// Bring along so many items that were remembered just before each result, and just after.
    #[arg(long, value_name = "N")]
    neighbours: Option<usize>,

    /// Which items to search among.
    #[command(flatten)]
    filter: FilterArgs,
}

/// Says whether words take part.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Words {
    /// Where the memory is not too large.
    Auto,
    /// In any memory.
    Always,
    /// By meaning alone.
    Never,
}

impl QuestionArgs {
    /// Returns the text of the question.
    ///
    /// # Errors
    /// When standard input cannot be read.
    pub(crate) fn text(&self) -> Result<String> {
        text_or_stdin(&self.query)
    }

    /// Returns the query for its text.
    pub(crate) fn query(&self, text: &str) -> Query {
        let mut query = Query::text(text).ranking(self.ranking());
        match self.words {
            Words::Auto => {}
            Words::Always => query = query.hybrid(true),
            Words::Never => query = query.hybrid(false),
        }
        if let Some(threshold) = self.threshold {
            query = query.threshold(threshold);
        }
        if let Some(n_probes) = self.n_probes {
            query = query.n_probes(n_probes);
        }
        if let Some(recall_target) = self.recall_target {
            query = query.recall_target(recall_target);
        }
        if let Some(min_candidates) = self.min_candidates {
            query = query.min_candidates(min_candidates);
        }
        if let Some(filter) = self.filter.filter() {
            query = query.filter(filter);
        }
        query
    }

    fn ranking(&self) -> Ranking {
        let neighbours = self.neighbours.unwrap_or(0);
        Ranking::new()
            .recency(self.recency())
            .importance(self.importance_weight)
            .mmr(self.mmr)
            .neighbours(neighbours, neighbours)
    }

    fn recency(&self) -> Option<Recency> {
        if self.half_life.is_none() && self.recency_weight.is_none() {
            return None;
        }
        let recency = match self.half_life {
            Some(period) => Recency::half_life_ms(period.as_secs_f64() * 1_000.0),
            None => Recency::default(),
        };
        Some(match self.recency_weight {
            Some(weight) => recency.weight(weight),
            None => recency,
        })
    }
}
