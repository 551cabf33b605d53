//! From a text to the terms it is found by.

use rust_stemmers::{Algorithm, Stemmer};

use super::stop_words::is_stop_word;

/// Turns texts and queries into terms; both must go through the same one.
///
/// A word is a run of letters and digits, apostrophes inside it included, in lower case and without a
/// possessive "'s". By default English stop words are dropped and the rest reduced to their stems by the
/// Snowball English stemmer (Porter, 2001), so that "adopting" finds "adoption's agencies were adopted".
/// Words in scripts without spaces come out as one term a run, and are then found only as a whole.
///
/// ```
/// use rm_core::Analyser;
///
/// let terms = Analyser::default().terms("What did Melanie's kids like about camping?");
/// assert_eq!(terms, ["melani", "kid", "like", "camp"]);
/// let words = Analyser::default().stemming(false).stop_words(true).terms("The KIDS");
/// assert_eq!(words, ["the", "kids"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Analyser {
    stemming: bool,
    stop_words: bool,
}

impl Default for Analyser {
    /// Stems words and drops stop words.
    fn default() -> Self {
        Self {
            stemming: true,
            stop_words: false,
        }
    }
}

impl Analyser {
    /// Sets whether words are reduced to their stems.
    #[must_use]
    pub fn stemming(mut self, stemming: bool) -> Self {
        self.stemming = stemming;
        self
    }

    /// Sets whether stop words are kept as terms.
    #[must_use]
    pub fn stop_words(mut self, kept: bool) -> Self {
        self.stop_words = kept;
        self
    }

    /// Returns the terms of a text in their order, repetitions included.
    #[must_use]
    pub fn terms(&self, text: &str) -> Vec<String> {
        let stemmer = self.stemming.then(|| Stemmer::create(Algorithm::English));
        let words = words(text).filter(|word| self.stop_words || !is_stop_word(word));
        words
            .map(|word| match &stemmer {
                Some(stemmer) => stemmer.stem(&word).into_owned(),
                None => word,
            })
            .filter(|term| !term.is_empty())
            .collect()
    }
}

/// Splits a text into words in lower case, without apostrophes at their ends and without possessive "'s".
fn words(text: &str) -> impl Iterator<Item = String> {
    let is_inside = |c: char| c.is_alphanumeric() || is_apostrophe(c);
    let runs = text.split(move |c: char| !is_inside(c));
    runs.filter_map(|run| {
        let lower: String = run
            .trim_matches(is_apostrophe)
            .chars()
            .flat_map(char::to_lowercase)
            .map(|c| if is_apostrophe(c) { '\'' } else { c })
            .collect();
        let word = lower.strip_suffix("'s").unwrap_or(&lower);
        (!word.is_empty()).then(|| word.to_owned())
    })
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}')
}

#[cfg(test)]
mod tests {
    use super::Analyser;

    #[test]
    fn words_end_where_letters_and_digits_do() {
        let all = Analyser::default().stemming(false).stop_words(true);
        assert_eq!(
            all.terms("Tea-time at 5pm, 'quoted' isn\u{2019}t Jo\u{2019}s."),
            ["tea", "time", "at", "5pm", "quoted", "isn't", "jo"]
        );
        assert!(all.terms(" -- ' \u{2019} ...").is_empty());
        assert_eq!(
            all.terms("\u{c9}T\u{c9} \u{8336}\u{9053}"),
            ["\u{e9}t\u{e9}", "\u{8336}\u{9053}"]
        );
    }

    #[test]
    fn forms_of_one_word_meet_in_its_stem() {
        let analyser = Analyser::default();
        for (one, other) in [
            ("Hiking", "hiked"),
            ("agencies", "agency"),
            ("Melanie's", "MELANIE"),
        ] {
            assert_eq!(analyser.terms(one), analyser.terms(other));
        }
        assert!(analyser.terms("What did you do to it?").is_empty());
    }
}
