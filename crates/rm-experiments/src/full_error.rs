//! An error with its causes, in one line.

use std::fmt;

/// Shows an error with its causes, as anyhow's `{:#}` does, less those that the words before them tell already: some
/// errors name their cause themselves, and a reader wants the system's message once.
#[derive(Debug)]
pub struct InFull<'a>(pub &'a anyhow::Error);

impl fmt::Display for InFull<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = String::new();
        for cause in self.0.chain().map(ToString::to_string) {
            if told.is_empty() {
                told = cause;
            } else if !told.contains(&cause) {
                told = format!("{told}: {cause}");
            }
        }
        f.write_str(&told)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use anyhow::Context as _;
    use rm_embed::{EmbeddingCache, Error};

    use super::*;

    #[test]
    fn the_message_of_the_system_stands_once() -> io::Result<()> {
        let file = tempfile::NamedTempFile::new()?;
        // A file is no folder.
        let opened = EmbeddingCache::open(file.path(), "toy", 2);
        let Err(error @ Error::CacheIo { .. }) = opened.map(drop) else {
            return Err(io::Error::other("the cache opened in a file"));
        };
        let named = error.to_string();
        let error = anyhow::Error::from(error).context("H2 cannot embed");
        assert_eq!(
            InFull(&error).to_string(),
            format!("H2 cannot embed: {named}")
        );
        Ok(())
    }

    #[test]
    fn causes_that_were_not_told_follow() -> anyhow::Result<()> {
        let missing: io::Result<()> = Err(io::Error::other("it is gone"));
        let Err(error) = missing.context("cannot read x") else {
            anyhow::bail!("an error became none");
        };
        assert_eq!(InFull(&error).to_string(), "cannot read x: it is gone");
        Ok(())
    }
}
