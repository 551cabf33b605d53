//! Measures RM's search on given vectors.

use anyhow::Result;

use super::stdout::print;
use super::threads;
use crate::bench::{BenchRow, Settings, measure, read_npy, table};
use crate::cli::BenchArgs;

/// Measures what the command line asks for, and prints it.
///
/// # Errors
/// When a file cannot be read, or what it holds cannot be searched.
pub fn bench(arguments: &BenchArgs) -> Result<bool> {
    threads::start(Some(arguments.threads))?;
    let queries = read_npy(&arguments.queries)?;
    let settings = settings(arguments)?;
    let mut rows: Vec<BenchRow> = Vec::new();
    measure(&arguments.base, &queries, &settings, &mut |row| {
        if arguments.json {
            return print(&format!("{}\n", serde_json::to_string(row)?));
        }
        rows.push(row.clone());
        Ok(())
    })?;
    if !arguments.json {
        print(&table(&rows))?;
    }
    Ok(true)
}

fn settings(arguments: &BenchArgs) -> Result<Settings> {
    let samples = arguments.calibrate.as_deref().map(read_npy);
    Ok(Settings {
        top_k: arguments.k.get(),
        k_rule: arguments.k_rule,
        held: arguments.coding.clone(),
        n_probes: arguments.n_probes.iter().map(|n| n.get()).collect(),
        samples: samples.transpose()?,
        recall_targets: arguments.recall_target.clone(),
        rerank_errors: arguments.rerank_errors,
        n_timed: arguments.timed.get(),
        seed: arguments.seed,
    })
}
