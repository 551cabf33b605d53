//! Texts that results were computed from: a change here changes every figure measured on generated
//! text, so it belongs in the changelog.

use rm_experiments::agent_memories::{AgentMemories, ConversationSize, GrammarError};

#[test]
fn seed_42_begins_as_it_always_has() -> Result<(), GrammarError> {
    let generator = AgentMemories::new(42)?;
    let texts: Vec<String> = generator.memories(0..5).map(|memory| memory.text).collect();
    assert_eq!(
        texts,
        [
            "Aiko Gentile, a florist by trade, is based in Leipzig.",
            "Daniela Gaspar told Konrad Raman to try a wool blanket against nightmares, and it \
             works.",
            "By now, my sister Eileen Giordano chooses folk dances over improvised theatre.",
            "Note to self: let my godson Ivan Berry know about the route over the pass in person \
             by December 11. No exceptions, please.",
            "Our babysitter Philippa Mehta would rather have all-season tyres than anything else \
             for short distances.",
        ]
    );
    let question = generator.question(1, 0);
    assert_eq!(
        question.text,
        "What does Konrad Raman rely on when it comes to bad dreams?"
    );
    assert_eq!(question.gold, "am-000000001");
    assert_eq!(question.answer, "a wool blanket, a tip from Daniela Gaspar");
    Ok(())
}

#[test]
fn forms_of_one_fact_differ_in_length() -> Result<(), GrammarError> {
    let forms = AgentMemories::new(42)?.forms(0);
    assert_eq!(
        forms.plain,
        "Aiko Gentile, a florist by trade, is based in Leipzig."
    );
    assert_eq!(
        forms.expanded,
        "Aiko Gentile, a florist by trade, is based in Leipzig. Aiko Gentile works as a florist \
         in Leipzig. In short, on gardening: a flower seller in Leipzig."
    );
    assert_eq!(forms.summary, "Aiko Gentile: a florist in Leipzig.");
    assert_eq!(
        forms.key_sentence,
        "Aiko Gentile works as a florist in Leipzig."
    );
    Ok(())
}

#[test]
fn the_first_conversation_begins_as_it_always_has() -> Result<(), GrammarError> {
    let size = ConversationSize {
        sessions: 1,
        turns: 8,
        questions: 5,
    };
    let conversation = AgentMemories::new(42)?.conversation(0, size);
    let first = &conversation.sessions[0].turns[0];
    assert_eq!(
        (first.id.as_str(), first.text.as_str()),
        ("D1:1", "Hi again, Celine! Did you get over that cold?")
    );
    Ok(())
}
