//! The word lists, shared ones and each topic's own.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::error::GrammarError;

/// Position of a list in the [`Lexicon`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ListId(usize);

/// One entry of a list: the form that statements use, then other words for the same thing.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) main: String,
    pub(super) others: Vec<String>,
}

/// All word lists; a topic's list hides a shared one of the same name.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    lists: Vec<Vec<Entry>>,
    by_name: HashMap<(Option<usize>, String), ListId>,
}

impl Lexicon {
    /// Adds the lists of one topic, or the shared ones for `None`; the forms of an entry are separated
    /// by bars.
    ///
    /// # Errors
    /// [`GrammarError::List`] where a list is empty or holds an entry twice.
    pub(super) fn add(
        &mut self,
        topic: Option<usize>,
        lists: &BTreeMap<String, Vec<String>>,
    ) -> Result<(), GrammarError> {
        for (name, items) in lists {
            check_distinct(name, items.iter().map(|item| main_form(item)))?;
            let id = ListId(self.lists.len());
            self.lists
                .push(items.iter().map(|item| Entry::parse(item)).collect());
            self.by_name.insert((topic, name.clone()), id);
        }
        Ok(())
    }

    /// Finds a list by name, the topic's own first.
    pub(super) fn find(&self, topic: usize, name: &str) -> Option<ListId> {
        let own = self.by_name.get(&(Some(topic), name.to_owned()));
        own.or_else(|| self.by_name.get(&(None, name.to_owned())))
            .copied()
    }

    pub(super) fn list(&self, id: ListId) -> &[Entry] {
        &self.lists[id.0]
    }
}

impl Entry {
    fn parse(item: &str) -> Self {
        let mut forms = item.split('|').map(|form| form.trim().to_owned());
        Self {
            main: forms.next().unwrap_or_default(),
            others: forms.collect(),
        }
    }
}

fn main_form(item: &str) -> &str {
    item.split('|').next().unwrap_or_default().trim()
}

/// Checks that a list has items and holds none twice.
///
/// # Errors
/// [`GrammarError::List`] naming the list and the item.
pub(super) fn check_distinct<'a>(
    list: &str,
    items: impl IntoIterator<Item = &'a str>,
) -> Result<(), GrammarError> {
    let fault = |found: &str| GrammarError::List {
        list: list.to_owned(),
        found: found.to_owned(),
    };
    let mut seen = HashSet::new();
    for item in items {
        if item.is_empty() || !seen.insert(item) {
            return Err(fault(&format!("\"{item}\" twice or blank")));
        }
    }
    if seen.is_empty() {
        Err(fault("none"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(items: &[&str]) -> BTreeMap<String, Vec<String>> {
        BTreeMap::from([(
            "thing".to_owned(),
            items.iter().map(|&i| i.to_owned()).collect(),
        )])
    }

    #[test]
    fn a_topic_list_hides_the_shared_one() {
        let mut lexicon = Lexicon::default();
        lexicon.add(None, &lists(&["cup"])).unwrap();
        lexicon.add(Some(3), &lists(&["spade | shovel"])).unwrap();
        let own = lexicon.list(lexicon.find(3, "thing").unwrap());
        assert_eq!(
            (own[0].main.as_str(), own[0].others[0].as_str()),
            ("spade", "shovel")
        );
        assert_eq!(
            lexicon.list(lexicon.find(0, "thing").unwrap())[0].main,
            "cup"
        );
        assert!(lexicon.find(0, "place").is_none());
    }

    #[test]
    fn an_entry_twice_is_refused() {
        let error = Lexicon::default()
            .add(None, &lists(&["cup", "cup | mug"]))
            .unwrap_err();
        assert!(matches!(error, GrammarError::List { .. }));
    }
}
