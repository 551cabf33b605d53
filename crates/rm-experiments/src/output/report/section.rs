//! The section of one experiment.

use anyhow::Result;

use super::page::{Page, capital, cell, figure_cell, heading, plain, unbroken};
use super::{Chapter, Found};
use crate::output::text::{figure, grouped};
use crate::output::{Recorded, RunRecord};
use crate::suite::{Definition, ResultRow, Verdict};

/// Rows that a table of further figures shows at once; longer ones unfold on a click.
const SHOWN_ROWS: usize = 12;

/// Writes question, answer, figures, plots and settings, and the command that makes them.
pub(super) fn write(page: &mut Page, chapter: &Chapter<'_>) -> Result<()> {
    let definition = chapter.entry.definition();
    let published = &definition.published;
    page.line(&format!("## {}\n", heading(chapter.entry)))?;
    page.line(&format!("**Question.** {}\n", plain(&definition.question)))?;
    let recorded = match &chapter.found {
        Found::Run(recorded) => recorded,
        Found::Unreadable(message) => {
            return page.line(&format!("Cannot be read: {}.\n", plain(message)));
        }
        Found::Nothing => return page.line(&format!("{}.\n", capital(chapter.absence()))),
    };
    let Recorded { rows, record } = &**recorded;
    page.line(&format!("**Answer.** {}\n", plain(&record.notes.answer)))?;
    page.line(&format!(
        "**Expected.** {}\n",
        plain(&definition.hypothesis)
    ))?;
    page.line(&format!(
        "**Published.** {}: {} ({}).\n",
        plain(&published.metric),
        plain(&published.text),
        plain(&published.setting)
    ))?;
    figures(page, definition, rows, record)?;
    for plot in &record.plots {
        let path = format!("{}/{}", record.experiment.folder(), plot.stem);
        let caption = plain(&plot.caption);
        page.line(&format!(
            "[![{caption}]({path}.png)]({path}.svg)\n\n*{caption}*\n"
        ))?;
    }
    let settings = record.notes.settings.iter();
    let settings = settings.map(|setting| format!("{}: {}", setting.name, setting.value));
    list(page, "Settings", settings)?;
    list(page, "Remarks", record.notes.remarks.iter().cloned())?;
    list(page, "Not done", record.failures.iter().cloned())?;
    provenance(page, record, &chapter.tables)
}

/// Writes the rows in three tables: what is held against the published figure, what else was measured, and times.
fn figures(
    page: &mut Page,
    definition: &Definition,
    rows: &[ResultRow],
    record: &RunRecord,
) -> Result<()> {
    let (times, rows): (Vec<&ResultRow>, Vec<&ResultRow>) = rows.iter().partition(|row| row.timing);
    let (first, further): (Vec<&ResultRow>, Vec<&ResultRow>) =
        rows.iter().partition(|row| is_of_the_question(row, &rows));
    let lines = |rows: &[&ResultRow]| -> Vec<Vec<String>> {
        rows.iter().map(|row| line(row, definition)).collect()
    };
    let head = ["measured", "setting", "published", "ours", "why"];
    page.table(&head, &lines(&first))?;
    // What is not held against anything needs no column for it.
    let plainly = |rows: &[&ResultRow]| -> Vec<Vec<String>> {
        let mut lines = lines(rows);
        lines.iter_mut().for_each(|line| drop(line.remove(2)));
        lines
    };
    let head = ["measured", "setting", "ours", "what it tells"];
    if !further.is_empty() {
        let folded = further.len() > SHOWN_ROWS;
        page.line(&if folded {
            format!(
                "<details><summary>{} further figures</summary>\n",
                further.len()
            )
        } else {
            "Further figures:\n".to_owned()
        })?;
        page.table(&head, &plainly(&further))?;
        if folded {
            page.line("</details>\n")?;
        }
    }
    if !times.is_empty() {
        page.line(&format!(
            "Times, on {}:\n",
            plain(&record.hardware.to_string())
        ))?;
        page.table(&head, &plainly(&times))?;
    }
    Ok(())
}

/// Returns whether a row belongs beside the published figure: it is held against one, or shows the same metric at
/// another setting. Where nothing is held against one, the first row's metric takes that place.
fn is_of_the_question(row: &ResultRow, rows: &[&ResultRow]) -> bool {
    let mut compared = rows
        .iter()
        .filter(|other| other.verdict != Verdict::NoPublishedFigure)
        .peekable();
    if compared.peek().is_some() {
        compared.any(|other| other.metric == row.metric)
    } else {
        rows.first().is_some_and(|first| first.metric == row.metric)
    }
}

fn line(row: &ResultRow, definition: &Definition) -> Vec<String> {
    let published = match (row.published, row.verdict) {
        (Some(published), _) => figure(published),
        (None, Verdict::NoPublishedFigure) => "–".to_owned(),
        // A claim that is no number.
        (None, _) => cell(&definition.published.text),
    };
    let ours = figure_cell(row);
    vec![
        format!(
            "{}, {} ({})",
            cell(&row.metric),
            cell(&row.dataset),
            row.text_kind
        ),
        setting(row),
        published,
        match row.verdict {
            Verdict::NoPublishedFigure => ours,
            verdict => format!("{ours}<br>**{verdict}**"),
        },
        cell(&row.why),
    ]
}

/// Writes N, K and n, as far as a row has them.
fn setting(row: &ResultRow) -> String {
    let parts = [("N", Some(row.n_items)), ("K", row.k), ("n", row.n_probes)];
    let known = parts
        .into_iter()
        .filter_map(|(name, value)| Some(unbroken(&format!("{name} = {}", grouped(value?)))));
    known.collect::<Vec<_>>().join(", ")
}

fn list(page: &mut Page, title: &str, items: impl Iterator<Item = String>) -> Result<()> {
    let items: String = items.map(|item| format!("\n- {}", plain(&item))).collect();
    if items.is_empty() {
        return Ok(());
    }
    page.line(&format!("**{title}**\n{items}\n"))
}

fn provenance(page: &mut Page, record: &RunRecord, tables: &[String]) -> Result<()> {
    let folder = record.experiment.folder();
    let links: Vec<String> = tables
        .iter()
        .map(|name| format!("[{name}]({folder}/{name})"))
        .collect();
    page.line(&format!("Tables: {}.\n", links.join(", ")))?;
    page.line(&format!(
        "Made on {} in {} s at scale {} with seed {}, model computing in {}, revision {}, on {}, by\n\n    {}\n",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::samples::row;
    use crate::suite::ExperimentId;

    fn sample(metric: &str, verdict: Verdict) -> Result<ResultRow> {
        let mut row = row(ExperimentId::H2, metric, 0.5)?;
        row.verdict = verdict;
        Ok(row)
    }

    #[test]
    fn the_published_metric_comes_first_with_what_passes_it() -> Result<()> {
        let rows = [
            sample("R@5", Verdict::Below)?,
            sample("gini", Verdict::NoPublishedFigure)?,
            sample("R@5", Verdict::NoPublishedFigure)?,
        ];
        let rows: Vec<&ResultRow> = rows.iter().collect();
        let first: Vec<bool> = rows
            .iter()
            .map(|row| is_of_the_question(row, &rows))
            .collect();
        assert_eq!(first, [true, false, true]);
        let nothing_compared: Vec<bool> = rows[1..]
            .iter()
            .map(|row| is_of_the_question(row, &rows[1..]))
            .collect();
        assert_eq!(nothing_compared, [true, false]);
        Ok(())
    }

    #[test]
    fn a_setting_names_what_it_has() -> Result<()> {
        let row = sample("R@5", Verdict::Below)?;
        assert_eq!(setting(&row), "N&nbsp;=&nbsp;5,000, K&nbsp;=&nbsp;64");
        Ok(())
    }

    #[test]
    fn a_claim_shows_what_was_claimed() -> Result<()> {
        let definition = Definition::of(ExperimentId::H4)?;
        let mut row = sample("gini", Verdict::Below)?;
        row.published = None;
        assert_eq!(line(&row, &definition)[2], definition.published.text);
        row.verdict = Verdict::NoPublishedFigure;
        assert_eq!(line(&row, &definition)[2], "–");
        Ok(())
    }
}
