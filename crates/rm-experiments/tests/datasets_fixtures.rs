//! Every reader reads its format as it is written.

use std::error::Error;

use rm_experiments::datasets::{
    Category, DataRoot, Domains, Enrichment, Event, Evidence, Locomo, MsMarco, Observation,
    Passage, Qrel, Query, Reddit, ShiftDomain, ShiftQuestion, Source, Split, SquadShifts, TextForm,
    Title, TurnId,
};

#[path = "fixtures/datasets/mod.rs"]
mod fixture;

type TestResult = Result<(), Box<dyn Error>>;

#[test]
fn reddit_titles_and_queries() -> TestResult {
    let folder = fixture::install()?;
    let reddit = Reddit::open(&DataRoot::at(folder.path()))?;
    let titles = reddit.titles(usize::MAX)?;
    assert_eq!(titles.len(), 5);
    assert_eq!(
        titles[2],
        Title {
            id: "aa3".into(),
            subreddit: "gardening".into(),
            created_utc: 1_199_232_000,
            text: "A “slug fence” made of copper tape – does it work?".into(),
        }
    );
    assert_eq!(reddit.titles(2)?, titles[..2]);
    assert_eq!(reddit.titles(0)?, []);
    let queries = reddit.queries()?;
    let gold: Vec<&str> = queries
        .iter()
        .map(|query| query.title_id.as_str())
        .collect();
    assert_eq!(gold, ["aa2", "aa5"]);
    assert_eq!(reddit.folder(), folder.path());
    Ok(())
}

#[test]
fn msmarco_passages_queries_and_grades() -> TestResult {
    let folder = fixture::install()?;
    let msmarco = MsMarco::open(&DataRoot::at(folder.path()))?;
    let passages = msmarco.passages()?;
    assert_eq!(
        passages[1],
        Passage {
            id: "1002".into(),
            text: "Limescale dissolves in citric acid within half an hour.".into(),
        }
    );
    let versions: Vec<bool> = passages
        .iter()
        .map(|passage| MsMarco::is_v2_id(&passage.id))
        .collect();
    assert_eq!(versions, [false, false, true, true]);
    let queries = msmarco.queries()?;
    assert_eq!(
        queries.iter().map(|query| query.split).collect::<Vec<_>>(),
        Split::ALL
    );
    assert_eq!(
        queries[2],
        Query {
            id: "q3".into(),
            split: Split::Dl20,
            text: "what dissolves limescale".into()
        }
    );
    let qrels = msmarco.qrels()?;
    assert_eq!(
        qrels[5],
        Qrel {
            qid: "q4".into(),
            pid: "msmarco_passage_02_78".into(),
            grade: 1,
            split: Split::Dl21,
        }
    );
    let relevant: Vec<bool> = qrels.iter().map(Qrel::is_relevant).collect();
    assert_eq!(relevant, [true, true, false, true, true, false]);
    Ok(())
}

fn turns(ids: &[&str]) -> Vec<TurnId> {
    ids.iter().filter_map(|id| TurnId::new(id)).collect()
}

#[test]
fn locomo_sessions_and_notes() -> TestResult {
    let folder = fixture::install()?;
    let conversations = Locomo::open(&DataRoot::at(folder.path()))?.conversations()?;
    let first = &conversations[0];
    assert_eq!(first.id, "conv-1");
    assert_eq!(first.speakers, ["Ada", "Ben"]);
    // By number, not by name: "session_10" sorts before "session_2". The 11th has a date and no turns.
    let numbers: Vec<u32> = first
        .sessions
        .iter()
        .map(|session| session.number)
        .collect();
    assert_eq!(numbers, [1, 2, 10]);
    let said: Vec<&str> = first.turns().map(|turn| turn.id.as_str()).collect();
    assert_eq!(said, ["D1:1", "D1:2", "D1:3", "D2:1", "D2:2", "D10:1"]);

    let session = &first.sessions[0];
    assert_eq!(session.date_time, "9:05 am on 3 March, 2024");
    assert_eq!(session.turns[1].speaker, "Ben");
    assert_eq!(
        session.turns[1].image_caption.as_deref(),
        Some("a photo of a lake at dawn")
    );
    assert_eq!(session.turns[2].image_caption, None);
    assert_eq!(
        session.summary.as_deref(),
        Some("Ada tells Ben about her new canoe.")
    );
    assert_eq!(
        session.events,
        [Event {
            speaker: "Ada".into(),
            date: "2 March, 2024".into(),
            text: "Ada buys a canoe.".into(),
        }]
    );
    assert_eq!(
        session.observations,
        [Observation {
            speaker: "Ada".into(),
            fact: "Ada owns a green canoe.".into(),
            evidence: Evidence {
                turns: turns(&["D1:1", "D1:3"]),
                unresolved: vec![]
            },
        }]
    );
    assert_eq!(
        first.sessions[1].observations[0].evidence.turns,
        turns(&["D2:2", "D1:1"])
    );
    Ok(())
}

#[test]
fn locomo_questions_and_their_evidence() -> TestResult {
    let folder = fixture::install()?;
    let conversations = Locomo::open(&DataRoot::at(folder.path()))?.conversations()?;
    let questions = &conversations[0].questions;
    let categories: Vec<Category> = questions.iter().map(|question| question.category).collect();
    use Category::{Adversarial, MultiHop, OpenDomain, SingleHop, Temporal};
    assert_eq!(
        categories,
        [
            SingleHop,
            MultiHop,
            MultiHop,
            Temporal,
            OpenDomain,
            Adversarial
        ]
    );
    let evidence: Vec<&Evidence> = questions
        .iter()
        .map(|question| &question.evidence)
        .collect();
    assert_eq!(evidence[0].turns, turns(&["D1:1"]));
    assert_eq!(
        evidence[1].turns,
        turns(&["D2:2"]),
        "named twice, kept once"
    );
    assert_eq!(
        evidence[2].turns,
        turns(&["D10:1", "D1:3"]),
        "two ids in one text"
    );
    assert_eq!(evidence[3].turns, turns(&["D2:2"]));
    assert_eq!(evidence[3].unresolved, ["D"]);
    assert_eq!(evidence[4], &Evidence::default());
    assert_eq!(evidence[5].turns, []);
    assert_eq!(evidence[5].unresolved, ["D1:02"]);
    assert_eq!(
        questions[1].answer.as_deref(),
        Some("2"),
        "numbers become their digits"
    );
    assert_eq!(questions[5].answer, None);
    assert_eq!(questions[5].adversarial_answer.as_deref(), Some("In March"));
    Ok(())
}

#[test]
fn squadshifts_paragraphs_and_questions() -> TestResult {
    let folder = fixture::install()?;
    let squadshifts = SquadShifts::open(&DataRoot::at(folder.path()))?;
    let domains: Vec<ShiftDomain> = squadshifts
        .passages()?
        .iter()
        .map(|passage| passage.domain)
        .collect();
    assert_eq!(domains, ShiftDomain::ALL);
    assert_eq!(
        squadshifts.questions()?[3],
        ShiftQuestion {
            id: "s4".into(),
            domain: ShiftDomain::NewWiki,
            passage_id: "new_wiki_0".into(),
            text: "What fuel lit the lighthouse?".into(),
        }
    );
    Ok(())
}

#[test]
fn domains_with_and_without_labels() -> TestResult {
    let folder = fixture::install()?;
    let domains = Domains::open(&DataRoot::at(folder.path()))?;
    assert_eq!(domains.texts()?.len(), 6);
    let clinc = domains.texts_of(Source::Clinc)?;
    let labels: Vec<Option<&str>> = clinc.iter().map(|text| text.label.as_deref()).collect();
    assert_eq!(labels, [Some("timer"), Some("oos")]);
    assert_eq!(domains.texts_of(Source::Wikipedia)?[0].label, None);
    Ok(())
}

#[test]
fn enrichment_forms_share_their_ids() -> TestResult {
    let folder = fixture::install()?;
    let enrichment = Enrichment::open(&DataRoot::at(folder.path()))?;
    for form in TextForm::ALL {
        let mut ids: Vec<String> = enrichment
            .passages(form)?
            .into_iter()
            .map(|passage| passage.id)
            .collect();
        ids.sort();
        assert_eq!(ids, ["31", "31", "32"], "{form}");
    }
    assert_eq!(
        enrichment.passages(TextForm::Plain)?[0].text,
        "Bees keep the hive at 35 °C by fanning their wings."
    );
    assert_eq!(
        enrichment.passages(TextForm::Summarised)?[0].text,
        "Oil seasons iron pans."
    );
    let queries = enrichment.queries()?;
    assert_eq!(
        queries[0],
        Query {
            id: "e1".into(),
            split: Split::Dev,
            text: "how warm is a beehive".into()
        }
    );
    assert_eq!(
        enrichment.qrels()?[1],
        Qrel {
            qid: "e2".into(),
            pid: "32".into(),
            grade: 1,
            split: Split::Dev
        }
    );
    Ok(())
}
