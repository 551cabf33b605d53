//! Plots are saved as a PNG that shows something and an SVG that is well formed, the same bytes
//! each time.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::Path;

use rm_experiments::plots::{
    Axis, AxisScale, Bar, BarChart, BarSeries, LineChart, PlotError, PlotFile, Point, Reference,
    Series,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;
type Colour = [u8; 3];

const BLUE: Colour = [0, 114, 178];
const ORANGE: Colour = [213, 94, 0];
const WHITE: Colour = [255, 255, 255];

fn line_chart() -> LineChart {
    let points = |shift: f64| {
        let point = |(n, recall): (f64, f64)| {
            let recall = recall - shift;
            Point::new(n, recall).with_interval(recall - 0.02, recall + 0.01)
        };
        [(1.0, 0.7), (2.0, 0.85), (4.0, 0.95), (8.0, 0.98)]
            .map(point)
            .to_vec()
    };
    LineChart::new(
        "Recall & probes < 10",
        Axis::new("lists probed (n)", AxisScale::Log2),
        Axis::linear("R@5 against dense search"),
    )
    .series(Series::new("reddit", points(0.0)))
    .series(Series::new("msmarco", points(0.1)).banded())
    .reference(Reference::new("published: 0.9916 at n = 4", 0.9916).at(4.0))
}

fn bar_chart() -> BarChart {
    let categories = vec!["ceil(N / 20)".to_owned(), "sqrt(N)".to_owned()];
    BarChart::new("Gini by rule", Axis::linear("Gini coefficient"), categories)
        .series(BarSeries::new(
            "reddit",
            vec![Bar::new(0.4).with_interval(0.38, 0.42), Bar::new(0.3)],
        ))
        .series(BarSeries::new(
            "msmarco",
            vec![Bar::new(0.35), Bar::new(0.25)],
        ))
        .reference(Reference::new("published: 0.3628", 0.3628))
}

/// Decodes a PNG into its width, its height and its pixels.
fn decode(path: &Path) -> Result<(u32, u32, Vec<Colour>)> {
    let mut reader =
        png::Decoder::new(std::io::BufReader::new(fs::File::open(path)?)).read_info()?;
    let mut bytes = vec![
        0;
        reader
            .output_buffer_size()
            .ok_or("the picture is too large")?
    ];
    let info = reader.next_frame(&mut bytes)?;
    assert_eq!(
        (info.color_type, info.bit_depth),
        (png::ColorType::Rgb, png::BitDepth::Eight)
    );
    let pixels = bytes
        .chunks_exact(3)
        .map(|rgb| [rgb[0], rgb[1], rgb[2]])
        .collect();
    Ok((info.width, info.height, pixels))
}

/// Saves both charts to `folder`.
fn save(folder: &Path) -> std::result::Result<[PlotFile; 2], PlotError> {
    Ok([
        line_chart().save(folder, "line", "A line chart.")?,
        bar_chart().save(folder, "bars", "A bar chart.")?,
    ])
}

#[test]
fn the_png_shows_paper_and_both_series() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for plot in save(folder.path())? {
        let path = folder.path().join(format!("{}.png", plot.stem));
        let (width, height, pixels) = decode(&path)?;
        assert_eq!(
            (width, pixels.len()),
            (1800, width as usize * height as usize)
        );
        let count = |wanted: Colour| pixels.iter().filter(|pixel| **pixel == wanted).count();
        for colour in [BLUE, ORANGE] {
            assert!(
                count(colour) > 500,
                "{colour:?} has {} pixels",
                count(colour)
            );
        }
        assert!(count(WHITE) > pixels.len() / 3);
        // Smooth edges and text bring many shades between ink and paper.
        let shades: BTreeSet<Colour> = pixels.iter().copied().collect();
        assert!(shades.len() > 50, "{} shades", shades.len());
        // Nothing is cut off: the outermost pixels are paper.
        let row = width as usize;
        let first_and_last = pixels[..row].iter().chain(&pixels[pixels.len() - row..]);
        let sides = pixels
            .chunks_exact(row)
            .flat_map(|row| [&row[0], &row[row.len() - 1]]);
        assert!(first_and_last.chain(sides).all(|pixel| *pixel == WHITE));
    }
    Ok(())
}

#[test]
fn the_svg_is_well_formed_and_escaped() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for plot in save(folder.path())? {
        let text = fs::read_to_string(folder.path().join(format!("{}.svg", plot.stem)))?;
        assert!(text.starts_with("<svg width=\"900\""), "{}", &text[..60]);
        assert!(text.trim_end().ends_with("</svg>"));
        assert!(text.contains("sans-serif"));
        let opened = text.matches("<text").count();
        assert!(opened > 8 && opened == text.matches("</text>").count());
        let published = if plot.stem == "line" {
            "0.9916"
        } else {
            "0.3628"
        };
        assert!(text.contains(&format!("published: {published}")));
    }
    let line = fs::read_to_string(folder.path().join("line.svg"))?;
    assert!(line.contains("Recall &amp; probes &lt; 10"));
    Ok(())
}

#[test]
fn the_same_chart_is_the_same_bytes() -> Result<()> {
    let (first, second) = (tempfile::tempdir()?, tempfile::tempdir()?);
    save(first.path())?;
    save(second.path())?;
    for name in ["line.svg", "line.png", "bars.svg", "bars.png"] {
        assert!(
            fs::read(first.path().join(name))? == fs::read(second.path().join(name))?,
            "{name}"
        );
    }
    Ok(())
}

#[test]
fn a_folder_that_is_missing_is_an_error() {
    let saved = save(Path::new("/no/such/folder"));
    assert!(matches!(saved, Err(PlotError::Writing { .. })));
}
