//! Texts as they may stand on a terminal.

/// Makes one line of a text: white space of any kind is a space, and control characters, which could write over what stands on
/// the terminal, are shown as escapes.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.trim().chars() {
        match character {
            character if character.is_whitespace() => line.push(' '),
            character if character.is_control() => line.extend(character.escape_default()),
            character => line.push(character),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_in_its_line() {
        assert_eq!(one_line(" a\nb\tc\r\nd\n"), "a b c  d");
        assert_eq!(one_line("\u{1b}[2Jgone"), "\\u{1b}[2Jgone");
        assert_eq!(one_line("naïve 日本"), "naïve 日本");
    }
}
