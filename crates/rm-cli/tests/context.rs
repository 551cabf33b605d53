//! A context is one text within a budget of tokens.

mod rmem;

use rmem::{Outcome, Rmem};

#[test]
fn the_budget_holds() -> Outcome {
    let rmem = Rmem::with_texts()?;
    for max_tokens in [4, 8, 12, 20, 1_000] {
        let budget = max_tokens.to_string();
        let words = [
            "context",
            "tea",
            "--threshold",
            "-1",
            "--max-tokens",
            &budget,
        ];
        let context = rmem.json(&words)?;
        let tokens = context["tokens"].as_u64().ok_or("no tokens")?;
        assert!(tokens <= max_tokens, "{context}");
    }
    Ok(())
}

#[test]
fn it_is_written_as_asked_for() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let plain = rmem.done(&["context", "what does she drink in the morning?"])?;
    assert_eq!(
        plain,
        "- Green tea is what the user drinks in the morning\n"
    );
    let words = "context tea --threshold -1 --dates --oldest-first --header Known:";
    let formatted = rmem.done(&words.split(' ').collect::<Vec<_>>())?;
    let lines: Vec<&str> = formatted.lines().collect();
    assert_eq!(lines.len(), 4, "{formatted}");
    assert_eq!(lines[0], "Known:");
    assert!(lines[1].starts_with("- [20") && lines[1].ends_with("dark mode"));
    Ok(())
}

#[test]
fn where_nothing_is_known_there_is_nothing() -> Outcome {
    let rmem = Rmem::with_texts()?;
    assert_eq!(rmem.done(&["context", "quantum chromodynamics"])?, "");
    Ok(())
}
