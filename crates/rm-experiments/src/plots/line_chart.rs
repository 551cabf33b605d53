//! Lines over a common x axis: recall over probes, fidelity over K, a Lorenz curve.

use std::path::Path;

use super::axis::{Ends, FittedAxis};
use super::font::{Fonts, fonts};
use super::legend::{LegendEntry, REFERENCE_DASH, Sample};
use super::plot_area::{EDGE, FOOT, PlotArea, WIDTH, draw_head, label_room};
use super::scene::{Align, Place, Scene};
use super::style::{INK, LABEL_SIZE, Look, Marker, TICK_SIZE};
use super::{Axis, PlotError, PlotFile, Point, Reference, Series, paint};
use crate::output::text::figure;

/// Height of the plot area in pixels.
const PLOT_HEIGHT: f64 = 400.0;
/// Least distance of two labels beside the plot area.
const ROW: f64 = 16.0;

/// Draws several series over one x axis, with error bars or bands and with published figures to
/// compare with.
///
/// ```
/// use rm_experiments::plots::{Axis, AxisScale, LineChart, Point, Reference, Series};
///
/// let points = [(1.0, 0.81), (2.0, 0.93), (4.0, 0.98)];
/// let points = points.map(|(n, recall)| Point::new(n, recall).with_interval(recall - 0.01, recall + 0.01));
/// let chart = LineChart::new(
///     "Recall as probes grow",
///     Axis::new("lists probed (n)", AxisScale::Log2),
///     Axis::linear("R@5 against dense search"),
/// )
/// .series(Series::new("reddit, 5,000 items", points.to_vec()))
/// .reference(Reference::new("published: 0.9916 at n = 4", 0.9916).at(4.0));
/// let folder = tempfile::tempdir()?;
/// let plot = chart.save(folder.path(), "recall", "R@5 over the number of lists probed.")?;
/// assert!(folder.path().join("recall.svg").exists());
/// assert_eq!(plot.stem, "recall");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct LineChart {
    title: String,
    x: Axis,
    y: Axis,
    series: Vec<Series>,
    references: Vec<Reference>,
}

impl LineChart {
    /// Starts a chart.
    #[must_use]
    pub fn new(title: &str, x: Axis, y: Axis) -> Self {
        Self {
            title: title.to_owned(),
            x,
            y,
            series: Vec::new(),
            references: Vec::new(),
        }
    }

    /// Adds a series.
    #[must_use]
    pub fn series(mut self, series: Series) -> Self {
        self.series.push(series);
        self
    }

    /// Adds a horizontal line at a value to compare with.
    #[must_use]
    pub fn reference(mut self, reference: Reference) -> Self {
        self.references.push(reference);
        self
    }

    /// Draws the chart and writes `<stem>.svg` and `<stem>.png` to `folder`.
    ///
    /// # Errors
    /// When there is no point, a coordinate has no place on its axis, or a file cannot be written.
    pub fn save(&self, folder: &Path, stem: &str, caption: &str) -> Result<PlotFile, PlotError> {
        paint::save(&self.scene()?, folder, stem, caption)
    }

    pub(super) fn scene(&self) -> Result<Scene, PlotError> {
        if self.series.iter().all(|series| series.points.is_empty()) {
            return Err(PlotError::Empty {
                title: self.title.clone(),
            });
        }
        let fonts = fonts()?;
        let x = self.x.fit(self.xs(), Ends::Beyond, &self.title)?;
        let y = self.y.fit(self.ys(), Ends::Ticks, &self.title)?;
        let mut scene = Scene::new(WIDTH, 0.0);
        let head = draw_head(&mut scene, fonts, &self.title, &self.legend());
        let area = self.area(fonts, &x, &y, head + LABEL_SIZE + 22.0);
        scene.height = area.bottom + FOOT;

        let width = |label: &str| fonts.width(label, TICK_SIZE, false);
        let shares = |ticks: Vec<(f64, String)>, axis: &FittedAxis| -> Vec<(f64, String)> {
            ticks
                .into_iter()
                .map(|(value, label)| (axis.share(value), label))
                .collect()
        };
        let columns = shares(x.spaced_ticks(area.width(), 10.0, width), &x);
        let rows = shares(y.spaced_ticks(area.height(), 4.0, |_| TICK_SIZE), &y);
        area.draw_columns(&mut scene, &columns, &self.x.label);
        area.draw_rows(&mut scene, &rows, &self.y.label);
        area.draw_frame(&mut scene);
        self.draw_references(&mut scene, &area, &y);
        let place = |x_value: f64, y_value: f64| area.place(x.share(x_value), y.share(y_value));
        for (series, look) in self.looks() {
            draw_series(&mut scene, series, look, &place);
        }
        for reference in &self.references {
            if let Some(at) = reference.at {
                scene.marker(place(at, reference.value), Marker::Star, INK);
            }
        }
        Ok(scene)
    }

    fn looks(&self) -> impl Iterator<Item = (&Series, Look)> {
        let series = self.series.iter().enumerate();
        series.map(|(index, series)| (series, Look::nth(series.look.unwrap_or(index))))
    }

    fn xs(&self) -> impl Iterator<Item = f64> + Clone {
        let points = self
            .series
            .iter()
            .flat_map(|series| &series.points)
            .map(|point| point.x);
        points.chain(self.references.iter().filter_map(|reference| reference.at))
    }

    fn ys(&self) -> impl Iterator<Item = f64> + Clone {
        let heights = |point: &Point| {
            let ends = point.interval.unwrap_or((point.y, point.y));
            [point.y, ends.0, ends.1]
        };
        let points = self
            .series
            .iter()
            .flat_map(|series| &series.points)
            .flat_map(heights);
        points.chain(self.references.iter().map(|reference| reference.value))
    }

    fn legend(&self) -> Vec<LegendEntry> {
        let series = self.looks().map(|(series, look)| LegendEntry {
            label: series.label.clone(),
            sample: Sample::Line {
                look,
                line: series.line,
                markers: series.markers,
            },
        });
        let references = self.references.iter().map(|reference| LegendEntry {
            label: reference.label.clone(),
            sample: Sample::Reference {
                star: reference.at.is_some(),
            },
        });
        series.chain(references).collect()
    }

    fn area(&self, fonts: &Fonts, x: &FittedAxis, y: &FittedAxis, top: f64) -> PlotArea {
        let rows = y.labelled_ticks();
        let columns = x.labelled_ticks();
        let left = label_room(
            fonts,
            rows.iter().map(|tick| tick.1.as_str()),
            TICK_SIZE,
            false,
        );
        let values: Vec<String> = self
            .references
            .iter()
            .map(|reference| figure(reference.value))
            .collect();
        let beside = label_room(fonts, values.iter().map(String::as_str), TICK_SIZE, true);
        // Half of the last label of the x axis may stand out beyond the plot area.
        let last = columns
            .iter()
            .map(|tick| fonts.width(&tick.1, TICK_SIZE, false) / 2.0);
        PlotArea {
            left: EDGE + left,
            top,
            right: WIDTH - EDGE - beside.max(last.fold(0.0, f64::max)),
            bottom: top + PLOT_HEIGHT,
        }
    }

    /// Draws the lines across the plot area and their values beside it, apart enough to be read.
    fn draw_references(&self, scene: &mut Scene, area: &PlotArea, y: &FittedAxis) {
        let mut sorted: Vec<&Reference> = self.references.iter().collect();
        sorted.sort_by(|a, b| b.value.total_cmp(&a.value));
        let mut free = f64::NEG_INFINITY;
        for reference in sorted {
            let height = area.place(0.0, y.share(reference.value)).1;
            let across = [(area.left, height), (area.right, height)];
            scene.dashed(&across, INK, 1.4, REFERENCE_DASH);
            let baseline = (height + TICK_SIZE * 0.36).max(free);
            let at = (area.right + 7.0, baseline);
            scene.bold_text(at, &figure(reference.value), TICK_SIZE, Align::Left);
            free = baseline + ROW;
        }
    }
}

fn draw_series(scene: &mut Scene, series: &Series, look: Look, place: &impl Fn(f64, f64) -> Place) {
    let ends = |point: &Point| {
        let (low, high) = point.interval?;
        Some((place(point.x, low), place(point.x, high)))
    };
    if series.band {
        let intervals: Vec<(Place, Place)> = series.points.iter().filter_map(ends).collect();
        let upper = intervals.iter().map(|(_, high)| *high);
        let lower = intervals.iter().rev().map(|(low, _)| *low);
        if intervals.len() > 1 {
            scene.polygon(upper.chain(lower).collect(), look.colour, 0.18);
        }
    } else {
        for (low, high) in series.points.iter().filter_map(ends) {
            scene.line(vec![low, high], look.colour, 1.4);
            for (x, y) in [low, high] {
                scene.line(vec![(x - 4.0, y), (x + 4.0, y)], look.colour, 1.4);
            }
        }
    }
    let places: Vec<Place> = series
        .points
        .iter()
        .map(|point| place(point.x, point.y))
        .collect();
    if series.line && places.len() > 1 {
        scene.dashed(&places, look.colour, 2.2, look.dash);
    }
    if series.markers {
        for at in places {
            scene.marker(at, look.marker, look.colour);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plots::AxisScale;
    use crate::plots::scene::Shape;

    fn chart(points: &[(f64, f64)]) -> LineChart {
        let points = points.iter().map(|(x, y)| Point::new(*x, *y)).collect();
        LineChart::new("t", Axis::new("n", AxisScale::Log2), Axis::linear("recall"))
            .series(Series::new("reddit", points))
    }

    fn texts(scene: &Scene) -> Vec<String> {
        let text = |shape: &Shape| match shape {
            Shape::Text(text) => Some(text.text.clone()),
            _ => None,
        };
        scene.shapes.iter().filter_map(text).collect()
    }

    #[test]
    fn everything_is_inside_the_picture() -> Result<(), PlotError> {
        let chart = chart(&[(1.0, 0.6), (32.0, 1.0)])
            .reference(Reference::new("published: 0.9916 at n = 4", 0.9916).at(4.0))
            .reference(Reference::new("published: 0.99", 0.99));
        let scene = chart.scene()?;
        let fonts = fonts()?;
        let inside = |(x, y): Place| x >= 0.0 && x <= scene.width && y >= 0.0 && y <= scene.height;
        for shape in &scene.shapes {
            match shape {
                Shape::Line { points, .. } | Shape::Polygon { points, .. } => {
                    assert!(points.iter().copied().all(inside), "{shape:?}");
                }
                Shape::Circle { centre, .. } => assert!(inside(*centre)),
                Shape::Text(text) => {
                    let width = fonts.width(&text.text, text.size, text.bold);
                    let left = match text.align {
                        Align::Left => text.at.0,
                        Align::Centre => text.at.0 - width / 2.0,
                        Align::Right => text.at.0 - width,
                    };
                    assert!(inside((left, text.at.1 - text.size)), "{text:?}");
                    assert!(inside((left + width, text.at.1)), "{text:?}");
                }
            }
        }
        Ok(())
    }

    #[test]
    fn the_published_figure_is_named_and_marked() -> Result<(), PlotError> {
        let scene = chart(&[(1.0, 0.6), (8.0, 0.9)])
            .reference(Reference::new("published: 0.9916 at n = 4", 0.9916).at(4.0))
            .scene()?;
        let texts = texts(&scene);
        assert!(texts.contains(&"published: 0.9916 at n = 4".to_owned()));
        assert!(texts.contains(&"0.9916".to_owned()));
        Ok(())
    }

    #[test]
    fn values_of_close_references_do_not_touch() -> Result<(), PlotError> {
        let scene = chart(&[(1.0, 0.0), (8.0, 1.0)])
            .reference(Reference::new("a", 0.501))
            .reference(Reference::new("b", 0.502))
            .scene()?;
        let baseline = |wanted: &str| {
            let texts = scene.shapes.iter().filter_map(|shape| match shape {
                Shape::Text(text) if text.text == wanted => Some(text.at.1),
                _ => None,
            });
            texts.sum::<f64>()
        };
        assert!(baseline("0.501") - baseline("0.502") >= ROW);
        Ok(())
    }

    #[test]
    fn data_without_a_place_is_an_error() {
        assert!(matches!(chart(&[]).scene(), Err(PlotError::Empty { .. })));
        let zero = chart(&[(0.0, 0.5)]).scene();
        assert!(matches!(zero, Err(PlotError::Unplaceable { .. })));
        let nan = chart(&[(1.0, f64::NAN)]).scene();
        assert!(matches!(nan, Err(PlotError::Unplaceable { .. })));
    }
}
