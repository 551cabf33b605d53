//! Which text a run works on.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Chooses between real and generated text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataChoice {
    /// Real text where a data set is found, generated text where it is not.
    Auto,
    /// Generated text alone.
    Generated,
    /// Real text from this folder; a data set that is missing there is an error.
    Dir(PathBuf),
}

impl FromStr for DataChoice {
    type Err = NoSuchFolder;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "auto" => Ok(Self::Auto),
            "generated" => Ok(Self::Generated),
            path => {
                let path = PathBuf::from(path);
                if path.is_dir() {
                    Ok(Self::Dir(path))
                } else {
                    Err(NoSuchFolder { path })
                }
            }
        }
    }
}

impl fmt::Display for DataChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => formatter.write_str("auto"),
            Self::Generated => formatter.write_str("generated"),
            Self::Dir(path) => write!(formatter, "{}", path.display()),
        }
    }
}

/// Says that the folder named for the data sets is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected auto, generated or a folder that holds the data sets, got {}, which is no folder; \
     data/README.md says what belongs in it", path.display()
)]
pub struct NoSuchFolder {
    path: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_folders_are_told_apart() -> Result<(), NoSuchFolder> {
        assert_eq!("auto".parse(), Ok(DataChoice::Auto));
        assert_eq!("generated".parse(), Ok(DataChoice::Generated));
        assert_eq!("..".parse(), Ok(DataChoice::Dir(PathBuf::from(".."))));
        // A folder that bears one of the two words is reached by a path.
        assert!("./generated/nowhere".parse::<DataChoice>().is_err());
        Ok(())
    }

    #[test]
    fn what_is_shown_parses_back() {
        for choice in [
            DataChoice::Auto,
            DataChoice::Generated,
            DataChoice::Dir("..".into()),
        ] {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
    }
}
