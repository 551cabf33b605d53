//! Writing a memory down as JSON Lines, for other programs and other machines.

use std::io::Write;
use std::ops::ControlFlow;

use rm_store::{DEFAULT_IMPORTANCE, Item, View, settings};
use serde_json::Value;

use crate::{Error, Result, RoutingMemory};

/// Names the format in the first line of an export.
pub(crate) const FORMAT: &str = "routing-memory";

/// Version of the format that is written; those up to it are read.
pub(crate) const FORMAT_VERSION: u64 = 1;

/// Says what an export holds.
///
/// ```
/// use rm_memory::ExportOptions;
///
/// let whole = ExportOptions::new().vectors(true);
/// let one = ExportOptions::new().this_namespace_only(true);
/// # let _ = (whole, one);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExportOptions {
    vectors: bool,
    this_namespace_only: bool,
}

impl ExportOptions {
    /// Exports the texts of all namespaces, and no vectors.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether vectors are written, too (default: not). A memory of the same model then takes them back without embedding anything,
    /// bit for bit; they are some ten bytes a component.
    #[must_use]
    pub fn vectors(mut self, vectors: bool) -> Self {
        self.vectors = vectors;
        self
    }

    /// Sets whether only the namespace of the handle is exported (default: all are).
    #[must_use]
    pub fn this_namespace_only(mut self, this_namespace_only: bool) -> Self {
        self.this_namespace_only = this_namespace_only;
        self
    }
}

/// Tells what was exported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExportReport {
    /// Namespaces with items.
    pub namespaces: usize,
    /// Items, each a line.
    pub items: u64,
}

impl RoutingMemory {
    /// Writes the items as JSON Lines, as they are at one moment, while others go on adding and changing.
    ///
    /// The first line says what this is: `{"format":"routing-memory","version":1,"model":…,"dim":…,"vectors":…,"namespaces":[…],"items":…}`.
    /// Each line after it is an item, in the order in which they were added, namespace after namespace: `namespace` (unless it is the
    /// default one), `id`, `text`, `metadata` (unless it is empty), `created_at_ms`, `updated_at_ms`, `expires_at_ms` (where there is
    /// one), `importance` (unless it is 0.5), `pinned` (where it is), and `vector` if that was asked for. Items that are past their time
    /// are left out. [`import`](Self::import) reads it.
    ///
    /// Holds one item at a time, and reads every text twice: what is damaged is noticed before a line is written.
    ///
    /// ```no_run
    /// use std::fs::File;
    /// use std::io::BufWriter;
    ///
    /// use rm_memory::{ExportOptions, RoutingMemory};
    ///
    /// let memory = RoutingMemory::open("agent.db")?;
    /// let mut out = BufWriter::new(File::create("agent.jsonl")?);
    /// let report = memory.export(&mut out, ExportOptions::new().vectors(true))?;
    /// println!("{} items", report.items);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::ExportWrite`] when `out` takes no more, and when the store cannot be read.
    pub fn export(&self, out: &mut dyn Write, options: ExportOptions) -> Result<ExportReport> {
        let mut outcome = Ok(ExportReport::default());
        self.store().view(&mut |view| {
            outcome = self.export_state(view, out, options);
            Ok(())
        })?;
        outcome
    }

    fn export_state(
        &self,
        view: &dyn View,
        out: &mut dyn Write,
        options: ExportOptions,
    ) -> Result<ExportReport> {
        let now_ms = self.config().clock.now_ms();
        let mut report = ExportReport::default();
        let mut names = Vec::new();
        for (name, _) in view.namespaces()? {
            if options.this_namespace_only && name != self.name() {
                continue;
            }
            let living = count_living(view, &name, now_ms)?;
            if living > 0 {
                report.items += living;
                names.push(name);
            }
        }
        report.namespaces = names.len();
        let mut line = header(view, options, &names, report.items)?;
        out.write_all(&line).map_err(Error::export)?;
        for name in &names {
            let mut outcome = Ok(());
            let mut write = |item: &Item| {
                if item.is_expired(now_ms) {
                    return ControlFlow::Continue(());
                }
                line.clear();
                write_item(&mut line, name, item, options.vectors);
                outcome = out.write_all(&line);
                match outcome {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                }
            };
            match options.vectors {
                true => view.for_each_item(name, &mut |stored| write(&stored.item))?,
                false => view.for_each_text(name, &mut |stored| write(&stored.item))?,
            }
            outcome.map_err(Error::export)?;
        }
        out.flush().map_err(Error::export)?;
        Ok(report)
    }
}

fn count_living(view: &dyn View, name: &str, now_ms: i64) -> Result<u64> {
    let mut living = 0;
    view.for_each_text(name, &mut |stored| {
        living += u64::from(!stored.item.is_expired(now_ms));
        ControlFlow::Continue(())
    })?;
    Ok(living)
}

/// Returns the first line.
fn header(
    view: &dyn View,
    options: ExportOptions,
    names: &[String],
    items: u64,
) -> Result<Vec<u8>> {
    let model = view.setting("", settings::MODEL_FINGERPRINT)?;
    let dim = view.setting("", settings::DIM)?;
    let mut line = Vec::new();
    let mut object = Object::begin(&mut line);
    object.field("format", FORMAT);
    object.field("version", FORMAT_VERSION);
    object.field("model", model);
    object.field("dim", dim.and_then(|dim| dim.parse::<u64>().ok()));
    object.field("vectors", options.vectors);
    object.field("namespaces", names.to_vec());
    object.field("items", items);
    object.end();
    Ok(line)
}

/// Appends an item as a line.
fn write_item(line: &mut Vec<u8>, namespace: &str, item: &Item, with_vector: bool) {
    let mut object = Object::begin(line);
    if !namespace.is_empty() {
        object.field("namespace", namespace);
    }
    object.field("id", item.id.as_str());
    object.field("text", item.text.as_str());
    if !item.metadata.is_empty() {
        object.field("metadata", item.metadata.clone());
    }
    object.field("created_at_ms", item.created_at_ms);
    object.field("updated_at_ms", item.updated_at_ms);
    if let Some(at_ms) = item.expires_at_ms {
        object.field("expires_at_ms", at_ms);
    }
    if item.importance != DEFAULT_IMPORTANCE {
        put_f32(object.raw_field("importance"), item.importance);
    }
    if item.pinned {
        object.field("pinned", true);
    }
    if with_vector {
        let line = object.raw_field("vector");
        let mut before = b'[';
        for value in &item.vector {
            line.push(before);
            put_f32(line, *value);
            before = b',';
        }
        line.push(b']');
    }
    object.end();
}

/// Is a line that is being written: an object with its fields in the order in which they come.
struct Object<'l> {
    line: &'l mut Vec<u8>,
    before: u8,
}

impl<'l> Object<'l> {
    fn begin(line: &'l mut Vec<u8>) -> Self {
        Self { line, before: b'{' }
    }

    fn field(&mut self, name: &str, value: impl Into<Value>) {
        let value = value.into().to_string();
        self.raw_field(name).extend_from_slice(value.as_bytes());
    }

    /// Returns what the value is to be written to.
    fn raw_field(&mut self, name: &str) -> &mut Vec<u8> {
        self.line.push(self.before);
        self.before = b',';
        self.line.push(b'"');
        self.line.extend_from_slice(name.as_bytes());
        self.line.extend_from_slice(b"\":");
        self.line
    }

    fn end(self) {
        self.line.extend_from_slice(b"}\n");
    }
}

/// Writes the fewest digits that lead back to the same bits.
fn put_f32(line: &mut Vec<u8>, value: f32) {
    line.extend_from_slice(format!("{value:?}").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_what_is_said_of_an_item_and_no_more() {
        let mut item = Item {
            id: "a".into(),
            text: "first\nsecond \"line\"".into(),
            vector: vec![0.1, -0.0, 1e-30],
            created_at_ms: 1,
            updated_at_ms: 2,
            ..Item::default()
        };
        let written = |namespace, item: &Item, with_vector| {
            let mut line = Vec::new();
            write_item(&mut line, namespace, item, with_vector);
            String::from_utf8(line).unwrap_or_default()
        };
        assert_eq!(
            written("", &item, false),
            "{\"id\":\"a\",\"text\":\"first\\nsecond \\\"line\\\"\",\"created_at_ms\":1,\"updated_at_ms\":2}\n"
        );
        item.text = "t".into();
        item.metadata.insert("n".into(), 1.into());
        item.expires_at_ms = Some(3);
        item.importance = 0.1;
        item.pinned = true;
        assert_eq!(
            written("acme", &item, true),
            "{\"namespace\":\"acme\",\"id\":\"a\",\"text\":\"t\",\"metadata\":{\"n\":1},\"created_at_ms\":1,\"updated_at_ms\":2,\"expires_at_ms\":3,\"importance\":0.1,\"pinned\":true,\"vector\":[0.1,-0.0,1e-30]}\n"
        );
    }
}
