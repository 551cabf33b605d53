//! Which text a run really works on.

use anyhow::Result;

use super::corpus::{Corpus, CorpusSize};
use super::{Dataset, generated, real};
use crate::datasets::{DataRoot, DatasetError};
use crate::full_error::InFull;
use crate::suite::{Context, DataChoice, Progress, TextKind};

/// Holds what was found for the data sets that an experiment asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resolved {
    /// The texts, in the order they were asked for.
    pub corpora: Vec<Corpus>,
    /// What was taken in place of what, one sentence each.
    pub remarks: Vec<String>,
    /// What was asked for by name and is missing.
    pub failures: Vec<String>,
}

/// Does what [`resolve`] does, with the choice of data, the seed and the display of a run.
///
/// # Errors
/// As for [`resolve`].
pub fn resolve_for(
    context: &Context<'_>,
    wanted: &[Dataset],
    size: CorpusSize,
) -> Result<Resolved> {
    let (data, seed) = (context.data(), context.seed());
    resolve(data, wanted, size, seed, context.progress())
}

/// Does what [`resolve_for`] does, with queries whose gold items are all among the first `n_smallest`, so that
/// prefixes from there on differ in distractors alone.
///
/// Real data sets begin with the gold items; the queries about generated ones are drawn for the smallest size.
///
/// # Errors
/// As for [`resolve`].
pub fn resolve_nested(
    context: &Context<'_>,
    wanted: &[Dataset],
    size: CorpusSize,
    n_smallest: usize,
) -> Result<Resolved> {
    let mut resolved = resolve_for(context, wanted, size)?;
    let generated = |corpus: &&mut Corpus| corpus.kind() == TextKind::Generated;
    for corpus in resolved.corpora.iter_mut().filter(generated) {
        let smallest = CorpusSize {
            n_items: n_smallest.min(size.n_items),
            ..size
        };
        corpus.queries = generated::load(corpus.dataset, smallest, context.seed())?.queries;
    }
    Ok(resolved)
}

/// Loads the data sets that an experiment asks for, or their generated counterparts.
///
/// With [`DataChoice::Auto`] a real data set that is not found is replaced, loudly; with
/// [`DataChoice::Generated`] all are; with [`DataChoice::Dir`] a missing one is a failure and the others are
/// used. No data set is loaded twice.
///
/// # Errors
/// When a data set is there and cannot be read.
pub fn resolve(
    choice: &DataChoice,
    wanted: &[Dataset],
    size: CorpusSize,
    seed: u64,
    progress: &Progress,
) -> Result<Resolved> {
    let mut resolved = Resolved::default();
    for &dataset in wanted {
        let counterpart = dataset.counterpart();
        let root = match choice {
            DataChoice::Auto => DataRoot::find(),
            DataChoice::Dir(folder) => DataRoot::at(folder),
            DataChoice::Generated => {
                resolved.take_generated(counterpart, size, seed)?;
                continue;
            }
        };
        if dataset == counterpart {
            resolved.take_generated(dataset, size, seed)?;
            continue;
        }
        match real::load(&root, dataset, size, seed) {
            Ok(corpus) => resolved.corpora.push(corpus),
            Err(error) if is_missing(&error) && matches!(choice, DataChoice::Auto) => {
                let remark = format!(
                    "{dataset} was not found, so generated text ({counterpart}) stands in for it; \
                     data/README.md says how to get the real one"
                );
                progress.warn(&remark);
                resolved.remarks.push(remark);
                resolved.take_generated(counterpart, size, seed)?;
            }
            Err(error) if is_missing(&error) => resolved.failures.push(InFull(&error).to_string()),
            Err(error) => return Err(error),
        }
    }
    Ok(resolved)
}

impl Resolved {
    /// Adds a generated data set unless it is there already.
    fn take_generated(&mut self, dataset: Dataset, size: CorpusSize, seed: u64) -> Result<()> {
        if self.corpora.iter().all(|corpus| corpus.dataset != dataset) {
            self.corpora.push(generated::load(dataset, size, seed)?);
        }
        Ok(())
    }
}

fn is_missing(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<DatasetError>()
        .is_some_and(DatasetError::is_missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: CorpusSize = CorpusSize {
        n_items: 60,
        n_queries: 10,
    };

    #[test]
    fn generated_text_stands_in_once_for_each_kind() -> Result<()> {
        let wanted = [
            Dataset::Clinc,
            Dataset::Reddit,
            Dataset::Msmarco,
            Dataset::Locomo,
        ];
        let choice = DataChoice::Generated;
        let resolved = resolve(&choice, &wanted, SIZE, 42, &Progress::silent())?;
        let names: Vec<&str> = resolved.corpora.iter().map(|c| c.dataset.name()).collect();
        assert_eq!(
            names,
            ["agent-memories", "agent-passages", "agent-conversations"]
        );
        for corpus in &resolved.corpora {
            assert_eq!(corpus.kind(), TextKind::Generated);
            assert_eq!(corpus.items.len(), 60, "{}", corpus.dataset);
            assert!(!corpus.queries.is_empty(), "{}", corpus.dataset);
        }
        Ok(())
    }

    #[test]
    fn a_named_folder_without_the_data_is_a_failure() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let choice = DataChoice::Dir(folder.path().to_path_buf());
        let wanted = [Dataset::Reddit, Dataset::AgentMemories];
        let resolved = resolve(&choice, &wanted, SIZE, 42, &Progress::silent())?;
        assert_eq!(resolved.corpora.len(), 1);
        assert!(
            resolved.failures[0].contains("titles.tsv.gz"),
            "{:?}",
            resolved.failures
        );
        Ok(())
    }
}
