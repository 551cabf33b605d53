//! Bars that differ without their colour.

use super::scene::{Place, Scene};
use super::style::{Look, PAPER};

/// Fills a bar with the colour and the hatching of look number `look`; the first is plain.
pub(super) fn fill(scene: &mut Scene, from: Place, to: Place, look: usize) {
    let Look { colour, .. } = Look::nth(look);
    scene.rectangle(from, to, colour);
    let (rising, falling, distance) = match look % 4 {
        0 => return,
        1 => (true, false, 8.0),
        2 => (false, true, 8.0),
        _ => (true, true, 10.0),
    };
    let (width, height) = (to.0 - from.0, to.1 - from.1);
    let count = ((width + height) / distance).floor() as usize;
    for index in 1..=count {
        // A diagonal through the bar begins at `way` along its left and lower (or upper) edge.
        let way = index as f64 * distance;
        let start = ((way - height).max(0.0), way.min(height));
        let end = (way.min(width), (way - width).max(0.0));
        let mut stripe = |flip: bool| {
            let place = |(x, y): Place| (from.0 + x, if flip { from.1 + y } else { to.1 - y });
            scene.line(vec![place(start), place(end)], PAPER, 1.6);
        };
        if rising {
            stripe(true);
        }
        if falling {
            stripe(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plots::scene::Shape;

    #[test]
    fn stripes_stay_within_their_bar() {
        let mut scene = Scene::new(100.0, 100.0);
        fill(&mut scene, (10.0, 20.0), (70.0, 40.0), 3);
        let mut stripes = 0;
        for shape in &scene.shapes {
            if let Shape::Line { points, .. } = shape {
                stripes += 1;
                assert!(
                    points
                        .iter()
                        .all(|(x, y)| { (10.0..=70.0).contains(x) && (20.0..=40.0).contains(y) })
                );
            }
        }
        assert!(stripes > 8);
    }
}
