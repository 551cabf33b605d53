//! MS MARCO gold passages in four forms: plain, expanded, summarised, cut to key sentences.

use std::fmt;
use std::path::{Path, PathBuf};

use super::error::DatasetError;
use super::lines::Line;
use super::passage::Passage;
use super::records::Records;
use super::relevance::{Qrel, Query, Split};
use super::root::DataRoot;

const QUERIES: &str = "enrichment/queries.tsv";
const QRELS: &str = "enrichment/qrels.tsv";

/// Names one form of the same passages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TextForm {
    /// The passages as they are.
    Plain,
    /// Rewritten at greater length.
    Expanded,
    /// Summarised in a sentence or two.
    Summarised,
    /// Cut to the sentences that answer the query.
    KeySentences,
}

impl TextForm {
    /// All forms.
    pub const ALL: [Self; 4] = [
        Self::Plain,
        Self::Expanded,
        Self::Summarised,
        Self::KeySentences,
    ];

    /// Returns the name for result rows.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Expanded => "expanded",
            Self::Summarised => "summarised",
            Self::KeySentences => "key_sentences",
        }
    }

    const fn file(self) -> &'static str {
        match self {
            Self::Plain => "enrichment/passages.jsonl.gz",
            Self::Expanded => "enrichment/expansions.jsonl.gz",
            Self::Summarised => "enrichment/summaries.jsonl.gz",
            Self::KeySentences => "enrichment/key-sentences.jsonl.gz",
        }
    }
}

impl fmt::Display for TextForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads `enrichment/`: 2,287 MS MARCO dev gold passages in four forms, with their queries.
///
/// The forms have the same ids but not the same order. One passage is gold for two queries and
/// therefore stands twice, under one id, in every form.
#[derive(Debug, Clone)]
pub struct Enrichment {
    folder: PathBuf,
}

impl Enrichment {
    /// The name of the data set in messages and result rows.
    pub const NAME: &'static str = "enrichment";
    /// The files it consists of, relative to the data folder.
    pub const FILES: [&'static str; 6] = [
        TextForm::Plain.file(),
        TextForm::Expanded.file(),
        TextForm::Summarised.file(),
        TextForm::KeySentences.file(),
        QUERIES,
        QRELS,
    ];

    /// Finds the files.
    ///
    /// # Errors
    /// [`DatasetError::Missing`] if no folder of `root` holds all of them.
    pub fn open(root: &DataRoot) -> Result<Self, DatasetError> {
        let folder = root.locate(Self::NAME, &Self::FILES)?;
        Ok(Self {
            folder: folder.to_path_buf(),
        })
    }

    /// Returns the data folder in which the files were found.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the passages in one form, in the order of that form's file.
    ///
    /// # Errors
    /// The first line that does not fit, or a file that cannot be read.
    pub fn passages(&self, form: TextForm) -> Result<Vec<Passage>, DatasetError> {
        Records::open(self.folder.join(form.file()), |line| line.identified_text())?.collect()
    }

    /// Returns the queries, all of split [`Split::Dev`], in the order of the file.
    ///
    /// # Errors
    /// The first line that does not fit, or a file that cannot be read.
    pub fn queries(&self) -> Result<Vec<Query>, DatasetError> {
        Records::open(self.folder.join(QUERIES), query)?.collect()
    }

    /// Returns the labels, one a query, in the order of the file.
    ///
    /// # Errors
    /// The first line that does not fit, or a file that cannot be read.
    pub fn qrels(&self) -> Result<Vec<Qrel>, DatasetError> {
        Records::open(self.folder.join(QRELS), qrel)?.collect()
    }
}

fn query(line: &Line<'_>) -> Result<Query, DatasetError> {
    let [qid, text] = line.fields(&["qid", "text"])?;
    Ok(Query {
        id: qid.to_owned(),
        split: Split::Dev,
        text: text.to_owned(),
    })
}

fn qrel(line: &Line<'_>) -> Result<Qrel, DatasetError> {
    // The second column is TREC's "iteration", which no tool reads.
    let [qid, _iteration, pid, grade] = line.fields(&["qid", "iteration", "pid", "grade"])?;
    Ok(Qrel {
        qid: qid.to_owned(),
        pid: pid.to_owned(),
        grade: line.grade(grade)?,
        split: Split::Dev,
    })
}
