//! Paragraphs from three domains and questions that people wrote about them.

use std::fmt;
use std::path::{Path, PathBuf};

use super::error::DatasetError;
use super::lines::Line;
use super::records::Records;
use super::root::DataRoot;

const PASSAGES: &str = "squadshifts/passages.tsv.gz";
const QUERIES: &str = "squadshifts/queries.tsv.gz";

/// Names the kind of text a paragraph was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShiftDomain {
    /// Product reviews.
    AmazonReviews,
    /// Posts and comments.
    Reddit,
    /// Wikipedia articles, sampled anew in the manner of SQuAD.
    NewWiki,
}

impl ShiftDomain {
    /// All domains.
    pub const ALL: [Self; 3] = [Self::AmazonReviews, Self::Reddit, Self::NewWiki];

    const EXPECTED: &'static str = "a domain (amazon_reviews, reddit or new_wiki)";

    /// Returns the name that the files use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AmazonReviews => "amazon_reviews",
            Self::Reddit => "reddit",
            Self::NewWiki => "new_wiki",
        }
    }

    /// Returns the domain that the files call `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|domain| domain.name() == name)
    }
}

impl fmt::Display for ShiftDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Holds one paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShiftPassage {
    /// The id that questions refer to.
    pub id: String,
    /// The kind of text.
    pub domain: ShiftDomain,
    /// The text.
    pub text: String,
}

/// Holds one question about one paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShiftQuestion {
    /// The question's id.
    pub id: String,
    /// The domain of the paragraph.
    pub domain: ShiftDomain,
    /// The id of the paragraph it was asked about, which is its one gold answer.
    pub passage_id: String,
    /// The question.
    pub text: String,
}

/// Reads `squadshifts/`: 5,664 paragraphs and 27,626 questions in three domains.
///
/// Questions were written with the paragraph in sight; some ("What did they like about it?") do not
/// tell which paragraph is meant.
#[derive(Debug, Clone)]
pub struct SquadShifts {
    folder: PathBuf,
}

impl SquadShifts {
    /// The name of the data set in messages and result rows.
    pub const NAME: &'static str = "squadshifts";
    /// The files it consists of, relative to the data folder.
    pub const FILES: [&'static str; 2] = [PASSAGES, QUERIES];

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

    /// Returns all paragraphs in the order of the file.
    ///
    /// # Errors
    /// The first line that does not fit, or a file that cannot be read.
    pub fn passages(&self) -> Result<Vec<ShiftPassage>, DatasetError> {
        Records::open(self.folder.join(PASSAGES), passage)?.collect()
    }

    /// Returns all questions in the order of the file.
    ///
    /// # Errors
    /// The first line that does not fit, or a file that cannot be read.
    pub fn questions(&self) -> Result<Vec<ShiftQuestion>, DatasetError> {
        Records::open(self.folder.join(QUERIES), question)?.collect()
    }
}

fn passage(line: &Line<'_>) -> Result<ShiftPassage, DatasetError> {
    let [id, domain, text] = line.fields(&["id", "domain", "text"])?;
    Ok(ShiftPassage {
        id: id.to_owned(),
        domain: shift_domain(line, domain)?,
        text: text.to_owned(),
    })
}

fn question(line: &Line<'_>) -> Result<ShiftQuestion, DatasetError> {
    let [id, domain, passage_id, text] = line.fields(&["qid", "domain", "pid", "question"])?;
    Ok(ShiftQuestion {
        id: id.to_owned(),
        domain: shift_domain(line, domain)?,
        passage_id: passage_id.to_owned(),
        text: text.to_owned(),
    })
}

fn shift_domain(line: &Line<'_>, text: &str) -> Result<ShiftDomain, DatasetError> {
    line.name(
        "domain",
        text,
        ShiftDomain::EXPECTED,
        ShiftDomain::from_name,
    )
}
