//! `RoutingMemory`: long-term memory for LLM agents in one file.
