//! One run of the suite, from the check of the results folder to the report.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::progress::human_duration;
use super::{
    Context, Entry, Experiment, Finished, Options, Outcome, Registry, Session, Status, Summary,
};
use crate::full_error::InFull;
use crate::output::{ResultsFolder, RunRecord, report};

/// Runs every selected experiment and writes its results, then the report over all results in the
/// folder.
///
/// One experiment's failure does not keep the others from running; each experiment's folder is
/// replaced as a whole when it has ended well and is otherwise left as it was, and the report follows
/// at once. The folder is checked before any work starts.
///
/// # Errors
/// When the results folder cannot be written to at the start. Failed experiments and a report that
/// cannot be written are no error here: see [`Summary::succeeded`].
pub fn run(registry: &Registry, options: &Options, session: &Session) -> Result<Summary> {
    let selected: Vec<&Entry> = registry
        .iter()
        .filter(|entry| options.selects(entry.id()))
        .collect();
    let mut summary = Summary::default();
    let n_built = selected
        .iter()
        .filter(|entry| entry.experiment().is_some())
        .count();
    // A run in which nothing is built leaves the disk alone.
    let results = if n_built == 0 {
        None
    } else {
        Some(ResultsFolder::open(&options.out, &session.gate)?)
    };
    let mut n_begun = 0;
    for entry in selected {
        let started = Instant::now();
        let status = match (&results, entry.experiment()) {
            (Some(results), Some(experiment)) => {
                n_begun += 1;
                announce(entry, experiment, n_begun, n_built, session);
                let run = OneRun {
                    entry,
                    experiment,
                    registry,
                    options,
                    session,
                    results,
                };
                run.to_its_end()
            }
            _ => Status::NotBuilt {
                named: options.select.is_some(),
            },
        };
        summary.finished.push(Finished {
            id: entry.id(),
            status,
            took: started.elapsed(),
        });
    }
    if let Some(results) = &results {
        let _passage = results.pass();
        let written = report::write(results, registry, &options.command());
        summary.report_failure = written.err().map(|error| InFull(&error).to_string());
    }
    Ok(summary)
}

/// Says which experiment begins, how many there are, and how long this one may take.
fn announce(
    entry: &Entry,
    experiment: &dyn Experiment,
    n_begun: usize,
    n_built: usize,
    session: &Session,
) {
    let definition = entry.definition();
    // A plan without this estimate would not have been shown.
    let estimate = experiment
        .estimate(definition, session.scale)
        .unwrap_or_default();
    let time = Duration::try_from_secs_f64(estimate.seconds).unwrap_or_default();
    session.progress.message(&format!(
        "{} {}: experiment {n_begun} of {n_built}, about {}, less where vectors are cached",
        entry.id(),
        definition.title,
        human_duration(time)
    ));
}

/// Holds what it takes to run one experiment.
struct OneRun<'a> {
    entry: &'a Entry,
    experiment: &'a dyn Experiment,
    registry: &'a Registry,
    options: &'a Options,
    session: &'a Session,
    results: &'a ResultsFolder,
}

impl OneRun<'_> {
    /// Runs the experiment; whatever keeps it from its end becomes its status.
    fn to_its_end(&self) -> Status {
        let error = match self.run() {
            Ok(status) => return status,
            Err(error) => error,
        };
        // What fails while an interruption clears up is no news; this waits for the end of the process.
        drop(self.results.pass());
        let error = match self.results.check_still_there() {
            Ok(()) => error,
            Err(gone) if gone.to_string() != error.to_string() => error.context(gone),
            Err(gone) => gone,
        };
        let message = InFull(&error).to_string();
        self.session
            .progress
            .warn(&format!("{} failed: {message}", self.entry.id()));
        Status::Failed(message)
    }

    fn run(&self) -> Result<Status> {
        let (id, session, options) = (self.entry.id(), self.session, self.options);
        let started = Instant::now();
        let staged = self.results.stage(id)?;
        let context = Context::new(session, self.entry.definition(), staged.path());
        let outcome = self.experiment.run(&context)?;
        check(self.entry, &outcome)?;
        let Outcome {
            rows,
            plots,
            notes,
            failures,
        } = outcome;
        let record = RunRecord {
            experiment: id,
            scale: session.scale,
            seed: session.seed,
            precision: options.precision,
            command: options.command_for(id),
            git_revision: session.run_info.git_revision.clone(),
            date: session.run_info.date.clone(),
            hardware: session.run_info.hardware.clone(),
            seconds: started.elapsed().as_secs_f64(),
            notes,
            plots,
            failures: failures.clone(),
        };
        let mut passage = self.results.pass();
        staged.commit(&mut passage, &rows, &record)?;
        // The page follows at once, so that it tells of every folder that is there, however the run goes on. Whether
        // it can be written is told after the last experiment.
        drop(report::write(
            self.results,
            self.registry,
            &options.command(),
        ));
        Ok(Status::Done { rows, failures })
    }
}

fn check(entry: &Entry, outcome: &Outcome) -> Result<()> {
    let id = entry.id();
    ensure!(
        !outcome.rows.is_empty(),
        "it measured nothing: {}",
        outcome.failures.join("; ")
    );
    for row in &outcome.rows {
        ensure!(
            row.experiment == id,
            "it returned a result row of experiment {}",
            row.experiment
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use anyhow::bail;
    use rm_embed::Precision;
    use serde::Serialize;

    use super::*;
    use crate::output::Gate;
    use crate::plots::{Axis, LineChart, Point, Series};
    use crate::suite::{
        DataChoice, Definition, Estimate, ExperimentId, Hardware, LazyEmbedder, Measured, Notes,
        Progress, RunInfo, Scale, Setting, TextKind,
    };

    /// Measures the mean of the first squares; fails on demand.
    struct Squares {
        id: ExperimentId,
        fails: bool,
    }

    #[derive(Serialize)]
    struct Square {
        n: u64,
        square: u64,
    }

    impl Experiment for Squares {
        fn id(&self) -> ExperimentId {
            self.id
        }

        fn estimate(&self, _definition: &Definition, _scale: Scale) -> Result<Estimate> {
            Ok(Estimate {
                texts_to_embed: 0,
                seconds: 0.1,
            })
        }

        fn run(&self, context: &Context<'_>) -> Result<Outcome> {
            let squares: Vec<Square> = (1..=context.seed())
                .map(|n| Square { n, square: n * n })
                .collect();
            let mut table = context.table("squares")?;
            squares.iter().try_for_each(|square| table.write(square))?;
            table.finish()?;
            if self.fails {
                bail!("the squares do not add up");
            }
            let points = squares
                .iter()
                .map(|Square { n, square }| Point::new(*n as f64, *square as f64));
            let chart = LineChart::new("Squares", Axis::linear("n"), Axis::linear("square"))
                .series(Series::new("squares", points.collect()));
            let plot = chart.save(context.folder(), "squares", "The first squares.")?;
            let mean = squares
                .iter()
                .map(|square| square.square as f64)
                .sum::<f64>()
                / squares.len() as f64;
            let row = |metric: &str, value: f64| -> Result<_> {
                let builder = context.row(metric, Measured::exact(value)?);
                Ok(builder.on("squares", TextKind::Generated, context.seed()))
            };
            let published = context.definition().published.figure();
            Ok(Outcome {
                rows: vec![
                    row("mean_square", mean)?
                        .against(published)
                        .because("squares grow")?,
                    row("p50_ms", 0.5)?.timing().because("it is fast")?,
                ],
                plots: vec![plot],
                notes: Notes {
                    answer: "They grow.".to_owned(),
                    settings: vec![Setting::new("squares", context.seed())],
                    gains: vec!["squares take 2 ms".to_owned()],
                    ..Notes::default()
                },
                failures: Vec::new(),
            })
        }
    }

    fn session() -> Session {
        let hardware = Hardware {
            cpu: None,
            cores: Some(2),
            memory_bytes: None,
        };
        Session {
            scale: Scale::Smoke,
            seed: 5,
            data: DataChoice::Generated,
            embedder: LazyEmbedder::new(Box::new(|| bail!("no experiment here needs a model"))),
            precision: Precision::F32,
            vectors: PathBuf::from("no experiment here keeps vectors"),
            encoders: None,
            progress: Progress::silent(),
            gate: Gate::default(),
            run_info: RunInfo {
                git_revision: "0123456789ab".to_owned(),
                hardware,
                date: "2026-01-31".to_owned(),
            },
        }
    }

    fn options(out: &Path, select: Option<&[ExperimentId]>) -> Options {
        Options {
            select: select.map(|ids| ids.iter().copied().collect()),
            scale: Scale::Smoke,
            seed: 5,
            out: out.to_owned(),
            data: DataChoice::Generated,
            precision: Precision::F32,
            cache: None,
            threads: None,
            encoders: None,
        }
    }

    fn registry(experiments: &[(ExperimentId, bool)]) -> Result<Registry> {
        let squares = experiments.iter().map(|(id, fails)| Squares {
            id: *id,
            fails: *fails,
        });
        Registry::new(
            squares
                .map(|squares| Box::new(squares) as Box<dyn Experiment>)
                .collect(),
        )
    }

    fn report(out: &Path) -> Result<String> {
        Ok(fs::read_to_string(out.join("README.md"))?)
    }

    const H1: ExperimentId = ExperimentId::H1;
    const H2: ExperimentId = ExperimentId::H2;
    const H3: ExperimentId = ExperimentId::H3;

    #[test]
    fn everything_promised_is_written() -> Result<()> {
        let out = tempfile::tempdir()?;
        let summary = run(
            &registry(&[(H1, false)])?,
            &options(out.path(), Some(&[H1])),
            &session(),
        )?;
        assert!(summary.succeeded());
        let folder = out.path().join("h1");
        for name in [
            "rows.csv",
            "rows_timing.csv",
            "run.json",
            "squares.csv",
            "squares.png",
            "squares.svg",
        ] {
            assert!(fs::metadata(folder.join(name))?.len() > 0, "{name}");
        }
        // The mean of 1, 4, 9, 16 and 25 is 11; published is a fidelity of 0.7415.
        let rows = fs::read_to_string(folder.join("rows.csv"))?;
        let expected = "experiment,metric,published,ours,ci_low,ci_high,dataset,text_kind,n_items,k,n_probes,scale,seed,\
                        git_revision,verdict,why\n\
                        H1,mean_square,0.7415,11.0,,,squares,generated,5,,,smoke,5,0123456789ab,better,squares grow\n";
        assert_eq!(rows, expected);
        let report = report(out.path())?;
        assert!(report.contains("[![The first squares.](h1/squares.png)](h1/squares.svg)"));
        assert!(report.contains("| 11<br>**better** (squares) |"));
        assert!(report.contains("- Squares take 2 ms ([H1](#h1-codebook-fundamentals))."));
        assert!(report.contains("All at scale smoke."));
        assert!(report.contains("## What it is good for, and where it loses"));
        assert!(report.contains("**Reached.**") && !report.contains("**Not reached.**"));
        assert!(report.contains("Times, on unknown processor, 2 cores:"));
        assert!(report.contains("`agent-memories`"));
        assert_eq!(report.matches("Not yet built.").count(), 12);
        Ok(())
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() -> Result<()> {
        let (first, second) = (tempfile::tempdir()?, tempfile::tempdir()?);
        for out in [&first, &second] {
            run(
                &registry(&[(H1, false)])?,
                &options(out.path(), None),
                &session(),
            )?;
        }
        for name in ["rows.csv", "squares.csv", "squares.svg", "squares.png"] {
            let read = |out: &tempfile::TempDir| fs::read(out.path().join("h1").join(name));
            assert!(read(&first)? == read(&second)?, "{name} differs");
        }
        Ok(())
    }

    #[test]
    fn a_failure_keeps_earlier_results_and_stops_nothing() -> Result<()> {
        let out = tempfile::tempdir()?;
        let all = options(out.path(), None);
        run(&registry(&[(H1, false), (H2, false)])?, &all, &session())?;
        let before = fs::read(out.path().join("h1/run.json"))?;
        fs::remove_dir_all(out.path().join("h2"))?;
        let summary = run(&registry(&[(H1, true), (H2, false)])?, &all, &session())?;
        assert!(!summary.succeeded());
        assert!(
            summary
                .to_string()
                .contains("H1  FAILED: the squares do not add up")
        );
        assert_eq!(fs::read(out.path().join("h1/run.json"))?, before);
        assert!(out.path().join("h2/rows.csv").exists());
        assert!(!out.path().join(".h1.partial").exists());
        Ok(())
    }

    #[test]
    fn the_report_keeps_what_other_runs_found() -> Result<()> {
        let out = tempfile::tempdir()?;
        let registry = registry(&[(H1, false), (H2, false), (H3, false)])?;
        run(&registry, &options(out.path(), Some(&[H2])), &session())?;
        run(&registry, &options(out.path(), Some(&[H1])), &session())?;
        let first = report(out.path())?;
        assert!(first.contains("h2/squares.png") && first.contains("h1/squares.png"));
        assert!(first.contains("--select H1 --scale smoke"));
        assert!(first.contains("Not run yet."));
        let results = ResultsFolder::open(out.path(), &Gate::default())?;
        let command = options(out.path(), Some(&[H1])).command();
        assert_eq!(report::render(&results, &registry, &command)?, first);
        Ok(())
    }

    #[test]
    fn the_report_names_each_precision() -> Result<()> {
        let out = tempfile::tempdir()?;
        let registry = registry(&[(H1, false), (H2, false)])?;
        run(&registry, &options(out.path(), Some(&[H1])), &session())?;
        let in_bytes = Options {
            precision: Precision::Int8,
            ..options(out.path(), Some(&[H2]))
        };
        run(&registry, &in_bytes, &session())?;
        let report = report(out.path())?;
        for cell in [
            "11<br>**better** (squares)",
            "11<br>**better** (squares, int8)",
        ] {
            assert!(report.contains(cell), "{cell}: {report}");
        }
        for line in ["model computing in f32", "model computing in int8"] {
            assert_eq!(report.matches(line).count(), 1, "{line}");
        }
        assert_eq!(report.matches(" --precision int8").count(), 2);
        assert!(!report.contains("--precision f32"));
        Ok(())
    }

    #[test]
    fn an_unbuilt_experiment_fails_only_when_it_was_named() -> Result<()> {
        let out = tempfile::tempdir()?;
        let registry = registry(&[(H1, false)])?;
        assert!(run(&registry, &options(out.path(), None), &session())?.succeeded());
        let named = run(&registry, &options(out.path(), Some(&[H1, H3])), &session())?;
        assert!(!named.succeeded());
        assert!(matches!(named.finished[0].status, Status::Done { .. }));
        assert!(matches!(
            named.finished[1].status,
            Status::NotBuilt { named: true }
        ));
        Ok(())
    }

    #[test]
    fn with_nothing_to_run_the_disk_is_left_alone() -> Result<()> {
        let out = tempfile::tempdir()?;
        let missing = out.path().join("results");
        run(&registry(&[])?, &options(&missing, None), &session())?;
        assert!(!missing.exists());
        Ok(())
    }
}
