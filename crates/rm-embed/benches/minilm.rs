//! Time of one text of 12, 64 and 256 tokens, and of batches of 32 and 256 short ones, in each precision.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rm_embed::{Embedder, MiniLm, ModelSource, Precision};

/// Words that are one token each.
const WORDS: [&str; 8] = [
    "the", "user", "likes", "green", "tea", "after", "long", "walks",
];

/// Makes a text of exactly `n_tokens` tokens, `[CLS]` and `[SEP]` included, different for each seed.
fn text_of(n_tokens: usize, seed: usize) -> String {
    let words = (0..n_tokens - 2).map(|i| WORDS[(i * 5 + seed * 3 + i * seed) % WORDS.len()]);
    words.collect::<Vec<_>>().join(" ")
}

fn one_text(c: &mut Criterion, model: &MiniLm, precision: Precision) {
    let mut group = c.benchmark_group(format!("one text, {precision}"));
    for n_tokens in [12, 64, 256] {
        let text = text_of(n_tokens, 1);
        assert_eq!(
            model.token_ids(&text).map(|ids| ids.len()).ok(),
            Some(n_tokens)
        );
        group.throughput(Throughput::Elements(n_tokens as u64));
        group.bench_function(BenchmarkId::new("tokens", n_tokens), |b| {
            b.iter(|| model.embed(&text))
        });
    }
    group.finish();
}

fn batches(c: &mut Criterion, model: &MiniLm, precision: Precision) {
    let mut group = c.benchmark_group(format!("batch, {precision}"));
    group.sample_size(10);
    for n_texts in [32usize, 256] {
        let texts: Vec<String> = (0..n_texts)
            .map(|seed| text_of(8 + seed % 48, seed) + &format!(" {seed}"))
            .collect();
        let n_tokens: usize = texts
            .iter()
            .filter_map(|text| model.token_ids(text).ok())
            .map(|ids| ids.len())
            .sum();
        group.throughput(Throughput::Elements(n_tokens as u64));
        group.bench_function(BenchmarkId::new("texts", n_texts), |b| {
            b.iter_batched(
                || texts.iter().map(String::as_str).collect::<Vec<_>>(),
                |texts| model.embed_batch(&texts),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn all(c: &mut Criterion) {
    for precision in [Precision::F32, Precision::Int8] {
        match MiniLm::load_with(&ModelSource::from_env(), precision) {
            Ok(model) => {
                one_text(c, &model, precision);
                batches(c, &model, precision);
            }
            Err(error) => eprintln!("{error}"),
        }
    }
}

criterion_group!(benches, all);
criterion_main!(benches);
