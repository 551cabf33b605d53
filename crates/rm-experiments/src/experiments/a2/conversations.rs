//! Conversations as memories: turns to store, questions with the turns that answer them.

use std::collections::HashMap;

use anyhow::{Context as _, Result};

use super::Parameters;
use crate::agent_memories::{self, AgentMemories, ConversationSize};
use crate::corpora::{Corpus, CorpusQuery, Dataset, EmbeddedCorpus, embed_texts};
use crate::datasets::{self, Category, DataRoot, DatasetError, Locomo};
use crate::suite::{Context, DataChoice};

/// Holds one conversation.
#[derive(Debug, Clone)]
pub(super) struct Conversation {
    pub(super) id: String,
    pub(super) corpus: EmbeddedCorpus,
    /// Session of each turn.
    pub(super) sessions: Vec<usize>,
    /// Kind of each question.
    pub(super) categories: Vec<Category>,
}

/// Holds the texts of one conversation.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ConversationTexts {
    id: String,
    turns: Vec<String>,
    sessions: Vec<usize>,
    questions: Vec<CorpusQuery>,
    categories: Vec<Category>,
}

/// Holds the conversations of one data set.
#[derive(Debug, Clone)]
pub(super) struct ConversationSet {
    pub(super) dataset: Dataset,
    pub(super) conversations: Vec<Conversation>,
}

/// Holds what was found for the data sets asked for.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) sets: Vec<ConversationSet>,
    pub(super) remarks: Vec<String>,
    pub(super) failures: Vec<String>,
}

/// Loads and embeds the conversations that the run's choice of data gives, as `corpora::resolve` does.
pub(super) fn load(context: &Context<'_>, parameters: &Parameters) -> Result<Loaded> {
    let mut loaded = Loaded::default();
    for &dataset in &parameters.datasets {
        let counterpart = dataset.counterpart();
        let root = match context.data() {
            DataChoice::Auto if dataset != counterpart => Some(DataRoot::find()),
            DataChoice::Dir(folder) if dataset != counterpart => Some(DataRoot::at(folder)),
            _ => None,
        };
        let Some(root) = root else {
            loaded.take_generated(context, parameters)?;
            continue;
        };
        match real(&root, parameters.n_real) {
            Ok(texts) => loaded.sets.push(embedded(context, dataset, texts)?),
            Err(error) if error.is_missing() && matches!(context.data(), DataChoice::Auto) => {
                let remark = format!(
                    "{dataset} was not found, so generated text ({counterpart}) stands in for it; \
                     data/README.md says how to get the real one"
                );
                context.progress().warn(&remark);
                loaded.remarks.push(remark);
                loaded.take_generated(context, parameters)?;
            }
            Err(error) if error.is_missing() => loaded.failures.push(error.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(loaded)
}

impl Loaded {
    /// Adds the generated conversations unless they are there already.
    fn take_generated(&mut self, context: &Context<'_>, parameters: &Parameters) -> Result<()> {
        let dataset = Dataset::AgentConversations;
        if self.sets.iter().all(|set| set.dataset != dataset) {
            let texts = generated(context.seed(), parameters)?;
            self.sets.push(embedded(context, dataset, texts)?);
        }
        Ok(())
    }
}

/// Reads the first `n` conversations of LoCoMo.
fn real(root: &DataRoot, n: usize) -> Result<Vec<ConversationTexts>, DatasetError> {
    let conversations = Locomo::open(root)?.conversations()?;
    Ok(conversations.iter().take(n).map(of_locomo).collect())
}

fn of_locomo(conversation: &datasets::Conversation) -> ConversationTexts {
    let mut texts = ConversationTexts::new(&conversation.id);
    let mut positions = HashMap::new();
    for (number, session) in conversation.sessions.iter().enumerate() {
        for turn in &session.turns {
            positions.insert(turn.id.as_str(), texts.turns.len());
            texts.add_turn(number, &turn.speaker, &turn.text);
        }
    }
    for question in &conversation.questions {
        let evidence = question.evidence.turns.iter().map(|turn| turn.as_str());
        let gold = evidence.filter_map(|turn| positions.get(turn).copied());
        texts.add_question(&question.question, gold.collect(), question.category);
    }
    texts
}

/// Makes generated conversations.
fn generated(seed: u64, parameters: &Parameters) -> Result<Vec<ConversationTexts>> {
    let generator = AgentMemories::new(seed)?;
    let size = ConversationSize {
        sessions: parameters.generated_sessions,
        questions: parameters.generated_questions,
        ..ConversationSize::default()
    };
    (0..parameters.n_generated as u64)
        .map(|number| of_generated(&generator.conversation(number, size)))
        .collect()
}

fn of_generated(conversation: &agent_memories::Conversation) -> Result<ConversationTexts> {
    let mut texts = ConversationTexts::new(&conversation.id);
    let mut positions = HashMap::new();
    for (number, session) in conversation.sessions.iter().enumerate() {
        for turn in &session.turns {
            positions.insert(turn.id.as_str(), texts.turns.len());
            texts.add_turn(number, &turn.speaker, &turn.text);
        }
    }
    for question in &conversation.questions {
        let evidence = question.evidence.iter();
        let gold = evidence.filter_map(|turn| positions.get(turn.as_str()).copied());
        let category = Category::from_number(question.category.number().into())
            .context("the generator named a category that LoCoMo has not")?;
        texts.add_question(&question.question, gold.collect(), category);
    }
    Ok(texts)
}

impl ConversationTexts {
    fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            turns: Vec::new(),
            sessions: Vec::new(),
            questions: Vec::new(),
            categories: Vec::new(),
        }
    }

    fn add_turn(&mut self, session: usize, speaker: &str, text: &str) {
        self.turns.push(format!("{speaker}: {text}"));
        self.sessions.push(session);
    }

    /// Adds a question unless no turn that is there answers it.
    fn add_question(&mut self, question: &str, gold: Vec<usize>, category: Category) {
        if !gold.is_empty() {
            self.questions.push(CorpusQuery {
                text: question.to_owned(),
                gold,
            });
            self.categories.push(category);
        }
    }
}

/// Embeds the texts of all conversations in one go, and deals the vectors out again.
fn embedded(
    context: &Context<'_>,
    dataset: Dataset,
    texts: Vec<ConversationTexts>,
) -> Result<ConversationSet> {
    let turns: Vec<&str> = texts
        .iter()
        .flat_map(|t| &t.turns)
        .map(String::as_str)
        .collect();
    let turns = embed_texts(context, &format!("embed {dataset}"), &turns)?;
    let asked = texts.iter().flat_map(|t| &t.questions);
    let asked: Vec<&str> = asked.map(|question| question.text.as_str()).collect();
    let asked = embed_texts(context, &format!("embed questions of {dataset}"), &asked)?;
    let (mut first_turn, mut first_question) = (0, 0);
    let conversations = texts.into_iter().map(|texts| {
        let take = |from: &mut usize, n: usize| -> Vec<usize> {
            *from += n;
            (*from - n..*from).collect()
        };
        let items = turns.gather(&take(&mut first_turn, texts.turns.len()));
        let queries = asked.gather(&take(&mut first_question, texts.questions.len()));
        Conversation {
            id: texts.id,
            corpus: EmbeddedCorpus {
                corpus: Corpus {
                    dataset,
                    items: texts.turns,
                    queries: texts.questions,
                },
                items,
                queries,
            },
            sessions: texts.sessions,
            categories: texts.categories,
        }
    });
    Ok(ConversationSet {
        dataset,
        conversations: conversations.collect(),
    })
}

impl ConversationSet {
    /// Returns the number of turns of all conversations.
    pub(super) fn n_items(&self) -> usize {
        self.conversations
            .iter()
            .map(|c| c.corpus.items.len())
            .sum()
    }

    /// Returns the number of questions of all conversations.
    pub(super) fn n_questions(&self) -> usize {
        self.conversations
            .iter()
            .map(|c| c.corpus.queries.len())
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::{AgentMemories, ConversationSize, of_generated};

    #[test]
    fn every_question_has_its_turns_and_a_kind() -> anyhow::Result<()> {
        let size = ConversationSize {
            sessions: 3,
            turns: 10,
            questions: 12,
        };
        let conversation = AgentMemories::new(1)?.conversation(0, size);
        let texts = of_generated(&conversation)?;
        assert_eq!(texts.turns.len(), texts.sessions.len());
        assert_eq!(texts.questions.len(), texts.categories.len());
        assert!(texts.sessions.is_sorted() && texts.sessions.last() == Some(&2));
        let first = &conversation.sessions[0].turns[0];
        assert_eq!(texts.turns[0], format!("{}: {}", first.speaker, first.text));
        let n_turns = texts.turns.len();
        assert!(!texts.questions.is_empty());
        assert!(
            texts
                .questions
                .iter()
                .all(|q| q.gold.iter().all(|at| *at < n_turns))
        );
        Ok(())
    }
}
