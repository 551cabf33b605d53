//! How long the forms of texts are, and what of them the model does not read.

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::super::tokens::{TextLength, TokenCounter};
use super::sets::Set;
use crate::metrics::{Bootstrap, mean};
use crate::suite::TextKind;

/// Holds how long the texts of a form are.
#[derive(Debug, Clone, Serialize)]
pub(super) struct FormLength {
    pub(super) dataset: &'static str,
    pub(super) text_kind: TextKind,
    pub(super) form: &'static str,
    pub(super) n_texts: usize,
    pub(super) tokens_per_text: f64,
    pub(super) tokens_low: f64,
    pub(super) tokens_high: f64,
    /// The same texts where they are plain.
    pub(super) plain_tokens_per_text: f64,
    pub(super) share_cut: f64,
    pub(super) plain_share_cut: f64,
}

/// Measures how long the forms of a set are beside the plain texts they were made of.
pub(super) fn measure(set: &Set, counter: &TokenCounter) -> Result<Vec<FormLength>> {
    let mut lengths = Vec::new();
    for (at, &form) in set.forms.iter().enumerate() {
        let pairs = set.memories.iter().flat_map(|memory| {
            let rich = memory.rich[at].iter();
            rich.map(|(item, text)| (memory.plain[*item].as_str(), text.as_str()))
        });
        let (plain, rich): (Vec<&str>, Vec<&str>) = pairs.unzip();
        let (plain, rich) = (counter.lengths(&plain)?, counter.lengths(&rich)?);
        let tokens = |lengths: &[TextLength]| -> Vec<f64> {
            lengths.iter().map(|length| length.tokens as f64).collect()
        };
        let share_cut = |lengths: &[TextLength]| {
            let cut = lengths.iter().filter(|length| length.is_cut).count();
            cut as f64 / lengths.len().max(1) as f64
        };
        let interval = Bootstrap::default()
            .mean(&tokens(&rich))
            .with_context(|| format!("{} has no texts that are {form}", set.name))?;
        let length = FormLength {
            dataset: set.name,
            text_kind: set.kind,
            form,
            n_texts: rich.len(),
            tokens_per_text: interval.estimate,
            tokens_low: interval.low,
            tokens_high: interval.high,
            plain_tokens_per_text: mean(&tokens(&plain)).unwrap_or_default(),
            share_cut: share_cut(&rich),
            plain_share_cut: share_cut(&plain),
        };
        lengths.push(length);
    }
    Ok(lengths)
}
