//! The font of the plots, which is part of the program.

use std::sync::OnceLock;

use ab_glyph::{
    Font as _, FontRef, Glyph, OutlinedGlyph, PxScale, PxScaleFont, ScaleFont as _, point,
};

use super::PlotError;

/// Families in the order a viewer of an SVG tries them; the pixels of a PNG come from the first.
pub(super) const FAMILY: &str = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif";

const REGULAR: &[u8] = include_bytes!("../../assets/fonts/DejaVuSans.subset.ttf");
const BOLD: &[u8] = include_bytes!("../../assets/fonts/DejaVuSans-Bold.subset.ttf");

/// Holds the two weights, parsed.
pub(super) struct Fonts {
    regular: FontRef<'static>,
    bold: FontRef<'static>,
}

/// Returns the fonts, which the first call parses.
pub(super) fn fonts() -> Result<&'static Fonts, PlotError> {
    static FONTS: OnceLock<Option<Fonts>> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        let regular = FontRef::try_from_slice(REGULAR).ok()?;
        let bold = FontRef::try_from_slice(BOLD).ok()?;
        Some(Fonts { regular, bold })
    });
    fonts
        .as_ref()
        .ok_or_else(|| PlotError::Drawing("the font of the plots is damaged".to_owned()))
}

impl Fonts {
    /// Returns the width of `text` in the unit of `em`, the font size.
    pub(super) fn width(&self, text: &str, em: f64, bold: bool) -> f64 {
        let font = self.scaled(em, bold);
        place(font, text).1
    }

    /// Returns the outlines of `text` from a baseline that begins at `(x, y)`, ready to be made
    /// pixels.
    pub(super) fn outlines(
        &self,
        text: &str,
        em: f64,
        bold: bool,
        (x, y): (f64, f64),
    ) -> Vec<OutlinedGlyph> {
        let font = self.scaled(em, bold);
        let moved = |mut glyph: Glyph| {
            glyph.position += point(x as f32, y as f32);
            font.outline_glyph(glyph)
        };
        place(font, text).0.into_iter().filter_map(moved).collect()
    }

    /// Scales a weight; the font library measures sizes from the lowest descender to the highest
    /// ascender.
    fn scaled(&self, em: f64, bold: bool) -> PxScaleFont<&FontRef<'static>> {
        let font = if bold { &self.bold } else { &self.regular };
        let units_per_em = font.units_per_em().unwrap_or(2048.0);
        font.as_scaled(PxScale::from(
            em as f32 * font.height_unscaled() / units_per_em,
        ))
    }

    /// Breaks `text` at spaces into lines no wider than `width`; a word that is wider has a line of
    /// its own.
    pub(super) fn wrap(&self, text: &str, em: f64, bold: bool, width: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            match lines.last_mut() {
                Some(line) if self.width(&format!("{line} {word}"), em, bold) <= width => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        lines
    }
}

/// Sets the glyphs of `text` side by side, kerned, from the origin; returns them and where the next
/// would stand.
fn place(font: PxScaleFont<&FontRef<'static>>, text: &str) -> (Vec<Glyph>, f64) {
    let mut x = 0.0;
    let mut glyphs: Vec<Glyph> = Vec::with_capacity(text.len());
    for c in text.chars() {
        let id = font.glyph_id(c);
        if let Some(previous) = glyphs.last() {
            x += font.kern(previous.id, id);
        }
        glyphs.push(id.with_scale_and_position(font.scale(), point(x, 0.0)));
        x += font.h_advance(id);
    }
    (glyphs, f64::from(x))
}

/// Returns the first character of `text` that the font of the plots cannot show.
///
/// # Errors
/// When the font itself is damaged.
pub fn missing_glyph(text: &str) -> Result<Option<char>, PlotError> {
    let fonts = fonts()?;
    let shown = |c: char| {
        [&fonts.regular, &fonts.bold]
            .iter()
            .all(|font| font.glyph_id(c).0 != 0)
    };
    Ok(text.chars().find(|c| !shown(*c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_labels_need_is_there() -> Result<(), PlotError> {
        let text = "R@5 (%) – K = ⌈N∕20⌉".replace(['⌈', '∕', '⌉'], "");
        for text in [
            text.as_str(),
            "√N × 2 ≥ 0.5 ≤ 1 ± 3 µs τ μ σ → “é” … 10⁻³ −1",
        ] {
            assert_eq!(missing_glyph(text)?, None, "{text}");
        }
        assert_eq!(missing_glyph("a漢b")?, Some('漢'));
        Ok(())
    }

    #[test]
    fn widths_add_up() -> Result<(), PlotError> {
        let fonts = fonts()?;
        // DejaVu Sans draws every digit 1,303 units wide at 2,048 units per em.
        let digit = 100.0 * 1303.0 / 2048.0;
        assert!((fonts.width("0", 100.0, false) - digit).abs() < 0.01);
        assert!((fonts.width("0000", 100.0, false) - 4.0 * digit).abs() < 0.05);
        assert!(fonts.width("0", 100.0, true) > digit);
        // "AV" is kerned.
        let apart = fonts.width("A", 100.0, false) + fonts.width("V", 100.0, false);
        assert!(fonts.width("AV", 100.0, false) < apart);
        Ok(())
    }

    #[test]
    fn lines_are_broken_at_spaces() -> Result<(), PlotError> {
        let fonts = fonts()?;
        let width = fonts.width("aaa bbb", 10.0, false) + 1.0;
        assert_eq!(
            fonts.wrap("aaa bbb ccc", 10.0, false, width),
            ["aaa bbb", "ccc"]
        );
        assert_eq!(
            fonts.wrap("unbreakable x", 10.0, false, 5.0),
            ["unbreakable", "x"]
        );
        Ok(())
    }
}
