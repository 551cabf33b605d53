//! A results folder that cannot be had, or goes away: a clear message, status 1, and nothing spoilt.

mod cli_command;

use std::fs;

use cli_command::{MEASURING, Result, Running, output, shared_cache};

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_to_is_named_before_any_work() -> Result<()> {
    // Even root can write nothing to the kernel's own file systems.
    let (code, _, stderr) = output(&["--select", "h1", "--out", "/proc/results"])?;
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("error: cannot create the results folder /proc/results: "),
        "{stderr}"
    );
    assert!(!stderr.contains("model:"), "{stderr}");
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn ids_in_any_order_and_case_are_planned_once_each_in_the_suites_order() -> Result<()> {
    let words = ["--select", "a4,H1", "h2", "A4", "--out", "/proc/results"];
    let (_, stdout, _) = output(&words)?;
    let planned = stdout.lines().filter_map(|line| line.strip_prefix("  "));
    let ids: Vec<&str> = planned
        .filter(|line| !line.starts_with("at most"))
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(ids, ["H1", "H2", "A4"], "{stdout}");
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_second_run_into_the_same_folder_is_refused_and_disturbs_nothing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("results");
    let mut first = Running::small(&out, &shared_cache())?;
    first.wait_for(MEASURING)?;
    let (code, _, stderr) = Running::small(&out, &shared_cache())?.end()?;
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("error: another run is writing to "),
        "{stderr}"
    );
    let (code, _, stderr) = first.end()?;
    assert_eq!(code, Some(0), "{stderr}");
    assert!(out.join("a4/rows.csv").exists());
    Ok(())
}

#[test]
fn a_folder_that_goes_away_fails_the_run_and_is_not_made_anew() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("results");
    let mut run = Running::small(&out, &shared_cache())?;
    run.wait_for(MEASURING)?;
    fs::remove_dir_all(&out)?;
    let (code, stdout, stderr) = run.end()?;
    assert_eq!(code, Some(1), "{stderr}");
    let gone = "was removed or replaced while this run was writing to it";
    assert!(
        stdout.contains("A4  FAILED: ") && stdout.contains(gone),
        "{stdout}"
    );
    assert!(
        stdout.contains("the report could not be written: "),
        "{stdout}"
    );
    assert!(!out.exists());
    Ok(())
}
