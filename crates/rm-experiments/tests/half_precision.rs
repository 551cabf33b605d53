//! The cache keeps vectors in half precision: recall figures must not move by it.

use rm_core::{ExactSearch, Vectors};
use rm_embed::{CachedEmbedder, Embedder, MiniLm, ModelSource};
use rm_experiments::agent_memories::AgentMemories;
use rm_experiments::metrics::{gold_recall, mean, recall_vs_dense};

const ITEMS: u64 = 600;
const QUERIES: u64 = 150;

/// Returns the exact ten best items of every query.
fn answers(
    model: &dyn Embedder,
    items: &[&str],
    queries: &[&str],
) -> Result<Vec<Vec<usize>>, Box<dyn std::error::Error>> {
    let embed = |texts: &[&str]| -> Result<Vectors, Box<dyn std::error::Error>> {
        Ok(Vectors::from_rows(
            model.dim(),
            model.embed_batch(texts)?.into_vec(),
        )?)
    };
    let (items, queries) = (embed(items)?, embed(queries)?);
    let found = ExactSearch::new(&items).top_k_batch(&queries, 10)?;
    Ok(found
        .iter()
        .map(|hits| hits.iter().map(|hit| hit.row).collect())
        .collect())
}

#[test]
fn recall_is_the_same_from_the_cache_as_from_the_model() -> Result<(), Box<dyn std::error::Error>> {
    let generator = AgentMemories::new(42)?;
    let items: Vec<String> = generator
        .memories(0..ITEMS)
        .map(|memory| memory.text)
        .collect();
    let questions: Vec<String> = (0..QUERIES)
        .map(|at| generator.question(at, 0).text)
        .collect();
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    let questions: Vec<&str> = questions.iter().map(String::as_str).collect();

    let folder = tempfile::tempdir()?;
    let model = MiniLm::load(&ModelSource::from_env())?;
    let cached = CachedEmbedder::open(model, folder.path())?;
    let full = answers(cached.inner(), &items, &questions)?;
    let half = answers(&cached, &items, &questions)?;

    let gold = |answers: &[Vec<usize>]| {
        let recalls: Vec<f64> = answers
            .iter()
            .enumerate()
            .filter_map(|(at, found)| gold_recall(found, &[at], 10))
            .collect();
        mean(&recalls)
    };
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
