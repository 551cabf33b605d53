//! The real data sets hold what their manifest says.
//!
//! A bare clone has no real data and must pass its tests, so where a set is not found the same checks run on
//! the fixtures, and the test says so past the test harness's capture. Where `$RM_DATA` is set, the data
//! was promised, and a set that is not there fails.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::error::Error;
use std::hash::{Hash, Hasher};
use std::io::{self, Write};

use rm_experiments::datasets::{
    Category, DataRoot, DatasetError, Domains, Enrichment, Evidence, Locomo, MsMarco, Reddit,
    ShiftDomain, Source, Split, SquadShifts, TextForm,
};
use tempfile::TempDir;

#[path = "fixtures/datasets/mod.rs"]
mod fixture;

type TestResult = Result<(), Box<dyn Error>>;

/// A reader with the counts that what it reads must have.
struct Subject<Reader, Counts> {
    reader: Reader,
    counts: Counts,
    _fixture: Option<TempDir>,
}

fn subject<Reader, Counts>(
    open: fn(&DataRoot) -> Result<Reader, DatasetError>,
    real: Counts,
    invented: Counts,
) -> Result<Subject<Reader, Counts>, Box<dyn Error>> {
    match open(&DataRoot::find()) {
        Ok(reader) => Ok(Subject {
            reader,
            counts: real,
            _fixture: None,
        }),
        Err(error) if error.is_missing() && std::env::var_os(DataRoot::VARIABLE).is_none() => {
            let notice = format!("\nREAL DATA ABSENT, only fixtures are checked: {error}\n\n");
            // One write that goes past the harness's capture, so that parallel tests do not mingle.
            io::stderr().write_all(notice.as_bytes())?;
            let folder = fixture::install()?;
            let reader = open(&DataRoot::at(folder.path()))?;
            Ok(Subject {
                reader,
                counts: invented,
                _fixture: Some(folder),
            })
        }
        Err(error) => Err(error.into()),
    }
}

fn tally<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    counts
}

/// A million hashes take a tenth of the memory of a million titles; a collision can only make the test fail.
fn hashed(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[derive(Debug, PartialEq)]
struct RedditCounts {
    titles: usize,
    distinct_texts: usize,
    subreddits: usize,
    queries: usize,
}

#[test]
fn reddit() -> TestResult {
    let subject = subject(
        Reddit::open,
        RedditCounts {
            titles: 1_000_000,
            distinct_texts: 1_000_000,
            subreddits: 2_491,
            queries: 20_000,
        },
        RedditCounts {
            titles: 5,
            distinct_texts: 5,
            subreddits: 4,
            queries: 2,
        },
    )?;
    let queries = subject.reader.queries()?;
    let mut wanted: HashMap<&str, &str> = queries
        .iter()
        .map(|query| (query.title_id.as_str(), query.subreddit.as_str()))
        .collect();
    assert_eq!(wanted.len(), queries.len(), "a post is asked for once");

    let mut titles = 0;
    let mut texts = HashSet::new();
    let mut subreddits = HashSet::new();
    let mut latest = i64::MIN;
    for title in subject.reader.stream_titles()? {
        let title = title?;
        titles += 1;
        assert!(
            title.created_utc >= latest,
            "{} is older than the one before it",
            title.id
        );
        latest = title.created_utc;
        assert!(
            (20..=200).contains(&title.text.chars().count()),
            "{}",
            title.text
        );
        if let Some(subreddit) = wanted.remove(title.id.as_str()) {
            assert_eq!(subreddit, title.subreddit);
        }
        texts.insert(hashed(&title.text));
        subreddits.insert(title.subreddit);
    }
    assert!(
        wanted.is_empty(),
        "{} queries ask for titles that are not there",
        wanted.len()
    );
    let counts = RedditCounts {
        titles,
        distinct_texts: texts.len(),
        subreddits: subreddits.len(),
        queries: queries.len(),
    };
    assert_eq!(counts, subject.counts);
    Ok(())
}

#[derive(Debug, PartialEq)]
struct MsMarcoCounts {
    passages_v1_v2: [usize; 2],
    distinct_texts: usize,
    queries: [usize; 4],
    qrels: [usize; 4],
    /// Queries that have at least one relevant passage.
    answerable: usize,
}

#[test]
fn msmarco() -> TestResult {
    let subject = subject(
        MsMarco::open,
        MsMarcoCounts {
            passages_v1_v2: [32_276, 27_170],
            distinct_texts: 55_666,
            queries: [2_315, 43, 54, 53],
            qrels: [2_317, 4_343, 5_150, 4_814],
            answerable: 2_464,
        },
        MsMarcoCounts {
            passages_v1_v2: [2, 2],
            distinct_texts: 4,
            queries: [1, 1, 1, 1],
            qrels: [1, 2, 1, 2],
            answerable: 4,
        },
    )?;
    let passages = subject.reader.passages()?;
    let queries = subject.reader.queries()?;
    let qrels = subject.reader.qrels()?;
    let v2 = passages
        .iter()
        .filter(|passage| MsMarco::is_v2_id(&passage.id))
        .count();
    let texts: HashSet<&str> = passages
        .iter()
        .map(|passage| passage.text.as_str())
        .collect();
    let answerable: HashSet<&str> = qrels
        .iter()
        .filter(|qrel| qrel.is_relevant())
        .map(|qrel| qrel.qid.as_str())
        .collect();
    let counts = MsMarcoCounts {
        passages_v1_v2: [passages.len() - v2, v2],
        distinct_texts: texts.len(),
        queries: Split::ALL
            .map(|split| queries.iter().filter(|query| query.split == split).count()),
        qrels: Split::ALL.map(|split| qrels.iter().filter(|qrel| qrel.split == split).count()),
        answerable: answerable.len(),
    };
    assert_eq!(counts, subject.counts);

    let pids: HashSet<&str> = passages.iter().map(|passage| passage.id.as_str()).collect();
    assert_eq!(pids.len(), passages.len(), "every passage id stands once");
    let splits: HashMap<&str, Split> = queries
        .iter()
        .map(|query| (query.id.as_str(), query.split))
        .collect();
    for qrel in &qrels {
        assert!(
            pids.contains(qrel.pid.as_str()),
            "{qrel:?} names no passage"
        );
        assert_eq!(splits.get(qrel.qid.as_str()), Some(&qrel.split), "{qrel:?}");
        assert!(qrel.split != Split::Dev || qrel.grade == 1, "{qrel:?}");
    }
    Ok(())
}

#[derive(Debug, PartialEq)]
struct LocomoCounts {
    conversations: usize,
    sessions: usize,
    turns: usize,
    questions_with_evidence: usize,
    /// 1,986 questions in all.
    by_category: [usize; 5],
    observations: usize,
    unresolved: Vec<&'static str>,
}

#[test]
fn locomo() -> TestResult {
    let subject = subject(
        Locomo::open,
        LocomoCounts {
            conversations: 10,
            sessions: 272,
            turns: 5_882,
            questions_with_evidence: 1_981,
            by_category: [282, 321, 96, 841, 446],
            observations: 2_541,
            unresolved: vec!["D", "D10:19", "D30:05", "D4:36", "D:11:26"],
        },
        LocomoCounts {
            conversations: 2,
            sessions: 4,
            turns: 8,
            questions_with_evidence: 5,
            by_category: [2, 1, 1, 2, 1],
            observations: 5,
            unresolved: vec!["D", "D1:02"],
        },
    )?;
    let conversations = subject.reader.conversations()?;
    let sessions: Vec<_> = conversations
        .iter()
        .flat_map(|talk| &talk.sessions)
        .collect();
    let questions: Vec<_> = conversations
        .iter()
        .flat_map(|talk| &talk.questions)
        .collect();
    let observations: Vec<_> = sessions
        .iter()
        .flat_map(|session| &session.observations)
        .collect();
    let of_questions = questions.iter().map(|question| &question.evidence);
    let of_observations = observations.iter().map(|observation| &observation.evidence);
    let all_evidence: Vec<&Evidence> = of_questions.chain(of_observations).collect();
    let unresolved: BTreeSet<&str> = all_evidence
        .iter()
        .flat_map(|evidence| &evidence.unresolved)
        .map(String::as_str)
        .collect();

    assert_eq!(conversations.len(), subject.counts.conversations);
    assert_eq!(sessions.len(), subject.counts.sessions);
    assert_eq!(
        conversations.iter().flat_map(|talk| talk.turns()).count(),
        subject.counts.turns
    );
    let with_evidence = questions
        .iter()
        .filter(|question| !question.evidence.turns.is_empty());
    assert_eq!(
        with_evidence.count(),
        subject.counts.questions_with_evidence
    );
    let by_category = Category::ALL.map(|category| {
        questions
            .iter()
            .filter(|question| question.category == category)
            .count()
    });
    assert_eq!(by_category, subject.counts.by_category);
    assert_eq!(observations.len(), subject.counts.observations);
    assert_eq!(
        unresolved.into_iter().collect::<Vec<_>>(),
        subject.counts.unresolved
    );
    assert!(sessions.iter().all(|session| session.summary.is_some()));
    let adversarial = |category| category == Category::Adversarial;
    assert!(
        questions
            .iter()
            .all(|q| q.answer.is_some() || adversarial(q.category))
    );
    Ok(())
}

#[test]
fn squadshifts() -> TestResult {
    use ShiftDomain::{AmazonReviews, NewWiki, Reddit};
    let subject = subject(
        SquadShifts::open,
        [
            [(AmazonReviews, 2_050), (Reddit, 2_033), (NewWiki, 1_581)],
            [(AmazonReviews, 9_885), (Reddit, 9_803), (NewWiki, 7_938)],
        ],
        [
            [(AmazonReviews, 1), (Reddit, 1), (NewWiki, 1)],
            [(AmazonReviews, 1), (Reddit, 1), (NewWiki, 2)],
        ],
    )?;
    let passages = subject.reader.passages()?;
    let questions = subject.reader.questions()?;
    let [expected_passages, expected_questions] = subject.counts.map(BTreeMap::from);
    assert_eq!(
        tally(passages.iter().map(|passage| passage.domain)),
        expected_passages
    );
    assert_eq!(
        tally(questions.iter().map(|question| question.domain)),
        expected_questions
    );
    let domains: HashMap<&str, ShiftDomain> = passages
        .iter()
        .map(|passage| (passage.id.as_str(), passage.domain))
        .collect();
    for question in &questions {
        assert_eq!(
            domains.get(question.passage_id.as_str()),
            Some(&question.domain)
        );
    }
    Ok(())
}

#[test]
fn domains() -> TestResult {
    use Source::{AgNews, Biomedical, Clinc, StackOverflow, Wikipedia};
    // Source, texts, distinct labels.
    let subject = subject(
        Domains::open,
        [
            (AgNews, 7_600, 4),
            (Biomedical, 20_000, 20),
            (Clinc, 23_700, 151),
            (StackOverflow, 20_000, 20),
            (Wikipedia, 15_000, 0),
        ],
        [
            (AgNews, 1, 1),
            (Biomedical, 1, 1),
            (Clinc, 2, 2),
            (StackOverflow, 1, 1),
            (Wikipedia, 1, 0),
        ],
    )?;
    let texts = subject.reader.texts()?;
    assert_eq!(
        texts.len(),
        subject
            .counts
            .iter()
            .map(|(_, texts, _)| texts)
            .sum::<usize>()
    );
    for (source, expected_texts, expected_labels) in subject.counts {
        let of_source: Vec<_> = texts.iter().filter(|text| text.source == source).collect();
        assert_eq!(of_source.len(), expected_texts, "{source}");
        let labels: HashSet<&str> = of_source
            .iter()
            .filter_map(|text| text.label.as_deref())
            .collect();
        assert_eq!(labels.len(), expected_labels, "{source}");
        assert_eq!(labels.contains("oos"), source == Clinc, "{source}");
    }
    assert_eq!(subject.reader.texts_of(Clinc)?.len(), subject.counts[2].1);
    Ok(())
}

#[test]
fn enrichment() -> TestResult {
    // Records, and distinct ids: one passage is gold for two queries.
    let subject = subject(Enrichment::open, (2_287, 2_286), (3, 2))?;
    let (records, distinct) = subject.counts;
    let queries = subject.reader.queries()?;
    let qrels = subject.reader.qrels()?;
    assert_eq!((queries.len(), qrels.len()), (records, records));
    let labelled: BTreeSet<&str> = qrels.iter().map(|qrel| qrel.pid.as_str()).collect();
    assert_eq!(labelled.len(), distinct);
    for form in TextForm::ALL {
        let passages = subject.reader.passages(form)?;
        assert_eq!(passages.len(), records, "{form}");
        let ids: BTreeSet<&str> = passages.iter().map(|passage| passage.id.as_str()).collect();
        assert_eq!(ids, labelled, "{form}");
    }
    let asked: HashSet<&str> = qrels.iter().map(|qrel| qrel.qid.as_str()).collect();
    assert!(
        queries
            .iter()
            .all(|query| asked.contains(query.id.as_str()))
    );
    Ok(())
}
