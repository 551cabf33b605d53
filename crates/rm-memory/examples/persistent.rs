//! Keeps a memory in a file: opens it again, reads metadata and routing signals, changes and forgets.
//!
//! ```sh
//! cargo run -p rm-memory --example persistent
//! ```

use rm_memory::{NewItem, Query, RoutingMemory, Update};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("agent.db");

    let memory = RoutingMemory::open(&path)?;
    memory.add_batch([
        NewItem::new("User prefers dark mode for all applications")
            .id("ui")
            .meta("source", "chat"),
        NewItem::new("Meeting with Alice scheduled for March 15 at 2pm")
            .id("alice")
            .meta("room", "4.12"),
        NewItem::new("Project deadline is end of Q1 2026").id("deadline"),
    ])?;
    memory.close()?;

    // Opening loads the codebook and the vectors; nothing is embedded or trained again.
    let memory = RoutingMemory::open(&path)?;
    println!("{} items, {} centroids", memory.len(), memory.stats().k);

    let answer = memory.search_with_signals(Query::text("where do I meet Alice?").top_k(1))?;
    for found in &answer.results {
        let metadata = serde_json::to_string(&found.metadata)?;
        println!("[{:.3}] {} {metadata}", found.score, found.text);
    }
    if let Some(signals) = answer.signals {
        println!(
            "confidence {:.3}, margin {:.3}, qerr {:.3}; compared {} of {}",
            signals.confidence,
            signals.margin,
            signals.qerr,
            answer.candidates,
            memory.len()
        );
    }

    memory.update(
        "ui",
        Update::new().text("User prefers light mode during the day"),
    )?;
    memory.delete("deadline")?;
    for question in [
        "does the user prefer light or dark mode?",
        "when is the project due?",
    ] {
        let found = memory.search(question)?;
        println!(
            "{question} {:?}",
            found.first().map(|found| found.text.as_str())
        );
    }
    memory.close()?;
    Ok(())
}
