//! Which rows stand for an experiment, and which row shows what it takes to pass the published figure.

use crate::suite::{Better, Definition, Figure, ResultRow, TextKind, Verdict};

/// Returns the row that stands for an experiment on one kind of text: the first that has a
/// published figure or claim to be held against, else the first of all.
pub(super) fn leading(rows: &[ResultRow], text_kind: TextKind) -> Option<&ResultRow> {
    let mut of_kind = rows.iter().filter(|row| row.text_kind == text_kind);
    let compared = of_kind
        .clone()
        .find(|row| row.verdict != Verdict::NoPublishedFigure);
    compared.or_else(|| of_kind.next())
}

/// Returns the first row of the same metric and data set as `row`, which is below the published figure, that is not
/// below it: the experiment measured there what it takes.
pub(super) fn passing<'a>(
    rows: &'a [ResultRow],
    row: &ResultRow,
    definition: &Definition,
) -> Option<&'a ResultRow> {
    let figure = definition.published.figure()?;
    if row.published != Some(figure.value) {
        return None;
    }
    if reaches(row, figure) {
        // Below for another reason than this figure: no setting of it takes that away.
        return None;
    }
    rows.iter().find(|other| {
        other.metric == row.metric
            && other.dataset == row.dataset
            && other.verdict != Verdict::Below
            && reaches(other, figure)
    })
}

fn reaches(row: &ResultRow, figure: Figure) -> bool {
    match figure.better {
        Better::Higher => row.ours >= figure.value - figure.tolerance,
        Better::Lower => row.ours <= figure.value + figure.tolerance,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Result;

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
    fn what_passes_is_of_the_same_metric_and_data_set() -> Result<()> {
        // Published for H2: an R@5 of 0.9916, higher being better.
        let id = ExperimentId::H2;
        let definition = Definition::of(id)?;
        let mut rows = vec![
            row(id, "R@5", 0.8)?,
            row(id, "R@10", 0.999)?,
            row(id, "R@5", 0.998)?,
            row(id, "R@5", 0.995)?,
        ];
        rows[0].published = Some(0.9916);
        for passing in &mut rows[1..] {
            passing.verdict = Verdict::NoPublishedFigure;
        }
        rows[2].dataset = "another".to_owned();
        let found = passing(&rows, &rows[0], &definition);
        assert_eq!(found.map(|row| row.ours), Some(0.995));
        assert_eq!(passing(&rows[..3], &rows[0], &definition), None);
        let good_itself = ResultRow {
            ours: 0.9999,
            ..rows[0].clone()
        };
        assert_eq!(passing(&rows, &good_itself, &definition), None);
        rows[0].published = Some(0.5);
        assert_eq!(passing(&rows, &rows[0], &definition), None);
        Ok(())
    }
}
