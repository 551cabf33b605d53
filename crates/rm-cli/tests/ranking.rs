//! Recency, importance, variety and neighbours in time count where they are asked for.

mod rmem;

use rmem::{Outcome, Rmem, ids};

fn orders() -> Outcome<Rmem> {
    let rmem = Rmem::new()?;
    for (id, text, importance) in [
        ("plain", "The user orders green tea", "0"),
        ("vital", "The user orders black tea", "1"),
        ("other", "The garden needs water", "0.5"),
    ] {
        let words = ["add", text, "--id", id, "--importance", importance];
        rmem.done(&words)?;
    }
    Ok(rmem)
}

#[test]
fn importance_moves_an_item_to_the_front() -> Outcome {
    let rmem = orders()?;
    let first = |words: &[&str]| -> Outcome<String> {
        let question = ["search", "The user orders green tea", "-k", "1"];
        let found = rmem.json(&[&question, words].concat())?;
        Ok(ids(&found["results"]).concat())
    };
    assert_eq!(first(&[])?, "plain");
    assert_eq!(first(&["--importance-weight", "3"])?, "vital");
    Ok(())
}

#[test]
fn neighbours_come_along() -> Outcome {
    let rmem = orders()?;
    let words = [
        "search",
        "The user orders black tea",
        "-k",
        "1",
        "--neighbours",
        "1",
    ];
    let found = rmem.json(&words)?;
    assert_eq!(ids(&found["results"]), ["vital", "plain", "other"]);
    assert_eq!(found["results"][1]["explanation"]["neighbour_of"], "vital");
    let explained = rmem.done(&[&words[..], &["--explain"]].concat())?;
    assert!(
        explained.contains("beside \"vital\" in time"),
        "{explained}"
    );
    Ok(())
}

#[test]
fn recency_and_variety_are_explained() -> Outcome {
    let rmem = orders()?;
    let words = [
        "search",
        "tea",
        "--half-life",
        "7d",
        "--mmr",
        "0.7",
        "--explain",
    ];
    let explained = rmem.done(&words)?;
    assert!(explained.contains(" + recency 0.1"), "{explained}");
    assert!(explained.contains("0.7 * ("), "{explained}");
    for words in [
        ["search", "tea", "--mmr", "1.5"],
        ["search", "tea", "--recall-target", "0"],
        ["search", "tea", "--recency-weight", "-1"],
        ["search", "tea", "--half-life", "0d"],
    ] {
        rmem.refused(&words, 2)?;
    }
    Ok(())
}
