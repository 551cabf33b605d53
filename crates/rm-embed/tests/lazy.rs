//! A model that is loaded when it is first needed is the one that is loaded at once.

use std::sync::Arc;

use rm_embed::{Embedder, Error, LazyMiniLm, MiniLm, ModelSource};

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[test]
fn it_has_the_names_and_the_vectors_of_the_model() -> Outcome {
    let lazy = LazyMiniLm::new(ModelSource::from_env());
    let model = MiniLm::load(&ModelSource::from_env())?;
    assert_eq!(lazy.dim(), model.dim());
    assert_eq!(lazy.fingerprint(), model.fingerprint());
    assert_eq!(lazy.embed("green tea")?, model.embed("green tea")?);
    assert_eq!(lazy.count_tokens("green tea")?, 2);
    Ok(())
}

#[test]
fn it_is_known_without_its_files_and_says_what_is_missing_when_a_text_comes() -> Outcome {
    let folder = tempfile::tempdir()?;
    let lazy = LazyMiniLm::new(ModelSource::from_env().folder(folder.path()));
    assert_eq!(lazy.dim(), 384);
    for _ in 0..2 {
        let outcome = lazy.embed("green tea");
        assert!(
            matches!(outcome, Err(Error::ModelNotFound { .. })),
            "{outcome:?}"
        );
    }
    Ok(())
}

#[test]
fn what_goes_wrong_ahead_is_told_to_the_first_text() -> Outcome {
    let folder = tempfile::tempdir()?;
    let lazy = LazyMiniLm::new(ModelSource::from_env().folder(folder.path()));
    lazy.load_ahead();
    assert!(lazy.embed("green tea").is_err());
    let lazy = LazyMiniLm::new(ModelSource::from_env());
    lazy.load_ahead();
    assert_eq!(lazy.embed("green tea")?.len(), 384);
    Ok(())
}

#[test]
fn many_threads_load_it_once() -> Outcome {
    let lazy = Arc::new(LazyMiniLm::new(ModelSource::from_env()));
    let loads: Vec<_> = (0..4)
        .map(|_| {
            let lazy = Arc::clone(&lazy);
            std::thread::spawn(move || {
                lazy.load()
                    .map(|model| std::ptr::from_ref(model) as usize)
                    .map_err(|error| error.to_string())
            })
        })
        .collect();
    let mut places = Vec::new();
    for load in loads {
        places.push(load.join().map_err(|_| "a thread panicked")??);
    }
    places.dedup();
    assert_eq!(places.len(), 1);
    Ok(())
}
