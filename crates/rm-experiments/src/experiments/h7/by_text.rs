//! What a user waits for: a search by text, embedding included.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use rayon::ThreadPoolBuilder;
use rm_embed::{Embedder, MiniLm};
use rm_memory::{AdaptationPolicy, DriftResponse, Query, RoutingMemory};

use super::{ByTextRow, Parameters};
use crate::corpora::EmbeddedCorpus;
use crate::metrics::Percentiles;
use crate::suite::{Context, load_model};

/// Embedding the text alone.
pub(super) const EMBED: &str = "embed the text";
/// The memory's search for the vector: the index, the texts from the file, the drift monitor.
pub(super) const SEARCH: &str = "search for the vector";
/// The memory's search for the text.
pub(super) const WHOLE: &str = "search for the text";
/// One cycle of adaptation after those searches, which by default every 50th search waits for.
pub(super) const ADAPT: &str = "adapt the codebook once";

/// Searches that come before the timed ones.
const WARM_UP: usize = 5;

/// Loads the model of this run without the cache that would answer in its place.
pub(super) fn uncached_model(context: &Context<'_>) -> Result<Arc<MiniLm>> {
    let model = load_model(context.progress(), context.precision())?;
    Ok(Arc::new(model))
}

/// Times searches by text in the memory at `path`, on one thread and on all, with the product's defaults but for
/// adaptation, which runs once at the end and is timed for itself.
pub(super) fn measure(
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    model: &Arc<MiniLm>,
    path: &Path,
) -> Result<Vec<ByTextRow>> {
    let embedder = Arc::clone(model);
    let memory = RoutingMemory::builder()
        .path(path)
        .embedder(embedder)
        // The same questions are asked on one thread and on all.
        .kept_questions(0)
        .adaptation(AdaptationPolicy {
            interval: None,
            on_alarm: DriftResponse::Ignore,
            ..AdaptationPolicy::default()
        })
        .open()?;
    let all = rayon::current_num_threads();
    let row = |threads, step, times: &[f64]| {
        let Percentiles { p50, p95, p99 } = Percentiles::of(times).context("no query to time")?;
        Ok::<_, anyhow::Error>(ByTextRow {
            dataset: corpus.corpus.dataset,
            n_items: corpus.items.len(),
            threads,
            step,
            n_timed: times.len(),
            p50_ms: p50,
            p95_ms: p95,
            p99_ms: p99,
        })
    };
    let mut rows = Vec::new();
    let mut counts = vec![1, all];
    counts.dedup();
    for threads in counts {
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .context("cannot start threads")?;
        let times = pool.install(|| time(parameters, corpus, model, &memory))?;
        for (at, step) in [EMBED, SEARCH, WHOLE].into_iter().enumerate() {
            let of_step: Vec<f64> = times.iter().map(|times| times[at]).collect();
            rows.push(row(threads, step, &of_step)?);
        }
    }
    if corpus.items.len() <= parameters.adapt_up_to_items {
        let started = Instant::now();
        black_box(memory.adapt()?);
        let once = started.elapsed().as_secs_f64() * 1e3;
        rows.push(row(all, ADAPT, &[once])?);
    }
    memory.close()?;
    Ok(rows)
}

/// Returns the milliseconds of the three steps for each timed query.
fn time(
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    model: &MiniLm,
    memory: &RoutingMemory,
) -> Result<Vec<[f64; 3]>> {
    let texts = corpus
        .corpus
        .queries
        .iter()
        .map(|query| query.text.as_str());
    let asked = texts.take(parameters.n_timed_by_text + WARM_UP);
    let mut times = Vec::new();
    for (at, text) in asked.enumerate() {
        let started = Instant::now();
        let vector = model.embed(text)?;
        let embedded = Instant::now();
        black_box(memory.search(Query::vector(vector).top_k(parameters.top_k))?);
        let searched = Instant::now();
        // The way of the vectors alone: what words add is a matter of A1 and A2.
        let query = Query::text(text).top_k(parameters.top_k).hybrid(false);
        black_box(memory.search(query)?);
        let whole = searched.elapsed();
        if at >= WARM_UP {
            let parts = [embedded - started, searched - embedded, whole];
            times.push(parts.map(|part| part.as_secs_f64() * 1e3));
        }
    }
    Ok(times)
}
