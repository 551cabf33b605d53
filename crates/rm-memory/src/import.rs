//! Taking in what was exported, or written by any other program as JSON Lines.

use std::collections::HashSet;
use std::io::{BufRead, Read};

use rm_core::Vectors;

use crate::import_line::{Fault, Header, Line, Parsed, parse};
use crate::{Error, NewItem, Result, RoutingMemory};

/// Lines that are embedded and stored at once.
const LINES_AT_ONCE: usize = 512;

/// Bytes of the longest line that is read; so much never comes from an item that somebody wrote.
const LONGEST_LINE_BYTES: u64 = 64 << 20;

/// Says how an import is carried out.
///
/// ```
/// use rm_memory::{ImportOptions, OnConflict};
///
/// let options = ImportOptions::new().on_conflict(OnConflict::Skip);
/// # let _ = options;
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportOptions {
    on_conflict: OnConflict,
    extra_fields: ExtraFields,
    into_this_namespace: bool,
}

/// Says what is done with a line whose id an item of its namespace has already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnConflict {
    /// Ends the import with [`Error::ImportLine`].
    #[default]
    Refuse,
    /// Leaves the item as it is.
    Skip,
    /// Replaces the item, its times included where the line tells when it was created.
    Replace,
}

/// Says what is done with fields that an export does not have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExtraFields {
    /// Ends the import with [`Error::ImportLine`], so that nothing is lost unnoticed.
    #[default]
    Refuse,
    /// Makes them metadata.
    IntoMetadata,
}

impl ImportOptions {
    /// Refuses ids that are taken and fields that are not known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what is done with ids that are taken.
    #[must_use]
    pub fn on_conflict(mut self, on_conflict: OnConflict) -> Self {
        self.on_conflict = on_conflict;
        self
    }

    /// Sets what is done with fields that an export does not have.
    #[must_use]
    pub fn extra_fields(mut self, extra_fields: ExtraFields) -> Self {
        self.extra_fields = extra_fields;
        self
    }

    /// Sets whether everything goes into the namespace of the handle (default: only lines that name none do).
    #[must_use]
    pub fn into_this_namespace(mut self, into_this_namespace: bool) -> Self {
        self.into_this_namespace = into_this_namespace;
        self
    }
}

/// Tells what an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Lines that were read.
    pub lines: u64,
    /// Items that were added.
    pub added: u64,
    /// Items that took the place of one with the same id.
    pub replaced: u64,
    /// Items that were left out because their id was taken.
    pub skipped: u64,
    /// Texts that were embedded; the other items came with vectors of this memory's model.
    pub embedded: u64,
}

/// Tells how far an import has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportProgress {
    /// What has been done so far.
    pub done: ImportReport,
    /// Number of items that the input is said to hold, where it says so.
    pub items: Option<u64>,
}

/// Is lines of one namespace, checked, on their way into it.
#[derive(Default)]
struct Batch {
    namespace: Option<String>,
    items: Vec<NewItem>,
    lines: Vec<u64>,
}

impl RoutingMemory {
    /// Takes in what [`export`](Self::export) has written, or plain JSON Lines such as `{"text": "User prefers dark mode"}`.
    ///
    /// Ids, metadata and times stay as they are; a line without an id gets a new one. Vectors are used where the export's header says
    /// that they are of this memory's model; otherwise texts are embedded. A line goes into the namespace it names, and one that
    /// names none into that of the handle.
    ///
    /// Lines are stored in batches of 512, or fewer where the namespace changes, each in one transaction. What was stored before an
    /// error stays.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use rm_memory::{Embedder, RoutingMemory};
    /// # struct Letters;
    /// # impl Embedder for Letters {
    /// #     fn dim(&self) -> usize { 2 }
    /// #     fn fingerprint(&self) -> &str { "letters" }
    /// #     fn embed(&self, text: &str) -> rm_embed::Result<Vec<f32>> { Ok(vec![1.0, text.len() as f32]) }
    /// #     fn embed_batch(&self, texts: &[&str]) -> rm_embed::Result<rm_embed::Embeddings> {
    /// #         let rows = texts.iter().flat_map(|text| [1.0, text.len() as f32]).collect();
    /// #         Ok(rm_embed::Embeddings::from_rows(2, rows).expect("whole rows"))
    /// #     }
    /// # }
    /// use rm_memory::ImportOptions;
    ///
    /// # let memory = RoutingMemory::builder().embedder(Arc::new(Letters)).open()?;
    /// let lines = "{\"text\": \"User prefers dark mode\"}\n{\"text\": \"User drinks tea\", \"id\": \"tea\"}\n";
    /// let report = memory.import(lines.as_bytes(), ImportOptions::new())?;
    /// assert_eq!((report.added, report.embedded), (2, 2));
    /// assert!(memory.get("tea")?.is_some());
    /// # Ok::<(), rm_memory::Error>(())
    /// ```
    ///
    /// # Errors
    /// - [`Error::ImportLine`] for a line that cannot be taken, which it names; nothing of its batch is stored;
    /// - [`Error::ImportLines`] for lines that cannot be embedded or stored, [`Error::ImportRead`] for input that cannot be read;
    /// - [`Error::ImportCutShort`] where less came than the header says; what came is stored.
    pub fn import(&self, input: impl BufRead, options: ImportOptions) -> Result<ImportReport> {
        self.import_with_progress(input, options, &mut |_| {})
    }

    /// Does as [`import`](Self::import), and tells how far it has come after each batch.
    ///
    /// # Errors
    /// As [`import`](Self::import).
    pub fn import_with_progress(
        &self,
        input: impl BufRead,
        options: ImportOptions,
        report: &mut dyn FnMut(ImportProgress),
    ) -> Result<ImportReport> {
        let mut import = Import {
            memory: self,
            options,
            header: Header::default(),
            since_header: 0,
            batch: Batch::default(),
            done: ImportReport::default(),
            report,
        };
        let mut lines = Lines { input, read: 0 };
        while let Some(line) = lines.next()? {
            import.take(lines.read, line)?;
        }
        import.end()
    }
}

/// Is an import under way.
struct Import<'i> {
    memory: &'i RoutingMemory,
    options: ImportOptions,
    header: Header,
    /// Items read since the header.
    since_header: u64,
    batch: Batch,
    done: ImportReport,
    report: &'i mut dyn FnMut(ImportProgress),
}

impl Import<'_> {
    fn take(&mut self, number: u64, line: Parsed<String>) -> Result<()> {
        self.done.lines = number;
        let parsed = line
            .and_then(|line| parse(&line, self.options.extra_fields))
            .map_err(|fault| self.batch.refused(number, fault))?;
        let (namespace, mut item) = match parsed {
            Line::Blank => return Ok(()),
            Line::Header(header) => {
                self.end_part()?;
                self.header = header;
                return Ok(());
            }
            Line::Item { namespace, item } => (namespace, *item),
        };
        let embedder = self.memory.embedder();
        if self.header.model.as_deref() != Some(embedder.fingerprint()) {
            item.vector = None;
        }
        if let Some(vector) = &item.vector
            && let Err(error) = rm_core::check_unit(embedder.dim(), vector)
        {
            let expected = format!("a vector of {} values with a direction", embedder.dim());
            let got = format!("one of {} ({error})", vector.len());
            return Err(self.batch.refused(number, Fault { expected, got }));
        }
        let namespace = namespace.filter(|_| !self.options.into_this_namespace);
        if self.batch.namespace != namespace || self.batch.items.len() >= LINES_AT_ONCE {
            self.store()?;
            self.batch.namespace = namespace;
        }
        self.since_header += 1;
        self.batch.items.push(item);
        self.batch.lines.push(number);
        Ok(())
    }

    /// Stores the batch.
    fn store(&mut self) -> Result<()> {
        let batch = std::mem::take(&mut self.batch);
        let (Some(from), Some(to)) = (batch.lines.first(), batch.lines.last()) else {
            return Ok(());
        };
        let (from, to) = (*from, *to);
        let stored = match &batch.namespace {
            None => self.memory.import_batch(batch, self.options.on_conflict),
            Some(name) => self
                .memory
                .namespace(name)
                .and_then(|memory| memory.import_batch(batch, self.options.on_conflict)),
        };
        let stored = stored.map_err(|error| match error {
            line @ Error::ImportLine { .. } => line,
            other => Error::ImportLines {
                from,
                to,
                source: Box::new(other),
            },
        })?;
        self.done.added += stored.added;
        self.done.replaced += stored.replaced;
        self.done.skipped += stored.skipped;
        self.done.embedded += stored.embedded;
        (self.report)(ImportProgress {
            done: self.done,
            items: self.header.items,
        });
        Ok(())
    }

    /// Ends what came under one header.
    fn end_part(&mut self) -> Result<()> {
        self.store()?;
        let got = std::mem::take(&mut self.since_header);
        match self.header.items {
            Some(expected) if expected != got => Err(Error::ImportCutShort {
                line: self.done.lines,
                expected,
                got,
            }),
            _ => Ok(()),
        }
    }

    fn end(mut self) -> Result<ImportReport> {
        self.end_part()?;
        Ok(self.done)
    }
}

impl Batch {
    /// Says that a line cannot be taken, and with it nothing of the batch.
    fn refused(&self, line: u64, Fault { expected, got }: Fault) -> Error {
        Error::ImportLine {
            line,
            from: self.lines.first().copied().unwrap_or(line),
            expected,
            got,
        }
    }

    /// Leaves out items whose id is taken, or refuses them, as the option says; returns how many ids are taken.
    fn settle_conflicts(
        &mut self,
        on_conflict: OnConflict,
        mut is_taken: impl FnMut(&str) -> Result<bool>,
    ) -> Result<Conflicts> {
        let mut conflicts = Conflicts::default();
        let mut seen = HashSet::new();
        let mut kept = Vec::with_capacity(self.items.len());
        for (item, line) in self.items.iter().zip(&self.lines) {
            let Some(id) = &item.id else {
                kept.push(true);
                continue;
            };
            let is_conflict = !seen.insert(id.clone()) || is_taken(id)?;
            kept.push(!is_conflict || on_conflict == OnConflict::Replace);
            conflicts.taken += u64::from(is_conflict);
            if is_conflict && on_conflict == OnConflict::Refuse {
                let expected = "an id that no other item has".into();
                let got = format!("{id:?}");
                return Err(self.refused(*line, Fault { expected, got }));
            }
        }
        if on_conflict == OnConflict::Skip && conflicts.taken > 0 {
            let mut keep = kept.iter();
            self.items.retain(|_| keep.next() == Some(&true));
            let mut keep = kept.iter();
            self.lines.retain(|_| keep.next() == Some(&true));
            conflicts.kept = Some(kept);
        }
        Ok(conflicts)
    }
}

/// Is what came of looking for ids that are taken.
#[derive(Default)]
struct Conflicts {
    taken: u64,
    /// Which items were kept, where some were not.
    kept: Option<Vec<bool>>,
}

impl RoutingMemory {
    fn import_batch(&self, mut batch: Batch, on_conflict: OnConflict) -> Result<ImportReport> {
        let mut report = ImportReport::default();
        let is_taken = |id: &str| Ok(self.store().contains(id)?);
        // Once before texts are embedded, and once more when nobody else can add.
        let early = batch.settle_conflicts(on_conflict, is_taken)?;
        let embedded = batch.items.iter().filter(|item| item.vector.is_none());
        report.embedded = embedded.count() as u64;
        let rows = self.vectors_of(&batch.items, &mut |_| {})?;
        let mut vectors = Vectors::from_rows(self.embedder().dim(), rows)?;
        self.check_count(&vectors, batch.items.len())?;
        let turn = self.turn()?;
        let late = batch.settle_conflicts(on_conflict, is_taken)?;
        if let Some(kept) = &late.kept {
            let mut remaining = Vectors::empty(vectors.dim())?;
            for (vector, _) in vectors.iter().zip(kept).filter(|(_, kept)| **kept) {
                remaining.push(vector)?;
            }
            vectors = remaining;
        }
        match on_conflict {
            OnConflict::Skip => report.skipped = early.taken + late.taken,
            _ => report.replaced = late.taken,
        }
        report.added = batch.items.len() as u64 - report.replaced;
        self.insert_in(turn, batch.items, &vectors, None)?;
        Ok(report)
    }
}

/// Is the lines of an input.
struct Lines<R> {
    input: R,
    /// Lines read so far.
    read: u64,
}

impl<R: BufRead> Lines<R> {
    /// Returns the next line, without a byte order mark at the beginning of the input, or what is wrong with it.
    fn next(&mut self) -> Result<Option<Parsed<String>>> {
        let line = self.read + 1;
        let mut bytes = Vec::new();
        let mut input = (&mut self.input).take(LONGEST_LINE_BYTES);
        let read = input.read_until(b'\n', &mut bytes);
        let read = read.map_err(|source| Error::ImportRead { line, source })?;
        if read == 0 {
            return Ok(None);
        }
        self.read = line;
        let refused = |expected: &str, got: String| {
            let expected = expected.into();
            Ok(Some(Err(Fault { expected, got })))
        };
        if read as u64 == LONGEST_LINE_BYTES && bytes.last() != Some(&b'\n') {
            return refused("a line that ends within 64 MiB", "more".into());
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => return refused("text in UTF-8", error.utf8_error().to_string()),
        };
        Ok(Some(Ok(match text.strip_prefix('\u{feff}') {
            Some(rest) if line == 1 => rest.to_owned(),
            _ => text,
        })))
    }
}
