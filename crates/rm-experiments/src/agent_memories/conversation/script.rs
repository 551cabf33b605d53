//! The turns: facts, and the talk between them.

use std::collections::HashSet;

use super::super::calendar::{DAYS_OF_YEAR, MONTHS, month_and_day};
use super::super::compose;
use super::super::dice::Dice;
use super::super::fact::{Dealer, Fact};
use super::super::kind::Kind;
use super::super::people::Person;
use super::super::sentence::{finish, join};
use super::super::template::{Scene, Template, Voice};
use super::super::topic::TopicId;
use super::{ConversationSize, Session, Turn};

/// Topics that one speaker talks about.
const INTERESTS: usize = 12;
/// The year after the last that facts are dated in, so that nobody tells of days to come.
const YEAR: u64 = 2026;
/// Days of the year on which a conversation may begin; full-sized ones end within the year.
const FIRST_DAYS: u64 = 30;
/// Days from one session to the next.
const GAP_DAYS: std::ops::Range<u64> = 3..15;
const FEWEST_TURNS: usize = 8;

/// A fact that was told, by whom, and where.
pub(super) struct Stated<'g> {
    pub(super) fact: Fact<'g>,
    /// Position of the speaker in the pair.
    pub(super) speaker: usize,
    /// Whether the speaker told it of himself or herself.
    pub(super) own: bool,
    pub(super) turn: String,
    /// Position of the session.
    pub(super) session: usize,
}

struct Writer<'d> {
    dealer: &'d Dealer,
    speakers: [Person; 2],
    interests: [Vec<TopicId>; 2],
    /// How many facts each speaker has been dealt.
    dealt: [u64; 2],
    /// Patterns that a speaker has used, by address within the compiled grammar: a second fact of
    /// the same pattern could contradict the first.
    used: HashSet<(usize, *const super::super::pattern::Pattern)>,
    stated: Vec<Stated<'d>>,
}

/// Writes every session, and lists the facts stated in them.
pub(super) fn write<'d>(
    dealer: &'d Dealer,
    speakers: [Person; 2],
    size: ConversationSize,
    dice: &mut Dice,
) -> (Vec<Session>, Vec<Stated<'d>>) {
    let interests = [draw_interests(dealer, dice), draw_interests(dealer, dice)];
    let mut writer = Writer {
        dealer,
        speakers,
        interests,
        dealt: [0; 2],
        used: HashSet::new(),
        stated: Vec::new(),
    };
    let mut day = dice.below(FIRST_DAYS);
    let mut sessions = Vec::with_capacity(size.sessions);
    for number in 0..size.sessions.max(1) {
        let turns = size.turns.max(FEWEST_TURNS) - 3 + dice.position(7);
        sessions.push(Session {
            date: date(day),
            turns: writer.session(number, turns, dice),
        });
        day += GAP_DAYS.start + dice.below(GAP_DAYS.end - GAP_DAYS.start);
    }
    (sessions, writer.stated)
}

impl<'d> Writer<'d> {
    fn session(&mut self, number: usize, length: usize, dice: &mut Dice) -> Vec<Turn> {
        let talk = &self.dealer.grammar.talk;
        let mut speaker = dice.position(2);
        let mut turns = Vec::with_capacity(length + 3);
        self.push(
            &mut turns,
            number,
            speaker,
            self.phrase(&talk.greeting, 1 - speaker, dice),
        );
        speaker = 1 - speaker;
        self.push(
            &mut turns,
            number,
            speaker,
            self.phrase(&talk.reply, 1 - speaker, dice),
        );
        while turns.len() + 2 < length {
            speaker = 1 - speaker;
            if dice.chance(20) {
                self.push(
                    &mut turns,
                    number,
                    speaker,
                    self.phrase(&talk.small_talk, 1 - speaker, dice),
                );
                continue;
            }
            let fact = self.fact_turn(&mut turns, number, speaker, dice);
            speaker = 1 - speaker;
            if compose::has_reason(fact.pattern.kind) && dice.chance(60) {
                let asked = self.phrase(&talk.follow_up, 1 - speaker, dice);
                self.push(&mut turns, number, speaker, asked);
                speaker = 1 - speaker;
                let reason = compose::reason(&fact, self.dealer, dice);
                self.push(&mut turns, number, speaker, reason);
            } else {
                let reaction = self.phrase(&talk.reaction, 1 - speaker, dice);
                self.push(&mut turns, number, speaker, reaction);
            }
        }
        for _ in 0..2 {
            speaker = 1 - speaker;
            self.push(
                &mut turns,
                number,
                speaker,
                self.phrase(&talk.farewell, 1 - speaker, dice),
            );
        }
        turns
    }

    /// Writes a turn that states a fact, and notes it.
    fn fact_turn(
        &mut self,
        turns: &mut Vec<Turn>,
        session: usize,
        speaker: usize,
        dice: &mut Dice,
    ) -> Fact<'d> {
        let fact = self.next_fact(speaker);
        let own = !fact.pattern.tell.is_empty();
        let phrasings = if own {
            &fact.pattern.tell
        } else {
            &fact.pattern.say
        };
        let clause = dice
            .pick(phrasings)
            .render(&fact.scene(self.dealer, Voice::Statement), dice);
        let mut sentences = Vec::new();
        if dice.chance(60) {
            let scene = fact.scene(self.dealer, Voice::Statement);
            let turn_to = dice.pick(&self.dealer.grammar.talk.turn_to);
            sentences.push(finish(&turn_to.render(&scene, dice)));
        }
        sentences.push(finish(&clause));
        self.push(turns, session, speaker, join(&sentences));
        let turn = turns.last().map(|turn| turn.id.clone()).unwrap_or_default();
        self.stated.push(Stated {
            fact: fact.clone(),
            speaker,
            own,
            turn,
            session,
        });
        fact
    }

    /// Deals the speaker's next fact: on one of the speaker's topics, and of a pattern that the
    /// speaker has not used for that topic.
    fn next_fact(&mut self, speaker: usize) -> Fact<'d> {
        loop {
            let nth = self.dealt[speaker];
            self.dealt[speaker] += 1;
            let topics = &self.interests[speaker];
            let topic = topics[(nth % topics.len() as u64) as usize];
            let in_topic = nth / topics.len() as u64;
            let fact = self.dealer.fact(
                self.dealer
                    .index_in_topic(topic, 2 * in_topic + speaker as u64),
            );
            let told = !fact.pattern.tell.is_empty();
            let fits = told || speaks_for_itself(fact.pattern.kind);
            // Once a speaker has used up every pattern, patterns come again with other values.
            let exhausted = in_topic > 400;
            let unused = self
                .used
                .insert((speaker, std::ptr::from_ref(fact.pattern)));
            if fits && (unused || exhausted) {
                let who = self.speakers[speaker];
                return if told { fact.about(who) } else { fact };
            }
        }
    }

    fn push(&self, turns: &mut Vec<Turn>, session: usize, speaker: usize, text: String) {
        let id = format!("D{}:{}", session + 1, turns.len() + 1);
        let people = &self.dealer.grammar.vocabulary.people;
        let speaker = people.given(self.speakers[speaker]).to_owned();
        turns.push(Turn { id, speaker, text });
    }

    /// Renders small talk addressed to one of the speakers.
    fn phrase(&self, templates: &[Template], to: usize, dice: &mut Dice) -> String {
        let scene = Scene {
            vocabulary: &self.dealer.grammar.vocabulary,
            label: "",
            values: &[],
            who: Some(self.speakers[to]),
            seed: self.dealer.seed,
            voice: Voice::Statement,
        };
        finish(&dice.pick(templates).render(&scene, dice))
    }
}

/// Tells whether facts of a kind make sense when they are not told in the first person. Orders to an
/// agent do not; meetings and events may say "I" of the agent's user, and so may their questions.
fn speaks_for_itself(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Preference | Kind::People | Kind::Project | Kind::Fact
    )
}

/// Draws different topics for a speaker.
fn draw_interests(dealer: &Dealer, dice: &mut Dice) -> Vec<TopicId> {
    let mut topics: Vec<u16> = (0..dealer.grammar.topics.len() as u16).collect();
    let wanted = INTERESTS.min(topics.len());
    (0..wanted)
        .map(|_| TopicId(topics.swap_remove(dice.position(topics.len()))))
        .collect()
}

fn date(day: u64) -> String {
    let (month, of_month) = month_and_day(day % DAYS_OF_YEAR);
    format!("{of_month} {} {}", MONTHS[month], YEAR + day / DAYS_OF_YEAR)
}
