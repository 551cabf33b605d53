//! Sentences with slots.
//!
//! `{name}` stands for a slot, `{a name}` for the same with its indefinite article, `{name.2}` for a
//! second value from the same list. `{they}`, `{them}`, `{their}` and `{given}` refer to the person
//! in `{who}`, `{label}` is the topic in words.

use super::dice::Dice;
use super::domain::Domain;
use super::error::GrammarError;
use super::people::Person;
use super::sentence::article;
use super::vocabulary::Vocabulary;

/// How slots are worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    /// As notes are written: first form of each word, people sometimes with their relation.
    Statement,
    /// As somebody asks later: other forms where there are any.
    OtherWords,
    /// As friends ask: other forms, and given names alone.
    Familiar,
    /// First forms and full names only.
    Bare,
}

/// What a template is rendered against.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) label: &'a str,
    /// Values of the key slots, in the order in which the template was compiled.
    pub(super) values: &'a [u64],
    pub(super) who: Option<Person>,
    pub(super) seed: u64,
    pub(super) voice: Voice,
}

/// A compiled sentence.
#[derive(Debug, Clone)]
pub(super) struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Slot {
        filler: Filler,
        domain: Domain,
        article: bool,
    },
    Referring(Referring),
    Label,
}

/// Where a slot's value comes from: the fact, or a draw made while rendering.
#[derive(Debug, Clone, Copy)]
enum Filler {
    Key(usize),
    Free,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Referring {
    They,
    Them,
    Their,
    Given,
}

/// One part of a template as written.
#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    Text(&'a str),
    Slot { name: &'a str, article: bool },
}

impl Template {
    /// Compiles a template of a topic; slots named in `keys` take the fact's values, others are
    /// drawn.
    ///
    /// # Errors
    /// [`GrammarError::Slot`] where a brace is not closed or a slot has no list.
    pub(super) fn compile(
        template: &str,
        topic: usize,
        keys: &[String],
        vocabulary: &Vocabulary,
    ) -> Result<Self, GrammarError> {
        let mut pieces = Vec::new();
        for token in tokens(template)? {
            pieces.push(match token {
                Token::Text(text) => Piece::Text(text.to_owned()),
                Token::Slot { name: "label", .. } => Piece::Label,
                Token::Slot { name, article } => match Referring::named(name) {
                    Some(referring) => Piece::Referring(referring),
                    None => {
                        let key = keys.iter().position(|key| key == name);
                        let filler = key.map_or(Filler::Free, Filler::Key);
                        let domain = vocabulary.domain(topic, name, template)?;
                        Piece::Slot {
                            filler,
                            domain,
                            article,
                        }
                    }
                },
            });
        }
        Ok(Self { pieces })
    }

    /// Tells whether the template speaks of the person in `{who}` by pronoun or given name.
    pub(super) fn refers_to_who(&self) -> bool {
        self.pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Referring(_)))
    }

    /// Renders without capital or full stop.
    pub(super) fn render(&self, scene: &Scene<'_>, dice: &mut Dice) -> String {
        let mut out = String::with_capacity(128);
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Label => out.push_str(scene.label),
                Piece::Referring(referring) => referring.write(&mut out, scene),
                Piece::Slot {
                    filler,
                    domain,
                    article,
                } => {
                    let rank = match filler {
                        Filler::Key(key) => scene.values[*key],
                        Filler::Free => dice.below(domain.size(scene.vocabulary)),
                    };
                    write_slot(&mut out, *domain, rank, *article, scene, dice);
                }
            }
        }
        out
    }
}

impl Referring {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "they" => Self::They,
            "them" => Self::Them,
            "their" => Self::Their,
            "given" => Self::Given,
            _ => return None,
        })
    }

    /// Writes the word for the scene's person; without one nothing is written, and such scenes are
    /// never given templates that refer to one.
    fn write(self, out: &mut String, scene: &Scene<'_>) {
        let Some(who) = scene.who else { return };
        let people = &scene.vocabulary.people;
        out.push_str(match (self, people.is_woman(who)) {
            (Self::They, true) => "she",
            (Self::They, false) => "he",
            (Self::Them | Self::Their, true) => "her",
            (Self::Them, false) => "him",
            (Self::Their, false) => "his",
            (Self::Given, _) => people.given(who),
        });
    }
}

fn write_slot(
    out: &mut String,
    domain: Domain,
    rank: u64,
    with_article: bool,
    scene: &Scene<'_>,
    dice: &mut Dice,
) {
    let start = out.len();
    domain.write(out, rank, scene, dice);
    if with_article {
        let article = article(&out[start..]);
        out.insert_str(start, article);
    }
}

/// Lists the slot names of a template in order, without pronouns and labels.
///
/// # Errors
/// [`GrammarError::Slot`] where a brace is not closed.
pub(super) fn slot_names(template: &str) -> Result<Vec<String>, GrammarError> {
    let names = tokens(template)?
        .into_iter()
        .filter_map(|token| match token {
            Token::Slot { name, .. } if name != "label" && Referring::named(name).is_none() => {
                Some(name.to_owned())
            }
            _ => None,
        });
    Ok(names.collect())
}

fn tokens(template: &str) -> Result<Vec<Token<'_>>, GrammarError> {
    let mut tokens = Vec::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        if open > 0 {
            tokens.push(Token::Text(&rest[..open]));
        }
        let Some(length) = rest[open..].find('}') else {
            return Err(GrammarError::Slot {
                slot: rest[open..].to_owned(),
                template: template.to_owned(),
            });
        };
        let slot = &rest[open + 1..open + length];
        tokens.push(match slot.strip_prefix("a ") {
            Some(name) => Token::Slot {
                name,
                article: true,
            },
            None => Token::Slot {
                name: slot,
                article: false,
            },
        });
        rest = &rest[open + length + 1..];
    }
    if !rest.is_empty() {
        tokens.push(Token::Text(rest));
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_split_at_braces() {
        let wanted = vec![
            Token::Slot {
                name: "who",
                article: false,
            },
            Token::Text(" buys "),
            Token::Slot {
                name: "thing",
                article: true,
            },
            Token::Text("."),
        ];
        assert_eq!(tokens("{who} buys {a thing}.").unwrap(), wanted);
    }

    #[test]
    fn an_open_brace_is_refused() {
        assert!(matches!(
            tokens("{who buys"),
            Err(GrammarError::Slot { .. })
        ));
    }

    #[test]
    fn names_leave_pronouns_out() {
        assert_eq!(
            slot_names("{who} and {their} {thing.2}").unwrap(),
            ["who", "thing.2"]
        );
    }
}
