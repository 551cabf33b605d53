//! Passages to store, and questions with their labels.

use std::collections::HashMap;

use anyhow::Result;

use super::Parameters;
use crate::corpora::{
    Corpus, CorpusQuery, CorpusSize, Dataset, EmbeddedCorpus, embed, resolve_for,
};
use crate::datasets::{DataRoot, DatasetError, MsMarco, Split};
use crate::experiments::methods::Question;
use crate::suite::{Context, DataChoice};

/// Holds passages and questions with their labels.
#[derive(Debug)]
pub(super) struct PassageSet {
    pub(super) corpus: EmbeddedCorpus,
    /// One for each query of the corpus.
    pub(super) questions: Vec<Question>,
}

/// Holds what was found for the data sets asked for.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) sets: Vec<PassageSet>,
    pub(super) remarks: Vec<String>,
    pub(super) failures: Vec<String>,
}

/// Loads and embeds samples as all experiments do, and MS MARCO as a whole where that is asked for.
pub(super) fn load(context: &Context<'_>, parameters: &Parameters) -> Result<Loaded> {
    let mut loaded = Loaded::default();
    let size = CorpusSize {
        n_items: parameters.n_items,
        n_queries: parameters.n_queries,
    };
    for &dataset in &parameters.datasets {
        if parameters.whole
            && dataset == Dataset::Msmarco
            && let Some((corpus, questions)) = whole_where_found(context)?
        {
            let corpus = embed(context, corpus)?;
            loaded.sets.push(PassageSet { corpus, questions });
            continue;
        }
        let resolved = resolve_for(context, &[dataset], size)?;
        loaded.remarks.extend(resolved.remarks);
        loaded.failures.extend(resolved.failures);
        for corpus in resolved.corpora {
            let corpus = embed(context, corpus)?;
            let questions = questions_of(&corpus.corpus);
            loaded.sets.push(PassageSet { corpus, questions });
        }
    }
    Ok(loaded)
}

/// Returns the labels of a sample: every gold item has grade 1.
fn questions_of(corpus: &Corpus) -> Vec<Question> {
    let group = if corpus.dataset == Dataset::Msmarco {
        Split::Dev.name()
    } else {
        "generated"
    };
    let question = |query: &CorpusQuery| Question {
        gold: query.gold.clone(),
        grades: query.gold.iter().map(|at| (*at, 1)).collect(),
        group,
        memory: 0,
        n_items: corpus.items.len(),
    };
    corpus.queries.iter().map(question).collect()
}

/// Reads all of MS MARCO; `None` where it is not wanted or not found.
fn whole_where_found(context: &Context<'_>) -> Result<Option<(Corpus, Vec<Question>)>> {
    let root = match context.data() {
        DataChoice::Auto => DataRoot::find(),
        DataChoice::Dir(folder) => DataRoot::at(folder),
        DataChoice::Generated => return Ok(None),
    };
    match whole(&root) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Reads all passages in the order of the file, and all queries that have a relevant one.
fn whole(root: &DataRoot) -> Result<(Corpus, Vec<Question>), DatasetError> {
    let msmarco = MsMarco::open(root)?;
    let passages = msmarco.passages()?;
    let positions = passages.iter().enumerate();
    let positions: HashMap<&str, usize> = positions
        .map(|(at, passage)| (passage.id.as_str(), at))
        .collect();
    let mut questions: HashMap<(String, Split), Question> = HashMap::new();
    for qrel in msmarco.qrels()? {
        let Some(&at) = positions.get(qrel.pid.as_str()) else {
            continue;
        };
        let is_relevant = qrel.is_relevant();
        let question = questions.entry((qrel.qid, qrel.split)).or_default();
        question.grades.insert(at, qrel.grade);
        if is_relevant {
            question.gold.push(at);
        }
    }
    let mut queries = Vec::new();
    let mut labelled = Vec::new();
    for query in msmarco.queries()? {
        let question = questions.remove(&(query.id, query.split));
        if let Some(mut question) = question.filter(|question| !question.gold.is_empty()) {
            question.gold.sort_unstable();
            question.gold.dedup();
            queries.push(CorpusQuery {
                text: query.text,
                gold: question.gold.clone(),
            });
            labelled.push(Question {
                group: query.split.name(),
                memory: 0,
                n_items: passages.len(),
                ..question
            });
        }
    }
    let corpus = Corpus {
        dataset: Dataset::Msmarco,
        items: passages.into_iter().map(|passage| passage.text).collect(),
        queries,
    };
    Ok((corpus, labelled))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn grades_decide_per_set_what_is_gold() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let msmarco = folder.path().join("msmarco");
        fs::create_dir(&msmarco)?;
        let passages = File::create(msmarco.join("passages.tsv.gz"))?;
        let mut passages = GzEncoder::new(passages, Compression::fast());
        passages.write_all(b"7\tseven\n8\teight\n9\tnine\n")?;
        passages.finish()?;
        let queries = "1\tdev\tof dev\n1\tdl19\tof dl\n2\tdl19\tunanswered\n";
        fs::write(msmarco.join("queries.tsv"), queries)?;
        let qrels = "1\t9\t1\tdev\n1\t8\t1\tdl19\n1\t7\t3\tdl19\n2\t7\t1\tdl19\n";
        fs::write(msmarco.join("qrels.tsv"), qrels)?;
        let (corpus, questions) = whole(&DataRoot::at(folder.path()))?;
        assert_eq!(corpus.items, ["seven", "eight", "nine"]);
        let texts: Vec<&str> = corpus.queries.iter().map(|q| q.text.as_str()).collect();
        assert_eq!(texts, ["of dev", "of dl"]);
        assert_eq!((&questions[0].gold, questions[0].group), (&vec![2], "dev"));
        assert_eq!((&questions[1].gold, questions[1].group), (&vec![0], "dl19"));
        assert_eq!(questions[1].grades, HashMap::from([(0, 3), (1, 1)]));
        Ok(())
    }
}
