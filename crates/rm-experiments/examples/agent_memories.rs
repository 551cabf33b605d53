//! Prints generated memories to be read: `cargo run -p rm-experiments --example agent_memories -- 200 42`.
//!
//! Arguments: how many (20), the seed (42), the first index (0), and what: `memories`, `forms`, `passages` or
//! `conversation` (memories).

use rm_experiments::agent_memories::{AgentMemories, ConversationSize};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default| arguments.next().and_then(|n| n.parse().ok()).unwrap_or(default);
    let (count, seed, first): (u64, u64, u64) = (number(20), number(42), number(0));
    let what = std::env::args().nth(4).unwrap_or_default();
    let generator = AgentMemories::new(seed)?;
    match what.as_str() {
        "forms" => print_forms(&generator, first..first + count),
        "passages" => print_passages(&generator, first..first + count),
        "conversation" => print_conversation(&generator, first),
        _ => print_memories(&generator, first..first + count),
    }
    Ok(())
}

fn print_memories(generator: &AgentMemories, range: std::ops::Range<u64>) {
    for (index, memory) in range.clone().zip(generator.memories(range)) {
        println!("{} {} {}", memory.id, generator.topic_name(memory.topic), memory.kind);
        println!("    {}", memory.text);
        let question = generator.question(index, index % 3);
        println!("    ? {} -> {}", question.text, question.answer);
    }
}

fn print_forms(generator: &AgentMemories, range: std::ops::Range<u64>) {
    for index in range {
        let forms = generator.forms(index);
        println!("plain     {}", forms.plain);
        println!("expanded  {}", forms.expanded);
        println!("summary   {}", forms.summary);
        println!("key       {}\n", forms.key_sentence);
    }
}

fn print_passages(generator: &AgentMemories, range: std::ops::Range<u64>) {
    for index in range {
        println!("{}\n? {}\n", generator.passage(index).text, generator.question(index, 0).text);
    }
}

fn print_conversation(generator: &AgentMemories, number: u64) {
    let conversation = generator.conversation(number, ConversationSize::default());
    for session in &conversation.sessions {
        println!("\n{}", session.date);
        for turn in &session.turns {
            println!("{} {}: {}", turn.id, turn.speaker, turn.text);
        }
    }
    println!();
    for question in &conversation.questions {
        println!(
            "[{}] {} -> {} {:?}",
            question.category.number(),
            question.question,
            question.answer,
            question.evidence
        );
    }
}
