//! Computing in 8 bits moves vectors a little, trades one neighbour in fifteen for another, and
//! leaves gold recall where it was, as far as so few questions tell.

mod exact_answers;

use std::env;

use exact_answers::{Result, embedded, exact_answers, generated_memories, gold_recalls};
use rm_core::Vectors;
use rm_embed::{MiniLm, ModelSource, Precision};
use rm_experiments::corpora::{Corpus, CorpusSize, Dataset, resolve};
use rm_experiments::datasets::DataRoot;
use rm_experiments::metrics::{mean, recall_vs_dense};
use rm_experiments::suite::{DataChoice, Progress};

/// Least mean cosine of a text's two vectors; seen: 0.9975 and 0.9976.
const LEAST_COSINE: f64 = 0.995;
/// Least share of the exact ten best in f32 that are the ten best in int8 too; seen: 0.931 and 0.932.
const LEAST_KEPT: f64 = 0.9;
/// How far gold recall@10 may move beyond what the questions drawn explain.
const SHIFT: f64 = 0.005;

/// Holds the vectors and the gold recall of int8 against those of f32, question by question.
///
/// A question that int8 answers and f32 does not counts as much as the reverse, so of two paths that are equally
/// good on many questions, the mean difference on few still scatters around 0 with its standard error. The bound
/// is the shift allowed plus three standard errors of the difference measured: 0.005 on the memories, where no
/// question differs, and 0.035 on the conversation. `examples/int8_gold_recall.rs` asks ten times as many questions.
fn assert_int8_is_near(corpus: &Corpus) -> Result<()> {
    let load = |precision| MiniLm::load_with(&ModelSource::from_env(), precision);
    let f32 = embedded(&load(Precision::F32)?, corpus)?;
    let int8 = embedded(&load(Precision::Int8)?, corpus)?;
    let mut cosines = cosines(&f32.items, &int8.items);
    cosines.extend(self::cosines(&f32.queries, &int8.queries));
    let cosine = mean(&cosines).unwrap_or_default();

    let (exact, found) = (exact_answers(&f32)?, exact_answers(&int8)?);
    let both = exact.iter().zip(&found);
    let kept: Vec<f64> = both
        .filter_map(|(exact, found)| recall_vs_dense(found, exact, 10))
        .collect();
    let kept = mean(&kept).unwrap_or_default();

    let before = gold_recalls(corpus, &exact);
    let after = gold_recalls(corpus, &found);
    let differences: Vec<f64> = after.iter().zip(&before).map(|(a, b)| a - b).collect();
    let difference = mean(&differences).unwrap_or(f64::NAN);
    let bound = SHIFT + 3.0 * standard_error(&differences);
    println!(
        "{}: mean cosine {cosine:.5}, least {:.5}; R@10 of int8 against f32 {kept:.4}; \
         gold recall@10 {:.4} in f32, {difference:+.4} in int8, bound {bound:.4}",
        corpus.dataset,
        cosines.iter().copied().fold(1.0, f64::min),
        mean(&before).unwrap_or_default(),
    );
    assert!(cosine >= LEAST_COSINE, "the mean cosine is {cosine}");
    assert!(kept >= LEAST_KEPT, "R@10 of int8 against f32 is {kept}");
    assert!(
        difference.abs() <= bound,
        "gold recall@10 moved by {difference:+}, expected at most {bound}"
    );
    Ok(())
}

fn cosines(left: &Vectors, right: &Vectors) -> Vec<f64> {
    let rows = left.iter().zip(right.iter());
    rows.map(|(left, right)| left.iter().zip(right).map(|(a, b)| f64::from(a * b)).sum())
        .collect()
}

/// Returns the standard error of the mean of `values`.
fn standard_error(values: &[f64]) -> f64 {
    let mean = mean(values).unwrap_or_default();
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let n = values.len() as f64;
    (squares / (n - 1.0) / n).sqrt()
}

#[test]
fn on_generated_memories() -> Result<()> {
    let size = CorpusSize {
        n_items: 1_000,
        n_queries: 500,
    };
    assert_int8_is_near(&generated_memories(size)?)
}

/// The first conversation of LoCoMo; where `$RM_DATA` does not promise it and it is not found, a generated one.
#[test]
fn on_a_conversation() -> Result<()> {
    let size = CorpusSize {
        n_items: 400,
        n_queries: 200,
    };
    let wanted = [Dataset::Locomo];
    let progress = Progress::on_stderr();
    let resolved = resolve(&DataChoice::Auto, &wanted, size, 42, &progress)?;
    let promised = env::var_os(DataRoot::VARIABLE).is_some();
    assert!(
        !promised || resolved.remarks.is_empty(),
        "{:?}",
        resolved.remarks
    );
    resolved.corpora.iter().try_for_each(assert_int8_is_near)
}
