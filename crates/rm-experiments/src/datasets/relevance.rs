//! Queries and graded relevance labels in the manner of TREC.

use std::fmt;

/// Names the labelled set that a query belongs to.
///
/// The sets differ in how they were labelled, so figures are reported for each alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Split {
    /// MS MARCO's development queries: mostly one labelled passage a query, grade 1, all others unlabelled.
    Dev,
    /// TREC Deep Learning 2019: judged by assessors, grades 0 to 3.
    Dl19,
    /// TREC Deep Learning 2020: judged by assessors, grades 0 to 3.
    Dl20,
    /// TREC Deep Learning 2021: judged by assessors on the second version of the collection, grades 0 to 3.
    Dl21,
}

impl Split {
    /// All splits, in the order of their names.
    pub const ALL: [Self; 4] = [Self::Dev, Self::Dl19, Self::Dl20, Self::Dl21];

    /// What a field that names a split holds.
    pub(super) const EXPECTED: &'static str = "a split (dev, dl19, dl20 or dl21)";

    /// Returns the name that the files use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Dl19 => "dl19",
            Self::Dl20 => "dl20",
            Self::Dl21 => "dl21",
        }
    }

    /// Returns the split that the files call `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|split| split.name() == name)
    }

    /// Returns the lowest grade that counts as relevant: 1 for dev, 2 for the TREC DL splits.
    ///
    /// TREC's passage task counts grade 1 ("related") as not relevant (Craswell et al., 2019).
    #[must_use]
    pub fn relevance_threshold(self) -> u8 {
        match self {
            Self::Dev => 1,
            Self::Dl19 | Self::Dl20 | Self::Dl21 => 2,
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Holds one query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The id that relevance labels refer to.
    pub id: String,
    /// The labelled set it belongs to.
    pub split: Split,
    /// The text.
    pub text: String,
}

/// Holds one relevance label: how well a passage answers a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qrel {
    /// The query's id.
    pub qid: String,
    /// The passage's id.
    pub pid: String,
    /// The grade: 0 not relevant, up to 3 perfect; dev labels are all 1.
    pub grade: u8,
    /// The labelled set it belongs to.
    pub split: Split,
}

impl Qrel {
    /// Tells whether the grade counts as relevant in its split.
    #[must_use]
    pub fn is_relevant(&self) -> bool {
        self.grade >= self.split.relevance_threshold()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for split in Split::ALL {
            assert_eq!(Split::from_name(split.name()), Some(split));
        }
        assert_eq!(Split::from_name("DEV"), None);
    }

    #[test]
    fn grade_one_is_relevant_in_dev_alone() {
        let label = |grade, split| Qrel {
            qid: "q".into(),
            pid: "p".into(),
            grade,
            split,
        };
        assert!(label(1, Split::Dev).is_relevant());
        assert!(!label(0, Split::Dev).is_relevant());
        assert!(!label(1, Split::Dl20).is_relevant());
        assert!(label(2, Split::Dl20).is_relevant());
    }
}
