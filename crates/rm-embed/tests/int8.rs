//! The 8-bit path: asked for by name, known by its fingerprint, and near the exact one.

use std::collections::HashSet;

use rm_embed::{CachedEmbedder, Embedder, Error, MiniLm, ModelSource, Precision};
use serde_json::Value;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Sentences, questions, code, figures and other languages, from the reference and cut from it.
fn mixed_texts() -> Outcome<Vec<String>> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/minilm-reference.json"
    );
    let reference: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let cases = reference["texts"].as_array().ok_or("no texts")?;
    let texts: Vec<&str> = cases
        .iter()
        .filter_map(|case| case["text"].as_str())
        .collect();
    let words: Vec<&str> = texts
        .iter()
        .flat_map(|text| text.split_whitespace())
        .collect();
    // Runs of words of every length up to 60, and whole texts.
    let runs = (0..160).map(|i| {
        let start = (i * 37) % words.len();
        let end = (start + 1 + i % 60).min(words.len());
        words[start..end].join(" ")
    });
    let all: HashSet<String> = texts
        .iter()
        .map(|text| (*text).to_owned())
        .chain(runs)
        .collect();
    let mut all: Vec<String> = all.into_iter().collect();
    all.sort();
    Ok(all)
}

#[test]
fn vectors_are_near_the_exact_ones_alone_and_in_a_batch() -> Outcome<()> {
    let texts = mixed_texts()?;
    let source = ModelSource::from_env();
    let exact = MiniLm::load(&source)?;
    let int8 = MiniLm::load_with(&source, Precision::Int8)?;
    // Texts that the tokenizer makes nothing of have no vector in either.
    let texts: Vec<&str> = texts
        .iter()
        .map(String::as_str)
        .filter(|text| exact.token_ids(text).is_ok())
        .collect();
    assert!(texts.len() > 100, "{} texts", texts.len());
    let (exact, got) = (exact.embed_batch(&texts)?, int8.embed_batch(&texts)?);
    let mut cosines = Vec::new();
    for ((text, exact), got) in texts.iter().zip(exact.iter()).zip(got.iter()) {
        assert_eq!(int8.embed(text)?, got, "{text:?} in a batch");
        let norm: f32 = got.iter().map(|x| x * x).sum();
        assert!((norm - 1.0).abs() < 1e-5);
        cosines.push(exact.iter().zip(got).map(|(a, b)| a * b).sum::<f32>());
    }
    let mean = cosines.iter().sum::<f32>() / cosines.len() as f32;
    let least = cosines.iter().copied().fold(1.0, f32::min);
    println!("cosine of 8 bits to single precision: mean {mean:.5}, least {least:.5}");
    assert!(mean >= 0.995, "mean cosine {mean}");
    assert!(least >= 0.97, "least cosine {least}");
    Ok(())
}

#[test]
fn its_vectors_are_never_taken_for_exact_ones() -> Outcome<()> {
    let source = ModelSource::from_env();
    let exact = MiniLm::load(&source)?;
    let int8 = MiniLm::load_with(&source, Precision::Int8)?;
    assert_ne!(exact.fingerprint(), int8.fingerprint());
    assert_eq!(
        MiniLm::load_with(&source, Precision::F32)?.fingerprint(),
        exact.fingerprint()
    );
    let folder = tempfile::tempdir()?;
    let int8 = CachedEmbedder::open(int8, folder.path())?;
    int8.embed("green tea")?;
    assert_eq!(int8.n_cached(), 1);
    assert_eq!(CachedEmbedder::open(exact, folder.path())?.n_cached(), 0);
    Ok(())
}

#[test]
fn hard_batches_are_as_in_single_precision() -> Outcome<()> {
    let model = MiniLm::load_with(&ModelSource::from_env(), Precision::Int8)?;
    assert!(model.embed_batch(&[])?.is_empty());
    let (at_most, over) = ("tea ".repeat(254), "tea ".repeat(900));
    let batch = model.embed_batch(&["a", &over, "tea", &at_most, "a"])?;
    assert_eq!(batch.get(0), batch.get(4));
    assert_eq!(
        batch.get(1),
        batch.get(3),
        "what is past 256 tokens is not read"
    );
    let error = model.embed_batch(&["tea", ""]).err();
    assert!(
        matches!(error, Some(Error::EmptyText { index: 1, .. })),
        "{error:?}"
    );
    Ok(())
}
