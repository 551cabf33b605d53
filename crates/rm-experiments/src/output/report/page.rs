//! The page as it grows, and what makes text fit for Markdown.

use std::fmt::Write as _;

use anyhow::{Result, anyhow};

use crate::output::text::figure_with_interval;
use crate::suite::{Entry, ResultRow};

/// Holds the lines written so far.
#[derive(Debug, Default)]
pub(super) struct Page {
    text: String,
}

impl Page {
    /// Adds a line.
    pub(super) fn line(&mut self, line: &str) -> Result<()> {
        writeln!(self.text, "{line}").map_err(|error| anyhow!("cannot compose the report: {error}"))
    }

    /// Adds a table; there is none where there are no rows.
    pub(super) fn table(&mut self, head: &[&str], rows: &[Vec<String>]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        self.line(&format!("| {} |", head.join(" | ")))?;
        self.line(&format!("|{}", "---|".repeat(head.len())))?;
        for row in rows {
            self.line(&format!("| {} |", row.join(" | ")))?;
        }
        self.line("")
    }

    /// Returns the whole page.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// Returns the heading of an experiment's section.
pub(super) fn heading(entry: &Entry) -> String {
    format!("{} {}", entry.id(), entry.definition().title)
}

/// Links an experiment's id to its section.
pub(super) fn linked(entry: &Entry) -> String {
    format!("[{}]({})", entry.id(), anchor(&heading(entry)))
}

/// Returns the anchor that Markdown makes of a heading.
pub(super) fn anchor(heading: &str) -> String {
    let lower = heading.to_lowercase();
    let kept = lower
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'));
    let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
    format!("#{anchor}")
}

/// Makes text that holds no Markdown show as it is: `2*sqrt` would otherwise begin an emphasis.
pub(super) fn plain(text: &str) -> String {
    text.replace('*', "\\*").replace('<', "\\<")
}

/// Makes text fit for a cell of a table.
pub(super) fn cell(text: &str) -> String {
    plain(text).replace('|', "\\|").replace('\n', " ")
}

/// Writes our figure of a row for a narrow cell: its interval, which never breaks, on a line of its own.
pub(super) fn figure_cell(row: &ResultRow) -> String {
    unbroken(&figure_with_interval(row)).replacen("&nbsp;[", "<br>[", 1)
}

/// Keeps a short text on one line.
pub(super) fn unbroken(text: &str) -> String {
    text.replace(' ', "&nbsp;")
}

/// Writes a text with its first letter large.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::samples::row;
    use crate::suite::{ExperimentId, Registry};

    #[test]
    fn links_lead_to_the_headings() -> Result<()> {
        let registry = Registry::new(Vec::new())?;
        let links: Vec<String> = registry.iter().map(linked).collect();
        assert_eq!(links[0], "[H1](#h1-codebook-fundamentals)");
        assert_eq!(links[5], "[H6](#h6-multi-encoder-robustness)");
        assert_eq!(anchor("What it is, and where"), "#what-it-is-and-where");
        Ok(())
    }

    #[test]
    fn cells_break_no_table_and_begin_no_emphasis() {
        assert_eq!(cell("a | b\nc"), "a \\| b c");
        assert_eq!(cell("1*sqrt, 2*sqrt <= 512"), "1\\*sqrt, 2\\*sqrt \\<= 512");
    }

    #[test]
    fn an_interval_has_a_line_of_its_own() -> Result<()> {
        let mut row = row(ExperimentId::H2, "R@5", 0.9)?;
        assert_eq!(figure_cell(&row), "0.9<br>[0.89,&nbsp;0.91]");
        (row.ci_low, row.ci_high) = (None, None);
        assert_eq!(figure_cell(&row), "0.9");
        Ok(())
    }

    #[test]
    fn a_table_without_rows_is_left_out() -> Result<()> {
        let mut page = Page::default();
        page.table(&["a", "b"], &[])?;
        page.table(&["a", "b"], &[vec!["1".to_owned(), "2".to_owned()]])?;
        assert_eq!(page.into_text(), "| a | b |\n|---|---|\n| 1 | 2 |\n\n");
        Ok(())
    }

    #[test]
    fn sentences_begin_with_a_capital() {
        assert_eq!(capital("not run yet"), "Not run yet");
        assert_eq!(capital(""), "");
    }
}
