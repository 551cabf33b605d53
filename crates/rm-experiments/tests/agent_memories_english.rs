//! What is generated reads as written English, as far as a program can tell.

use rm_experiments::agent_memories::{AgentMemories, ConversationSize, GrammarError};

const CHECKED: u64 = 40_000;

#[test]
fn memories_are_written_out() -> Result<(), GrammarError> {
    let generator = AgentMemories::new(42)?;
    for memory in generator.memories(0..CHECKED) {
        assert_written_out(&memory.text);
        let words = memory.text.split_whitespace().count();
        assert!((4..=60).contains(&words), "{words} words: {}", memory.text);
    }
    Ok(())
}

#[test]
fn questions_are_written_out() -> Result<(), GrammarError> {
    let generator = AgentMemories::new(42)?;
    for index in 0..CHECKED {
        for variant in 0..3 {
            let question = generator.question(index, variant).text;
            assert_written_out(&question);
            assert!(question.ends_with('?'), "{question}");
        }
    }
    Ok(())
}

#[test]
fn questions_are_no_copies() -> Result<(), GrammarError> {
    let generator = AgentMemories::new(42)?;
    for index in 0..CHECKED {
        let text = generator.memory(index).text.to_lowercase();
        let question = generator.question(index, 0).text.to_lowercase();
        assert!(
            !text.contains(question.trim_end_matches('?')),
            "{question} / {text}"
        );
    }
    Ok(())
}

#[test]
fn forms_and_passages_are_written_out() -> Result<(), GrammarError> {
    let generator = AgentMemories::new(42)?;
    for index in 0..CHECKED / 4 {
        let forms = generator.forms(index);
        assert_eq!(forms.plain, generator.memory(index).text);
        for text in [&forms.expanded, &forms.summary, &forms.key_sentence] {
            assert_written_out(text);
        }
        let passage = generator.passage(index).text;
        assert_written_out(&passage);
        let words = passage.split_whitespace().count();
        assert!((25..=120).contains(&words), "{words} words: {passage}");
    }
    Ok(())
}

#[test]
fn talk_is_written_out() -> Result<(), GrammarError> {
    let generator = AgentMemories::new(42)?;
    for number in 0..10 {
        let conversation = generator.conversation(number, ConversationSize::default());
        let turns = conversation
            .sessions
            .iter()
            .flat_map(|session| &session.turns);
        turns.for_each(|turn| assert_written_out(&turn.text));
        conversation
            .questions
            .iter()
            .for_each(|asked| assert_written_out(&asked.question));
    }
    Ok(())
}

/// Checks braces, spaces, capitals, final marks and articles.
fn assert_written_out(text: &str) {
    assert!(!text.contains(['{', '}', '|']), "an unfilled slot: {text}");
    assert!(
        !text.contains("  ") && text.trim() == text,
        "stray spaces: {text}"
    );
    for wrong in [" ,", " .", " ?", "..", ",,", ":.", ",.", "?.", ".?"] {
        assert!(!text.contains(wrong), "\"{wrong}\" in: {text}");
    }
    let first = text.chars().find(|c| c.is_alphanumeric());
    assert!(
        first.is_some_and(|c| c.is_uppercase() || c.is_numeric()),
        "no capital: {text}"
    );
    assert!(text.ends_with(['.', '?', '!']), "no final mark: {text}");
    let words: Vec<&str> = text.split_whitespace().collect();
    for pair in words.windows(2) {
        let next = pair[1].trim_start_matches(['"', '(', '\'']);
        let vowel = next.starts_with(['a', 'e', 'i', 'o']);
        let spoken_otherwise = next.starts_with("one") || next.starts_with("eu");
        if matches!(pair[0], "a" | "A") {
            assert!(!vowel || spoken_otherwise, "\"a {next}\" in: {text}");
        }
        if matches!(pair[0], "an" | "An") && next.starts_with(char::is_lowercase) {
            assert!(
                vowel || next.starts_with(['u', 'h']),
                "\"an {next}\" in: {text}"
            );
        }
        assert!(
            pair[0].to_lowercase() != pair[1].to_lowercase(),
            "\"{} {}\" in: {text}",
            pair[0],
            pair[1]
        );
    }
}
