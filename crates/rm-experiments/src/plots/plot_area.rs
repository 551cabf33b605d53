//! The part of a chart that holds the data, and what stands round it.

use super::font::Fonts;
use super::legend::{self, LegendEntry};
use super::scene::{Align, Place, Scene};
use super::style::{FRAME, GRID, LABEL_SIZE, TICK_SIZE, TITLE_SIZE};

/// Width of every chart in pixels.
pub(super) const WIDTH: f64 = 900.0;
/// Free space at the edges of the picture.
pub(super) const EDGE: f64 = 18.0;
/// Room below the plot area for ticks and label.
pub(super) const FOOT: f64 = 62.0;
/// Space between a tick's label and the plot area.
const TICK_GAP: f64 = 8.0;

/// Holds the edges of the plot area in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PlotArea {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

/// Draws title and legend; returns how far down they reach.
pub(super) fn draw_head(
    scene: &mut Scene,
    fonts: &Fonts,
    title: &str,
    entries: &[LegendEntry],
) -> f64 {
    let width = WIDTH - 2.0 * EDGE;
    let mut bottom = EDGE;
    for line in fonts.wrap(title, TITLE_SIZE, true, width) {
        bottom += TITLE_SIZE * 1.25;
        scene.bold_text(
            (EDGE, bottom - TITLE_SIZE * 0.3),
            &line,
            TITLE_SIZE,
            Align::Left,
        );
    }
    bottom += 6.0;
    bottom + legend::draw(scene, fonts, entries, (EDGE, bottom), width)
}

impl PlotArea {
    pub(super) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// Returns the place of a point given as shares of the two axes.
    pub(super) fn place(&self, x: f64, y: f64) -> Place {
        (
            self.left + x * self.width(),
            self.bottom - y * self.height(),
        )
    }

    /// Draws grid lines and labels below; each tick is its share of the axis and its label.
    pub(super) fn draw_columns(&self, scene: &mut Scene, ticks: &[(f64, String)], label: &str) {
        for (share, text) in ticks {
            let x = self.place(*share, 0.0).0;
            scene.line(vec![(x, self.top), (x, self.bottom)], GRID, 1.0);
            scene.line(vec![(x, self.bottom), (x, self.bottom + 4.0)], FRAME, 1.0);
            scene.text((x, self.bottom + 20.0), text, TICK_SIZE, Align::Centre);
        }
        let middle = (self.left + self.right) / 2.0;
        scene.text(
            (middle, self.bottom + 44.0),
            label,
            LABEL_SIZE,
            Align::Centre,
        );
    }

    /// Draws grid lines and labels at the left, and the axis's label above them, where it is read
    /// without turning the head.
    pub(super) fn draw_rows(&self, scene: &mut Scene, ticks: &[(f64, String)], label: &str) {
        for (share, text) in ticks {
            let y = self.place(0.0, *share).1;
            scene.line(vec![(self.left, y), (self.right, y)], GRID, 1.0);
            let at = (self.left - TICK_GAP, y + TICK_SIZE * 0.36);
            scene.text(at, text, TICK_SIZE, Align::Right);
        }
        scene.text((EDGE, self.top - 14.0), label, LABEL_SIZE, Align::Left);
    }

    pub(super) fn draw_frame(&self, scene: &mut Scene) {
        let corners = [
            (self.left, self.top),
            (self.left, self.bottom),
            (self.right, self.bottom),
            (self.right, self.top),
            (self.left, self.top),
        ];
        scene.line(corners.to_vec(), FRAME, 1.0);
    }
}

/// Returns the room that the widest of `labels` takes beside the plot area.
pub(super) fn label_room<'a>(
    fonts: &Fonts,
    labels: impl Iterator<Item = &'a str>,
    size: f64,
    bold: bool,
) -> f64 {
    let widest = labels
        .map(|label| fonts.width(label, size, bold))
        .fold(0.0, f64::max);
    if widest > 0.0 { widest + TICK_GAP } else { 0.0 }
}
