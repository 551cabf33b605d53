//! What a run of the suite was asked to do.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use rm_embed::Precision;

use super::{DataChoice, ExperimentId, ExperimentIds, Scale};

/// Holds everything that decides what a run does.
#[derive(Debug, Clone)]
pub struct Options {
    /// Experiments named by the user; `None` means all.
    pub select: Option<ExperimentIds>,
    /// Which parameters of the definitions hold.
    pub scale: Scale,
    /// Seed of everything random.
    pub seed: u64,
    /// Folder for the results.
    pub out: PathBuf,
    /// Real or generated text.
    pub data: DataChoice,
    /// How exactly the embedding model computes.
    pub precision: Precision,
    /// Folder for the model and the embedding cache, when it is not the usual one.
    pub cache: Option<PathBuf>,
    /// Number of threads, when it is not one per core.
    pub threads: Option<NonZeroUsize>,
    /// Folder whose subfolders each hold another model for H6, when the environment names one.
    pub encoders: Option<PathBuf>,
}

impl Options {
    /// The seed of the published suite.
    pub const DEFAULT_SEED: u64 = 42;
    /// The environment variable that names the folder of other models.
    pub const ENCODERS: &'static str = "RM_ENCODERS";
    /// The folder that the repository commits.
    pub const DEFAULT_OUT: &'static str = "results";

    /// Returns whether experiment `id` was asked for, by name or because all were.
    #[must_use]
    pub fn selects(&self, id: ExperimentId) -> bool {
        self.select.as_ref().is_none_or(|named| named.contains(&id))
    }

    /// Returns the command that asks for the same run, without what is the default anyway.
    #[must_use]
    pub fn command(&self) -> String {
        self.command_with(self.select.iter().flatten().copied().collect())
    }

    /// Returns the command that makes the results of experiment `id` alone.
    #[must_use]
    pub fn command_for(&self, id: ExperimentId) -> String {
        self.command_with(vec![id])
    }

    /// Returns the command that makes the results of some experiments.
    #[must_use]
    pub fn command_for_all(&self, ids: &ExperimentIds) -> String {
        self.command_with(ids.iter().copied().collect())
    }

    /// Returns the command that asks for these experiments, or for all where none is named.
    fn command_with(&self, named: Vec<ExperimentId>) -> String {
        let mut command = String::new();
        // H6 alone reads it.
        let reads = named.is_empty() || named.contains(&ExperimentId::H6);
        if let Some(folder) = self.encoders.as_ref().filter(|_| reads) {
            let folder = quoted(&folder.to_string_lossy());
            command.push_str(&format!("{}={folder} ", Self::ENCODERS));
        }
        command.push_str("cargo run -p rm-experiments --");
        let mut option = |name: &str, value: &str| command.push_str(&format!(" --{name} {value}"));
        if !named.is_empty() {
            let named: Vec<&str> = named.iter().map(|id| id.as_str()).collect();
            option("select", &named.join(" "));
        }
        option("scale", self.scale.as_str());
        if self.seed != Self::DEFAULT_SEED {
            option("seed", &self.seed.to_string());
        }
        if self.out != Path::new(Self::DEFAULT_OUT) {
            option("out", &quoted(&self.out.to_string_lossy()));
        }
        if self.data != DataChoice::Auto {
            option("data", &quoted(&self.data.to_string()));
        }
        if self.precision != Precision::default() {
            option("precision", self.precision.name());
        }
        if let Some(cache) = &self.cache {
            option("cache", &quoted(&cache.to_string_lossy()));
        }
        if let Some(threads) = self.threads {
            option("threads", &threads.to_string());
        }
        command
    }
}

/// Puts a word into single quotes where a POSIX shell would take it apart.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults() -> Options {
        Options {
            select: None,
            scale: Scale::Standard,
            seed: Options::DEFAULT_SEED,
            out: Options::DEFAULT_OUT.into(),
            data: DataChoice::Auto,
            precision: Precision::F32,
            cache: None,
            threads: None,
            encoders: None,
        }
    }

    #[test]
    fn a_plain_run_has_a_short_command() {
        let command = "cargo run -p rm-experiments -- --scale standard";
        assert_eq!(defaults().command(), command);
    }

    #[test]
    fn everything_unusual_is_in_the_command() {
        let options = Options {
            select: Some([ExperimentId::A4, ExperimentId::H1].into()),
            seed: 7,
            out: "my results".into(),
            data: DataChoice::Dir("it's".into()),
            precision: Precision::Int8,
            cache: Some("/tmp/cache".into()),
            threads: NonZeroUsize::new(2),
            ..defaults()
        };
        let command = r"cargo run -p rm-experiments -- --select H1 A4 --scale standard --seed 7 --out 'my results' --data 'it'\''s' --precision int8 --cache /tmp/cache --threads 2";
        assert_eq!(options.command(), command);
        assert!(
            options
                .command_for(ExperimentId::H1)
                .contains("--select H1 --scale")
        );
    }

    #[test]
    fn other_models_are_in_the_commands_that_read_them() {
        let options = Options {
            encoders: Some("other models".into()),
            ..defaults()
        };
        let prefix = "RM_ENCODERS='other models' cargo run ";
        assert!(options.command().starts_with(prefix));
        assert!(options.command_for(ExperimentId::H6).starts_with(prefix));
        assert!(
            options
                .command_for(ExperimentId::H1)
                .starts_with("cargo run ")
        );
    }
}
