//! MS MARCO passages with the development and TREC Deep Learning queries and labels.

use std::path::{Path, PathBuf};

use super::error::DatasetError;
use super::lines::Line;
use super::passage::Passage;
use super::records::Records;
use super::relevance::{Qrel, Query, Split};
use super::root::DataRoot;

const PASSAGES: &str = "msmarco/passages.tsv.gz";
const QUERIES: &str = "msmarco/queries.tsv";
const QRELS: &str = "msmarco/qrels.tsv";

const V2_ID_PREFIX: &str = "msmarco_passage_";

/// Reads `msmarco/`: 59,446 passages, 2,465 queries, 16,624 labels.
///
/// A subset of the collection: its distractors cluster round the TREC DL topics. 3,780 passages repeat
/// the text of another, nearly always of the same version, and near-duplicates exist, so exact ties in
/// score are common. Only labels whose passage is here are listed.
#[derive(Debug, Clone)]
pub struct MsMarco {
    folder: PathBuf,
}

impl MsMarco {
    /// The name of the data set in messages and result rows.
    pub const NAME: &'static str = "msmarco";
    /// The files it consists of, relative to the data folder.
    pub const FILES: [&'static str; 3] = [PASSAGES, QUERIES, QRELS];

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

    /// Tells whether a passage id is of the collection's second version, as against its first.
    #[must_use]
    pub fn is_v2_id(pid: &str) -> bool {
        pid.starts_with(V2_ID_PREFIX)
    }

    /// Streams the passages in the order of the file.
    ///
    /// # Errors
    /// [`DatasetError::Io`] if the file cannot be opened; each item fails on a line that does not fit.
    pub fn stream_passages(&self) -> Result<Records<Passage>, DatasetError> {
        Records::open(self.folder.join(PASSAGES), passage)
    }

    /// Returns all passages in the order of the file.
    ///
    /// # Errors
    /// The first line that does not fit, or a file that cannot be read.
    pub fn passages(&self) -> Result<Vec<Passage>, DatasetError> {
        self.stream_passages()?.collect()
    }

    /// Returns the queries of all splits in the order of the file.
    ///
    /// # Errors
    /// The first line that does not fit, or a file that cannot be read.
    pub fn queries(&self) -> Result<Vec<Query>, DatasetError> {
        Records::open(self.folder.join(QUERIES), query)?.collect()
    }

    /// Returns the labels of all splits in the order of the file, grade 0 included.
    ///
    /// # Errors
    /// The first line that does not fit, or a file that cannot be read.
    pub fn qrels(&self) -> Result<Vec<Qrel>, DatasetError> {
        Records::open(self.folder.join(QRELS), qrel)?.collect()
    }
}

fn passage(line: &Line<'_>) -> Result<Passage, DatasetError> {
    let [pid, text] = line.fields(&["pid", "text"])?;
    Ok(Passage {
        id: pid.to_owned(),
        text: text.to_owned(),
    })
}

fn query(line: &Line<'_>) -> Result<Query, DatasetError> {
    let [qid, split, text] = line.fields(&["qid", "split", "text"])?;
    Ok(Query {
        id: qid.to_owned(),
        split: line.name("split", split, Split::EXPECTED, Split::from_name)?,
        text: text.to_owned(),
    })
}

fn qrel(line: &Line<'_>) -> Result<Qrel, DatasetError> {
    let [qid, pid, grade, split] = line.fields(&["qid", "pid", "grade", "split"])?;
    Ok(Qrel {
        qid: qid.to_owned(),
        pid: pid.to_owned(),
        grade: line.grade(grade)?,
        split: line.name("split", split, Split::EXPECTED, Split::from_name)?,
    })
}
