//! Items and queries from the real data sets.

use std::collections::{HashMap, HashSet};

use anyhow::{Result, bail};

use super::Dataset;
use super::corpus::{Corpus, CorpusQuery, CorpusSize};
use super::sample::shuffled;
use crate::datasets::{DataRoot, Domains, Locomo, MsMarco, Query, Reddit, Source, Split};

/// Streams of the seed, one for each thing that is drawn.
const ITEMS: u64 = 1;
const QUERIES: u64 = 2;

/// An item's id and its text.
pub(super) type Item = (String, String);

/// A question and the ids of the items that answer it.
pub(super) type Question = (String, Vec<String>);

/// Reads a seeded sample of `dataset`: the gold items of the drawn queries first, then others.
pub(super) fn load(
    root: &DataRoot,
    dataset: Dataset,
    size: CorpusSize,
    seed: u64,
) -> Result<Corpus> {
    let (items, queries) = match dataset {
        Dataset::Clinc => (clinc(root, size, seed)?, Vec::new()),
        Dataset::Reddit => reddit(root, size, seed)?,
        Dataset::Msmarco => msmarco(root, size, seed)?,
        Dataset::Locomo => locomo(root, size, seed)?,
        generated => bail!("{generated} is generated text, expected a real data set"),
    };
    Corpus {
        dataset,
        items,
        queries,
    }
    .checked()
}

fn clinc(root: &DataRoot, size: CorpusSize, seed: u64) -> Result<Vec<String>> {
    let texts = Domains::open(root)?.texts_of(Source::Clinc)?;
    let order = shuffled(texts.len(), seed, ITEMS);
    Ok(order
        .into_iter()
        .take(size.n_items)
        .map(|at| texts[at].text.clone())
        .collect())
}

fn reddit(root: &DataRoot, size: CorpusSize, seed: u64) -> Result<(Vec<String>, Vec<CorpusQuery>)> {
    let reddit = Reddit::open(root)?;
    let bodies = reddit.queries()?;
    let drawn = shuffled(bodies.len(), seed, QUERIES);
    let asked = drawn.into_iter().take(size.n_queries.min(size.n_items));
    let questions: Vec<Question> = asked
        .map(|at| (bodies[at].text.clone(), vec![bodies[at].title_id.clone()]))
        .collect();
    let titles = reddit.titles(usize::MAX)?;
    let texts = titles
        .into_iter()
        .map(|title| (title.id, title.text))
        .collect();
    Ok(select(texts, questions, size, seed))
}

fn msmarco(
    root: &DataRoot,
    size: CorpusSize,
    seed: u64,
) -> Result<(Vec<String>, Vec<CorpusQuery>)> {
    let msmarco = MsMarco::open(root)?;
    let gold = dev_gold(&msmarco)?;
    let queries = msmarco.queries()?;
    let drawn = shuffled(queries.len(), seed, QUERIES);
    let asked = drawn
        .into_iter()
        .filter_map(|at| dev_question(&queries[at], &gold));
    let questions = asked.take(size.n_queries).collect();
    let texts = msmarco
        .passages()?
        .into_iter()
        .map(|p| (p.id, p.text))
        .collect();
    Ok(select(texts, questions, size, seed))
}

/// Returns the passages judged to answer each query of the dev set, by the query's id.
pub(super) fn dev_gold(msmarco: &MsMarco) -> Result<HashMap<String, Vec<String>>> {
    let mut gold: HashMap<String, Vec<String>> = HashMap::new();
    for qrel in msmarco
        .qrels()?
        .into_iter()
        .filter(|q| q.split == Split::Dev && q.is_relevant())
    {
        gold.entry(qrel.qid).or_default().push(qrel.pid);
    }
    Ok(gold)
}

/// Returns the question of a dev query with its gold passages, or `None` for any other query.
pub(super) fn dev_question(query: &Query, gold: &HashMap<String, Vec<String>>) -> Option<Question> {
    let gold = gold.get(&query.id).filter(|_| query.split == Split::Dev)?;
    Some((query.text.clone(), gold.clone()))
}

fn locomo(root: &DataRoot, size: CorpusSize, seed: u64) -> Result<(Vec<String>, Vec<CorpusQuery>)> {
    let (mut texts, mut questions) = pooled_locomo(&Locomo::open(root)?)?;
    // Conversations stay whole and in order: the first `n_items` turns, and questions about them.
    texts.truncate(size.n_items);
    let stored: HashSet<&str> = texts.iter().map(|(id, _)| id.as_str()).collect();
    questions.retain(|(_, gold)| gold.iter().all(|id| stored.contains(id.as_str())));
    let drawn = shuffled(questions.len(), seed, QUERIES);
    let asked = drawn
        .into_iter()
        .take(size.n_queries)
        .map(|at| questions[at].clone())
        .collect();
    Ok(with_positions(texts, asked))
}

/// Returns the turns of all conversations with their ids, and the questions that rest on any of them.
pub(super) fn pooled_locomo(locomo: &Locomo) -> Result<(Vec<Item>, Vec<Question>)> {
    let mut texts = Vec::new();
    let mut questions = Vec::new();
    for conversation in &locomo.conversations()? {
        // Turn ids repeat from conversation to conversation.
        let id = |turn: &str| format!("{} {turn}", conversation.id);
        let turns = conversation.turns();
        texts.extend(turns.map(|t| (id(t.id.as_str()), format!("{}: {}", t.speaker, t.text))));
        let known: HashSet<&str> = conversation.turns().map(|t| t.id.as_str()).collect();
        for question in &conversation.questions {
            let turns = question.evidence.turns.iter().map(|turn| turn.as_str());
            let gold: Vec<String> = turns.filter(|turn| known.contains(turn)).map(id).collect();
            if !gold.is_empty() {
                questions.push((question.question.clone(), gold));
            }
        }
    }
    Ok((texts, questions))
}

/// Takes the gold items of `questions` and fills up with others, drawn by the seed.
fn select(
    texts: Vec<Item>,
    questions: Vec<Question>,
    size: CorpusSize,
    seed: u64,
) -> (Vec<String>, Vec<CorpusQuery>) {
    let gold: HashSet<&str> = questions
        .iter()
        .flat_map(|(_, gold)| gold)
        .map(String::as_str)
        .collect();
    let order = shuffled(texts.len(), seed, ITEMS);
    let is_gold = |at: &usize| gold.contains(texts[*at].0.as_str());
    let (first, rest): (Vec<usize>, Vec<usize>) = order.into_iter().partition(is_gold);
    let kept = first.into_iter().chain(rest).take(size.n_items);
    let items = kept.map(|at| texts[at].clone()).collect();
    with_positions(items, questions)
}

/// Turns gold ids into positions and leaves out questions that lost one.
fn with_positions(texts: Vec<Item>, questions: Vec<Question>) -> (Vec<String>, Vec<CorpusQuery>) {
    let positions: HashMap<String, usize> = texts
        .iter()
        .enumerate()
        .map(|(at, (id, _))| (id.clone(), at))
        .collect();
    let queries = questions.into_iter().filter_map(|(text, gold)| {
        let gold: Option<Vec<usize>> = gold.iter().map(|id| positions.get(id).copied()).collect();
        Some(CorpusQuery {
            text,
            gold: gold.filter(|gold| !gold.is_empty())?,
        })
    });
    let queries = queries.collect();
    (texts.into_iter().map(|(_, text)| text).collect(), queries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(n: usize) -> Vec<(String, String)> {
        (0..n)
            .map(|at| (at.to_string(), format!("text {at}")))
            .collect()
    }

    #[test]
    fn gold_items_are_always_among_the_selected() {
        let questions = vec![("q".to_owned(), vec!["90".to_owned(), "7".to_owned()])];
        let size = CorpusSize {
            n_items: 10,
            n_queries: 1,
        };
        let (items, queries) = select(numbered(100), questions, size, 42);
        assert_eq!(items.len(), 10);
        let gold: HashSet<&str> = queries[0]
            .gold
            .iter()
            .map(|&at| items[at].as_str())
            .collect();
        assert_eq!(gold, HashSet::from(["text 90", "text 7"]));
    }

    #[test]
    fn a_question_without_its_gold_is_left_out() {
        let questions = vec![
            ("kept".to_owned(), vec!["1".to_owned()]),
            ("lost".to_owned(), vec!["1".to_owned(), "5".to_owned()]),
        ];
        let (_, queries) = with_positions(numbered(3), questions);
        assert_eq!(
            queries,
            [CorpusQuery {
                text: "kept".to_owned(),
                gold: vec![1]
            }]
        );
    }

    #[test]
    fn smaller_sizes_are_nested_in_larger_ones() {
        let select = |n_items| {
            let questions = vec![("q".to_owned(), vec!["3".to_owned()])];
            select(
                numbered(50),
                questions,
                CorpusSize {
                    n_items,
                    n_queries: 1,
                },
                7,
            )
            .0
        };
        assert_eq!(select(10)[..], select(40)[..10]);
    }
}
