//! How many tokens a text has, at most.

/// Letters of one token in a word.
const LETTERS: usize = 3;

/// Letters and digits after which it is no word any more, but a key, say, of which hardly two letters make a token.
const LONGEST_WORD: usize = 12;

/// Counts the tokens of a text while it grows.
///
/// Which model will read an answer is not known, and the tokenizer of the memory's own embedder makes one token of any string that it has
/// never seen, however long. So this estimates on the high side what the byte-pair tokenizers of language models make of a text:
/// a token for up to three letters of a word, for each digit and for each sign; outside of ASCII one to four a character, by its
/// bytes. The tests hold it to two of them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tokens {
    count: usize,
    /// Letters since the last token began.
    letters: usize,
    /// Letters and digits since the last other character.
    word: usize,
    last: Option<char>,
}

impl Tokens {
    /// Counts the tokens of a text.
    pub(crate) fn of(text: &str) -> usize {
        let mut tokens = Self::default();
        text.chars().for_each(|character| tokens.push(character));
        tokens.count
    }

    /// Takes in one more character.
    pub(crate) fn push(&mut self, character: char) {
        let last = self.last.replace(character);
        self.word = match character.is_ascii_alphanumeric() {
            true => self.word + 1,
            false => 0,
        };
        if character.is_ascii_alphabetic() {
            let begins_word = character.is_ascii_uppercase()
                && last.is_some_and(|last| last.is_ascii_lowercase());
            let is_full = self.letters.is_multiple_of(LETTERS);
            if begins_word || is_full || self.word > LONGEST_WORD {
                self.count += 1;
                self.letters = 0;
            }
            self.letters += 1;
            return;
        }
        self.letters = 0;
        self.count += match character.len_utf8() {
            // A space belongs to the word after it.
            1 if character == ' ' => usize::from(last == Some(' ')),
            1 => 1,
            2 => 1,
            3 => 2,
            _ => 4,
        };
    }

    /// Returns the number so far.
    pub(crate) fn count(&self) -> usize {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use tiktoken_rs::{CoreBPE, cl100k_base, o200k_base};

    use super::*;

    /// Texts of the kinds that a memory may hold, each long enough to tell.
    fn texts() -> Vec<(&'static str, String)> {
        let mut state = 42_u64;
        let mut chance = move |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below
        };
        let mut of = |alphabet: &str, n: usize| -> String {
            let alphabet: Vec<char> = alphabet.chars().collect();
            let n_letters = alphabet.len() as u64;
            (0..n)
                .map(|_| alphabet[chance(n_letters) as usize])
                .collect()
        };
        let lower = "abcdefghijklmnopqrstuvwxyz";
        let base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        vec![
            ("chance letters", of(lower, 3_000)),
            ("base64", of(base64, 3_000)),
            ("hexadecimal", of("0123456789abcdef", 3_000)),
            ("digits", of("0123456789", 3_000)),
            ("capitals", of(&lower.to_uppercase(), 3_000)),
            ("signs", of("!?.,;:-+*/=<>(){}[]\"'#&%$", 3_000)),
            ("emoji", of("🍵🎉🧠🚀👩🏽💻🇫🇷🤷", 1_000)),
            (
                "Chinese",
                of("我们昨天在公园里喝茶谈论明年的计划和预算鼙龘", 1_000),
            ),
            (
                "Japanese",
                of("あいうえおかきくけこ猫が好きですカタカナ", 1_000),
            ),
            ("Korean", of("우리는어제공원에서차를마셨다내년계획", 1_000)),
            ("Thai", of("เราดื่มชาในสวนสาธารณะเมื่อวานนี้", 1_000)),
            ("Hindi", of("हमने कल पार्क में चाय पी और योजना बनाई", 1_000)),
            ("Arabic", of("شربنا الشاي في الحديقة أمس", 1_000)),
            (
                "Russian",
                "Мы вчера пили чай в парке и говорили о бюджете. ".repeat(40),
            ),
            (
                "German",
                "Die Geschwindigkeitsbegrenzung gilt für Straßenverkehrsteilnehmer. ".repeat(40),
            ),
            (
                "English",
                "The user prefers dark mode for all applications, and tea at four. ".repeat(40),
            ),
            (
                "JSON",
                r#"{"id":"01a21316-e5ae-779a-acd6-fd6461927b37","score":0.421,"n":[1,2]},"#
                    .repeat(40),
            ),
            (
                "code",
                "    let Some(first) = items.first().filter(|it| it.is_ok()) else {\n".repeat(40),
            ),
            ("spaces", "\n\n\t   a      ".repeat(200)),
        ]
    }

    fn tokens(tokenizer: &CoreBPE, text: &str) -> usize {
        tokenizer.encode_ordinary(text).len()
    }

    #[test]
    fn no_model_counts_more() -> Result<(), Box<dyn std::error::Error>> {
        let (older, newer) = (cl100k_base()?, o200k_base()?);
        let mut too_few = Vec::new();
        for (kind, text) in texts() {
            let estimate = Tokens::of(&text);
            let real = tokens(&older, &text).max(tokens(&newer, &text));
            println!(
                "{kind}: {estimate} for {real}, {:.2}",
                estimate as f64 / real as f64
            );
            if estimate < real {
                too_few.push(format!("{kind}: {estimate} for {real}"));
            }
        }
        assert!(too_few.is_empty(), "{too_few:?}");
        Ok(())
    }
}
