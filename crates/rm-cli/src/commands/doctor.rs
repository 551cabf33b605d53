//! `rmem doctor`: checks the model, the file and the index.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail};
use rm_embed::{Embedder as _, LazyMiniLm};
use rm_memory::RoutingMemory;
use serde::Serialize;

use crate::arguments::Shared;
use crate::error::in_one_line;
use crate::model;
use crate::open::open_without_model;
use crate::output::{BAD, GOOD, NOTE, Out, grouped, items, one_line};

pub(crate) const AFTER: &str = "\
Examples:
  rmem doctor
  rmem doctor --db agent.db --json

Fetches the model if it is not on this machine. Reads all of the file, every row of which has a checksum, and compares the index with it. The status is 1 \
where a check fails; what is only worth a look leaves it 0.";

/// How far the norm of a vector may be from 1.
const NORM_TOLERANCE: f32 = 1e-3;

/// Share of empty buckets from which on a training is worth it.
const MANY_EMPTY: f64 = 0.2;

/// Is what `doctor` prints as JSON.
#[derive(Serialize)]
struct Diagnosis {
    healthy: bool,
    checks: Vec<Check>,
}

#[derive(Serialize)]
struct Check {
    name: &'static str,
    state: State,
    detail: String,
    findings: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Warning,
    Failed,
}

/// Checks everything.
pub(crate) fn run(shared: &Shared) -> Result<()> {
    let mut checks = vec![Check::of("model", check_model())];
    let path = shared.database()?;
    if path.exists() {
        match open_without_model(shared) {
            Ok(memory) => {
                let file = check_file(&path, &memory);
                checks.push(file.unwrap_or_else(|error| Check::of("file", Err(error))));
                checks.push(check_codebook(&memory));
                checks.push(check_drift(&memory));
            }
            Err(error) => checks.push(Check::of("file", Err(error))),
        }
    } else {
        let detail = format!(
            "{} is not made yet; `rmem add TEXT` makes it",
            path.display()
        );
        checks.push(Check::new("file", State::Warning, detail));
    }
    let failed = checks.iter().filter(|check| check.state == State::Failed);
    let failed = failed.count();
    let diagnosis = Diagnosis {
        healthy: failed == 0,
        checks,
    };
    if shared.json {
        Out::json(&diagnosis)?;
    } else {
        diagnosis.write()?;
    }
    if failed > 0 {
        bail!("{failed} of {} checks failed", diagnosis.checks.len());
    }
    Ok(())
}

impl Diagnosis {
    fn write(&self) -> Result<()> {
        let mut out = Out::new();
        for check in &self.checks {
            let (style, word) = match check.state {
                State::Ok => (GOOD, "ok"),
                State::Warning => (NOTE, "look"),
                State::Failed => (BAD, "FAILED"),
            };
            let (name, detail) = (check.name, &check.detail);
            out.line(format!("{style}{word:<6}{style:#}  {name:<8}  {detail}"))?;
            for finding in &check.findings {
                out.line(format!("                  {}", one_line(finding)))?;
            }
        }
        out.end()
    }
}

impl Check {
    fn new(name: &'static str, state: State, detail: String) -> Self {
        Self {
            name,
            state,
            detail,
            findings: Vec::new(),
        }
    }

    fn of(name: &'static str, outcome: Result<String>) -> Self {
        match outcome {
            Ok(detail) => Self::new(name, State::Ok, detail),
            Err(error) => Self::new(name, State::Failed, in_one_line(&error)),
        }
    }
}

/// Loads the model and embeds a text.
fn check_model() -> Result<String> {
    let began = Instant::now();
    let model = LazyMiniLm::new(model::source());
    let vector = model.embed("the user prefers dark mode")?;
    let took_ms = began.elapsed().as_millis();
    let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if (norm - 1.0).abs() > NORM_TOLERANCE {
        bail!("expected vectors of norm 1, got {norm}");
    }
    let (name, place) = (model.fingerprint(), model::place());
    Ok(format!(
        "{name}, {place}, gave its first vector after {took_ms} ms"
    ))
}

/// Checks everything that is stored, and that the index holds what the file does.
fn check_file(path: &Path, memory: &RoutingMemory) -> Result<Check> {
    let report = memory.check()?;
    let path = path.display();
    let all = items(usize::try_from(report.items)?);
    let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    let (state, detail) = match report.findings.len() as u64 + report.omitted {
        0 => (
            State::Ok,
            "every row and list is as it should be".to_owned(),
        ),
        n => (State::Failed, format!("{} findings", grouped(n))),
    };
    let detail = format!("{path}: {all}, {detail}");
    Ok(Check {
        findings,
        ..Check::new("file", state, detail)
    })
}

fn check_codebook(memory: &RoutingMemory) -> Check {
    let info = memory.codebook_info();
    let (k, empty) = (grouped(info.k as u64), grouped(info.dead_codes as u64));
    let detail = format!("{k} buckets, {empty} of them empty");
    if info.dead_codes as f64 > MANY_EMPTY * info.k as f64 {
        let advice = "; `rmem adapt --train` trains it again";
        return Check::new("codebook", State::Warning, detail + advice);
    }
    Check::new("codebook", State::Ok, detail)
}

fn check_drift(memory: &RoutingMemory) -> Check {
    let drift = memory.stats().drift;
    let alarms = drift.alarms;
    if drift.in_drift {
        let detail = format!(
            "questions have moved away: {:.2} times the error of the baseline",
            drift.ratio
        );
        return Check::new("drift", State::Warning, detail);
    }
    Check::new(
        "drift",
        State::Ok,
        format!("none now, {alarms} alarms so far"),
    )
}
