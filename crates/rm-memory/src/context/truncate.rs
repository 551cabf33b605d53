//! Where a text that is too long is cut.

use crate::Result;

/// Marks a cut.
const CUT: &str = " …";

/// Returns what `fit` makes of the longest beginning of a text that it takes, cut after a word and marked, or after a
/// character where it does not take the first word; `None` where it takes none.
///
/// Supposes that with any beginning the shorter ones fit too; where that is wrong, what is returned still fits.
pub(super) fn cut_to_fit(
    text: &str,
    fit: impl Fn(&str) -> Result<Option<String>>,
) -> Result<Option<String>> {
    let words = word_ends(text);
    let Some((_, shorter)) = words.split_last() else {
        return Ok(None);
    };
    if let Some(fitting) = longest(text, shorter, &fit)? {
        return Ok(Some(fitting));
    }
    let start = text.len() - text.trim_start().len();
    let characters = text[start..words[0]].char_indices().skip(1);
    let ends: Vec<usize> = characters.map(|(at, _)| start + at).collect();
    longest(text, &ends, &fit)
}

/// Halves its way to the last of `ends` that fits.
fn longest(
    text: &str,
    ends: &[usize],
    fit: impl Fn(&str) -> Result<Option<String>>,
) -> Result<Option<String>> {
    let (mut low, mut high) = (0, ends.len());
    let mut best = None;
    while low < high {
        let middle = low.midpoint(high);
        match fit(&format!("{}{CUT}", &text[..ends[middle]]))? {
            Some(fitting) => {
                best = Some(fitting);
                low = middle + 1;
            }
            None => high = middle,
        }
    }
    Ok(best)
}

/// Returns where the words of a text end.
fn word_ends(text: &str) -> Vec<usize> {
    let mut in_word = false;
    let mut ends = Vec::new();
    for (at, character) in text.char_indices() {
        let is_space = character.is_whitespace();
        if is_space && in_word {
            ends.push(at);
        }
        in_word = !is_space;
    }
    if in_word {
        ends.push(text.len());
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, n_chars: usize) -> Result<Option<String>> {
        cut_to_fit(text, |text| {
            Ok((text.chars().count() <= n_chars).then(|| text.to_owned()))
        })
    }

    #[test]
    fn cuts_are_after_words_where_one_fits() -> Result<()> {
        assert_eq!(cut("one two  three", 9)?.as_deref(), Some("one two …"));
        assert_eq!(cut("one two  three", 8)?.as_deref(), Some("one …"));
        assert_eq!(cut("  one two", 7)?.as_deref(), Some("  one …"));
        Ok(())
    }

    #[test]
    fn a_word_that_does_not_fit_is_cut_between_characters() -> Result<()> {
        assert_eq!(cut("猫が好きです", 4)?.as_deref(), Some("猫が …"));
        assert_eq!(cut("one two", 4)?.as_deref(), Some("on …"));
        assert_eq!(cut("one two", 2)?, None);
        assert_eq!(cut("", 9)?, None);
        Ok(())
    }
}
