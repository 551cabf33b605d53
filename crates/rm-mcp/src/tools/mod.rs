//! The tools, one file each.

mod add_memories;
mod add_memory;
mod arguments;
#[cfg(test)]
mod budget;
mod build_context;
mod delete_all_memories;
mod delete_memory;
mod drift_status;
mod fetch;
mod get_memories;
mod get_memory;
mod memory_stats;
mod new_memory;
mod outcome;
mod page;
mod search;
mod search_memories;
mod update_memory;

use crate::tool::Entry;

/// Returns all tools, in the order in which they are listed.
pub(crate) fn all() -> Vec<Entry> {
    vec![
        Entry::of::<add_memory::AddMemory>(),
        Entry::of::<add_memories::AddMemories>(),
        Entry::of::<search_memories::SearchMemories>(),
        Entry::of::<get_memory::GetMemory>(),
        Entry::of::<get_memories::GetMemories>(),
        Entry::of::<update_memory::UpdateMemory>(),
        Entry::of::<delete_memory::DeleteMemory>(),
        Entry::of::<delete_all_memories::DeleteAllMemories>(),
        Entry::of::<build_context::BuildContext>(),
        Entry::of::<memory_stats::MemoryStats>(),
        Entry::of::<drift_status::DriftStatus>(),
        Entry::of::<search::Search>(),
        Entry::of::<fetch::Fetch>(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_is_told_in_full() {
        for Entry { tool, .. } in all() {
            let name = &tool.name;
            assert!(tool.title.is_some() && tool.description.is_some(), "{name}");
            assert_eq!(tool.input_schema["type"], "object", "{name}");
            let output = tool.output_schema.unwrap_or_default();
            assert_eq!(output["type"], "object", "{name}");
            let hints = tool.annotations.unwrap_or_default();
            let all = [
                hints.read_only_hint,
                hints.destructive_hint,
                hints.idempotent_hint,
                hints.open_world_hint,
            ];
            assert!(all.iter().all(Option::is_some), "{name}");
        }
    }

    #[test]
    fn every_argument_is_described() {
        for Entry { tool, .. } in all() {
            let properties = tool.input_schema["properties"].as_object();
            for (argument, schema) in properties.into_iter().flatten() {
                let told = schema["description"].as_str();
                assert!(told.is_some(), "{}: {argument}", tool.name);
            }
        }
    }
}
