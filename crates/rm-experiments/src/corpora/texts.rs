//! All texts of one data set in their order, one at a time.

use std::iter;

use anyhow::Result;

use super::Dataset;
use super::corpus::CorpusSize;
use super::generated::{self, item, question, turns};
use super::real::{dev_gold, dev_question, pooled_locomo};
use crate::agent_memories::{AgentMemories, ConversationSize};
use crate::datasets::{
    DataRoot, DatasetError, Domains, LabelledText, Locomo, MsMarco, Records, Reddit, Source,
};
use crate::suite::DataChoice;

/// A stream of texts; ends after the first error.
pub type Texts = Box<dyn Iterator<Item = Result<String>>>;

/// Streams the items and the queries of one data set: the very strings that experiments embed, in the order
/// of the files or of the generator.
#[derive(Debug, Clone)]
pub struct DatasetTexts {
    dataset: Dataset,
    origin: Origin,
    limit: usize,
}

#[derive(Debug, Clone)]
enum Origin {
    Clinc(Domains),
    Reddit(Reddit),
    Msmarco(MsMarco),
    Locomo(Locomo),
    Generated(AgentMemories),
}

/// Says that a generated data set was asked for as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a limit for {dataset}, which is generated and has no end; say how many texts with --limit N"
)]
pub struct EndlessText {
    dataset: Dataset,
}

impl DatasetTexts {
    /// Finds `dataset` where `choice` says, or its generated counterpart where that is asked for; `limit` cuts
    /// items and queries alike.
    ///
    /// Generated text never stands in for a real data set that is missing. `seed` is the generator's.
    ///
    /// # Errors
    /// [`DatasetError::Missing`] where the data set is not found, [`EndlessText`] for a generated one without a
    /// limit.
    pub fn find(
        choice: &DataChoice,
        dataset: Dataset,
        limit: Option<usize>,
        seed: u64,
    ) -> Result<Self> {
        let root = match choice {
            DataChoice::Generated => return Self::generated(dataset, limit, seed),
            DataChoice::Dir(folder) => DataRoot::at(folder),
            DataChoice::Auto => DataRoot::find(),
        };
        let origin = match dataset {
            Dataset::Clinc => Origin::Clinc(Domains::open(&root)?),
            Dataset::Reddit => Origin::Reddit(Reddit::open(&root)?),
            Dataset::Msmarco => Origin::Msmarco(MsMarco::open(&root)?),
            Dataset::Locomo => Origin::Locomo(Locomo::open(&root)?),
            Dataset::AgentMemories | Dataset::AgentPassages | Dataset::AgentConversations => {
                return Self::generated(dataset, limit, seed);
            }
        };
        Ok(Self {
            dataset,
            origin,
            limit: limit.unwrap_or(usize::MAX),
        })
    }

    fn generated(dataset: Dataset, limit: Option<usize>, seed: u64) -> Result<Self> {
        let dataset = dataset.counterpart();
        Ok(Self {
            dataset,
            limit: limit.ok_or(EndlessText { dataset })?,
            origin: Origin::Generated(AgentMemories::new(seed)?),
        })
    }

    /// Returns the data set that the texts are of.
    #[must_use]
    pub fn dataset(&self) -> Dataset {
        self.dataset
    }

    /// Returns where the texts come from, for people.
    #[must_use]
    pub fn source(&self) -> String {
        let folder = match &self.origin {
            Origin::Clinc(reader) => reader.folder(),
            Origin::Reddit(reader) => reader.folder(),
            Origin::Msmarco(reader) => reader.folder(),
            Origin::Locomo(reader) => reader.folder(),
            Origin::Generated(generator) => {
                return format!("the generator, seed {}", generator.seed());
            }
        };
        folder.display().to_string()
    }

    /// Streams the items.
    ///
    /// # Errors
    /// When a file cannot be opened; each text fails where its line does not fit.
    pub fn items(&self) -> Result<Texts> {
        let texts: Texts = match &self.origin {
            Origin::Clinc(reader) => Box::new(reader.stream_texts()?.filter_map(clinc_item)),
            Origin::Reddit(reader) => stream(reader.stream_titles()?, |title| title.text),
            Origin::Msmarco(reader) => stream(reader.stream_passages()?, |passage| passage.text),
            Origin::Locomo(reader) => {
                let (turns, _) = pooled_locomo(reader)?;
                Box::new(turns.into_iter().map(|(_, text)| Ok(text)))
            }
            Origin::Generated(generator) => generated_items(generator.clone(), self.dataset),
        };
        Ok(Box::new(texts.take(self.limit)))
    }

    /// Streams the queries; a data set may have none.
    ///
    /// Generated queries are those about the items within the limit.
    ///
    /// # Errors
    /// As for [`items`](Self::items).
    pub fn queries(&self) -> Result<Texts> {
        let texts: Texts = match &self.origin {
            Origin::Clinc(_) => Box::new(iter::empty()),
            Origin::Reddit(reader) => stream(reader.stream_queries()?, |query| query.text),
            Origin::Msmarco(reader) => {
                let gold = dev_gold(reader)?;
                let queries = reader.queries()?.into_iter();
                Box::new(queries.filter_map(move |query| Some(Ok(dev_question(&query, &gold)?.0))))
            }
            Origin::Locomo(reader) => {
                let (_, questions) = pooled_locomo(reader)?;
                Box::new(questions.into_iter().map(|(text, _)| Ok(text)))
            }
            Origin::Generated(generator) => self.generated_queries(generator.clone())?,
        };
        Ok(Box::new(texts.take(self.limit)))
    }

    fn generated_queries(&self, generator: AgentMemories) -> Result<Texts> {
        if self.dataset != Dataset::AgentConversations {
            return Ok(Box::new((0..).map(move |at| Ok(question(&generator, at)))));
        }
        // Questions rest on several turns, so all turns within the limit are needed to tell which count.
        let size = CorpusSize {
            n_items: self.limit,
            n_queries: usize::MAX,
        };
        let queries = generated::load(self.dataset, size, generator.seed())?.queries;
        Ok(Box::new(queries.into_iter().map(|query| Ok(query.text))))
    }
}

fn clinc_item(record: Result<LabelledText, DatasetError>) -> Option<Result<String>> {
    match record {
        Ok(record) => (record.source == Source::Clinc).then(|| Ok(record.text)),
        Err(error) => Some(Err(error.into())),
    }
}

fn stream<T: 'static>(records: Records<T>, text: fn(T) -> String) -> Texts {
    Box::new(records.map(move |record| Ok(text(record?))))
}

fn generated_items(generator: AgentMemories, dataset: Dataset) -> Texts {
    if dataset != Dataset::AgentConversations {
        return Box::new((0..).map(move |at| Ok(item(&generator, dataset, at))));
    }
    let size = ConversationSize::default();
    let conversations = (0..).map(move |number| generator.conversation(number, size));
    Box::new(
        conversations
            .flat_map(|conversation| turns(&conversation))
            .map(Ok),
    )
}
