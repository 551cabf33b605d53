//! Puts sentences together: openings, the fact itself, what is added to it.

use super::dice::{Dice, Stream};
use super::fact::{Dealer, Fact};
use super::kind::Kind;
use super::sentence::{finish, finish_question, join, words};
use super::template::{Template, Voice};

/// Shares, in percent, of memories that have an opening and that have a second sentence.
const WITH_LEAD: u64 = 30;
const WITH_SECOND: u64 = 55;
/// Past so many words no second sentence is added; notes of people and agents stay short.
const LONG_WORDS: usize = 26;
/// Share of questions that have an opening.
const QUESTION_WITH_LEAD: u64 = 15;
/// A passage is drawn out to about so many words, as a web passage is.
const PASSAGE_WORDS: usize = 55;

/// Writes a memory: an opening now and then, the fact, often a second sentence.
pub(super) fn memory(fact: &Fact<'_>, dealer: &Dealer, dice: &mut Dice) -> String {
    let main = opened(fact, dealer, dice);
    if words(&main) > LONG_WORDS || !dice.chance(WITH_SECOND) {
        return main;
    }
    let second = second_sentence(fact, dealer, dice);
    join(&[main, second])
}

/// Writes the fact alone, in its first phrasing.
pub(super) fn key_sentence(fact: &Fact<'_>, dealer: &Dealer, dice: &mut Dice) -> String {
    finish(&fact.pattern.say[0].render(&fact.scene(dealer, Voice::Bare), dice))
}

/// Writes the fact in a few words.
pub(super) fn gist(fact: &Fact<'_>, dealer: &Dealer, dice: &mut Dice) -> String {
    let scene = fact.scene(dealer, Voice::Bare);
    let gist = fact.pattern.gist.render(&scene, dice);
    match fact.who() {
        Some(who) => {
            let people = &dealer.grammar.vocabulary.people;
            finish(&format!(
                "{} {}: {gist}",
                people.given(who),
                people.surname(who)
            ))
        }
        None => finish(&format!("{}: {gist}", fact.topic.label)),
    }
}

/// Adds to a memory the fact in a phrasing that it does not use, in other words, and in short with
/// its topic.
pub(super) fn expanded(
    fact: &Fact<'_>,
    index: u64,
    plain: &str,
    dealer: &Dealer,
    dice: &mut Dice,
) -> String {
    let other = fact.scene(dealer, Voice::OtherWords);
    let phrasings = &fact.pattern.say;
    let used = phrasing(fact, &mut Dice::new(dealer.seed, Stream::Memory, index, 0));
    let unused = (used + 1 + dice.position(phrasings.len() - 1)) % phrasings.len();
    let mut sentences = vec![plain.to_owned()];
    sentences.push(finish(&phrasings[unused].render(&other, dice)));
    let gist = fact.pattern.gist.render(&other, dice);
    sentences.push(finish(&format!(
        "in short, on {}: {gist}",
        fact.topic.label
    )));
    join(&sentences)
}

/// Writes a passage of about sixty words with the fact somewhere inside it.
pub(super) fn passage(fact: &Fact<'_>, dealer: &Dealer, dice: &mut Dice) -> String {
    let scene = fact.scene(dealer, Voice::Statement);
    let main = opened(fact, dealer, dice);
    let mut length = words(&main);
    let mut before = Vec::new();
    let mut after = vec![main];
    if fact.who().is_some() {
        let sentence = dice.pick(&dealer.grammar.frames.acquaintance);
        after.push(finish(&sentence.render(&scene, dice)));
        after.push(finish(&tail(fact, dealer, dice)));
    }
    if has_reason(fact.pattern.kind) {
        after.push(reason(fact, dealer, dice));
    }
    length += after[1..]
        .iter()
        .map(|sentence| words(sentence))
        .sum::<usize>();
    let mut next = dice.position(fact.topic.asides.len());
    for _ in 0..fact.topic.asides.len() {
        if length >= PASSAGE_WORDS {
            break;
        }
        let aside = finish(&fact.topic.asides[next].render(&scene, dice));
        length += words(&aside);
        let side = if dice.chance(50) {
            &mut before
        } else {
            &mut after
        };
        side.push(aside);
        next = (next + 1) % fact.topic.asides.len();
    }
    before.append(&mut after);
    join(&before)
}

/// Writes a question; consecutive variants go through the pattern's questions in turn.
pub(super) fn question(fact: &Fact<'_>, variant: u64, dealer: &Dealer, dice: &mut Dice) -> String {
    let asks = &fact.pattern.ask;
    let first = fact
        .values
        .iter()
        .fold(0u64, |sum, &value| sum.wrapping_add(value));
    let ask = &asks[(first.wrapping_add(variant) % asks.len() as u64) as usize];
    let clause = ask.render(&fact.scene(dealer, Voice::OtherWords), dice);
    if dice.chance(QUESTION_WITH_LEAD) {
        let lead = dice.pick(&dealer.grammar.frames.ask_lead);
        return finish_question(&format!("{lead} {clause}"));
    }
    finish_question(&clause)
}

/// Writes the answer to the fact's questions.
pub(super) fn answer(fact: &Fact<'_>, dealer: &Dealer, dice: &mut Dice) -> String {
    fact.pattern
        .answer
        .render(&fact.scene(dealer, Voice::Bare), dice)
}

/// Tells whether facts of a kind have reasons; what merely is or happened has none.
pub(super) fn has_reason(kind: Kind) -> bool {
    matches!(kind, Kind::Preference | Kind::Project | Kind::Instruction)
}

/// Writes the topic's reason as a sentence.
pub(super) fn reason(fact: &Fact<'_>, dealer: &Dealer, dice: &mut Dice) -> String {
    let intro = dice.pick(&dealer.grammar.frames.reason);
    let reason = dice.pick(&fact.topic.reasons);
    let reason = reason.render(&fact.scene(dealer, Voice::Statement), dice);
    finish(&format!("{intro} {reason}"))
}

/// Draws a phrasing: the first draw of a memory's dice, so that other texts can tell which it has.
fn phrasing(fact: &Fact<'_>, dice: &mut Dice) -> usize {
    dice.position(fact.pattern.say.len())
}

/// Writes the fact, with an opening now and then.
fn opened(fact: &Fact<'_>, dealer: &Dealer, dice: &mut Dice) -> String {
    let scene = fact.scene(dealer, Voice::Statement);
    let clause = fact.pattern.say[phrasing(fact, dice)].render(&scene, dice);
    if !dice.chance(WITH_LEAD) {
        return finish(&clause);
    }
    let lead = dice
        .pick(&dealer.grammar.frames.of(fact.pattern.kind).leads)
        .render(&scene, dice);
    finish(&format!("{lead} {clause}"))
}

/// Writes a sentence to go with the fact: about the person, the reason, or the topic.
fn second_sentence(fact: &Fact<'_>, dealer: &Dealer, dice: &mut Dice) -> String {
    match dice.below(10) {
        0..5 => finish(&tail(fact, dealer, dice)),
        5..7 if has_reason(fact.pattern.kind) => reason(fact, dealer, dice),
        _ => {
            let scene = fact.scene(dealer, Voice::Statement);
            finish(&dice.pick(&fact.topic.asides).render(&scene, dice))
        }
    }
}

/// Writes one of the kind's closings; those that speak of a person need a fact about one.
fn tail(fact: &Fact<'_>, dealer: &Dealer, dice: &mut Dice) -> String {
    let tails = &dealer.grammar.frames.of(fact.pattern.kind).tails;
    let fits = |tail: &&Template| fact.who().is_some() || !tail.refers_to_who();
    let fitting = tails.iter().filter(fits).count();
    let scene = fact.scene(dealer, Voice::Statement);
    let at = dice.position(fitting);
    tails
        .iter()
        .filter(fits)
        .nth(at)
        .map_or_else(String::new, |tail| tail.render(&scene, dice))
}
