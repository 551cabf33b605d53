//! Questions about a conversation, with the turns that answer them.

use super::super::compose;
use super::super::dice::Dice;
use super::super::fact::{Dealer, Fact};
use super::super::people::Person;
use super::super::sentence::finish_question;
use super::super::template::{Scene, Template, Voice};
use super::script::Stated;
use super::{ConversationQuestion, ConversationSize, QuestionCategory, Session};

/// Shares of the facts, in percent, that are asked for when, and of the wrong speaker.
const TEMPORAL: u64 = 20;
const ADVERSARIAL: u64 = 20;
/// Most turns that one multi-hop question joins.
const MOST_HOPS: usize = 4;

/// Writes the questions, at most as many as the size says.
pub(super) fn write(
    dealer: &Dealer,
    speakers: [Person; 2],
    sessions: &[Session],
    stated: &[Stated<'_>],
    size: ConversationSize,
    dice: &mut Dice,
) -> Vec<ConversationQuestion> {
    let mut questions = Vec::new();
    for told in stated {
        questions.push(single_hop(dealer, told, dice));
        if dice.chance(TEMPORAL) {
            questions.push(temporal(dealer, speakers, told, sessions, dice));
        }
        if told.own && !told_by_other(told, stated) && dice.chance(ADVERSARIAL) {
            questions.push(adversarial(dealer, speakers, told, dice));
        }
    }
    questions.extend(multi_hop(dealer, speakers, stated, dice));
    // A question that two facts could answer has no one gold turn.
    questions.sort_by(|a, b| a.question.cmp(&b.question));
    questions.dedup_by(|a, b| a.question == b.question);
    while questions.len() > size.questions {
        questions.swap_remove(dice.position(questions.len()));
    }
    questions
}

fn single_hop(dealer: &Dealer, told: &Stated<'_>, dice: &mut Dice) -> ConversationQuestion {
    ConversationQuestion {
        question: ask(dealer, &told.fact, dice),
        answer: compose::answer(&told.fact, dealer, dice),
        evidence: vec![told.turn.clone()],
        category: QuestionCategory::SingleHop,
    }
}

fn temporal(
    dealer: &Dealer,
    speakers: [Person; 2],
    told: &Stated<'_>,
    sessions: &[Session],
    dice: &mut Dice,
) -> ConversationQuestion {
    let scene = told.fact.scene(dealer, Voice::Familiar);
    let when = dice.pick(&dealer.grammar.talk.mentioned_when);
    let when = of_speaker(when, scene, speakers[told.speaker], dice);
    let gist = told.fact.pattern.gist.render(&scene, dice);
    ConversationQuestion {
        question: finish_question(&format!("{when} {gist}")),
        answer: sessions[told.session].date.clone(),
        evidence: vec![told.turn.clone()],
        category: QuestionCategory::Temporal,
    }
}

/// Tells whether the other speaker stated a fact of the same pattern, which would answer.
fn told_by_other(told: &Stated<'_>, stated: &[Stated<'_>]) -> bool {
    stated.iter().any(|other| {
        other.speaker != told.speaker && std::ptr::eq(other.fact.pattern, told.fact.pattern)
    })
}

fn adversarial(
    dealer: &Dealer,
    speakers: [Person; 2],
    told: &Stated<'_>,
    dice: &mut Dice,
) -> ConversationQuestion {
    let other = told.fact.clone().about(speakers[1 - told.speaker]);
    ConversationQuestion {
        question: ask(dealer, &other, dice),
        answer: compose::answer(&told.fact, dealer, dice),
        evidence: vec![told.turn.clone()],
        category: QuestionCategory::Adversarial,
    }
}

/// Asks each speaker for what he or she said on a topic, where that is two to four things.
fn multi_hop(
    dealer: &Dealer,
    speakers: [Person; 2],
    stated: &[Stated<'_>],
    dice: &mut Dice,
) -> Vec<ConversationQuestion> {
    let mut groups: Vec<(usize, u16)> = stated
        .iter()
        .map(|told| (told.speaker, told.fact.topic_id.0))
        .collect();
    groups.sort_unstable();
    groups.dedup();
    let mut questions = Vec::new();
    for (speaker, topic) in groups {
        let on_topic = |told: &&Stated<'_>| {
            told.own && told.speaker == speaker && told.fact.topic_id.0 == topic
        };
        let told: Vec<&Stated<'_>> = stated.iter().filter(on_topic).collect();
        if !(2..=MOST_HOPS).contains(&told.len()) {
            continue;
        }
        let scene = told[0].fact.scene(dealer, Voice::Familiar);
        let template = dice.pick(&dealer.grammar.talk.two_things);
        let clause = of_speaker(template, scene, speakers[speaker], dice);
        let gists = told.iter().map(|told| {
            told.fact
                .pattern
                .gist
                .render(&told.fact.scene(dealer, Voice::Bare), dice)
        });
        questions.push(ConversationQuestion {
            question: finish_question(&clause),
            answer: gists.collect::<Vec<_>>().join("; "),
            evidence: told.iter().map(|told| told.turn.clone()).collect(),
            category: QuestionCategory::MultiHop,
        });
    }
    questions
}

fn ask(dealer: &Dealer, fact: &Fact<'_>, dice: &mut Dice) -> String {
    let ask = dice.pick(&fact.pattern.ask);
    finish_question(&ask.render(&fact.scene(dealer, Voice::Familiar), dice))
}

/// Renders a template whose pronouns mean the speaker.
fn of_speaker(template: &Template, scene: Scene<'_>, speaker: Person, dice: &mut Dice) -> String {
    template.render(
        &Scene {
            who: Some(speaker),
            ..scene
        },
        dice,
    )
}
