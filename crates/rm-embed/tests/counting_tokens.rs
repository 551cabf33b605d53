//! Tokens are counted with the model's own tokenizer, or not at all.

use rm_embed::{CachedEmbedder, Embedder, Embeddings, Error, MiniLm, ModelSource, Result};

type Outcome = std::result::Result<(), Box<dyn std::error::Error>>;

/// An embedder that says nothing of tokens.
struct Mute;

impl Embedder for Mute {
    fn dim(&self) -> usize {
        1
    }

    fn fingerprint(&self) -> &str {
        "mute"
    }

    fn embed(&self, _: &str) -> Result<Vec<f32>> {
        Ok(vec![1.0])
    }

    fn embed_batch(&self, texts: &[&str]) -> Result<Embeddings> {
        Embeddings::from_rows(1, vec![1.0; texts.len()]).map_err(|data| Error::WrongDimension {
            expected: 1,
            got: data.len(),
        })
    }
}

#[test]
fn tokens_are_counted_past_what_the_model_reads() -> Outcome {
    let model = MiniLm::load(&ModelSource::from_env())?;
    assert_eq!(model.count_tokens("green tea")?, 2);
    assert_eq!(model.count_tokens("")?, 0);
    let long = "tea ".repeat(1000);
    assert_eq!(model.count_tokens(&long)?, 1000);
    assert_eq!(model.token_ids(&long)?.len(), 256);
    Ok(())
}

#[test]
fn a_cache_counts_as_its_model_does() -> Outcome {
    let folder = tempfile::tempdir()?;
    let model = MiniLm::load(&ModelSource::from_env())?;
    let cached = CachedEmbedder::open(model, folder.path())?;
    let text = "antidisestablishmentarianism, said the user";
    assert_eq!(
        cached.count_tokens(text)?,
        cached.inner().count_tokens(text)?
    );
    Ok(())
}

#[test]
fn an_embedder_without_a_tokenizer_says_so() {
    let error = Mute.count_tokens("tea").err();
    let said = error.map(|error| error.to_string()).unwrap_or_default();
    assert!(said.contains("\"mute\" has no tokenizer"), "{said}");
}
