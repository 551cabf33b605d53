//! The exact answers to the questions of a corpus, for tests that hold two ways to embed it against each other.

use rm_core::{ExactSearch, Vectors};
use rm_embed::Embedder;
use rm_experiments::corpora::{Corpus, CorpusSize, Dataset, EmbeddedCorpus, resolve};
use rm_experiments::metrics::gold_recall;
use rm_experiments::suite::{DataChoice, Progress};

/// Lets tests use `?` on whatever fails.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Generates memories and questions about some of them.
pub(crate) fn generated_memories(size: CorpusSize) -> Result<Corpus> {
    let wanted = [Dataset::AgentMemories];
    let silent = Progress::silent();
    let generated = resolve(&DataChoice::Generated, &wanted, size, 42, &silent)?;
    let corpus = generated.corpora.into_iter().next();
    Ok(corpus.ok_or("expected generated memories, got nothing")?)
}

/// Embeds items and questions.
pub(crate) fn embedded(model: &dyn Embedder, corpus: &Corpus) -> Result<EmbeddedCorpus> {
    let embed = |texts: Vec<&str>| -> Result<Vectors> {
        let vectors = model.embed_batch(&texts)?.into_vec();
        Ok(Vectors::from_rows(model.dim(), vectors)?)
    };
    Ok(EmbeddedCorpus {
        items: embed(corpus.items.iter().map(String::as_str).collect())?,
        queries: embed(corpus.queries.iter().map(|q| q.text.as_str()).collect())?,
        corpus: corpus.clone(),
    })
}

/// Returns the exact ten best items of every question.
pub(crate) fn exact_answers(corpus: &EmbeddedCorpus) -> Result<Vec<Vec<usize>>> {
    let found = ExactSearch::new(&corpus.items).top_k_batch(&corpus.queries, 10)?;
    let rows = found
        .iter()
        .map(|hits| hits.iter().map(|hit| hit.row).collect());
    Ok(rows.collect())
}

/// Returns the gold recall@10 of every question.
pub(crate) fn gold_recalls(corpus: &Corpus, answers: &[Vec<usize>]) -> Vec<f64> {
    let asked = answers.iter().zip(&corpus.queries);
    asked
        .filter_map(|(found, query)| gold_recall(found, &query.gold, 10))
        .collect()
}
