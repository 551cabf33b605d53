//! `embed` streams the very texts that experiments load, or its vectors would never be asked for.

#[path = "fixtures/datasets/mod.rs"]
mod fixture;

use std::path::Path;

use rm_experiments::corpora::{CorpusSize, Dataset, DatasetTexts, Texts, resolve};
use rm_experiments::suite::{DataChoice, Progress};

type TestResult = Result<(), Box<dyn std::error::Error>>;

const SEED: u64 = 42;

const REAL: [Dataset; 4] = [
    Dataset::Clinc,
    Dataset::Reddit,
    Dataset::Msmarco,
    Dataset::Locomo,
];

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort_unstable();
    texts
}

fn all(texts: Texts) -> anyhow::Result<Vec<String>> {
    Ok(sorted(texts.collect::<anyhow::Result<_>>()?))
}

/// Loads `dataset` as experiments do, whole or its first `n_items`, and compares.
fn compare(
    choice: &DataChoice,
    dataset: Dataset,
    n_items: usize,
    limit: Option<usize>,
) -> TestResult {
    let size = CorpusSize {
        n_items,
        n_queries: usize::MAX,
    };
    let resolved = resolve(choice, &[dataset], size, SEED, &Progress::silent())?;
    let corpus = resolved
        .corpora
        .into_iter()
        .next()
        .ok_or("nothing was loaded")?;
    let texts = DatasetTexts::find(choice, dataset, limit, SEED)?;
    assert_eq!(texts.dataset(), corpus.dataset);
    assert_eq!(
        all(texts.items()?)?,
        sorted(corpus.items),
        "items of {dataset}"
    );
    let queries = corpus.queries.into_iter().map(|query| query.text).collect();
    assert_eq!(
        all(texts.queries()?)?,
        sorted(queries),
        "queries of {dataset}"
    );
    Ok(())
}

#[test]
fn real_items_and_queries_are_those_of_experiments() -> TestResult {
    let folder = fixture::install()?;
    let choice = DataChoice::Dir(folder.path().to_path_buf());
    for dataset in REAL {
        compare(&choice, dataset, usize::MAX, None)?;
    }
    Ok(())
}

#[test]
fn generated_items_and_queries_are_those_of_experiments() -> TestResult {
    for dataset in REAL {
        compare(&DataChoice::Generated, dataset, 300, Some(300))?;
    }
    Ok(())
}

#[test]
fn a_limit_takes_the_first_in_the_order_of_the_file() -> TestResult {
    let folder = fixture::install()?;
    let choice = DataChoice::Dir(folder.path().to_path_buf());
    let texts = DatasetTexts::find(&choice, Dataset::Reddit, Some(2), SEED)?;
    let items: Vec<String> = texts.items()?.collect::<anyhow::Result<_>>()?;
    assert_eq!(
        items,
        [
            "Tomatoes on a north-facing balcony: what I learned",
            "Which lights survive a whole winter of rain?"
        ]
    );
    assert_eq!(texts.source(), folder.path().display().to_string());
    Ok(())
}

#[test]
fn generated_text_never_stands_in_for_a_missing_data_set() {
    let choice = DataChoice::Dir(Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf());
    for dataset in REAL {
        let found = DatasetTexts::find(&choice, dataset, Some(5), SEED);
        let message = found
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(message.contains("was not found"), "{dataset}: {message}");
    }
}
