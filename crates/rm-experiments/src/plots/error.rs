//! Why a plot could not be made.

use std::path::PathBuf;

/// Says why a plot could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlotError {
    /// There is nothing to draw.
    #[error("the plot {title:?} has no data; expected at least one series with one point")]
    Empty {
        /// Title of the plot.
        title: String,
    },
    /// A coordinate has no place on its axis.
    #[error(
        "the plot {title:?} cannot place {value} on the axis {axis:?}; expected finite numbers, above zero on a logarithmic axis, \
         within the axis's range if it has a fixed one"
    )]
    Unplaceable {
        /// Title of the plot.
        title: String,
        /// Label of the axis.
        axis: String,
        /// The coordinate.
        value: f64,
    },
    /// A group of bars has more or fewer values than there are categories.
    #[error(
        "the series {series:?} has {got} bars, expected one for each of the {expected} categories"
    )]
    BarCount {
        /// Label of the series.
        series: String,
        /// Number of categories.
        expected: usize,
        /// Number of bars.
        got: usize,
    },
    /// The font that ships with the project has no picture of a character.
    #[error(
        "the text {text:?} holds {character:?}, which the font of the plots lacks; \
         use another character or extend the font (assets/fonts/README.md says how)"
    )]
    MissingGlyph {
        /// The text.
        text: String,
        /// The first such character.
        character: char,
    },
    /// The drawing library failed.
    #[error("cannot draw: {0}")]
    Drawing(String),
    /// The picture could not be encoded.
    #[error("cannot encode a PNG")]
    Encoding(#[from] png::EncodingError),
    /// The file could not be written.
    #[error("cannot write the plot {}", path.display())]
    Writing {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
