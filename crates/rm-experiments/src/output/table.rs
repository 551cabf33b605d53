//! CSV tables of an experiment.

use std::marker::PhantomData;
use std::path::Path;

use anyhow::{Error, Result};
use serde::Serialize;

use super::AtomicFile;
use super::atomic::explained;

/// Writes one CSV table row by row; the field names of `Row` are the columns.
///
/// Columns hold plain numbers and bear their unit in their name (`scan_bytes`). Each row is flushed
/// as it is written, under a temporary name; the table has its own name once
/// [`finish`](Self::finish) has returned.
#[derive(Debug)]
pub struct Table<Row> {
    writer: csv::Writer<AtomicFile>,
    name: String,
    row: PhantomData<fn(Row)>,
}

impl<Row: Serialize> Table<Row> {
    /// Starts the table `name` in `folder`.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn create(folder: &Path, name: &str) -> Result<Self> {
        let file = AtomicFile::create(&folder.join(name))?;
        Ok(Self {
            writer: csv::Writer::from_writer(file),
            name: name.to_owned(),
            row: PhantomData,
        })
    }

    /// Appends a row.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn write(&mut self, row: &Row) -> Result<()> {
        let task = || format!("cannot write a row of {}", self.name);
        self.writer
            .serialize(row)
            .map_err(|error| match error.kind() {
                csv::ErrorKind::Io(of_system) => explained(of_system, &task()),
                _ => Error::new(error).context(task()),
            })?;
        self.writer
            .flush()
            .map_err(|error| explained(&error, &task()))
    }

    /// Appends rows.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn write_all(&mut self, rows: &[Row]) -> Result<()> {
        rows.iter().try_for_each(|row| self.write(row))
    }

    /// Appends rows and ends the table.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn finish_with(mut self, rows: &[Row]) -> Result<()> {
        self.write_all(rows)?;
        self.finish()
    }

    /// Ends the table.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn finish(self) -> Result<()> {
        match self.writer.into_inner() {
            Ok(file) => file.finish(),
            Err(error) => Err(explained(
                error.error(),
                &format!("cannot write {}", self.name),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[derive(Serialize)]
    struct Row {
        dataset: &'static str,
        k: u32,
        fidelity: f64,
        scan_bytes: Option<u64>,
    }

    #[test]
    fn columns_are_fields_and_numbers_are_plain() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("fidelity.csv");
        let mut table = Table::create(folder.path(), "fidelity.csv")?;
        table.write(&Row {
            dataset: "reddit, 5K",
            k: 64,
            fidelity: 0.7415,
            scan_bytes: None,
        })?;
        table.write(&Row {
            dataset: "clinc",
            k: 1024,
            fidelity: 1.0,
            scan_bytes: Some(1536),
        })?;
        assert!(!path.exists());
        table.finish()?;
        let expected =
            "dataset,k,fidelity,scan_bytes\n\"reddit, 5K\",64,0.7415,\nclinc,1024,1.0,1536\n";
        assert_eq!(fs::read_to_string(&path)?, expected);
        Ok(())
    }
}
