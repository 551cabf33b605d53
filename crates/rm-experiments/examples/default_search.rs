//! Holds what `rm-memory` does by default against its switches, on the gold labels of A1 and A2:
//! `cargo run -p rm-experiments --example default_search`.
//!
//! Fills one memory with the passages of MS MARCO and one with each conversation of LoCoMo, and asks the questions whose answers are
//! known: by meaning alone and by meaning and words, with the default threshold, with a lower one and with none. Prints the share of
//! questions with a gold item among the first ten, the mean share of gold items there, and results a question. Vectors are
//! those of the experiments' cache, `data/vectors`. Needs the real data sets, where data/README.md says.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use rm_embed::{CachedEmbedder, MiniLm, ModelSource};
use rm_experiments::datasets::{DataRoot, Locomo, MsMarco};
use rm_experiments::metrics::{Bootstrap, gold_recall, hit, mean};
use rm_memory::{AdaptationPolicy, Embedder, NewItem, Query, RoutingMemory};

const TOP_K: usize = 10;

/// Thresholds of the cosine; the second is the default.
const THRESHOLDS: [f32; 3] = [-1.0, 0.3, 0.2];

/// Texts that are asked for, with the ids of what answers them.
type Asked = Vec<(String, Vec<String>)>;

/// What one setting came to, one value a question.
#[derive(Default)]
struct Judged {
    hits: Vec<f64>,
    recalls: Vec<f64>,
    results: Vec<f64>,
}

/// The settings: a threshold, and whether words take part.
type Settings = HashMap<(u32, bool), Judged>;

fn main() -> anyhow::Result<()> {
    let model = MiniLm::load(&ModelSource::from_env())?;
    let embedder = CachedEmbedder::open(model, Path::new("data/vectors"))?;
    let embedder: Arc<dyn Embedder> = Arc::new(embedder);
    let root = DataRoot::find();

    let mut settings = Settings::new();
    for conversation in Locomo::open(&root)?.conversations()? {
        let turns = conversation.turns();
        let items = turns.map(|turn| {
            NewItem::new(format!("{}: {}", turn.speaker, turn.text)).id(turn.id.to_string())
        });
        let asked = conversation.questions.iter().map(|question| {
            let gold = question.evidence.turns.iter().map(ToString::to_string);
            (question.question.clone(), gold.collect())
        });
        judge(&embedder, items.collect(), &asked.collect(), &mut settings)?;
    }
    print("LoCoMo", &settings)?;

    let msmarco = MsMarco::open(&root)?;
    let passages = msmarco.passages()?.into_iter();
    let items = passages.map(|passage| NewItem::new(passage.text).id(passage.id));
    let mut gold: HashMap<String, Vec<String>> = HashMap::new();
    for qrel in msmarco.qrels()? {
        if qrel.is_relevant() {
            gold.entry(qrel.qid).or_default().push(qrel.pid);
        }
    }
    let queries = msmarco.queries()?.into_iter();
    let asked = queries.filter_map(|query| Some((query.text, gold.remove(&query.id)?)));
    let mut settings = Settings::new();
    judge(&embedder, items.collect(), &asked.collect(), &mut settings)?;
    print("MS MARCO", &settings)
}

/// Asks a memory of `items` everything in every setting.
fn judge(
    embedder: &Arc<dyn Embedder>,
    items: Vec<NewItem>,
    asked: &Asked,
    settings: &mut Settings,
) -> anyhow::Result<()> {
    let memory = RoutingMemory::builder()
        .embedder(Arc::clone(embedder))
        .adaptation(AdaptationPolicy::manual())
        .in_memory()
        .open()?;
    memory.add_batch(items)?;
    for (question, gold) in asked.iter().filter(|(_, gold)| !gold.is_empty()) {
        for threshold in THRESHOLDS {
            for hybrid in [false, true] {
                let query = Query::text(question).top_k(TOP_K).hybrid(hybrid);
                let found = memory.search(query.threshold(threshold))?;
                let found: Vec<String> = found.into_iter().map(|found| found.id).collect();
                let judged = settings.entry((threshold.to_bits(), hybrid)).or_default();
                judged.hits.extend(hit(&found, gold, TOP_K));
                judged.recalls.extend(gold_recall(&found, gold, TOP_K));
                judged.results.push(found.len() as f64);
            }
        }
    }
    Ok(())
}

fn print(name: &str, settings: &Settings) -> anyhow::Result<()> {
    let judged = |threshold: f32, hybrid| &settings[&(threshold.to_bits(), hybrid)];
    println!("{name}, {} questions", judged(-1.0, false).hits.len());
    println!("threshold  words  hit@{TOP_K}  gold R@{TOP_K}  results");
    for threshold in THRESHOLDS {
        for hybrid in [false, true] {
            let row = judged(threshold, hybrid);
            println!(
                "{threshold:>9}  {:>5}  {:>6.4}  {:>9.4}  {:>7.2}",
                if hybrid { "yes" } else { "no" },
                mean(&row.hits).unwrap_or_default(),
                mean(&row.recalls).unwrap_or_default(),
                mean(&row.results).unwrap_or_default(),
            );
        }
        let [words, dense] = [true, false].map(|hybrid| &judged(threshold, hybrid).recalls);
        let gain = Bootstrap::default().paired_difference(words, dense)?;
        println!(
            "           words add {:.4} [{:.4}, {:.4}] of gold recall",
            gain.estimate, gain.low, gain.high
        );
    }
    Ok(())
}
