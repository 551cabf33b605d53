//! What all experiments say together: where Routing Memory holds, and where it loses.

use anyhow::Result;

use super::Chapter;
use super::leading::{leading, passing};
use super::page::{Page, anchor, capital, heading, linked, plain};
use crate::output::Recorded;
use crate::output::text::{figure, figure_with_interval, grouped};
use crate::suite::{Entry, Notes, ResultRow, TextKind, Verdict};

pub(super) const HEADING: &str = "What it is good for, and where it loses";

/// Groups of experiments by verdict: title, what it means, and the verdicts.
const GROUPS: [(&str, &str, &[Verdict]); 3] = [
    (
        "Reached",
        "The published figure was reached or passed at its own setting.",
        &[Verdict::Better, Verdict::Reproduced],
    ),
    (
        "Not reached",
        "The published figure was not reached at its own setting.",
        &[Verdict::Below],
    ),
    (
        "Beyond what was published",
        "Nobody published a figure for this setting.",
        &[Verdict::NoPublishedFigure],
    ),
];

/// Writes the overview: counts of the verdicts, then one item for each experiment that was run.
pub(super) fn write(page: &mut Page, chapters: &[Chapter<'_>]) -> Result<()> {
    page.line(&format!("## {HEADING}\n"))?;
    let standings: Vec<(&Chapter<'_>, &Recorded, &ResultRow)> =
        chapters.iter().filter_map(standing).collect();
    if standings.is_empty() {
        return page.line("Nothing was run yet.\n");
    }
    for (title, sentences) in [
        ("Good for", gains as fn(&Notes) -> &[String]),
        ("Loses, or costs", losses),
    ] {
        let items: Vec<String> = standings
            .iter()
            .flat_map(|(chapter, recorded, _)| {
                let sentences = sentences(&recorded.record.notes);
                sentences.iter().map(|text| gain(chapter.entry, text))
            })
            .collect();
        if !items.is_empty() {
            page.line(&format!("**{title}**\n\n{}\n", items.join("\n")))?;
        }
    }
    page.line(
        "**Beside the published figures.** Each experiment is judged by one figure on real text, or on generated text \
         where it has no other:\n",
    )?;
    page.table(
        &["", "better", "reproduced", "below", "nothing published"],
        &TextKind::ALL.map(|kind| counts(chapters, kind)),
    )?;
    for (title, meaning, verdicts) in GROUPS {
        let of_group = standings
            .iter()
            .filter(|(_, _, row)| verdicts.contains(&row.verdict));
        let items: Vec<String> = of_group
            .map(|(chapter, recorded, row)| item(chapter.entry, recorded, row))
            .collect();
        if !items.is_empty() {
            page.line(&format!("**{title}.** {meaning}\n"))?;
            page.line(&format!("{}\n", items.join("\n")))?;
        }
    }
    let missing = chapters
        .iter()
        .filter(|chapter| chapter.recorded().is_none());
    let missing: Vec<String> = missing
        .map(|chapter| format!("{} ({})", linked(chapter.entry), chapter.absence()))
        .collect();
    if !missing.is_empty() {
        page.line(&format!("**Missing.** {}\n", missing.join(", ")))?;
    }
    Ok(())
}

/// Counts the verdicts on one kind of text.
fn counts(chapters: &[Chapter<'_>], kind: TextKind) -> Vec<String> {
    let verdicts = chapters
        .iter()
        .filter_map(|chapter| leading(&chapter.recorded()?.rows, kind))
        .map(|row| row.verdict);
    let verdicts: Vec<Verdict> = verdicts.collect();
    let count = |wanted| {
        verdicts
            .iter()
            .filter(|&&verdict| verdict == wanted)
            .count()
    };
    let counts = [
        Verdict::Better,
        Verdict::Reproduced,
        Verdict::Below,
        Verdict::NoPublishedFigure,
    ]
    .map(|verdict| count(verdict).to_string());
    std::iter::once(format!("{kind} text"))
        .chain(counts)
        .collect()
}

/// Returns an experiment with the row by which it is judged: on real text where there is some.
fn standing<'a>(
    chapter: &'a Chapter<'_>,
) -> Option<(&'a Chapter<'a>, &'a Recorded, &'a ResultRow)> {
    let recorded = chapter.recorded()?;
    let row = TextKind::ALL
        .into_iter()
        .find_map(|kind| leading(&recorded.rows, kind))?;
    Some((chapter, recorded, row))
}

/// Says in a few lines what one experiment found: where it falls short of the published figure why, and what it takes
/// to pass it; elsewhere the answer in a sentence.
fn item(entry: &Entry, recorded: &Recorded, row: &ResultRow) -> String {
    let definition = entry.definition();
    let mut text = format!(
        "- **[{}]({})**: {} {} on {}",
        heading(entry),
        anchor(&heading(entry)),
        plain(&row.metric),
        figure_with_interval(row),
        plain(&row.dataset),
    );
    if row.verdict != Verdict::NoPublishedFigure {
        text.push_str(&format!(
            ", published {}",
            plain(&definition.published.text)
        ));
    }
    if row.verdict == Verdict::Below {
        text.push_str(&format!(". {}", sentence(&row.why)));
        if let Some(passing) = passing(&recorded.rows, row, definition) {
            text.push_str(&format!(
                " *It is passed* {}: {} ({}).",
                setting(passing),
                figure(passing.ours),
                plain(passing.why.trim_end_matches('.'))
            ));
        }
    } else {
        text.push_str(&format!(
            ". {}",
            plain(first_sentence(&recorded.record.notes.answer))
        ));
    }
    let generated = leading(&recorded.rows, TextKind::Generated);
    let differs =
        |other: &&ResultRow| row.text_kind == TextKind::Real && other.verdict != row.verdict;
    if let Some(other) = generated.filter(differs) {
        text.push_str(&format!(
            " On generated text: {}, {}.",
            figure_with_interval(other),
            other.verdict
        ));
    }
    text
}

fn gains(notes: &Notes) -> &[String] {
    &notes.gains
}

fn losses(notes: &Notes) -> &[String] {
    &notes.losses
}

/// Writes what a user gains or loses, with a link to the experiment that says so.
fn gain(entry: &Entry, text: &str) -> String {
    let text = capital(&plain(text.trim_end_matches('.')));
    format!("- {text} ({}).", linked(entry))
}

/// Makes a sentence of a reason.
fn sentence(why: &str) -> String {
    format!("{}.", capital(&plain(why.trim_end_matches('.'))))
}

/// Writes the setting of a row, as far as it has one.
fn setting(row: &ResultRow) -> String {
    let named = [("K", row.k), ("n", row.n_probes)];
    let known = named
        .iter()
        .filter_map(|(name, value)| value.map(|value| format!("{name} = {}", grouped(value))));
    let known: Vec<String> = known.collect();
    if known.is_empty() {
        "elsewhere".to_owned()
    } else {
        format!("with {}", known.join(", "))
    }
}

/// Returns the text up to its first full stop, that included.
fn first_sentence(text: &str) -> &str {
    text.split_once(". ")
        .map_or(text, |(first, _)| &text[..=first.len()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::samples::row;
    use crate::suite::ExperimentId;

    #[test]
    fn the_first_sentence_ends_at_its_full_stop() {
        assert_eq!(first_sentence("It is 0.5 here. More."), "It is 0.5 here.");
        assert_eq!(first_sentence("Only this"), "Only this");
    }

    #[test]
    fn settings_name_what_they_have() -> Result<()> {
        let mut row = row(ExperimentId::H2, "R@5", 0.9)?;
        assert_eq!(setting(&row), "with K = 64");
        row.n_probes = Some(1_024);
        assert_eq!(setting(&row), "with K = 64, n = 1,024");
        (row.k, row.n_probes) = (None, None);
        assert_eq!(setting(&row), "elsewhere");
        Ok(())
    }
}
