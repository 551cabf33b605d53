//! Holds int8 against f32 on the questions of LoCoMo, one memory for each conversation:
//! `cargo run -p rm-experiments --example int8_gold_recall`.
//!
//! Embeds the 5,882 turns and the 1,981 questions whose evidence is known, twice and without a cache, and searches
//! exactly. Prints the share of questions with at least one gold turn among the first ten, the mean share of
//! gold turns there, both with 95% intervals of what int8 changes, question by question, and how near the vectors
//! are. Needs the real data set, where data/README.md says.

use rm_core::{ExactSearch, Vectors};
use rm_embed::{Embedder, MiniLm, ModelSource, Precision};
use rm_experiments::datasets::{Conversation, DataRoot, Locomo};
use rm_experiments::metrics::{Bootstrap, gold_recall, hit, mean, recall_vs_dense};

const TOP_K: usize = 10;

/// Holds one memory: the turns, and the questions with the positions of their gold turns.
struct Memory {
    turns: Vec<String>,
    questions: Vec<String>,
    gold: Vec<Vec<usize>>,
}

/// Holds the vectors of a memory in one precision, and the exact answers.
struct Answered {
    turns: Vectors,
    questions: Vectors,
    answers: Vec<Vec<usize>>,
}

/// Holds what is compared, one value a question, or a text for the cosines.
#[derive(Default)]
struct Comparison {
    hits: [Vec<f64>; 2],
    recalls: [Vec<f64>; 2],
    kept: Vec<f64>,
    cosines: Vec<f64>,
}

fn main() -> anyhow::Result<()> {
    let conversations = Locomo::open(&DataRoot::find())?.conversations()?;
    let source = ModelSource::from_env();
    let f32 = MiniLm::load_with(&source, Precision::F32)?;
    let int8 = MiniLm::load_with(&source, Precision::Int8)?;
    let mut comparison = Comparison::default();
    for conversation in &conversations {
        let memory = Memory::of(conversation);
        eprintln!("{}: {} turns", conversation.id, memory.turns.len());
        comparison.add(&memory, &memory.answered(&f32)?, &memory.answered(&int8)?);
    }
    comparison.print()
}

impl Memory {
    /// Takes the turns of a conversation and the questions that rest on any of them.
    fn of(conversation: &Conversation) -> Self {
        let asked = conversation.questions.iter().map(|question| {
            let is_gold =
                |turn: &rm_experiments::datasets::Turn| question.evidence.turns.contains(&turn.id);
            let turns = conversation.turns().enumerate();
            let gold = turns.filter(|(_, turn)| is_gold(turn)).map(|(at, _)| at);
            (question.question.clone(), gold.collect::<Vec<usize>>())
        });
        let (questions, gold) = asked.filter(|(_, gold)| !gold.is_empty()).unzip();
        let turns = conversation.turns();
        Self {
            turns: turns
                .map(|t| format!("{}: {}", t.speaker, t.text))
                .collect(),
            questions,
            gold,
        }
    }

    /// Embeds the memory and searches it exactly.
    fn answered(&self, model: &MiniLm) -> anyhow::Result<Answered> {
        let embed = |texts: &[String]| -> anyhow::Result<Vectors> {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let vectors = model.embed_batch(&texts)?.into_vec();
            Ok(Vectors::from_rows(model.dim(), vectors)?)
        };
        let (turns, questions) = (embed(&self.turns)?, embed(&self.questions)?);
        let found = ExactSearch::new(&turns).top_k_batch(&questions, TOP_K)?;
        let answers = found
            .iter()
            .map(|hits| hits.iter().map(|hit| hit.row).collect())
            .collect();
        Ok(Answered {
            turns,
            questions,
            answers,
        })
    }
}

impl Comparison {
    fn add(&mut self, memory: &Memory, f32: &Answered, int8: &Answered) {
        for (side, answered) in [f32, int8].into_iter().enumerate() {
            let asked = || answered.answers.iter().zip(&memory.gold);
            self.hits[side].extend(asked().filter_map(|(found, gold)| hit(found, gold, TOP_K)));
            self.recalls[side]
                .extend(asked().filter_map(|(found, gold)| gold_recall(found, gold, TOP_K)));
        }
        let both = f32.answers.iter().zip(&int8.answers);
        self.kept
            .extend(both.filter_map(|(exact, found)| recall_vs_dense(found, exact, TOP_K)));
        for (left, right) in [(&f32.turns, &int8.turns), (&f32.questions, &int8.questions)] {
            let rows = left.iter().zip(right.iter());
            self.cosines.extend(rows.map(|(left, right)| {
                let products = left.iter().zip(right).map(|(a, b)| f64::from(a * b));
                products.sum::<f64>()
            }));
        }
    }

    fn print(&self) -> anyhow::Result<()> {
        println!("{} questions, exact search, top {TOP_K}", self.kept.len());
        for (name, [f32, int8]) in [
            ("questions with a gold turn", &self.hits),
            ("gold recall", &self.recalls),
        ] {
            let change = Bootstrap::default().paired_difference(int8, f32)?;
            let [f32, int8] = [f32, int8].map(|values| mean(values).unwrap_or_default());
            println!(
                "{name}: f32 {f32:.4}, int8 {int8:.4}, change {:+.4} [{:+.4}, {:+.4}]",
                change.estimate, change.low, change.high
            );
        }
        let least = self.cosines.iter().copied().fold(1.0, f64::min);
        println!(
            "top {TOP_K} of f32 that int8 finds: {:.4}",
            mean(&self.kept).unwrap_or_default()
        );
        println!(
            "cosine of f32 and int8: mean {:.5}, least {least:.5}",
            mean(&self.cosines).unwrap_or_default()
        );
        Ok(())
    }
}
