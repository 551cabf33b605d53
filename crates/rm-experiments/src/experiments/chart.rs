//! What the plots of several experiments have in common.

use crate::plots::{Point, Series};

/// Makes one series a label, in the order in which labels first come, from rows of label and point.
pub(super) fn series_of<'a>(rows: impl IntoIterator<Item = (&'a str, Point)>) -> Vec<Series> {
    let mut groups: Vec<(&str, Vec<Point>)> = Vec::new();
    for (label, point) in rows {
        match groups.iter_mut().find(|(known, _)| *known == label) {
            Some((_, points)) => points.push(point),
            None => groups.push((label, vec![point])),
        }
    }
    groups
        .into_iter()
        .map(|(label, points)| Series::new(label, points))
        .collect()
}
