//! The plots that the experiments need, each written as SVG and PNG from one drawing.
//!
//! A chart composes a scene of simple shapes; the scene is painted through plotters onto both
//! formats. Series differ by colour, marker and dash pattern, so that a plot is readable without
//! colour; the legend stands above the plot area and covers nothing; text is set in a font that
//! ships with the project.

mod axis;
mod bar_chart;
mod bars;
mod error;
mod font;
mod hatching;
mod legend;
mod line_chart;
mod paint;
mod plot_area;
mod plot_file;
mod reference;
mod scene;
mod series;
mod style;
mod ticks;

pub use axis::{Axis, AxisScale};
pub use bar_chart::BarChart;
pub use bars::{Bar, BarSeries};
pub use error::PlotError;
pub use font::missing_glyph;
pub use line_chart::LineChart;
pub use plot_file::PlotFile;
pub use reference::Reference;
pub use series::{Point, Series};
