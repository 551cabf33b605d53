//! The result rows and the record of an experiment, to and from its folder.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::atomic::read;
use super::{AtomicFile, RunRecord, Table};
use crate::suite::ResultRow;

const ROWS: &str = "rows.csv";
const TIMING_ROWS: &str = "rows_timing.csv";
pub(super) const RECORD: &str = "run.json";

/// Holds what an experiment's folder says: the rows, times last, and the record.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The result rows.
    pub rows: Vec<ResultRow>,
    /// The run that made them.
    pub record: RunRecord,
}

/// Writes `rows.csv`, `rows_timing.csv` where there are times, and `run.json` to `folder`.
///
/// # Errors
/// When the folder cannot be written to.
pub fn write_rows(folder: &Path, rows: &[ResultRow], record: &RunRecord) -> Result<()> {
    for (name, timing) in [(ROWS, false), (TIMING_ROWS, true)] {
        let mut chosen = rows.iter().filter(|row| row.timing == timing).peekable();
        if chosen.peek().is_some() {
            let mut table = Table::create(folder, name)?;
            for row in chosen {
                table.write(row)?;
            }
            table.finish()?;
        }
    }
    let mut json = serde_json::to_string_pretty(record)?;
    json.push('\n');
    AtomicFile::write(&folder.join(RECORD), json.as_bytes())
}

/// Reads what [`write_rows`] wrote, or `None` where `folder` holds no run.
///
/// # Errors
/// When a file is there and cannot be understood; the message names it and what to do.
pub fn read_rows(folder: &Path) -> Result<Option<Recorded>> {
    let path = folder.join(RECORD);
    if !path.exists() {
        return Ok(None);
    }
    let record = serde_json::from_str(&read(&path)?).with_context(|| unreadable(&path))?;
    let mut rows = Vec::new();
    for (name, timing) in [(ROWS, false), (TIMING_ROWS, true)] {
        let path = folder.join(name);
        if path.exists() {
            read_table(&path, timing, &mut rows).with_context(|| unreadable(&path))?;
        }
    }
    Ok(Some(Recorded { rows, record }))
}

fn read_table(path: &Path, timing: bool, rows: &mut Vec<ResultRow>) -> Result<()> {
    for row in csv::Reader::from_path(path)?.deserialize() {
        let row: ResultRow = row?;
        rows.push(ResultRow { timing, ..row });
    }
    Ok(())
}

fn unreadable(path: &Path) -> String {
    let folder = path.parent().unwrap_or(path);
    format!(
        "{} was not written by this version; run the experiment again or remove {}",
        path.display(),
        folder.display()
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rm_embed::Precision;

    use super::*;
    use crate::output::samples::{record, row};
    use crate::suite::ExperimentId;

    #[test]
    fn what_is_written_is_read_back() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let id = ExperimentId::H7;
        let mut rows = vec![row(id, "bytes_per_item", 2.0)?, row(id, "p50_ms", 0.25)?];
        rows[1].timing = true;
        rows[0].why = "commas, \"quotes\" and | bars".to_owned();
        write_rows(folder.path(), &rows, &record(id))?;
        let expected = Recorded {
            rows,
            record: record(id),
        };
        assert_eq!(read_rows(folder.path())?, Some(expected));
        let untimed = fs::read_to_string(folder.path().join(ROWS))?;
        assert!(!untimed.contains("p50_ms"));
        Ok(())
    }

    #[test]
    fn a_record_without_a_precision_is_of_f32() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let id = ExperimentId::H7;
        write_rows(folder.path(), &[], &record(id))?;
        let path = folder.path().join(RECORD);
        let json = fs::read_to_string(&path)?;
        let line = "  \"precision\": \"int8\",\n";
        assert!(json.contains(line), "{json}");
        fs::write(&path, json.replace(line, ""))?;
        let recorded = read_rows(folder.path())?;
        let precision = recorded.map(|recorded| recorded.record.precision);
        assert_eq!(precision, Some(Precision::F32));
        Ok(())
    }

    #[test]
    fn an_empty_folder_holds_no_run() -> Result<()> {
        assert_eq!(read_rows(tempfile::tempdir()?.path())?, None);
        Ok(())
    }

    #[test]
    fn a_spoilt_file_is_named() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let id = ExperimentId::H7;
        write_rows(
            folder.path(),
            &[row(id, "bytes_per_item", 2.0)?],
            &record(id),
        )?;
        fs::write(folder.path().join(ROWS), "metric\nx\n")?;
        let message = read_rows(folder.path()).map_err(|error| format!("{error:#}"));
        assert!(message.is_err_and(|text| text.contains("rows.csv") && text.contains("again")));
        Ok(())
    }
}
