//! From which cosine on two texts should count as the same:
//! `cargo run --release -p rm-experiments --example near_duplicates [FOLDER OF CACHED VECTORS]`.
//!
//! Finds the exact nearest neighbour of each of the first 20,000 distinct texts of four data sets. Two texts count as the
//! same in almost the same words where they share at least 4/5 of their words (Jaccard) and all their numbers, and as
//! different where they share less than half. Two generated memories never state the same fact, so whatever is found
//! among these is a fact that would be lost. For each threshold it prints the share of all items whose nearest neighbour
//! reaches it, the share of the same that reach it, and among those that do the shares of the same, of the different, and of
//! those that differ in a number.
//! Then the share of generated facts that another phrasing of the same fact is recognised as. `--show` prints pairs.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use rm_core::{ExactSearch, Vectors, dot};
use rm_embed::{CachedEmbedder, Embedder, MiniLm, ModelSource};
use rm_experiments::agent_memories::AgentMemories;
use rm_experiments::corpora::{Dataset, DatasetTexts};
use rm_experiments::suite::{DataChoice, vector_cache};

const SEED: u64 = 42;
const N_ITEMS: usize = 20_000;
const THRESHOLDS: [f32; 8] = [0.80, 0.85, 0.90, 0.93, 0.95, 0.97, 0.98, 0.99];
const SHOWN: usize = 12;

/// Holds a text with the nearest of all others.
struct Pair<'a> {
    texts: [&'a str; 2],
    cosine: f32,
    words_shared: f32,
    same_numbers: bool,
}

fn main() -> anyhow::Result<()> {
    let (shows, folders): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|word| word == "--show");
    let cache = folders
        .first()
        .map_or_else(vector_cache, |folder| Path::new(folder).into());
    let model = CachedEmbedder::open(MiniLm::load(&ModelSource::from_env())?, &cache)?;
    for dataset in [
        Dataset::Msmarco,
        Dataset::Locomo,
        Dataset::Reddit,
        Dataset::AgentMemories,
    ] {
        let texts = distinct(dataset)?;
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let vectors = embed(&model, &texts)?;
        let pairs = nearest(&texts, &vectors)?;
        print_thresholds(dataset, &pairs);
        if !shows.is_empty() {
            print_pairs(&pairs);
        }
    }
    print_phrasings(&model)
}

/// Reads the first texts of a data set, each once.
fn distinct(dataset: Dataset) -> anyhow::Result<Vec<String>> {
    let texts = DatasetTexts::find(&DataChoice::Auto, dataset, Some(2 * N_ITEMS), SEED)?;
    let mut known = HashSet::new();
    let mut kept = Vec::new();
    for text in texts.items()? {
        let text = text?;
        if kept.len() < N_ITEMS && known.insert(text.clone()) {
            kept.push(text);
        }
    }
    Ok(kept)
}

fn embed(model: &dyn Embedder, texts: &[&str]) -> anyhow::Result<Vectors> {
    let vectors = model.embed_batch(texts)?.into_vec();
    Ok(Vectors::from_rows(model.dim(), vectors)?)
}

fn nearest<'a>(texts: &[&'a str], vectors: &Vectors) -> anyhow::Result<Vec<Pair<'a>>> {
    let found = ExactSearch::new(vectors).top_k_batch(vectors, 2)?;
    let pairs = found.iter().enumerate().filter_map(|(row, hits)| {
        let other = hits.iter().find(|hit| hit.row != row)?;
        let texts = [texts[row], texts[other.row]];
        let [words, other_words] = texts.map(words);
        let shared = words.intersection(&other_words).count() as f32;
        let all = words.union(&other_words).count().max(1) as f32;
        let numbers = texts.map(numbers);
        Some(Pair {
            texts,
            cosine: other.score,
            words_shared: shared / all,
            same_numbers: numbers[0] == numbers[1],
        })
    });
    Ok(pairs.collect())
}

fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

fn numbers(text: &str) -> BTreeSet<String> {
    let is_number = |word: &String| word.chars().any(|c| c.is_ascii_digit());
    words(text).into_iter().filter(is_number).collect()
}

fn print_thresholds(dataset: Dataset, pairs: &[Pair<'_>]) {
    let is_same = |pair: &&Pair<'_>| pair.words_shared >= 0.8 && pair.same_numbers;
    let is_different = |pair: &&Pair<'_>| pair.words_shared < 0.5;
    let n_same = pairs.iter().filter(is_same).count();
    println!(
        "\n{dataset}: {} texts, {n_same} with another in almost the same words",
        pairs.len()
    );
    println!("threshold  reached  of the same  same among them  different  other numbers");
    for threshold in THRESHOLDS {
        let reached: Vec<&Pair<'_>> = pairs.iter().filter(|p| p.cosine >= threshold).collect();
        let same = reached.iter().copied().filter(is_same).count();
        let different = reached.iter().copied().filter(is_different).count();
        let other_numbers = reached.iter().filter(|pair| !pair.same_numbers).count();
        let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
        println!(
            "{threshold:9.2}  {:7.4}  {:11.4}  {:15.4}  {:9.4}  {:13.4}",
            share(reached.len(), pairs.len()),
            share(same, n_same),
            share(same, reached.len()),
            share(different, reached.len()),
            share(other_numbers, reached.len()),
        );
    }
}

/// Prints some pairs of each step between two thresholds.
fn print_pairs(pairs: &[Pair<'_>]) {
    let ends = THRESHOLDS.iter().skip(1).chain([&f32::INFINITY]);
    for (from, to) in THRESHOLDS.iter().zip(ends) {
        let between = pairs.iter().filter(|p| (*from..*to).contains(&p.cosine));
        let between: Vec<&Pair<'_>> = between.collect();
        let step = between.len().div_ceil(SHOWN).max(1);
        for pair in between.into_iter().step_by(step) {
            let [a, b] = pair
                .texts
                .map(|text| text.chars().take(160).collect::<String>());
            println!(
                "{:.3} {:.2}\n    {a}\n    {b}",
                pair.cosine, pair.words_shared
            );
        }
    }
}

/// Prints how often a fact in other words is recognised.
fn print_phrasings(model: &dyn Embedder) -> anyhow::Result<()> {
    let generator = AgentMemories::new(SEED)?;
    let forms: Vec<_> = (0..5_000).map(|index| generator.forms(index)).collect();
    let plain: Vec<&str> = forms.iter().map(|forms| forms.plain.as_str()).collect();
    let key: Vec<&str> = forms
        .iter()
        .map(|forms| forms.key_sentence.as_str())
        .collect();
    let (plain, key) = (embed(model, &plain)?, embed(model, &key)?);
    let cosines: Vec<f32> = plain
        .iter()
        .zip(key.iter())
        .map(|(a, b)| dot(a, b))
        .collect();
    println!(
        "\ngenerated facts and the sentence that states them, {}",
        cosines.len()
    );
    for threshold in THRESHOLDS {
        let reached = cosines
            .iter()
            .filter(|cosine| **cosine >= threshold)
            .count();
        println!(
            "{threshold:9.2}  {:7.4}",
            reached as f64 / cosines.len() as f64
        );
    }
    Ok(())
}
