//! `embed --npy` writes vectors that `bench` searches; what cannot be searched is refused by name.

mod cli_command;

use std::fs;
use std::path::Path;

use cli_command::{Result, output, shared_cache};
use serde_json::Value;

/// Embeds a few generated memories and their questions into a folder of NumPy files.
fn vectors(folder: &Path) -> Result<(String, String)> {
    let (npy, cache) = (folder.join("npy"), shared_cache());
    let (npy, cache) = (npy.to_string_lossy(), cache.to_string_lossy());
    let words = "embed --dataset agent-memories --limit 400 --queries --precision int8";
    let mut words: Vec<&str> = words.split(' ').collect();
    words.extend(["--npy", &npy, "--cache", &cache]);
    let (code, stdout, stderr) = output(&words)?;
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stdout.contains("base.npy") && stdout.contains("queries.npy"),
        "{stdout}"
    );
    Ok((format!("{npy}/base.npy"), format!("{npy}/queries.npy")))
}

fn bench(words: &[&str]) -> Result<(Option<i32>, String, String)> {
    output(&[&["bench"], words].concat())
}

#[test]
fn every_setting_is_a_line_of_json_or_of_a_table() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (base, queries) = vectors(folder.path())?;
    let files = ["--base", &base, "--queries", &queries, "--timed", "20"];
    let settings = [
        "--k-rule",
        "20",
        "--n-probes",
        "4,20,99",
        "--coding",
        "exact,one-bit,one-bit-spill,4-bit,one-bit-file,4-bit-file",
    ];
    let (code, stdout, stderr) = bench(&[&files[..], &settings, &["--json"]].concat())?;
    assert_eq!(code, Some(0), "{stderr}");
    let rows: Vec<Value> = stdout
        .lines()
        .map(serde_json::from_str)
        .collect::<std::result::Result<_, _>>()?;
    // Exact search, then two numbers of lists for each of six codings; 99 lists are more than there are.
    assert_eq!(rows.len(), 1 + 6 * 2, "{stdout}");
    let recall = |row: usize| rows[row]["recall"].as_f64().unwrap_or(-1.0);
    assert_eq!(recall(2), 1.0, "all lists without codes find everything");
    for all_lists in [4, 6, 8, 10, 12] {
        assert!(recall(all_lists) > 0.99, "{}", recall(all_lists));
    }
    assert!(
        recall(1) < recall(5),
        "a second list helps where few are scanned"
    );
    assert!(rows.iter().all(|row| row["p50_ms"].as_f64() > Some(0.0)));
    assert!(rows[3]["reranked"].as_f64() < rows[3]["candidates"].as_f64());
    for one_bit in [4, 10] {
        let number = |row: usize, name: &str| rows[row][name].as_f64().unwrap_or(0.0);
        let four_bits = if one_bit == 4 { 8 } else { 12 };
        assert!(number(four_bits, "reranked") < number(one_bit, "reranked"));
        assert!(number(four_bits, "bytes_per_item") > number(one_bit, "bytes_per_item"));
    }

    let (code, stdout, _) = bench(&[&files[..], &["--k-rule", "20", "--n-probes", "4"]].concat())?;
    assert_eq!(code, Some(0));
    assert!(stdout.starts_with("index "), "{stdout}");
    assert!(stdout.contains("RM one-bit codes, K=20  n=4"), "{stdout}");
    Ok(())
}

#[test]
fn what_cannot_be_searched_is_refused() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (base, queries) = vectors(folder.path())?;
    let missing = folder.path().join("missing.npy");
    let missing = missing.to_string_lossy();
    let (code, _, stderr) = bench(&["--base", &missing, "--queries", &queries])?;
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("missing.npy: expected a NumPy file"),
        "{stderr}"
    );
    let text = folder.path().join("text.npy");
    fs::write(&text, "no vectors")?;
    let (code, _, stderr) = bench(&["--base", &base, "--queries", &text.to_string_lossy()])?;
    assert_eq!(code, Some(1));
    assert!(stderr.contains("text.npy"), "{stderr}");
    let (code, _, stderr) = bench(&["--base", &base, "--queries", &queries, "--k-rule", "half"])?;
    assert_eq!(code, Some(2), "{stderr}");
    let (code, _, stderr) = bench(&["--base", &base, "--queries", &queries, "--coding", "9-bit"])?;
    assert_eq!(code, Some(2));
    assert!(stderr.contains("2-bit to 8-bit"), "{stderr}");
    let (code, _, stderr) = bench(&[
        "--base",
        &base,
        "--queries",
        &queries,
        "--rerank-errors",
        "NaN",
    ])?;
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("rerank_errors must be at least 0"),
        "{stderr}"
    );
    Ok(())
}
