//! Conversations have the size that was asked for, and evidence that exists.

use std::collections::{HashMap, HashSet};

use rm_experiments::agent_memories::{
    AgentMemories, ConversationSize, GrammarError, QuestionCategory,
};

#[test]
fn a_full_conversation_is_as_long_as_one_of_locomo() -> Result<(), GrammarError> {
    let generator = AgentMemories::new(42)?;
    let conversation = generator.conversation(3, ConversationSize::default());
    assert_eq!(conversation.id, "ac-000003");
    assert_eq!(conversation.sessions.len(), 25);
    assert_eq!(conversation.questions.len(), 200);
    let turns: usize = conversation
        .sessions
        .iter()
        .map(|session| session.turns.len())
        .sum();
    assert!((450..=650).contains(&turns), "{turns} turns");
    let categories: HashSet<QuestionCategory> = conversation
        .questions
        .iter()
        .map(|question| question.category)
        .collect();
    assert_eq!(categories.len(), 4);
    Ok(())
}

#[test]
fn evidence_points_at_turns_that_hold_the_answer() -> Result<(), GrammarError> {
    let generator = AgentMemories::new(42)?;
    for number in 0..5 {
        let conversation = generator.conversation(number, ConversationSize::default());
        let mut sessions = HashMap::new();
        for session in &conversation.sessions {
            for turn in &session.turns {
                assert!(
                    sessions.insert(turn.id.as_str(), session).is_none(),
                    "{} twice",
                    turn.id
                );
            }
        }
        for question in &conversation.questions {
            let count = question.evidence.len();
            match question.category {
                QuestionCategory::MultiHop => assert!(count >= 2),
                _ => assert_eq!(count, 1),
            }
            for id in &question.evidence {
                let session = sessions.get(id.as_str());
                assert!(session.is_some(), "no turn {id} for: {}", question.question);
                if question.category == QuestionCategory::Temporal {
                    assert!(session.is_some_and(|session| session.date == question.answer));
                }
            }
        }
    }
    Ok(())
}

#[test]
fn speakers_are_two_and_take_part() -> Result<(), GrammarError> {
    let generator = AgentMemories::new(7)?;
    let size = ConversationSize {
        sessions: 3,
        turns: 10,
        questions: 12,
    };
    let conversation = generator.conversation(0, size);
    let names: HashSet<&str> = conversation
        .sessions
        .iter()
        .flat_map(|session| &session.turns)
        .map(|turn| turn.speaker.as_str())
        .collect();
    assert_eq!(names.len(), 2);
    assert!(conversation.questions.len() <= 12);
    assert!(
        conversation
            .speakers
            .iter()
            .all(|full| names.iter().any(|n| full.starts_with(n)))
    );
    assert_eq!(conversation, generator.conversation(0, size));
    assert_ne!(conversation, generator.conversation(1, size));
    Ok(())
}
