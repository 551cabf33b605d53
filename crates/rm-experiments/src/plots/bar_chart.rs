//! Bars by category: Gini by rule, bytes by design.

use std::path::Path;

use super::axis::{Ends, FittedAxis};
use super::font::{Fonts, fonts};
use super::hatching::fill;
use super::legend::{LegendEntry, REFERENCE_DASH, Sample};
use super::plot_area::{EDGE, FOOT, PlotArea, WIDTH, draw_head, label_room};
use super::scene::{Align, Scene};
use super::style::{FRAME, INK, PAPER, TICK_SIZE};
use super::{Axis, Bar, BarSeries, PlotError, PlotFile, Reference, paint};
use crate::output::text::figure;

const BAR_HEIGHT: f64 = 20.0;
const BAR_GAP: f64 = 3.0;
const CATEGORY_GAP: f64 = 16.0;
/// Widest that the names of the categories may become before they are broken into lines.
const NAME_WIDTH: f64 = 240.0;
const NAME_LINE: f64 = 16.0;

/// Draws horizontal bars, grouped by category, each with its value at its end.
///
/// Bars lie, because names of rules and designs are long; series differ by colour and hatching.
#[derive(Debug, Clone)]
pub struct BarChart {
    title: String,
    axis: Axis,
    categories: Vec<String>,
    series: Vec<BarSeries>,
    references: Vec<Reference>,
}

impl BarChart {
    /// Starts a chart; on a linear axis bars begin at zero, on a logarithmic one at its lower end.
    #[must_use]
    pub fn new(title: &str, axis: Axis, categories: Vec<String>) -> Self {
        let title = title.to_owned();
        Self {
            title,
            axis,
            categories,
            series: Vec::new(),
            references: Vec::new(),
        }
    }

    /// Adds a series.
    #[must_use]
    pub fn series(mut self, series: BarSeries) -> Self {
        self.series.push(series);
        self
    }

    /// Adds a vertical line at a value to compare with.
    #[must_use]
    pub fn reference(mut self, reference: Reference) -> Self {
        self.references.push(reference);
        self
    }

    /// Draws the chart and writes `<stem>.svg` and `<stem>.png` to `folder`.
    ///
    /// # Errors
    /// When there is no bar, a series lacks one, a value has no place on the axis, or a file cannot
    /// be written.
    pub fn save(&self, folder: &Path, stem: &str, caption: &str) -> Result<PlotFile, PlotError> {
        paint::save(&self.scene()?, folder, stem, caption)
    }

    pub(super) fn scene(&self) -> Result<Scene, PlotError> {
        self.check()?;
        let fonts = fonts()?;
        let axis = self
            .axis
            .clone()
            .from_zero()
            .fit(self.values(), Ends::Powers, &self.title)?;
        let names: Vec<Vec<String>> = self
            .categories
            .iter()
            .map(|name| fonts.wrap(name, TICK_SIZE, false, NAME_WIDTH))
            .collect();
        let mut scene = Scene::new(WIDTH, 0.0);
        let head = draw_head(&mut scene, fonts, &self.title, &self.legend());
        let area = self.area(fonts, &axis, &names, head);
        scene.height = area.bottom + FOOT;

        let width = |label: &str| fonts.width(label, TICK_SIZE, false);
        let ticks = axis.spaced_ticks(area.width(), 10.0, width);
        let columns: Vec<(f64, String)> = ticks
            .into_iter()
            .map(|(value, label)| (axis.share(value), label))
            .collect();
        area.draw_columns(&mut scene, &columns, &self.axis.label);
        let bars = self.draw_categories(&mut scene, &area, &names);
        for placed in &bars {
            draw_bar(&mut scene, &area, &axis, placed);
        }
        self.draw_references(&mut scene, &area, &axis, fonts);
        // Values come last, on paper of their own, so that no line runs through them.
        for placed in &bars {
            draw_value(&mut scene, &area, &axis, placed, fonts);
        }
        scene.line(
            vec![(area.left, area.top), (area.left, area.bottom)],
            FRAME,
            1.0,
        );
        scene.line(
            vec![(area.left, area.bottom), (area.right, area.bottom)],
            FRAME,
            1.0,
        );
        Ok(scene)
    }

    fn check(&self) -> Result<(), PlotError> {
        if self.series.is_empty() || self.categories.is_empty() {
            return Err(PlotError::Empty {
                title: self.title.clone(),
            });
        }
        let expected = self.categories.len();
        match self
            .series
            .iter()
            .find(|series| series.bars.len() != expected)
        {
            Some(BarSeries { label, bars }) => Err(PlotError::BarCount {
                series: label.clone(),
                expected,
                got: bars.len(),
            }),
            None => Ok(()),
        }
    }

    fn values(&self) -> impl Iterator<Item = f64> + Clone {
        let ends = |bar: &Bar| {
            let interval = bar.interval.unwrap_or((bar.value, bar.value));
            [bar.value, interval.0, interval.1]
        };
        let bars = self
            .series
            .iter()
            .flat_map(|series| &series.bars)
            .flat_map(ends);
        bars.chain(self.references.iter().map(|reference| reference.value))
    }

    fn legend(&self) -> Vec<LegendEntry> {
        let series = self
            .series
            .iter()
            .enumerate()
            .map(|(look, series)| LegendEntry {
                label: series.label.clone(),
                sample: Sample::Bar { look },
            });
        let references = self.references.iter().map(|reference| LegendEntry {
            label: reference.label.clone(),
            sample: Sample::Reference { star: false },
        });
        // One series needs no key: the axis says what it is.
        series
            .filter(|_| self.series.len() > 1)
            .chain(references)
            .collect()
    }

    fn category_height(&self, name: &[String]) -> f64 {
        let bars = self.series.len() as f64 * (BAR_HEIGHT + BAR_GAP) - BAR_GAP;
        bars.max(name.len() as f64 * NAME_LINE)
    }

    fn area(&self, fonts: &Fonts, axis: &FittedAxis, names: &[Vec<String>], head: f64) -> PlotArea {
        let lines = names.iter().flatten().map(String::as_str);
        let left = EDGE + label_room(fonts, lines, TICK_SIZE, false);
        // The value at the end of each bar may stand out beyond the plot area: shrink until none
        // leaves the picture. So may half of the last tick's label.
        let ticks = axis.labelled_ticks();
        let last = ticks
            .last()
            .map_or(0.0, |tick| fonts.width(&tick.1, TICK_SIZE, false) / 2.0);
        let mut right = WIDTH - EDGE - last;
        for bar in self.series.iter().flat_map(|series| &series.bars) {
            let value = fonts.width(&figure(bar.value), TICK_SIZE, false) + 12.0;
            let share = axis.share(bar.end()).max(0.05);
            right = f64::min(right, left + (WIDTH - EDGE - value - left) / share);
        }
        // The values of reference lines stand in a row of their own above the plot area.
        let above = if self.references.is_empty() {
            10.0
        } else {
            12.0 + TICK_SIZE
        };
        let heights = names
            .iter()
            .map(|name| self.category_height(name) + CATEGORY_GAP);
        let top = head + above;
        PlotArea {
            left,
            top,
            right,
            bottom: top + heights.sum::<f64>(),
        }
    }

    /// Draws the names of the categories and returns where each bar goes.
    fn draw_categories(
        &self,
        scene: &mut Scene,
        area: &PlotArea,
        names: &[Vec<String>],
    ) -> Vec<PlacedBar> {
        let mut placed = Vec::new();
        let mut top = area.top + CATEGORY_GAP / 2.0;
        for (category, name) in names.iter().enumerate() {
            let height = self.category_height(name);
            let middle = top + height / 2.0;
            let first = middle - (name.len() as f64 - 1.0) * NAME_LINE / 2.0 + TICK_SIZE * 0.36;
            for (line, text) in name.iter().enumerate() {
                let at = (area.left - 8.0, first + line as f64 * NAME_LINE);
                scene.text(at, text, TICK_SIZE, Align::Right);
            }
            let bars = self.series.len() as f64 * (BAR_HEIGHT + BAR_GAP) - BAR_GAP;
            for (look, series) in self.series.iter().enumerate() {
                let top = middle - bars / 2.0 + look as f64 * (BAR_HEIGHT + BAR_GAP);
                placed.push(PlacedBar {
                    bar: series.bars[category],
                    top,
                    look,
                });
            }
            top += height + CATEGORY_GAP;
        }
        placed
    }

    fn draw_references(
        &self,
        scene: &mut Scene,
        area: &PlotArea,
        axis: &FittedAxis,
        fonts: &Fonts,
    ) {
        for reference in &self.references {
            let x = area.place(axis.share(reference.value), 0.0).0;
            scene.dashed(&[(x, area.top), (x, area.bottom)], INK, 1.4, REFERENCE_DASH);
            let text = figure(reference.value);
            let half = fonts.width(&text, TICK_SIZE, true) / 2.0;
            let at = (x.clamp(EDGE + half, WIDTH - EDGE - half), area.top - 7.0);
            scene.bold_text(at, &text, TICK_SIZE, Align::Centre);
        }
    }
}

/// A bar with the height of its upper edge and the number of its look.
struct PlacedBar {
    bar: Bar,
    top: f64,
    look: usize,
}

impl PlacedBar {
    fn middle(&self) -> f64 {
        self.top + BAR_HEIGHT / 2.0
    }
}

/// Returns where bars begin: at zero, or at the lower end of a logarithmic axis.
fn base(area: &PlotArea, axis: &FittedAxis) -> f64 {
    area.place(axis.share(axis.low().max(0.0)), 0.0).0
}

fn draw_bar(scene: &mut Scene, area: &PlotArea, axis: &FittedAxis, placed: &PlacedBar) {
    let x = |value: f64| area.place(axis.share(value), 0.0).0;
    let (base, end) = (base(area, axis), x(placed.bar.value));
    let corners = (
        (base.min(end), placed.top),
        (base.max(end), placed.top + BAR_HEIGHT),
    );
    fill(scene, corners.0, corners.1, placed.look);
    if let Some((low, high)) = placed.bar.interval {
        let middle = placed.middle();
        scene.line(vec![(x(low), middle), (x(high), middle)], INK, 1.4);
        for end in [x(low), x(high)] {
            scene.line(vec![(end, middle - 4.0), (end, middle + 4.0)], INK, 1.4);
        }
    }
}

fn draw_value(
    scene: &mut Scene,
    area: &PlotArea,
    axis: &FittedAxis,
    placed: &PlacedBar,
    fonts: &Fonts,
) {
    let text = figure(placed.bar.value);
    let end = area
        .place(axis.share(placed.bar.end()), 0.0)
        .0
        .max(base(area, axis));
    let (x, middle) = (end + 6.0, placed.middle());
    let width = fonts.width(&text, TICK_SIZE, false);
    scene.rectangle(
        (x - 2.0, middle - 8.0),
        (x + width + 2.0, middle + 8.0),
        PAPER,
    );
    scene.text(
        (x, middle + TICK_SIZE * 0.36),
        &text,
        TICK_SIZE,
        Align::Left,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plots::scene::Shape;
    use crate::plots::style::Look;

    fn chart() -> BarChart {
        let categories = vec!["ceil(N / 20)".to_owned(), "sqrt(N)".to_owned()];
        BarChart::new("Gini by rule", Axis::linear("Gini coefficient"), categories)
    }

    #[test]
    fn lengths_are_in_proportion() -> Result<(), PlotError> {
        let bars = vec![Bar::new(0.2), Bar::new(0.4)];
        let scene = chart().series(BarSeries::new("reddit", bars)).scene()?;
        let colour = Look::nth(0).colour;
        let widths: Vec<f64> = scene
            .shapes
            .iter()
            .filter_map(|shape| match shape {
                Shape::Polygon {
                    points,
                    colour: found,
                    ..
                } if *found == colour => Some(points[1].0 - points[0].0),
                _ => None,
            })
            .collect();
        assert_eq!(widths.len(), 2);
        assert!((widths[1] / widths[0] - 2.0).abs() < 1e-9, "{widths:?}");
        Ok(())
    }

    #[test]
    fn a_series_needs_a_bar_for_each_category() {
        let short = chart()
            .series(BarSeries::new("reddit", vec![Bar::new(0.2)]))
            .scene();
        assert!(matches!(
            short,
            Err(PlotError::BarCount {
                expected: 2,
                got: 1,
                ..
            })
        ));
        assert!(matches!(chart().scene(), Err(PlotError::Empty { .. })));
    }
}
