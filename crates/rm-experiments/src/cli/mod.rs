//! The command line of `rm-experiments`.

mod bench;
mod embed;
mod resident;
mod run;
mod vectors;

use clap::{Parser, Subcommand};

pub use bench::BenchArgs;
pub use embed::EmbedArgs;
pub use resident::ResidentArgs;
pub use run::{RunArgs, Selection};
pub use vectors::VectorArgs;

/// Runs the experiments of Routing Memory and writes tables, plots and a report.
#[derive(Debug, Parser)]
#[command(
    name = "rm-experiments",
    version,
    about,
    args_conflicts_with_subcommands = true
)]
pub struct Cli {
    /// What to do other than run experiments.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// What to run, and how.
    #[command(flatten)]
    pub run: RunArgs,
}

/// Names what can be done other than running experiments.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Embed the texts of one data set, so that experiments find their vectors.
    Embed(EmbedArgs),

    /// Measure RM's search on given vectors: recall, times, bytes, seconds of building.
    Bench(BenchArgs),

    /// Open a memory and tell what it holds in RAM; the experiments call this.
    #[command(hide = true)]
    Resident(ResidentArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use rm_embed::Precision;

    use super::*;
    use crate::experiments::RESIDENT_COMMAND;
    use crate::suite::{ExperimentId, ExperimentIds, Options, Scale};

    fn parse(words: &[&str]) -> Result<Options, clap::Error> {
        let words = std::iter::once("rm-experiments").chain(words.iter().copied());
        Cli::try_parse_from(words).map(|cli| cli.run.options())
    }

    #[test]
    fn the_command_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_experiments_find_the_command_that_they_call() {
        let words = ["rm-experiments", RESIDENT_COMMAND, "memory.db"];
        let command = Cli::try_parse_from(words).map(|cli| cli.command);
        assert!(matches!(command, Ok(Some(Command::Resident(_)))));
    }

    #[test]
    fn select_ends_where_the_next_option_begins() -> Result<(), clap::Error> {
        let options = parse(&["--select", "H1", "H2", "--scale", "smoke"])?;
        let expected: ExperimentIds = [ExperimentId::H1, ExperimentId::H2].into_iter().collect();
        assert_eq!(options.select, Some(expected));
        assert_eq!(options.scale, Scale::Smoke);
        Ok(())
    }

    #[test]
    fn select_takes_commas_cases_repeats_and_any_order() -> Result<(), clap::Error> {
        let expected: ExperimentIds = [ExperimentId::H1, ExperimentId::H2, ExperimentId::A4]
            .into_iter()
            .collect();
        for words in [
            vec!["--select", "a4,H1", "h2"],
            vec!["--select", "A4,", "h1,", "H2"],
            vec!["--select", "h1", "--select", "h2", "H1", "--select", "A4"],
            vec!["--select=h2,h1,a4,H2"],
        ] {
            assert_eq!(parse(&words)?.select, Some(expected.clone()), "{words:?}");
        }
        Ok(())
    }

    #[test]
    fn no_select_means_no_choice_was_made() -> Result<(), clap::Error> {
        assert_eq!(parse(&[])?.select, None);
        Ok(())
    }

    #[test]
    fn precision_is_f32_unless_int8_is_asked_for_in_any_case() -> Result<(), clap::Error> {
        assert_eq!(parse(&[])?.precision, Precision::F32);
        for name in ["int8", "INT8", "Int8"] {
            assert_eq!(parse(&["--precision", name])?.precision, Precision::Int8);
        }
        let embed = ["rm-experiments", "embed", "--dataset", "clinc"];
        for (words, expected) in [
            (vec![], Precision::F32),
            (vec!["--precision", "INT8"], Precision::Int8),
        ] {
            let cli = Cli::try_parse_from(embed.into_iter().chain(words))?;
            let Some(Command::Embed(embed)) = cli.command else {
                panic!("expected the command embed, got {:?}", cli.command);
            };
            assert_eq!(embed.vectors.precision, expected);
        }
        Ok(())
    }

    #[test]
    fn usage_errors_exit_with_two() {
        for words in [
            vec!["--select", "H9"],
            vec!["--select"],
            vec!["--select", ","],
            vec!["--threads", "0"],
            vec!["--scale", "huge"],
            vec!["--data", "/no/such/folder"],
            vec!["--precision", "fp16"],
            vec!["--precision"],
            vec!["embed", "--dataset", "clinc", "--precision", "int4"],
        ] {
            let code = parse(&words).map_err(|error| error.exit_code()).err();
            assert_eq!(code, Some(2), "{words:?}");
        }
    }
}
