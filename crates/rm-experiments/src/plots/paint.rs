//! Scenes onto paper: one painter, two formats.

use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::{
    BitMapBackend, Circle, DrawingArea, DrawingBackend, IntoDrawingArea as _, PathElement, Polygon,
    RGBColor, SVGBackend,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontDesc, FontFamily, FontStyle, TextStyle};

use super::font::{FAMILY, fonts, missing_glyph};
use super::scene::{Align, Place, Scene, Shape, Text};
use super::style::{Colour, PAPER};
use super::{PlotError, PlotFile};
use crate::output::AtomicFile;

/// Units of the drawing per pixel of the finished picture. Plotters places shapes at whole units,
/// so a finer grid is what makes slanted lines smooth.
const UNITS: f64 = 4.0;

/// Units of the drawing along each edge of one dot of a PNG, which are averaged; `UNITS / AVERAGED`
/// dots make a pixel.
const AVERAGED: usize = 2;

/// Writes `<stem>.svg` and `<stem>.png` to `folder`.
pub(super) fn save(
    scene: &Scene,
    folder: &Path,
    stem: &str,
    caption: &str,
) -> Result<PlotFile, PlotError> {
    for (ending, bytes) in [("svg", svg(scene)?.into_bytes()), ("png", png(scene)?)] {
        let path = folder.join(format!("{stem}.{ending}"));
        AtomicFile::write(&path, &bytes).map_err(|source| PlotError::Writing {
            path,
            source: source.into(),
        })?;
    }
    Ok(PlotFile {
        stem: stem.to_owned(),
        caption: caption.to_owned(),
    })
}

/// Returns the scene as SVG.
pub(super) fn svg(scene: &Scene) -> Result<String, PlotError> {
    let (width, height) = size(scene);
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (width, height)).into_drawing_area();
        paint(scene, &area, element_text)?;
    }
    // The view box keeps the fine grid; what is shown has the size that was asked for.
    let drawn = format!("width=\"{width}\" height=\"{height}\"");
    let shown = format!("width=\"{}\" height=\"{}\"", scene.width, scene.height);
    Ok(text.replacen(&drawn, &shown, 1))
}

/// Returns the scene as PNG of two dots per pixel.
pub(super) fn png(scene: &Scene) -> Result<Vec<u8>, PlotError> {
    let (width, height) = size(scene);
    let mut units = vec![255; width as usize * height as usize * 3];
    {
        let area = BitMapBackend::with_buffer(&mut units, (width, height)).into_drawing_area();
        paint(scene, &area, pixel_text)?;
    }
    let dots = averaged(&units, width as usize, height as usize);
    let mut bytes = Vec::new();
    let shrunk = |units: u32| units / AVERAGED as u32;
    let mut encoder = png::Encoder::new(&mut bytes, shrunk(width), shrunk(height));
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&dots)?;
    writer.finish()?;
    Ok(bytes)
}

fn size(scene: &Scene) -> (u32, u32) {
    (
        (scene.width * UNITS).round() as u32,
        (scene.height * UNITS).round() as u32,
    )
}

/// Shrinks an RGB picture by the mean of each `AVERAGED x AVERAGED` block.
fn averaged(units: &[u8], width: usize, height: usize) -> Vec<u8> {
    let (columns, rows) = (width / AVERAGED, height / AVERAGED);
    let mut dots = Vec::with_capacity(columns * rows * 3);
    for row in 0..rows {
        for column in 0..columns {
            for channel in 0..3 {
                let sum: usize = (0..AVERAGED * AVERAGED)
                    .map(|unit| {
                        let y = row * AVERAGED + unit / AVERAGED;
                        let x = column * AVERAGED + unit % AVERAGED;
                        usize::from(units[(y * width + x) * 3 + channel])
                    })
                    .sum();
                dots.push((sum / (AVERAGED * AVERAGED)) as u8);
            }
        }
    }
    dots
}

fn paint<DB: DrawingBackend>(
    scene: &Scene,
    area: &DrawingArea<DB, Shift>,
    paint_text: impl Fn(&Text, &DrawingArea<DB, Shift>) -> Result<(), PlotError>,
) -> Result<(), PlotError> {
    area.fill(&rgb(PAPER)).map_err(drawing)?;
    for shape in &scene.shapes {
        match shape {
            Shape::Line {
                points,
                colour,
                width,
            } => {
                let style = rgb(*colour).stroke_width((width * UNITS).round() as u32);
                area.draw(&PathElement::new(grid(points), style))
                    .map_err(drawing)?;
            }
            Shape::Polygon {
                points,
                colour,
                opacity,
            } => {
                area.draw(&Polygon::new(
                    grid(points),
                    rgb(*colour).mix(*opacity).filled(),
                ))
                .map_err(drawing)?;
            }
            Shape::Circle {
                centre,
                radius,
                colour,
            } => {
                let radius = (radius * UNITS).round() as i32;
                area.draw(&Circle::new(
                    on_grid(*centre),
                    radius,
                    rgb(*colour).filled(),
                ))
                .map_err(drawing)?;
            }
            Shape::Text(text) => {
                if let Some(character) = missing_glyph(&text.text)? {
                    return Err(PlotError::MissingGlyph {
                        text: text.text.clone(),
                        character,
                    });
                }
                paint_text(text, area)?;
            }
        }
    }
    area.present().map_err(drawing)
}

/// Sets a text as an element of the SVG, which whoever views it sets in the first family they have.
fn element_text<DB: DrawingBackend>(
    text: &Text,
    area: &DrawingArea<DB, Shift>,
) -> Result<(), PlotError> {
    // Plotters divides sizes by 1.24 and sets the baseline 0.76 em below a place at the top.
    let em = text.size * UNITS;
    let weight = if text.bold {
        FontStyle::Bold
    } else {
        FontStyle::Normal
    };
    let font = FontDesc::new(FontFamily::Name(FAMILY), em * 1.24, weight);
    let anchor = match text.align {
        Align::Left => HPos::Left,
        Align::Centre => HPos::Center,
        Align::Right => HPos::Right,
    };
    let colour = rgb(text.colour);
    let style = TextStyle::from(font)
        .color(&colour)
        .pos(Pos::new(anchor, VPos::Top));
    let place = (text.at.0 * UNITS, text.at.1 * UNITS - em * 0.76);
    area.draw_text(
        &text.text,
        &style,
        (place.0.round() as i32, place.1.round() as i32),
    )
    .map_err(drawing)
}

/// Sets a text in pixels. Plotters' own setting moves every glyph to the left edge of its box,
/// which makes spaces uneven.
fn pixel_text<DB: DrawingBackend>(
    text: &Text,
    area: &DrawingArea<DB, Shift>,
) -> Result<(), PlotError> {
    let em = text.size * UNITS;
    let fonts = fonts()?;
    let back = match text.align {
        Align::Left => 0.0,
        Align::Centre => fonts.width(&text.text, em, text.bold) / 2.0,
        Align::Right => fonts.width(&text.text, em, text.bold),
    };
    let start = (text.at.0 * UNITS - back, text.at.1 * UNITS);
    let colour = rgb(text.colour);
    for glyph in fonts.outlines(&text.text, em, text.bold, start) {
        let corner = glyph.px_bounds().min;
        let mut result = Ok(());
        glyph.draw(|x, y, coverage| {
            let place = (corner.x as i32 + x as i32, corner.y as i32 + y as i32);
            if result.is_ok() && coverage > 0.0 {
                result = area.draw_pixel(place, &colour.mix(f64::from(coverage.min(1.0))));
            }
        });
        result.map_err(drawing)?;
    }
    Ok(())
}

fn grid(points: &[Place]) -> Vec<(i32, i32)> {
    points.iter().copied().map(on_grid).collect()
}

fn on_grid((x, y): Place) -> (i32, i32) {
    ((x * UNITS).round() as i32, (y * UNITS).round() as i32)
}

fn rgb((red, green, blue): Colour) -> RGBColor {
    RGBColor(red, green, blue)
}

fn drawing<E: std::error::Error + Send + Sync>(
    error: plotters::drawing::DrawingAreaErrorKind<E>,
) -> PlotError {
    PlotError::Drawing(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_averaged() {
        // Two dots side by side: the left block is half black, the right one white.
        let row = |left: u8, right: u8| [[left; 3], [left; 3], [right; 3], [right; 3]].concat();
        let units = [row(0, 255), row(254, 255)].concat();
        assert_eq!(averaged(&units, 4, 2), [127, 127, 127, 255, 255, 255]);
    }

    #[test]
    fn a_character_without_a_picture_is_an_error() {
        let mut scene = Scene::new(50.0, 20.0);
        scene.text((5.0, 15.0), "漢", 10.0, Align::Left);
        assert!(matches!(
            svg(&scene),
            Err(PlotError::MissingGlyph {
                character: '漢',
                ..
            })
        ));
    }
}
