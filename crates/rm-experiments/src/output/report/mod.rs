//! The generated report: one page over all results in the folder.
//!
//! From the top: what the figures say as a whole, the table of thirteen, how to read it, then a section for each
//! experiment. Everything is computed from the files in the folder; the same files give the same bytes.

mod glance;
mod leading;
mod overview;
mod page;
mod section;

use anyhow::{Result, bail};

use self::page::Page;
use super::{AtomicFile, Recorded, ResultsFolder};
use crate::full_error::InFull;
use crate::suite::{Entry, Registry};

/// Name of the report in the results folder.
pub const REPORT: &str = "README.md";

/// How a report begins, by which it is told from a file that someone wrote.
pub const MARKER: &str = "<!-- Made by rm-experiments";

const MARKER_LINE: &str =
    "<!-- Made by rm-experiments from the files beside it; change nothing here by hand. -->";

/// Holds what the report says about one experiment.
struct Chapter<'a> {
    entry: &'a Entry,
    found: Found,
    tables: Vec<String>,
}

/// Says what an experiment's folder holds.
enum Found {
    Run(Box<Recorded>),
    Nothing,
    /// Files that this version cannot read; the text says which and why.
    Unreadable(String),
}

/// Writes the report over every result in `results`; `command` is the run that is just ending.
///
/// # Errors
/// When the report cannot be written, or a result cannot be read; the report then says so in its place.
pub fn write(results: &ResultsFolder, registry: &Registry, command: &str) -> Result<()> {
    results.check_still_there()?;
    let chapters = chapters(results, registry);
    let text = compose(&chapters, command)?;
    AtomicFile::write(&results.path().join(REPORT), text.as_bytes())?;
    let unreadable = chapters.iter().filter_map(|chapter| match &chapter.found {
        Found::Unreadable(message) => Some(message.as_str()),
        _ => None,
    });
    let unreadable: Vec<&str> = unreadable.collect();
    if !unreadable.is_empty() {
        bail!("it lacks what cannot be read: {}", unreadable.join("; "));
    }
    Ok(())
}

/// Returns the report as Markdown.
///
/// # Errors
/// When it cannot be composed.
pub fn render(results: &ResultsFolder, registry: &Registry, command: &str) -> Result<String> {
    compose(&chapters(results, registry), command)
}

fn chapters<'a>(results: &ResultsFolder, registry: &'a Registry) -> Vec<Chapter<'a>> {
    let chapter = |entry: &'a Entry| {
        let id = entry.id();
        let read = results.read(id).and_then(|recorded| {
            let tables = match recorded {
                Some(_) => results.tables(id)?,
                None => Vec::new(),
            };
            Ok((recorded, tables))
        });
        let (found, tables) = match read {
            Ok((Some(recorded), tables)) => (Found::Run(Box::new(recorded)), tables),
            Ok((None, _)) => (Found::Nothing, Vec::new()),
            Err(error) => (Found::Unreadable(InFull(&error).to_string()), Vec::new()),
        };
        Chapter {
            entry,
            found,
            tables,
        }
    };
    registry.iter().map(chapter).collect()
}

fn compose(chapters: &[Chapter<'_>], command: &str) -> Result<String> {
    let mut page = Page::default();
    page.line(MARKER_LINE)?;
    page.line("# Results of the thirteen experiments\n")?;
    page.line(
        "Routing Memory keeps short texts for an agent and finds them again by meaning. Each text is a vector, and lies in one \
         of K buckets; a search looks only into the buckets nearest to the question, which is faster than comparing with \
         everything (*exact* or *dense* search) and misses some of what that would find. This page holds what thirteen \
         experiments measured about it, beside the figures that were published for the Python package `routing-memory` \
         0.1.0. No figure was typed by hand.\n",
    )?;
    let sections: Vec<String> = chapters
        .iter()
        .map(|chapter| page::linked(chapter.entry))
        .collect();
    page.line(&format!(
        "On this page: [{}]({}) · [{}]({}) · [{}]({}) · {}\n",
        overview::HEADING,
        page::anchor(overview::HEADING),
        glance::HEADING,
        page::anchor(glance::HEADING),
        glance::READING,
        page::anchor(glance::READING),
        sections.join(" · ")
    ))?;
    overview::write(&mut page, chapters)?;
    glance::write(&mut page, chapters, command)?;
    for chapter in chapters {
        section::write(&mut page, chapter)?;
    }
    Ok(page.into_text())
}

impl Chapter<'_> {
    /// Returns the run, where there is one that can be read.
    fn recorded(&self) -> Option<&Recorded> {
        match &self.found {
            Found::Run(recorded) => Some(recorded),
            _ => None,
        }
    }

    /// Says why there is no run.
    fn absence(&self) -> &'static str {
        match (&self.found, self.entry.experiment()) {
            (Found::Unreadable(_), _) => "cannot be read",
            (_, Some(_)) => "not run yet",
            (_, None) => "not yet built",
        }
    }
}
