//! The cache keeps vectors in half precision: recall figures must not move by it.

mod exact_answers;

use exact_answers::{Result, embedded, exact_answers, generated_memories, gold_recalls};
use rm_embed::{CachedEmbedder, MiniLm, ModelSource};
use rm_experiments::corpora::CorpusSize;
use rm_experiments::metrics::{mean, recall_vs_dense};

#[test]
fn recall_is_the_same_from_the_cache_as_from_the_model() -> Result<()> {
    let corpus = generated_memories(CorpusSize {
        n_items: 600,
        n_queries: 150,
    })?;
    let folder = tempfile::tempdir()?;
    let model = MiniLm::load(&ModelSource::from_env())?;
    let cached = CachedEmbedder::open(model, folder.path())?;
    let full = exact_answers(&embedded(cached.inner(), &corpus)?)?;
    let half = exact_answers(&embedded(&cached, &corpus)?)?;

    let gold = |answers| mean(&gold_recalls(&corpus, answers));
    assert_eq!(gold(&full), gold(&half));
    let kept: Vec<f64> = full
        .iter()
        .zip(&half)
        .filter_map(|(f, h)| recall_vs_dense(h, f, 5))
        .collect();
    let kept = mean(&kept).unwrap_or_default();
    println!("R@5 of half against full precision: {kept:.4}");
    assert!(
        kept >= 0.995,
        "R@5 of half against full precision is {kept}"
    );
    Ok(())
}
