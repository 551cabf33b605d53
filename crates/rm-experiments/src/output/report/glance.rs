//! The table of thirteen, and how to read it.

use anyhow::Result;
use rm_embed::Precision;

use super::Chapter;
use super::leading::leading;
use super::page::{Page, cell, figure_cell, linked};
use crate::suite::{ResultRow, Scale, TextKind, Verdict};

pub(super) const HEADING: &str = "The thirteen at a glance";
pub(super) const READING: &str = "How to read this";

/// Longest reason that the table shows in full; the section has it whole.
const LONGEST_WHY: usize = 160;

/// Writes the table and what explains it; `command` is the run that is just ending.
pub(super) fn write(page: &mut Page, chapters: &[Chapter<'_>], command: &str) -> Result<()> {
    page.line(&format!("## {HEADING}\n"))?;
    let scales = chapters
        .iter()
        .filter_map(|chapter| Some(chapter.recorded()?.record.scale));
    let mut scales: Vec<Scale> = scales.collect();
    scales.sort_unstable();
    scales.dedup();
    let one_scale = scales.len() < 2;
    if let [scale] = scales[..] {
        page.line(&format!("All at scale {scale}.\n"))?;
    }
    let rows: Vec<Vec<String>> = chapters
        .iter()
        .map(|chapter| line(chapter, one_scale))
        .collect();
    page.table(
        &[
            "",
            "published",
            "ours, real text",
            "ours, generated text",
            "why",
        ],
        &rows,
    )?;
    page.line(&format!("## {READING}\n"))?;
    page.line(
        "- **Verdicts** are computed. *Better*: our whole 95% interval, in square brackets, lies on the better side of the \
         published figure. *Below*: it lies on the worse side. *Reproduced*: the published figure, as far as its printed digits \
         tell, lies within.\n\
         - **Two recalls.** *R@k against dense* is the share of the exact top k (found by comparing with every item) that \
         Routing Memory finds too; it says nothing about right or wrong. *Gold recall@k* is the share of the labelled right \
         answers in the top k, which is what a user gets.\n\
         - **N** items are stored, **K** is the number of buckets (centroids), and a search looks into the **n** nearest.\n\
         - **Real text** was written by people for purposes of their own. **Generated text** comes from this project's \
         `agent-memories`; the published suite generated its texts too, so that column is the one to compare, and the real \
         one is what to expect in use.\n\
         - **Times** stand in tables of their own: they depend on the machine, which each section names.\n\
         - Metrics, intervals, timing rules and the weaknesses of each data set are in \
         [METHODOLOGY.md](../METHODOLOGY.md).\n",
    )?;
    page.line(&format!(
        "The last run that wrote here was\n\n    {command}\n"
    ))
}

fn line(chapter: &Chapter<'_>, one_scale: bool) -> Vec<String> {
    let definition = chapter.entry.definition();
    let mut line = vec![
        linked(chapter.entry),
        format!(
            "{}: **{}**",
            cell(&definition.published.metric),
            cell(&definition.published.text)
        ),
    ];
    let Some(recorded) = chapter.recorded() else {
        line.extend([String::new(), String::new(), chapter.absence().to_owned()]);
        return line;
    };
    let rows = &recorded.rows;
    let (real, generated) = (
        leading(rows, TextKind::Real),
        leading(rows, TextKind::Generated),
    );
    let scale = (!one_scale).then_some(recorded.record.scale);
    let precision = recorded.record.precision;
    line.extend([real, generated].map(|row| ours(row, scale, precision)));
    line.push(
        real.or(generated)
            .map_or_else(String::new, |row| cell(&shortened(&row.why))),
    );
    line
}

/// Writes figure, text and verdict, and what is unusual about the run.
fn ours(row: Option<&ResultRow>, scale: Option<Scale>, precision: Precision) -> String {
    let Some(row) = row else {
        return "–".to_owned();
    };
    let mut notes = vec![cell(&row.dataset)];
    notes.extend(scale.map(|scale| scale.to_string()));
    if precision != Precision::default() {
        notes.push(precision.to_string());
    }
    let verdict = match row.verdict {
        Verdict::NoPublishedFigure => "nothing published".to_owned(),
        verdict => format!("**{verdict}**"),
    };
    format!("{}<br>{verdict} ({})", figure_cell(row), notes.join(", "))
}

/// Cuts a long reason at the end of a word.
fn shortened(why: &str) -> String {
    if why.chars().count() <= LONGEST_WHY {
        return why.to_owned();
    }
    let cut: String = why.chars().take(LONGEST_WHY).collect();
    let whole = cut
        .rsplit_once(' ')
        .map_or(cut.as_str(), |(whole, _)| whole);
    format!("{} …", whole.trim_end_matches([',', ';', ':']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::samples::row;
    use crate::suite::ExperimentId;

    #[test]
    fn long_reasons_are_cut_at_a_word() {
        assert_eq!(shortened("short"), "short");
        let long = "a word, ".repeat(40);
        let cut = shortened(&long);
        assert!(cut.ends_with("a word …"), "{cut}");
        assert!(cut.chars().count() <= LONGEST_WHY + 2);
    }

    #[test]
    fn a_cell_tells_figure_verdict_text_and_what_is_unusual() -> Result<()> {
        let row = row(ExperimentId::H2, "R@5", 0.9)?;
        assert_eq!(
            ours(Some(&row), None, Precision::F32),
            "0.9<br>[0.89,&nbsp;0.91]<br>**below** (reddit)"
        );
        assert_eq!(
            ours(Some(&row), Some(Scale::Smoke), Precision::Int8),
            "0.9<br>[0.89,&nbsp;0.91]<br>**below** (reddit, smoke, int8)"
        );
        assert_eq!(ours(None, None, Precision::F32), "–");
        Ok(())
    }
}
