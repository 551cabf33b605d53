//! The generated report: one page over all results in the folder.

use std::fmt::Write as _;

use anyhow::{Result, anyhow};
use rm_embed::Precision;

use super::text::{figure, figure_with_interval, grouped};
use super::{AtomicFile, Recorded, ResultsFolder};
use crate::suite::{Entry, Registry, ResultRow, TextKind, Verdict};

/// Name of the report in the results folder.
pub const REPORT: &str = "README.md";

/// How a report begins, by which it is told from a file that someone wrote.
pub const MARKER: &str = "<!-- Made by rm-experiments";

const MARKER_LINE: &str =
    "<!-- Made by rm-experiments from the files beside it; change nothing here by hand. -->";

/// Writes the report over every result in `results`; `command` is the run that is just ending.
///
/// # Errors
/// When a result cannot be read or the report cannot be written.
pub fn write(results: &ResultsFolder, registry: &Registry, command: &str) -> Result<()> {
    let text = render(results, registry, command)?;
    AtomicFile::write(&results.path().join(REPORT), text.as_bytes())
}

/// Returns the report as Markdown; the same results give the same bytes.
///
/// # Errors
/// When a result cannot be read.
pub fn render(results: &ResultsFolder, registry: &Registry, command: &str) -> Result<String> {
    let mut page = Page::default();
    page.header(command)?;
    let mut sections = Page::default();
    for entry in registry.iter() {
        let recorded = results.read(entry.id())?;
        page.table_row(entry, recorded.as_ref())?;
        sections.section(entry, recorded.as_ref())?;
        if let Some(recorded) = recorded {
            sections.provenance(&recorded, &results.tables(entry.id())?)?;
        }
    }
    page.text.push_str(&sections.text);
    Ok(page.text)
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) -> Result<()> {
        writeln!(self.text, "{line}").map_err(|error| anyhow!("cannot compose the report: {error}"))
    }

    fn header(&mut self, command: &str) -> Result<()> {
        self.line(MARKER_LINE)?;
        self.line("# Results of the thirteen experiments\n")?;
        self.line(&format!(
            "The last run that wrote here was\n\n    {command}\n"
        ))?;
        self.line(
            "Every figure comes from the CSV files beside this page, and each section names the command that makes \
             its own. Square brackets hold 95% intervals. A verdict is computed: *better* when our whole interval lies on the \
             better side of the published figure, *below* when it lies on the worse side, *reproduced* when the published \
             figure, as far as its printed digits tell, lies within it. Real text was written by people for purposes of their \
             own; generated text comes from this project's `agent-memories`.\n",
        )?;
        self.line(
            "| | experiment | metric | published | ours, real text | ours, generated text | why |",
        )?;
        self.line("|---|---|---|---|---|---|---|")
    }

    fn table_row(&mut self, entry: &Entry, recorded: Option<&Recorded>) -> Result<()> {
        let definition = entry.definition();
        let head = format!(
            "| {} | {} | {} | {} |",
            linked(entry),
            cell(&definition.title),
            cell(&definition.published.metric),
            cell(&definition.published.text)
        );
        let Some(recorded) = recorded else {
            return self.line(&format!("{head} | | {} |", absence(entry)));
        };
        let real = leading(&recorded.rows, TextKind::Real);
        let generated = leading(&recorded.rows, TextKind::Generated);
        let why = match (real, generated) {
            (Some(real), Some(generated)) => {
                format!(
                    "real: {}; generated: {}",
                    cell(&real.why),
                    cell(&generated.why)
                )
            }
            (row, None) | (None, row) => row.map_or_else(String::new, |row| cell(&row.why)),
        };
        let precision = recorded.record.precision;
        let ours = |row: Option<&ResultRow>| {
            row.map_or_else(String::new, |row| with_verdict(row, precision))
        };
        self.line(&format!(
            "{head} {} | {} | {why} |",
            ours(real),
            ours(generated)
        ))
    }

    fn section(&mut self, entry: &Entry, recorded: Option<&Recorded>) -> Result<()> {
        let definition = entry.definition();
        let published = &definition.published;
        self.line(&format!("\n## {} {}\n", entry.id(), definition.title))?;
        self.line(&format!("**Question.** {}\n", definition.question))?;
        self.line(&format!("**Hypothesis.** {}\n", definition.hypothesis))?;
        self.line(&format!(
            "**Published.** {}: {} ({}).",
            published.metric, published.text, published.setting
        ))?;
        let Some(Recorded { rows, record }) = recorded else {
            let absence = absence(entry);
            return self.line(&format!(
                "\n{}{}.",
                absence[..1].to_uppercase(),
                &absence[1..]
            ));
        };
        self.line(&format!("\n**Answer.** {}\n", record.notes.answer))?;
        self.rows(rows)?;
        for plot in &record.plots {
            let path = format!("{}/{}", record.experiment.folder(), plot.stem);
            let caption = &plot.caption;
            self.line(&format!(
                "\n[![{caption}]({path}.png)]({path}.svg)\n\n*{caption}*"
            ))?;
        }
        let list = |title: &str, items: Vec<String>| {
            let items = items
                .iter()
                .map(|item| format!("\n- {item}"))
                .collect::<String>();
            if items.is_empty() {
                items
            } else {
                format!("\n**{title}**\n{items}")
            }
        };
        let settings = record.notes.settings.iter();
        let settings = settings.map(|setting| format!("{}: {}", setting.name, setting.value));
        for text in [
            list("Settings", settings.collect()),
            list("Remarks", record.notes.remarks.clone()),
            list("Not done", record.failures.clone()),
        ] {
            if !text.is_empty() {
                self.line(&text)?;
            }
        }
        Ok(())
    }

    fn rows(&mut self, rows: &[ResultRow]) -> Result<()> {
        self.line("| metric | text | N | K | n | published | ours | verdict | why |")?;
        self.line("|---|---|---|---|---|---|---|---|---|")?;
        for row in rows {
            let count = |count: Option<u64>| count.map_or_else(String::new, grouped);
            self.line(&format!(
                "| {} | {} ({}) | {} | {} | {} | {} | {} | {} | {} |",
                cell(&row.metric),
                cell(&row.dataset),
                row.text_kind,
                grouped(row.n_items),
                count(row.k),
                count(row.n_probes),
                row.published.map_or_else(String::new, figure),
                figure_with_interval(row),
                row.verdict,
                cell(&row.why)
            ))?;
        }
        Ok(())
    }

    fn provenance(&mut self, recorded: &Recorded, tables: &[String]) -> Result<()> {
        let record = &recorded.record;
        let folder = record.experiment.folder();
        let links: Vec<String> = tables
            .iter()
            .map(|name| format!("[{name}]({folder}/{name})"))
            .collect();
        self.line(&format!("\nTables: {}.\n", links.join(", ")))?;
        self.line(&format!(
            "Made on {} in {} s at scale {} with seed {}, model computing in {}, revision {}, on {}, by\n\n    {}",
            record.date,
            grouped(record.seconds.round() as u64),
            record.scale,
            record.seed,
            record.precision,
            record.git_revision,
            record.hardware,
            record.command
        ))
    }
}

/// Returns the row that stands for an experiment on one kind of text: the first that has a
/// published figure or claim to be held against, else the first of all.
fn leading(rows: &[ResultRow], text_kind: TextKind) -> Option<&ResultRow> {
    let mut of_kind = rows.iter().filter(|row| row.text_kind == text_kind);
    let compared = of_kind
        .clone()
        .find(|row| row.verdict != Verdict::NoPublishedFigure);
    compared.or_else(|| of_kind.next())
}

/// Returns figure, text, scale and verdict, and the precision where it is not the usual one.
fn with_verdict(row: &ResultRow, precision: Precision) -> String {
    let unusual = if precision == Precision::default() {
        String::new()
    } else {
        format!(", {precision}")
    };
    format!(
        "{} ({}, {}{unusual}): **{}**",
        figure_with_interval(row),
        cell(&row.dataset),
        row.scale,
        row.verdict
    )
}

fn absence(entry: &Entry) -> &'static str {
    if entry.experiment().is_some() {
        "not run yet"
    } else {
        "not yet built"
    }
}

/// Links an experiment's id to its section, by the anchor that Markdown makes of the heading.
fn linked(entry: &Entry) -> String {
    let heading = format!("{} {}", entry.id(), entry.definition().title).to_lowercase();
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'));
    let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
    format!("[{}](#{anchor})", entry.id())
}

/// Makes text fit for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::samples::row;
    use crate::suite::ExperimentId;

    #[test]
    fn the_first_row_with_a_verdict_leads() -> Result<()> {
        let id = ExperimentId::H2;
        let mut rows = vec![
            row(id, "plain", 0.1)?,
            row(id, "compared", 0.9)?,
            row(id, "later", 0.8)?,
        ];
        rows[0].verdict = Verdict::NoPublishedFigure;
        let metric = |kind| leading(&rows, kind).map(|row| row.metric.as_str());
        assert_eq!(metric(TextKind::Real), Some("compared"));
        assert_eq!(metric(TextKind::Generated), None);
        assert_eq!(
            leading(&rows[..1], TextKind::Real).map(|row| row.ours),
            Some(0.1)
        );
        Ok(())
    }

    #[test]
    fn links_lead_to_the_headings() -> Result<()> {
        let registry = Registry::new(Vec::new())?;
        let links: Vec<String> = registry.iter().map(linked).collect();
        assert_eq!(links[0], "[H1](#h1-codebook-fundamentals)");
        assert_eq!(links[5], "[H6](#h6-multi-encoder-robustness)");
        Ok(())
    }

    #[test]
    fn cells_break_no_table() {
        assert_eq!(cell("a | b\nc"), "a \\| b c");
    }
}
