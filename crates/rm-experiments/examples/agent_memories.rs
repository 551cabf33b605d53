//! Prints generated text, to be read: `cargo run -p rm-experiments --example agent_memories -- 20 42`.
//!
//! Arguments: how many (20), the seed (42), the first index (0), and what: `memories` (the default),
//! `forms`, `passages`, or `conversation`, which prints the one numbered like the first index.

use std::io::{self, Write};
use std::ops::Range;

use rm_experiments::agent_memories::{AgentMemories, ConversationSize};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |position: usize, default: u64| -> anyhow::Result<u64> {
        Ok(arguments
            .get(position)
            .map_or(Ok(default), |argument| argument.parse())?)
    };
    let (count, seed, first) = (number(0, 20)?, number(1, 42)?, number(2, 0)?);
    let generator = AgentMemories::new(seed)?;
    let range = first..first + count;
    let out = &mut io::stdout().lock();
    match arguments.get(3).map(String::as_str) {
        None | Some("memories") => print_memories(out, &generator, range)?,
        Some("forms") => print_forms(out, &generator, range)?,
        Some("passages") => print_passages(out, &generator, range)?,
        Some("conversation") => print_conversation(out, &generator, first)?,
        Some(other) => anyhow::bail!(
            "expected memories, forms, passages or conversation, got `{other}`; name one of the four"
        ),
    }
    Ok(())
}

fn print_memories(
    out: &mut impl Write,
    generator: &AgentMemories,
    range: Range<u64>,
) -> io::Result<()> {
    for (index, memory) in range.clone().zip(generator.memories(range)) {
        let question = generator.question(index, 0);
        writeln!(
            out,
            "{} {} {}",
            memory.id,
            generator.topic_name(memory.topic),
            memory.kind
        )?;
        writeln!(out, "    {}", memory.text)?;
        writeln!(out, "    {} -> {}", question.text, question.answer)?;
    }
    Ok(())
}

fn print_forms(
    out: &mut impl Write,
    generator: &AgentMemories,
    range: Range<u64>,
) -> io::Result<()> {
    for index in range {
        let forms = generator.forms(index);
        writeln!(out, "plain     {}", forms.plain)?;
        writeln!(out, "expanded  {}", forms.expanded)?;
        writeln!(out, "summary   {}", forms.summary)?;
        writeln!(out, "key       {}\n", forms.key_sentence)?;
    }
    Ok(())
}

fn print_passages(
    out: &mut impl Write,
    generator: &AgentMemories,
    range: Range<u64>,
) -> io::Result<()> {
    for index in range {
        writeln!(out, "{}", generator.passage(index).text)?;
        writeln!(out, "    {}\n", generator.question(index, 0).text)?;
    }
    Ok(())
}

fn print_conversation(
    out: &mut impl Write,
    generator: &AgentMemories,
    number: u64,
) -> io::Result<()> {
    let conversation = generator.conversation(number, ConversationSize::default());
    for session in &conversation.sessions {
        writeln!(out, "\n{}", session.date)?;
        for turn in &session.turns {
            writeln!(out, "{} {}: {}", turn.id, turn.speaker, turn.text)?;
        }
    }
    writeln!(out)?;
    for asked in &conversation.questions {
        let category = asked.category.number();
        writeln!(out, "[{category}] {} -> {}", asked.question, asked.answer)?;
        writeln!(out, "    {}", asked.evidence.join(" "))?;
    }
    Ok(())
}
