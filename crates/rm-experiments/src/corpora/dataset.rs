//! The names under which definitions ask for text.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::suite::TextKind;

/// Names a source of items and queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Dataset {
    /// Short requests to an assistant in 150 intents; no queries.
    Clinc,
    /// Titles of Reddit posts; bodies of posts ask for their titles.
    Reddit,
    /// Passages of web pages; questions of the dev set ask for the passages judged to answer them.
    Msmarco,
    /// Turns of ten long conversations, pooled; questions ask for the turns they rest on.
    Locomo,
    /// Generated memories; a question in other words asks for each.
    AgentMemories,
    /// Generated passages of several sentences with a question each.
    AgentPassages,
    /// Turns of generated conversations, pooled, with questions.
    AgentConversations,
}

impl Dataset {
    /// Returns the generated data set that takes its place where it is not found; generated ones stand for
    /// themselves.
    #[must_use]
    pub fn counterpart(self) -> Self {
        match self {
            Self::Clinc | Self::Reddit | Self::AgentMemories => Self::AgentMemories,
            Self::Msmarco | Self::AgentPassages => Self::AgentPassages,
            Self::Locomo | Self::AgentConversations => Self::AgentConversations,
        }
    }

    /// Returns whether its texts were written by people or by the generator.
    #[must_use]
    pub fn kind(self) -> TextKind {
        if self == self.counterpart() {
            TextKind::Generated
        } else {
            TextKind::Real
        }
    }

    /// Returns the name that definitions and tables use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Clinc => "clinc",
            Self::Reddit => "reddit",
            Self::Msmarco => "msmarco",
            Self::Locomo => "locomo",
            Self::AgentMemories => "agent-memories",
            Self::AgentPassages => "agent-passages",
            Self::AgentConversations => "agent-conversations",
        }
    }
}

impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_use_the_names_that_tables_show() -> anyhow::Result<()> {
        for dataset in [
            Dataset::Clinc,
            Dataset::Msmarco,
            Dataset::AgentConversations,
        ] {
            let read: Dataset = serde_json::from_value(dataset.name().into())?;
            assert_eq!(read, dataset);
            assert_eq!(dataset.counterpart().kind(), TextKind::Generated);
        }
        assert_eq!(Dataset::Locomo.kind(), TextKind::Real);
        Ok(())
    }
}
