//! How series differ: by colour, by marker and by dash pattern at once.

use super::scene::Place;

/// Red, green and blue.
pub(super) type Colour = (u8, u8, u8);

/// Text, and lines that are no data.
pub(super) const INK: Colour = (38, 38, 38);
/// The frame of the plot area.
pub(super) const FRAME: Colour = (120, 120, 120);
/// Lines that help the eye from the axis to the data.
pub(super) const GRID: Colour = (226, 226, 226);
/// What lies beneath everything.
pub(super) const PAPER: Colour = (255, 255, 255);

pub(super) const TITLE_SIZE: f64 = 18.0;
pub(super) const LABEL_SIZE: f64 = 14.0;
pub(super) const TICK_SIZE: f64 = 13.0;

/// Colours that people with the common forms of colour blindness tell apart (Okabe and Ito, 2008).
const COLOURS: [Colour; 7] = [
    (0, 114, 178),
    (213, 94, 0),
    (0, 158, 115),
    (204, 121, 167),
    (86, 180, 233),
    (196, 138, 0),
    (90, 90, 90),
];

const MARKERS: [Marker; 8] = [
    Marker::Circle,
    Marker::Polygon(&[(-4.2, -4.2), (4.2, -4.2), (4.2, 4.2), (-4.2, 4.2)]),
    Marker::Polygon(&[(0.0, -5.5), (5.2, 4.0), (-5.2, 4.0)]),
    Marker::Polygon(&[(0.0, -6.0), (6.0, 0.0), (0.0, 6.0), (-6.0, 0.0)]),
    Marker::Polygon(&[(0.0, 5.5), (5.2, -4.0), (-5.2, -4.0)]),
    Marker::Cross,
    Marker::Polygon(&[(-5.5, 0.0), (4.0, -5.2), (4.0, 5.2)]),
    Marker::Polygon(&[(5.5, 0.0), (-4.0, -5.2), (-4.0, 5.2)]),
];

const DASHES: [&[f64]; 5] = [
    &[],
    &[9.0, 4.0],
    &[2.5, 3.0],
    &[9.0, 3.5, 2.5, 3.5],
    &[15.0, 4.0],
];

/// The shape at each point of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Marker {
    Circle,
    Cross,
    Star,
    Polygon(&'static [Place]),
}

/// The look of one series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Look {
    pub(super) colour: Colour,
    pub(super) marker: Marker,
    pub(super) dash: &'static [f64],
}

impl Look {
    /// Returns look number `index`; the numbers of colours, markers and dashes share no divisor, so
    /// looks repeat only after 280.
    pub(super) fn nth(index: usize) -> Self {
        Self {
            colour: COLOURS[index % COLOURS.len()],
            marker: MARKERS[index % MARKERS.len()],
            dash: DASHES[index % DASHES.len()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_differ_without_their_colour() {
        for first in 0..40 {
            for second in 0..first {
                let (a, b) = (Look::nth(first), Look::nth(second));
                assert!(
                    a.marker != b.marker || a.dash != b.dash,
                    "{first} and {second}"
                );
            }
        }
    }
}
