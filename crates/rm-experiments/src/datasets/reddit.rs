//! A million Reddit post titles in time order, and post bodies that ask for them.

use std::path::{Path, PathBuf};

use super::error::DatasetError;
use super::lines::Line;
use super::records::Records;
use super::root::DataRoot;

const TITLES: &str = "reddit/titles.tsv.gz";
const QUERIES: &str = "reddit/queries.tsv.gz";

/// Holds one post title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// The post's id.
    pub id: String,
    /// The subreddit it was posted to.
    pub subreddit: String,
    /// When it was posted, in seconds since 1970-01-01 UTC.
    pub created_utc: i64,
    /// The title.
    pub text: String,
}

/// Holds the beginning of one post's body, to be used as a query for that post's title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyQuery {
    /// The id of the post, and so of the one title that is its gold answer.
    pub title_id: String,
    /// The subreddit it was posted to.
    pub subreddit: String,
    /// The first 300 characters of the body.
    pub text: String,
}

/// Reads `reddit/`: 1,000,000 distinct titles, oldest first, and 20,000 queries.
///
/// Gold means "same post", not a human judgement. The queries' posts are spread over the whole million
/// and hardly any is among the oldest, so a prefix of the titles answers few of them.
#[derive(Debug, Clone)]
pub struct Reddit {
    folder: PathBuf,
}

impl Reddit {
    /// The name of the data set in messages and result rows.
    pub const NAME: &'static str = "reddit";
    /// The files it consists of, relative to the data folder.
    pub const FILES: [&'static str; 2] = [TITLES, QUERIES];

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

    /// Streams all titles, oldest first, holding one at a time.
    ///
    /// # Errors
    /// [`DatasetError::Io`] if the file cannot be opened; each item fails on a line that does not fit.
    pub fn stream_titles(&self) -> Result<Records<Title>, DatasetError> {
        Records::open(self.folder.join(TITLES), title)
    }

    /// Returns the `limit` oldest titles, or all if there are fewer; never reads or holds more.
    ///
    /// # Errors
    /// The first line that does not fit, or a file that cannot be read.
    pub fn titles(&self, limit: usize) -> Result<Vec<Title>, DatasetError> {
        self.stream_titles()?.take(limit).collect()
    }

    /// Streams the queries in the order of the file.
    ///
    /// # Errors
    /// [`DatasetError::Io`] if the file cannot be opened; each item fails on a line that does not fit.
    pub fn stream_queries(&self) -> Result<Records<BodyQuery>, DatasetError> {
        Records::open(self.folder.join(QUERIES), body_query)
    }

    /// Returns all queries in the order of the file.
    ///
    /// # Errors
    /// The first line that does not fit, or a file that cannot be read.
    pub fn queries(&self) -> Result<Vec<BodyQuery>, DatasetError> {
        self.stream_queries()?.collect()
    }
}

fn title(line: &Line<'_>) -> Result<Title, DatasetError> {
    let [id, subreddit, created_utc, text] =
        line.fields(&["id", "subreddit", "created_utc", "title"])?;
    Ok(Title {
        id: id.to_owned(),
        subreddit: subreddit.to_owned(),
        created_utc: line.number("created_utc", created_utc, "a whole number of seconds")?,
        text: text.to_owned(),
    })
}

fn body_query(line: &Line<'_>) -> Result<BodyQuery, DatasetError> {
    let [id, subreddit, body] = line.fields(&["id", "subreddit", "body"])?;
    Ok(BodyQuery {
        title_id: id.to_owned(),
        subreddit: subreddit.to_owned(),
        text: body.to_owned(),
    })
}
