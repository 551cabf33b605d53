//! Which experiments there are and which of them are built.

use anyhow::{Result, ensure};

use super::{Definition, Experiment, ExperimentId};

/// Lists all thirteen experiments in order, built or not.
pub struct Registry {
    entries: Vec<Entry>,
}

/// Holds one experiment's definition and, once it is built, its code.
pub struct Entry {
    definition: Definition,
    experiment: Option<Box<dyn Experiment>>,
}

impl Registry {
    /// Reads all definitions and joins the experiments that are built to them.
    ///
    /// # Errors
    /// When a definition cannot be read, or an experiment is given twice.
    pub fn new(built: Vec<Box<dyn Experiment>>) -> Result<Self> {
        let entries = ExperimentId::ALL.map(Entry::unbuilt);
        let mut registry = Self {
            entries: entries.into_iter().collect::<Result<_>>()?,
        };
        for experiment in built {
            let id = experiment.id();
            if let Some(entry) = registry.entries.iter_mut().find(|entry| entry.id() == id) {
                ensure!(
                    entry.experiment.is_none(),
                    "experiment {id} is registered twice"
                );
                entry.experiment = Some(experiment);
            }
        }
        Ok(registry)
    }

    /// Iterates over the experiments in order.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Returns the table that `--list` prints.
    #[must_use]
    pub fn listing(&self) -> String {
        let mut lines = String::new();
        for entry in self.iter() {
            let Definition {
                id,
                title,
                question,
                published,
                ..
            } = entry.definition();
            let state = if entry.experiment().is_some() {
                ""
            } else {
                " (not yet built)"
            };
            lines.push_str(&format!("{id}  {title}{state}\n    {question}\n"));
            lines.push_str(&format!("    published: {}\n", published.text));
        }
        lines
    }
}

impl Entry {
    fn unbuilt(id: ExperimentId) -> Result<Self> {
        Ok(Self {
            definition: Definition::of(id)?,
            experiment: None,
        })
    }

    /// Returns which experiment this is.
    #[must_use]
    pub fn id(&self) -> ExperimentId {
        self.definition.id
    }

    /// Returns what the experiment asks and with which parameters.
    #[must_use]
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// Returns the experiment's code, or `None` while it is not yet built.
    #[must_use]
    pub fn experiment(&self) -> Option<&dyn Experiment> {
        self.experiment.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_thirteen_are_listed_in_order() -> Result<()> {
        let registry = Registry::new(Vec::new())?;
        let ids: Vec<ExperimentId> = registry.iter().map(Entry::id).collect();
        assert_eq!(ids, ExperimentId::ALL);
        let heads = registry
            .listing()
            .lines()
            .filter(|line| !line.starts_with(' '))
            .count();
        assert_eq!(heads, 13);
        assert_eq!(registry.listing().matches("not yet built").count(), 13);
        Ok(())
    }
}
