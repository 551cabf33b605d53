//! In the original the drift alarm triggers nothing.

use std::sync::Arc;

use rm_memory::{
    AdaptationPolicy, Clock, DriftConfig, DriftEvent, DriftResponse, KRule, NewItem, Query,
    RoutingMemory, SearchResult,
};

use crate::Outcome;
use crate::hashed_words::HashedWords;
use crate::memories::{QUESTIONS, fill, with_minilm};

const STARS: [&str; 5] = [
    "how far away is the Andromeda galaxy?",
    "why do neutron stars spin so fast?",
    "which elements does a supernova leave behind?",
    "how are exoplanets found by their shadow?",
    "what holds the rings of Saturn together?",
];

#[test]
fn the_drift_alarm_triggers_adaptation_and_the_answer_says_so() -> Outcome {
    let policy = AdaptationPolicy {
        interval: None,
        ..AdaptationPolicy::default()
    };
    let memory = with_minilm()
        .adaptation(policy)
        .clock(Clock::new(|| 77_000))
        .open()?;
    fill(&memory)?;
    let answers = ask_until_the_world_changes(&memory)?;
    let alarm = answers
        .iter()
        .find(|answer| answer.drift.is_some())
        .ok_or("no alarm")?;
    let Some(DriftEvent::Alarm(told)) = alarm.drift else {
        return Err(format!("{:?} is no alarm", alarm.drift).into());
    };
    assert!(
        told.episode > 50 && told.ratio >= 1.3 && told.at_ms == 77_000,
        "{told:?}"
    );
    let report = alarm.adaptation.as_ref().ok_or("the alarm did nothing")?;
    assert!(report.moves() > 0, "{report:?}");
    assert_eq!(memory.drift_alarms(), [told]);
    let stats = memory.stats();
    assert_eq!((stats.adaptations, stats.drift.alarms), (1, 1));
    // What is asked now is what is expected from now on.
    assert!(!stats.drift.in_drift);
    assert!(stats.drift.ratio < 1.3, "{:?}", stats.drift);
    assert_eq!(memory.index().ok_or("no index")?.misplaced()?, []);
    Ok(())
}

#[test]
fn an_alarm_that_must_not_adapt_is_told_all_the_same() -> Outcome {
    let memory = with_minilm()
        .adaptation(AdaptationPolicy::manual())
        .open()?;
    fill(&memory)?;
    let trained = memory.index().ok_or("no index")?.codebook().clone();
    let answers = ask_until_the_world_changes(&memory)?;
    let alarms = answers
        .iter()
        .filter(|answer| matches!(answer.drift, Some(DriftEvent::Alarm(_))));
    assert_eq!(alarms.count(), 1, "the next one waits for the cooldown");
    assert!(answers.iter().all(|answer| answer.adaptation.is_none()));
    assert_eq!(memory.stats().adaptations, 0);
    assert!(memory.stats().drift.in_drift);
    assert_eq!(memory.index().ok_or("no index")?.codebook(), &trained);
    Ok(())
}

/// Asks fifty questions about what is remembered, then thirty about something else.
fn ask_until_the_world_changes(memory: &RoutingMemory) -> rm_memory::Result<Vec<SearchResult>> {
    let known = QUESTIONS.iter().map(|(question, _)| *question).cycle();
    let strange = STARS.iter().copied().cycle();
    known
        .take(50)
        .chain(strange.take(30))
        .map(|question| memory.search_with_signals(question))
        .collect()
}

/// Only an alarm moves the baseline: neither a cycle that was due anyway, nor the end of a drift.
#[test]
fn a_cycle_without_an_alarm_keeps_the_baseline() -> Outcome {
    let embedder = Arc::new(HashedWords::new(16));
    let drift = DriftConfig {
        window: 1,
        baseline: 4,
        alarm_ratio: 1.3,
        cooldown: 100,
    };
    let policy = AdaptationPolicy {
        interval: Some(1),
        on_alarm: DriftResponse::Ignore,
        ema_rate: 0.0,
        ..AdaptationPolicy::default()
    };
    let memory = RoutingMemory::builder()
        .embedder(embedder)
        .drift(drift)
        .adaptation(policy)
        .k_rule(KRule::Fixed(1))
        .open()?;
    memory.add(NewItem::new("sea sun").id("only"))?;
    let ask = |text: &str| memory.search_with_signals(Query::text(text).threshold(-1.0));
    for _ in 0..4 {
        ask("sea sun wind")?;
    }
    let baseline = memory.stats().drift.baseline_qerr;
    assert!(baseline.is_some_and(|qerr| qerr > 0.0));
    let alarm = ask("granite lathe")?;
    assert!(
        matches!(alarm.drift, Some(DriftEvent::Alarm(_))),
        "{alarm:?}"
    );
    assert!(alarm.adaptation.is_some(), "the cycle was due");
    assert_eq!(memory.stats().drift.baseline_qerr, baseline);
    let recovered = ask("sea sun wind")?;
    assert!(matches!(
        recovered.drift,
        Some(DriftEvent::Recovered { .. })
    ));
    assert!(recovered.adaptation.is_some(), "the cycle was due");
    assert_eq!(memory.stats().drift.baseline_qerr, baseline);
    Ok(())
}
