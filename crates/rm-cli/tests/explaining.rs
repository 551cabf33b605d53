//! `search --explain` shows the signals, what was probed, and how results came to their places.

mod rmem;

use rmem::{Outcome, Rmem};

#[test]
fn signals_and_probes_are_shown() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let plain = rmem.done(&["search", "morning tea"])?;
    let explained = rmem.done(&["search", "morning tea", "--explain"])?;
    for part in [
        "confidence 0.",
        "margin 0.",
        "qerr 0.",
        "probed ",
        "compared 3 of 3 items, by meaning and words",
        "cosine 0.",
        "; bucket ",
    ] {
        assert!(explained.contains(part), "{part} in {explained}");
        assert!(!plain.contains(part), "{part} in {plain}");
    }
    Ok(())
}

#[test]
fn words_take_part_where_they_are_asked_for() -> Outcome {
    let rmem = Rmem::with_texts()?;
    for (words, by_words) in [("auto", true), ("always", true), ("never", false)] {
        let answer = rmem.json(&["search", "morning tea", "--words", words])?;
        assert_eq!(answer["by_words"], by_words, "{words}");
    }
    Ok(())
}

#[test]
fn the_threshold_and_the_number_of_results_are_obeyed() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let n_found = |words: &[&str]| -> Outcome<usize> {
        Ok(rmem.done(&[&["search"], words].concat())?.lines().count())
    };
    assert_eq!(n_found(&["quantum chromodynamics"])?, 0);
    assert_eq!(
        n_found(&["quantum chromodynamics", "--threshold", "-1"])?,
        3
    );
    assert_eq!(n_found(&["tea", "--threshold", "-1", "-k", "2"])?, 2);
    rmem.refused(&["search", "tea", "--threshold", "2"], 2)?;
    Ok(())
}

#[test]
fn a_question_can_come_from_standard_input() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let found = rmem.done_with(&["search", "-"], b"what does she drink?\n")?;
    assert!(found.contains("Green tea"), "{found}");
    Ok(())
}
