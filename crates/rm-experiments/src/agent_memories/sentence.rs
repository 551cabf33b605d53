//! English spelling rules that depend on neighbouring words.

/// Words that are written with a vowel and spoken with a consonant.
const SPOKEN_WITH_CONSONANT: [&str; 9] = [
    "uni", "use", "user", "euro", "one-", "one ", "once", "ukulele", "ut",
];
/// Words whose first letter is silent.
const SILENT_H: [&str; 4] = ["hour", "honest", "honour", "heir"];
/// Capital letters whose names begin with a vowel sound, as in "an MRI".
const SPELLED_WITH_VOWEL: &str = "AEFHILMNORSX";

/// Returns "a " or "an " for the phrase that follows.
pub(super) fn article(phrase: &str) -> &'static str {
    let word = phrase.split([' ', '-']).next().unwrap_or_default();
    let spelled_out = word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase());
    let first = phrase.chars().next().unwrap_or_default();
    if spelled_out || word.len() == 1 && first.is_ascii_uppercase() {
        return if SPELLED_WITH_VOWEL.contains(first) {
            "an "
        } else {
            "a "
        };
    }
    let lower = phrase.to_lowercase();
    let begins_with = |list: &[&str]| list.iter().any(|prefix| lower.starts_with(prefix));
    let unin = lower.starts_with("unin") || lower.starts_with("unim") || lower.starts_with("utm");
    let vowel = match first {
        '8' => true,
        'h' | 'H' => begins_with(&SILENT_H),
        _ if begins_with(&SPOKEN_WITH_CONSONANT) && !unin => false,
        _ => "aeiou".contains(first.to_ascii_lowercase()),
    };
    if vowel { "an " } else { "a " }
}

/// Capitalises the first letter and sees to it that the sentence ends.
pub(super) fn finish(sentence: &str) -> String {
    let mut letters = sentence.trim().chars();
    let mut out = String::with_capacity(sentence.len() + 1);
    if let Some(first) = letters.next() {
        out.extend(first.to_uppercase());
        out.push_str(letters.as_str());
    }
    if !out.ends_with(['.', '!', '?']) {
        out.push('.');
    }
    out
}

/// Turns a clause into a question, with its mark.
pub(super) fn finish_question(clause: &str) -> String {
    let mut out = finish(clause.trim_end_matches(['?', '.']));
    out.pop();
    out.push('?');
    out
}

/// Joins finished sentences.
pub(super) fn join(sentences: &[String]) -> String {
    sentences.join(" ")
}

/// Number of words.
pub(super) fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_follow_the_sound() {
        for (phrase, wanted) in [
            ("apple tree", "an "),
            ("pear tree", "a "),
            ("hour of yoga", "an "),
            ("house plant", "a "),
            ("used bicycle", "a "),
            ("unit test", "a "),
            ("uninsured van", "an "),
            ("MRI scan", "an "),
            ("UV lamp", "a "),
            ("SUV", "an "),
            ("8-inch pan", "an "),
            ("one-way ticket", "a "),
            ("onion soup", "an "),
            ("utility bill", "a "),
            ("X-ray", "an "),
            ("umbrella", "an "),
            ("European sleeper", "a "),
        ] {
            assert_eq!(article(phrase), wanted, "{phrase}");
        }
    }

    #[test]
    fn sentences_begin_and_end() {
        assert_eq!(finish("remember the milk"), "Remember the milk.");
        assert_eq!(finish("is it late?"), "Is it late?");
        assert_eq!(finish_question("where is it"), "Where is it?");
    }
}
