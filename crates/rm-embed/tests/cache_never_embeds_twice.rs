//! A text that the cache holds never reaches the model again, and looks the same as when it was fresh.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rm_embed::{
    CachedEmbedder, Embedder, Embeddings, Error, MiniLm, ModelSource, Progress, Result,
};

type Outcome = std::result::Result<(), Box<dyn std::error::Error>>;

/// The real model, and every text that reached it.
struct Watched {
    model: MiniLm,
    seen: Mutex<Vec<String>>,
}

impl Watched {
    fn open(folder: &Path) -> Result<CachedEmbedder<Self>> {
        let model = MiniLm::load(&ModelSource::from_env())?;
        CachedEmbedder::open(
            Self {
                model,
                seen: Mutex::default(),
            },
            folder,
        )
    }

    fn seen(&self) -> Vec<String> {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Embedder for Watched {
    fn dim(&self) -> usize {
        self.model.dim()
    }

    fn fingerprint(&self) -> &str {
        self.model.fingerprint()
    }

    fn embed(&self, text: &str) -> Result<Vec<f32>> {
        self.embed_batch(&[text]).map(Embeddings::into_vec)
    }

    fn embed_batch(&self, texts: &[&str]) -> Result<Embeddings> {
        let vectors = self.model.embed_batch(texts)?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.extend(texts.iter().map(|&text| text.to_owned()));
        Ok(vectors)
    }
}

#[test]
fn only_new_texts_reach_the_model_over_reopening() -> Outcome {
    let folder = tempfile::tempdir()?;
    let first = Watched::open(folder.path())?;
    let fresh = first.embed_batch(&["tea", "rain", "tea"])?;
    assert_eq!(first.inner().seen(), ["tea", "rain"]);
    assert_eq!(first.embed_batch(&["tea", "rain", "tea"])?, fresh);
    drop(first);

    let second = Watched::open(folder.path())?;
    assert_eq!(second.n_cached(), 2);
    let mut reports = Vec::new();
    let again = second
        .embed_batch_with_progress(&["rain", "snow", "tea"], &mut |report| reports.push(report))?;
    assert_eq!(second.inner().seen(), ["snow"]);
    assert_eq!((again.get(0), again.get(2)), (fresh.get(1), fresh.get(0)));
    assert_eq!(second.embed("snow")?, again.get(1).unwrap_or_default());
    let at = |done_texts| Progress {
        done_texts,
        total_texts: 3,
        cached_texts: 2,
    };
    assert_eq!(reports, [at(2), at(3)]);
    Ok(())
}

#[test]
fn half_precision_turns_no_vector_noticeably() -> Outcome {
    let folder = tempfile::tempdir()?;
    let cached = Watched::open(folder.path())?;
    for text in [
        "tea",
        "a longer text about the rain of last week, and the tea after it",
    ] {
        let exact = cached.inner().model.embed(text)?;
        let cosine: f32 = cached
            .embed(text)?
            .iter()
            .zip(&exact)
            .map(|(a, b)| a * b)
            .sum();
        assert!(cosine > 0.999_999, "{text:?}: {cosine}");
    }
    Ok(())
}

#[test]
fn an_empty_text_is_named_by_its_place_in_the_whole_batch_and_the_rest_is_kept() -> Outcome {
    let folder = tempfile::tempdir()?;
    let cached = Watched::open(folder.path())?;
    cached.embed("tea")?;
    let texts: Vec<String> = (0..1_100).map(|i| format!("note {i}")).collect();
    let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    texts[1] = "tea";
    texts[1_090] = " ";
    let error = cached.embed_batch(&texts).err();
    assert!(
        matches!(error, Some(Error::EmptyText { index: 1_090, .. })),
        "{error:?}"
    );
    assert_eq!(
        cached.n_cached(),
        1 + 1_024,
        "the group before the error is kept"
    );
    Ok(())
}
