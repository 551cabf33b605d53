//! The legend: samples with their labels in rows above the plot area.

use super::font::Fonts;
use super::hatching::fill;
use super::scene::{Align, Place, Scene};
use super::style::{INK, LABEL_SIZE, Look, Marker};

const SAMPLE_WIDTH: f64 = 36.0;
const SAMPLE_GAP: f64 = 7.0;
const ENTRY_GAP: f64 = 24.0;
/// Height of one row.
const ROW_HEIGHT: f64 = 22.0;

/// Dash pattern of reference lines.
pub(super) const REFERENCE_DASH: &[f64] = &[4.0, 3.0];

/// One entry of a legend.
#[derive(Debug, Clone)]
pub(super) struct LegendEntry {
    pub(super) label: String,
    pub(super) sample: Sample,
}

/// What an entry shows before its label.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sample {
    /// A line with or without markers, or markers alone.
    Line {
        look: Look,
        line: bool,
        markers: bool,
    },
    /// A piece of a bar.
    Bar { look: usize },
    /// A reference line, with a star where it marks a point.
    Reference { star: bool },
}

/// Places entries in rows no wider than `width`; returns the height they take.
pub(super) fn draw(
    scene: &mut Scene,
    fonts: &Fonts,
    entries: &[LegendEntry],
    (left, top): Place,
    width: f64,
) -> f64 {
    let (mut x, mut row) = (left, 0.0);
    for entry in entries {
        let extent = SAMPLE_WIDTH + SAMPLE_GAP + fonts.width(&entry.label, LABEL_SIZE, false);
        if x > left && x + extent > left + width {
            (x, row) = (left, row + 1.0);
        }
        let middle = top + (row + 0.5) * ROW_HEIGHT;
        sample(scene, entry.sample, (x, middle));
        let at = (x + SAMPLE_WIDTH + SAMPLE_GAP, middle + LABEL_SIZE * 0.36);
        scene.text(at, &entry.label, LABEL_SIZE, Align::Left);
        x += extent + ENTRY_GAP;
    }
    if entries.is_empty() {
        0.0
    } else {
        (row + 1.0) * ROW_HEIGHT
    }
}

fn sample(scene: &mut Scene, sample: Sample, (x, y): Place) {
    let stroke = [(x, y), (x + SAMPLE_WIDTH, y)];
    let centre = (x + SAMPLE_WIDTH / 2.0, y);
    match sample {
        Sample::Line {
            look,
            line,
            markers,
        } => {
            if line {
                scene.dashed(&stroke, look.colour, 2.2, look.dash);
            }
            if markers {
                scene.marker(centre, look.marker, look.colour);
            }
        }
        Sample::Bar { look } => {
            fill(scene, (x, y - 7.0), (x + SAMPLE_WIDTH, y + 7.0), look);
        }
        Sample::Reference { star } => {
            scene.dashed(&stroke, INK, 1.4, REFERENCE_DASH);
            if star {
                scene.marker(centre, Marker::Star, INK);
            }
        }
    }
}
