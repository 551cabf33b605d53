//! Sixteen awkward texts get the token ids and vectors that sentence-transformers gives them.

use rm_embed::{Embedder, MiniLm, ModelSource};
use serde::Deserialize;

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[derive(Deserialize)]
struct Reference {
    texts: Vec<ReferenceText>,
}

#[derive(Deserialize)]
struct ReferenceText {
    text: String,
    token_ids: Vec<u32>,
    embedding: Vec<f32>,
}

fn reference() -> Result<Vec<ReferenceText>, serde_json::Error> {
    let reference: Reference =
        serde_json::from_str(include_str!("fixtures/minilm-reference.json"))?;
    assert_eq!(reference.texts.len(), 16);
    Ok(reference.texts)
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter()
            .zip(b)
            .map(|(&a, &b)| f64::from(a) * f64::from(b))
            .sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn token_ids_are_equal() -> Outcome {
    let model = MiniLm::load(&ModelSource::from_env())?;
    for expected in reference()? {
        assert_eq!(
            model.token_ids(&expected.text)?,
            expected.token_ids,
            "{:?}",
            expected.text
        );
    }
    Ok(())
}

#[test]
fn vectors_are_equal_alone_and_in_a_batch_of_sixteen() -> Outcome {
    let model = MiniLm::load(&ModelSource::from_env())?;
    let expected = reference()?;
    let texts: Vec<&str> = expected
        .iter()
        .map(|expected| expected.text.as_str())
        .collect();
    let batch = model.embed_batch(&texts)?;
    for (expected, in_batch) in expected.iter().zip(batch.iter()) {
        let alone = model.embed(&expected.text)?;
        for got in [alone.as_slice(), in_batch] {
            let cosine = cosine(got, &expected.embedding);
            assert!(cosine >= 0.99999, "{:?}: cosine {cosine}", expected.text);
            let norm: f32 = got.iter().map(|x| x * x).sum::<f32>().sqrt();
            assert!(
                (norm - 1.0).abs() < 1e-6,
                "{:?}: norm {norm}",
                expected.text
            );
        }
    }
    Ok(())
}
