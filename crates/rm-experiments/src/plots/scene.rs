//! A picture as a list of shapes, before it becomes SVG or pixels.

use super::style::{Colour, INK, Marker};

/// A place in pixels of the finished picture, from its upper left corner.
pub(super) type Place = (f64, f64);

/// Holds a picture's size in pixels and its shapes, the later ones over the earlier.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) shapes: Vec<Shape>,
}

/// One thing to paint.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Line {
        points: Vec<Place>,
        colour: Colour,
        width: f64,
    },
    Polygon {
        points: Vec<Place>,
        colour: Colour,
        opacity: f64,
    },
    Circle {
        centre: Place,
        radius: f64,
        colour: Colour,
    },
    Text(Text),
}

/// A line of text; `at` is on its baseline.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Text {
    pub(super) at: Place,
    pub(super) text: String,
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) colour: Colour,
    pub(super) align: Align,
}

/// Which end of a text its place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

impl Scene {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self {
            width,
            height,
            shapes: Vec::new(),
        }
    }

    pub(super) fn line(&mut self, points: Vec<Place>, colour: Colour, width: f64) {
        self.shapes.push(Shape::Line {
            points,
            colour,
            width,
        });
    }

    /// Draws a line that is interrupted as `pattern` says: lengths of stroke and gap in turn; none
    /// means unbroken.
    pub(super) fn dashed(&mut self, points: &[Place], colour: Colour, width: f64, pattern: &[f64]) {
        for stroke in strokes(points, pattern) {
            self.line(stroke, colour, width);
        }
    }

    pub(super) fn polygon(&mut self, points: Vec<Place>, colour: Colour, opacity: f64) {
        self.shapes.push(Shape::Polygon {
            points,
            colour,
            opacity,
        });
    }

    pub(super) fn rectangle(&mut self, from: Place, to: Place, colour: Colour) {
        let points = vec![from, (to.0, from.1), to, (from.0, to.1)];
        self.polygon(points, colour, 1.0);
    }

    pub(super) fn text(&mut self, at: Place, text: &str, size: f64, align: Align) {
        let text = text.to_owned();
        self.shapes.push(Shape::Text(Text {
            at,
            text,
            size,
            bold: false,
            colour: INK,
            align,
        }));
    }

    pub(super) fn bold_text(&mut self, at: Place, text: &str, size: f64, align: Align) {
        let text = text.to_owned();
        self.shapes.push(Shape::Text(Text {
            at,
            text,
            size,
            bold: true,
            colour: INK,
            align,
        }));
    }

    pub(super) fn marker(&mut self, (x, y): Place, marker: Marker, colour: Colour) {
        let outline = |corners: &[Place]| -> Vec<Place> {
            corners.iter().map(|(dx, dy)| (x + dx, y + dy)).collect()
        };
        match marker {
            Marker::Circle => {
                self.shapes.push(Shape::Circle {
                    centre: (x, y),
                    radius: 4.5,
                    colour,
                });
            }
            Marker::Cross => {
                self.line(outline(&[(-4.0, -4.0), (4.0, 4.0)]), colour, 2.2);
                self.line(outline(&[(-4.0, 4.0), (4.0, -4.0)]), colour, 2.2);
            }
            Marker::Star => self.polygon(outline(&star()), colour, 1.0),
            Marker::Polygon(corners) => self.polygon(outline(corners), colour, 1.0),
        }
    }
}

/// Returns a star of five rays round the origin.
fn star() -> [Place; 10] {
    std::array::from_fn(|corner| {
        let radius = if corner % 2 == 0 { 8.0 } else { 3.4 };
        let angle = std::f64::consts::PI * (corner as f64 / 5.0 - 0.5);
        (radius * angle.cos(), radius * angle.sin())
    })
}

/// Cuts a line into the strokes of a dash pattern, which runs on round its corners.
fn strokes(points: &[Place], pattern: &[f64]) -> Vec<Vec<Place>> {
    let mut finished = Vec::new();
    if pattern.iter().sum::<f64>() <= 0.0 {
        finished.push(points.to_vec());
        return finished;
    }
    let mut phase = 0;
    let mut left = pattern[0];
    let mut stroke: Vec<Place> = points.first().copied().into_iter().collect();
    for pair in points.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let at = |way: f64| {
            (
                from.0 + (to.0 - from.0) * way / length,
                from.1 + (to.1 - from.1) * way / length,
            )
        };
        let mut way = 0.0;
        while length - way > left {
            way += left;
            if phase % 2 == 0 {
                stroke.push(at(way));
                finished.push(std::mem::take(&mut stroke));
            } else {
                stroke = vec![at(way)];
            }
            phase += 1;
            left = pattern[phase % pattern.len()];
        }
        left -= length - way;
        if phase % 2 == 0 {
            stroke.push(to);
        }
    }
    if stroke.len() > 1 {
        finished.push(stroke);
    }
    finished
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_have_the_lengths_asked_for() {
        let strokes = strokes(&[(0.0, 0.0), (10.0, 0.0)], &[4.0, 2.0]);
        let expected = [[(0.0, 0.0), (4.0, 0.0)], [(6.0, 0.0), (10.0, 0.0)]];
        assert_eq!(strokes, expected);
    }

    #[test]
    fn a_dash_goes_round_a_corner() {
        let strokes = strokes(&[(0.0, 0.0), (3.0, 0.0), (3.0, 5.0)], &[4.0, 2.0]);
        let first = vec![(0.0, 0.0), (3.0, 0.0), (3.0, 1.0)];
        assert_eq!(strokes, [first, vec![(3.0, 3.0), (3.0, 5.0)]]);
    }

    #[test]
    fn no_pattern_is_an_unbroken_line() {
        let points = [(0.0, 0.0), (3.0, 0.0), (3.0, 5.0)];
        assert_eq!(strokes(&points, &[]), [points.to_vec()]);
    }
}
