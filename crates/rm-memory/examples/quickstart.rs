//! Remembers three things and asks for one of them, with the real model, in memory.
//!
//! ```sh
//! cargo run -p rm-memory --example quickstart
//! ```

use rm_memory::{Query, Result, RoutingMemory};

fn main() -> Result<()> {
    let memory = RoutingMemory::in_memory()?;

    memory.add("User prefers dark mode for all applications")?;
    memory.add("Meeting with Alice scheduled for March 15 at 2pm")?;
    memory.add("Project deadline is end of Q1 2026")?;

    for found in memory.search(Query::text("what are the user's UI preferences?").top_k(3))? {
        println!("[{:.3}] {}", found.score, found.text);
    }
    Ok(())
}
