//! What a batch promises whatever is in it.

use rm_embed::{Embedder, Error, MiniLm, ModelSource, Progress};

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[test]
fn an_empty_batch_gives_an_empty_block() -> Outcome {
    let model = MiniLm::load(&ModelSource::from_env())?;
    assert!(model.embed_batch(&[])?.is_empty());
    Ok(())
}

#[test]
fn order_is_kept_and_equal_texts_have_equal_vectors() -> Outcome {
    let model = MiniLm::load(&ModelSource::from_env())?;
    let texts = [
        "tea",
        "a much longer text about the weather of last week",
        "tea",
        "rain",
    ];
    let batch = model.embed_batch(&texts)?;
    assert_eq!(batch.get(0), batch.get(2));
    for (text, vector) in texts.iter().zip(batch.iter()) {
        let cosine: f32 = model
            .embed(text)?
            .iter()
            .zip(vector)
            .map(|(a, b)| a * b)
            .sum();
        assert!(cosine > 0.999_999, "{text:?}: {cosine}");
    }
    Ok(())
}

#[test]
fn a_text_without_tokens_is_named() -> Outcome {
    let model = MiniLm::load(&ModelSource::from_env())?;
    for empty in ["", " \t\n", "\u{200b}"] {
        let error = model.embed_batch(&["tea", "rain", empty]).err();
        assert!(
            matches!(error, Some(Error::EmptyText { index: 2, .. })),
            "{empty:?}: {error:?}"
        );
        assert!(matches!(
            model.embed(empty),
            Err(Error::EmptyText { index: 0, .. })
        ));
    }
    Ok(())
}

#[test]
fn progress_rises_to_the_whole_and_errors_count_from_the_start() -> Outcome {
    let model = MiniLm::load(&ModelSource::from_env())?;
    let mut texts = vec!["tea"; 600];
    let mut seen = Vec::new();
    model.embed_batch_with_progress(&texts, &mut |progress| seen.push(progress))?;
    let at = |done_texts| Progress {
        done_texts,
        total_texts: 600,
        cached_texts: 0,
    };
    assert_eq!(seen, [at(0), at(512), at(600)]);
    texts[590] = "";
    let error = model.embed_batch_with_progress(&texts, &mut |_| {}).err();
    assert!(
        matches!(error, Some(Error::EmptyText { index: 590, .. })),
        "{error:?}"
    );
    Ok(())
}
