//! What an answer costs of the budget.

use serde_json::Value;

use super::tokens::Tokens;

/// Counts the tokens of an answer: as structured content, and once more as the text that stands beside it, in which each quotation mark
/// is marked.
pub(crate) fn cost(answer: &Value) -> usize {
    of_json(&answer.to_string())
}

/// Counts what a text costs as part of an answer.
pub(crate) fn cost_of_text(text: &str) -> usize {
    let mut cost = Cost::default();
    text.chars().for_each(|character| cost.push(character));
    cost.count()
}

fn of_json(json: &str) -> usize {
    2 * Tokens::of(json) + marked(json)
}

fn marked(json: &str) -> usize {
    json.chars().filter(|it| matches!(it, '"' | '\\')).count()
}

/// Counts what a text costs while it grows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cost {
    tokens: Tokens,
    marked: usize,
}

impl Cost {
    /// Takes in one more character, as JSON writes it.
    pub(super) fn push(&mut self, character: char) {
        let escape = match character {
            '"' | '\\' => {
                self.marked += 2;
                self.tokens.push('\\');
                character
            }
            '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => {
                self.marked += 1;
                self.tokens.push('\\');
                'n'
            }
            '\0'..='\u{1f}' => {
                self.marked += 1;
                "\\u00".chars().for_each(|it| self.tokens.push(it));
                self.tokens.push('1');
                'f'
            }
            other => other,
        };
        self.tokens.push(escape);
    }

    /// Returns the number so far.
    pub(super) fn count(&self) -> usize {
        2 * self.tokens.count() + self.marked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_text_costs_what_it_costs_in_json() {
        for text in ["tea", "a \"b\" \\ c", "one\ntwo\t\u{1}", "猫が好き 🍵", ""] {
            let whole = cost(&Value::String(text.to_owned()));
            let marks = cost(&json!(""));
            assert!(cost_of_text(text) + marks >= whole, "{text:?}");
        }
    }
}
