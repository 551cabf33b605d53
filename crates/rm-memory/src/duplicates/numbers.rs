//! What an embedding hardly sees: that two texts differ in a number.

/// Returns whether two texts hold the same numbers in the same order: the words with a digit in them, whatever their case.
pub(super) fn same_numbers(a: &str, b: &str) -> bool {
    numbers(a).eq(numbers(b))
}

fn numbers(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|character: char| !character.is_alphanumeric());
    let numbers = words.filter(|word| word.contains(char::is_numeric));
    numbers.map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::same_numbers;

    #[test]
    fn numbers_in_their_order() {
        for (a, b) in [
            ("no number", "none at all"),
            ("at 2PM, room 4.12", "room: 2pm / 4-12"),
            ("1,500 euros", "1.500 euros"),
        ] {
            assert!(same_numbers(a, b), "{a:?}, {b:?}");
        }
        for (a, b) in [
            ("Ruby 1.9.1 is released", "Ruby 1.9.2 is released"),
            ("from 3 to 5", "from 5 to 3"),
            ("room 4", "room"),
            ("٣ apples", "٤ apples"),
            ("½ cup", "¼ cup"),
        ] {
            assert!(!same_numbers(a, b), "{a:?}, {b:?}");
        }
    }
}
