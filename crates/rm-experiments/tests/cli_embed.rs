//! `embed` fills the cache that experiments read, says what it did, and does nothing twice.

mod cli_command;

use std::fs;
use std::path::Path;

use cli_command::{Result, command, output};
use rm_embed::{Embedder, EmbeddingCache, MiniLm, ModelSource};
use rm_experiments::corpora::{CorpusSize, Dataset, resolve};
use rm_experiments::suite::{DataChoice, Progress};

/// Runs `embed` with a cache; returns exit status, standard output and standard error.
fn embed(words: &[&str], cache: &Path) -> Result<(Option<i32>, String, String)> {
    let cache = cache.to_string_lossy();
    output(&[&["embed"], words, &["--cache", &cache]].concat())
}

#[test]
fn a_second_run_embeds_nothing_and_experiments_find_every_vector() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cache = folder.path().join("vectors");
    let words = [
        "--dataset",
        "REDDIT",
        "--data",
        "generated",
        "--queries",
        "--limit",
        "40",
    ];
    let (code, stdout, stderr) = embed(&words, &cache)?;
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stdout.contains("agent-memories: 40 items from the generator, seed 42, 40 queries"),
        "{stdout}"
    );
    assert!(stdout.contains("embedded 80 texts, "), "{stdout}");
    assert!(stdout.contains("80 vectors are kept in "), "{stdout}");
    assert!(
        stderr.contains("embed queries of agent-memories: 40 texts"),
        "{stderr}"
    );

    let (code, stdout, _) = embed(&words, &cache)?;
    assert_eq!(code, Some(0));
    assert!(
        stdout.contains("nothing had to be embedded: 80 texts were in the cache already"),
        "{stdout}"
    );

    let size = CorpusSize {
        n_items: 40,
        n_queries: 40,
    };
    let wanted = [Dataset::Reddit];
    let loaded = resolve(
        &DataChoice::Generated,
        &wanted,
        size,
        42,
        &Progress::silent(),
    )?;
    let model = MiniLm::load(&ModelSource::from_env())?;
    let kept = EmbeddingCache::open(&cache, model.fingerprint(), model.dim())?;
    for corpus in &loaded.corpora {
        let queries = corpus.queries.iter().map(|query| &query.text);
        for text in corpus.items.iter().chain(queries) {
            assert!(kept.get(text)?.is_some(), "{text}");
        }
    }
    Ok(())
}

#[test]
fn a_larger_limit_embeds_what_is_new() -> Result<()> {
    let cache = tempfile::tempdir()?;
    let of = |limit| ["--dataset", "agent-memories", "--limit", limit];
    embed(&of("10"), cache.path())?;
    let (code, stdout, _) = embed(&of("25"), cache.path())?;
    assert_eq!(code, Some(0));
    assert!(stdout.contains("embedded 15 texts, "), "{stdout}");
    assert!(
        stdout.contains("10 texts were in the cache already"),
        "{stdout}"
    );
    Ok(())
}

#[test]
fn each_precision_has_vectors_of_its_own() -> Result<()> {
    let cache = tempfile::tempdir()?;
    let words = ["--dataset", "agent-memories", "--limit", "10"];
    for (precision, name) in [
        (vec![], "f32"),
        (vec!["--precision", "INT8"], "int8"),
        (vec!["--precision", "int8"], "int8"),
    ] {
        let (code, stdout, stderr) = embed(&[&words[..], &precision].concat(), cache.path())?;
        assert_eq!(code, Some(0), "{stderr}");
        let model = format!("model: all-MiniLM-L6-v2, computing in {name}, ");
        assert!(stderr.contains(&model), "{stderr}");
        let kept = format!(
            "10 vectors are kept in {}, computed in {name}, ",
            cache.path().display()
        );
        assert!(stdout.contains(&kept), "{stdout}");
        let again = precision == ["--precision", "int8"];
        assert_eq!(
            stdout.contains("nothing had to be embedded"),
            again,
            "{stdout}"
        );
    }
    assert_eq!(fs::read_dir(cache.path())?.count(), 2);
    Ok(())
}

#[test]
fn an_unknown_data_set_lists_the_known_ones() -> Result<()> {
    let (code, stdout, stderr) = output(&["embed", "--dataset", "tweets"])?;
    assert_eq!(code, Some(2));
    for name in [
        "clinc",
        "reddit",
        "msmarco",
        "locomo",
        "agent-memories",
        "agent-passages",
    ] {
        assert!(stderr.contains(name), "{name}: {stderr}");
    }
    assert_eq!(stdout, "");
    Ok(())
}

#[test]
fn bad_usages_exit_with_two_and_say_what_is_expected() -> Result<()> {
    for (words, expected) in [
        (vec!["embed"], "--dataset"),
        (
            vec!["embed", "--dataset", "reddit", "--limit", "0"],
            "--limit",
        ),
        (
            vec!["embed", "--dataset", "reddit", "--data", "/no/such"],
            "/no/such",
        ),
        (vec!["embed", "--dataset", "agent-memories"], "--limit N"),
        (
            vec!["--scale", "smoke", "embed", "--dataset", "reddit"],
            "cannot be used",
        ),
    ] {
        let (code, _, stderr) = output(&words)?;
        assert_eq!(code, Some(2), "{words:?}: {stderr}");
        assert!(stderr.contains(expected), "{words:?}: {stderr}");
    }
    Ok(())
}

#[test]
fn a_data_set_that_is_nowhere_names_the_places_and_the_ways() -> Result<()> {
    let empty = tempfile::tempdir()?;
    let output = command()
        .args(["embed", "--dataset", "reddit", "--cache", "vectors"])
        .current_dir(empty.path())
        .env("RM_DATA", empty.path().join("nothing"))
        .output()?;
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr)?;
    for expected in [
        "nothing lacks reddit/titles.tsv.gz",
        "$RM_DATA",
        "--data",
        "--data generated",
    ] {
        assert!(stderr.contains(expected), "{expected}: {stderr}");
    }
    Ok(())
}

#[test]
fn a_cache_that_cannot_be_written_is_named_before_any_work() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("file");
    fs::write(&file, "in the way")?;
    let words = ["--dataset", "agent-memories", "--limit", "5"];
    let (code, stdout, stderr) = embed(&words, &file.join("vectors"))?;
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("file/vectors") && stderr.contains("--cache"),
        "{stderr}"
    );
    assert!(!stderr.contains("model:"), "{stderr}");
    assert_eq!(stdout, "");
    Ok(())
}

#[test]
fn help_names_every_option_and_data_set() -> Result<()> {
    let (code, stdout, _) = output(&["embed", "--help"])?;
    assert_eq!(code, Some(0));
    for word in [
        "--dataset",
        "--limit",
        "--queries",
        "--data",
        "--precision",
        "--cache",
        "--threads",
        "reddit",
        "agent-conversations",
    ] {
        assert!(stdout.contains(word), "{word}");
    }
    let (_, stdout, _) = output(&["--help"])?;
    assert!(stdout.contains("embed"), "{stdout}");
    Ok(())
}
