//! Short texts from five sources, most with a topic label.

use std::fmt;
use std::path::{Path, PathBuf};

use super::error::DatasetError;
use super::lines::Line;
use super::records::Records;
use super::root::DataRoot;

const FILE: &str = "domains.tsv.gz";

/// Stands in the label column of a source that has no labels.
const NO_LABEL: &str = "-";

/// Names the collection a text was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// News headlines with their first sentences; 4 topics.
    AgNews,
    /// Titles of biomedical papers; 20 topics, numbered.
    Biomedical,
    /// Requests to a voice assistant; 150 intents, and `oos` for those outside all of them.
    Clinc,
    /// Titles of programming questions; 20 tags, numbered.
    StackOverflow,
    /// Sentences from Wikipedia; no labels.
    Wikipedia,
}

impl Source {
    /// All sources, in the order of their names.
    pub const ALL: [Self; 5] = [
        Self::AgNews,
        Self::Biomedical,
        Self::Clinc,
        Self::StackOverflow,
        Self::Wikipedia,
    ];

    const EXPECTED: &'static str =
        "a source (agnews, biomedical, clinc, stackoverflow or wikipedia)";

    /// Returns the name that the file uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AgNews => "agnews",
            Self::Biomedical => "biomedical",
            Self::Clinc => "clinc",
            Self::StackOverflow => "stackoverflow",
            Self::Wikipedia => "wikipedia",
        }
    }

    /// Returns the source that the file calls `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Holds one text with its source and its topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelledText {
    /// The collection it was taken from.
    pub source: Source,
    /// Its topic within the source; `None` where the source has none.
    pub label: Option<String>,
    /// The text.
    pub text: String,
}

/// Reads `domains.tsv.gz`: 86,300 short texts from five sources.
#[derive(Debug, Clone)]
pub struct Domains {
    folder: PathBuf,
}

impl Domains {
    /// The name of the data set in messages and result rows.
    pub const NAME: &'static str = "domains";
    /// The files it consists of, relative to the data folder.
    pub const FILES: [&'static str; 1] = [FILE];

    /// Finds the file.
    ///
    /// # Errors
    /// [`DatasetError::Missing`] if no folder of `root` holds it.
    pub fn open(root: &DataRoot) -> Result<Self, DatasetError> {
        let folder = root.locate(Self::NAME, &Self::FILES)?;
        Ok(Self {
            folder: folder.to_path_buf(),
        })
    }

    /// Returns the data folder in which the file was found.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Streams the texts of all sources, source after source.
    ///
    /// # Errors
    /// [`DatasetError::Io`] if the file cannot be opened; each item fails on a line that does not fit.
    pub fn stream_texts(&self) -> Result<Records<LabelledText>, DatasetError> {
        Records::open(self.folder.join(FILE), labelled_text)
    }

    /// Returns the texts of all sources, source after source.
    ///
    /// # Errors
    /// The first line that does not fit, or a file that cannot be read.
    pub fn texts(&self) -> Result<Vec<LabelledText>, DatasetError> {
        self.stream_texts()?.collect()
    }

    /// Returns the texts of one source in the order of the file.
    ///
    /// # Errors
    /// The first line that does not fit, of whatever source, or a file that cannot be read.
    pub fn texts_of(&self, source: Source) -> Result<Vec<LabelledText>, DatasetError> {
        self.stream_texts()?
            .filter(|record| record.as_ref().map_or(true, |text| text.source == source))
            .collect()
    }
}

fn labelled_text(line: &Line<'_>) -> Result<LabelledText, DatasetError> {
    let [source, label, text] = line.fields(&["source", "label", "text"])?;
    Ok(LabelledText {
        source: line.name("source", source, Source::EXPECTED, Source::from_name)?,
        label: (label != NO_LABEL).then(|| label.to_owned()),
        text: text.to_owned(),
    })
}
