//! How texts are stored, and what searches find.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use rm_core::{ExactSearch, Index, ItemId, KRule, SphericalConfig, Trainer, Vectors, train};

use super::super::probing::every_score;
use super::sets::{Memory, Set};
use crate::corpora::embed_texts;
use crate::suite::Context;

/// Says how the texts of a form are stored; forms are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Storage {
    /// Plain texts alone.
    Plain,
    /// The form in the place of the plain text.
    Instead(usize),
    /// Plain and the form, a vector each; the better one counts.
    Beside(usize),
    /// Plain texts alone, and twice as many lists probed: what can be gained without any richer text.
    PlainTwiceProbed,
}

impl Storage {
    /// Lists plain storage and what can be done with so many forms.
    pub(super) fn all(n_forms: usize) -> Vec<Self> {
        let instead = (0..n_forms).map(Self::Instead);
        let beside = (0..n_forms).map(Self::Beside);
        let richer = instead.chain(beside);
        let plain = [Self::Plain].into_iter();
        plain
            .chain(richer)
            .chain([Self::PlainTwiceProbed])
            .collect()
    }

    /// Returns how many lists are probed where `n_probes` is usual.
    pub(super) fn probes(self, n_probes: usize) -> usize {
        match self {
            Self::PlainTwiceProbed => 2 * n_probes,
            Self::Plain | Self::Instead(_) | Self::Beside(_) => n_probes,
        }
    }

    /// Returns the form that is stored besides or in the place of plain texts.
    pub(super) fn form(self) -> Option<usize> {
        match self {
            Self::Instead(form) | Self::Beside(form) => Some(form),
            Self::Plain | Self::PlainTwiceProbed => None,
        }
    }

    /// Returns the name that tables and plots show.
    pub(super) fn name(self, forms: &[&str]) -> String {
        let form = |at: usize| forms.get(at).copied().unwrap_or_default();
        match self {
            Self::Plain => "plain".to_owned(),
            Self::Instead(at) => form(at).to_owned(),
            Self::Beside(at) => format!("plain + {}, two vectors", form(at)),
            Self::PlainTwiceProbed => "plain, twice the lists".to_owned(),
        }
    }
}

/// Holds the vectors of one memory.
#[derive(Debug, Clone)]
pub(super) struct EmbeddedMemory {
    plain: Vectors,
    /// For each form, the items it is known for and their vectors.
    rich: Vec<(Vec<usize>, Vectors)>,
    pub(super) queries: Vectors,
}

/// Embeds the texts of a memory; what the cache on disk holds is not embedded again.
pub(super) fn embed(context: &Context<'_>, set: &Set, memory: &Memory) -> Result<EmbeddedMemory> {
    let name = set.name;
    let vectors =
        |what: &str, texts: &[&str]| embed_texts(context, &format!("embed {what}"), texts);
    let plain: Vec<&str> = memory.plain.iter().map(String::as_str).collect();
    let queries: Vec<&str> = memory.queries.iter().map(|q| q.text.as_str()).collect();
    let mut rich = Vec::new();
    for (form, texts) in set.forms.iter().zip(&memory.rich) {
        let items = texts.iter().map(|(item, _)| *item).collect();
        let texts: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
        rich.push((items, vectors(&format!("{name}, {form}"), &texts)?));
    }
    Ok(EmbeddedMemory {
        plain: vectors(name, &plain)?,
        rich,
        queries: vectors(&format!("queries of {name}"), &queries)?,
    })
}

impl EmbeddedMemory {
    /// Keeps the first `n_items` items, which all queries and all richer texts are about.
    pub(super) fn prefix(&self, n_items: usize) -> Self {
        Self {
            plain: self.plain.prefix(n_items),
            ..self.clone()
        }
    }

    /// Returns how many items are stored.
    pub(super) fn n_items(&self) -> usize {
        self.plain.len()
    }

    /// Stores the items in one way.
    pub(super) fn stored(&self, storage: Storage) -> Result<Stored> {
        let mut vectors = Vectors::empty(self.plain.dim())?;
        let mut items: Vec<usize> = (0..self.plain.len()).collect();
        let form = |at: usize| self.rich.get(at);
        let replaced: HashMap<usize, usize> = match storage {
            Storage::Instead(at) => form(at)
                .into_iter()
                .flat_map(|(items, _)| items.iter().copied().zip(0..))
                .collect(),
            _ => HashMap::new(),
        };
        for (item, plain) in self.plain.iter().enumerate() {
            let rich = match storage {
                Storage::Instead(at) => replaced.get(&item).zip(form(at)),
                _ => None,
            };
            let rich = rich.and_then(|(&row, (_, vectors))| vectors.get(row));
            vectors.push(rich.unwrap_or(plain))?;
        }
        if let Storage::Beside(at) = storage
            && let Some((rich_items, rich)) = form(at)
        {
            items.extend(rich_items);
            for vector in rich.iter() {
                vectors.push(vector)?;
            }
        }
        Ok(Stored { vectors, items })
    }
}

/// Holds the vectors that stand for the items of a memory, one or two an item.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    vectors: Vectors,
    /// The item of each vector.
    items: Vec<usize>,
}

impl Stored {
    /// Returns how many vectors are stored.
    pub(super) fn n_vectors(&self) -> usize {
        self.vectors.len()
    }

    /// Returns the best `top_k` items of every query by exact search.
    pub(super) fn exact(&self, queries: &Vectors, top_k: usize) -> Result<Vec<Vec<usize>>> {
        let found = ExactSearch::new(&self.vectors).top_k_batch(queries, 2 * top_k)?;
        let rows = found.iter().map(|hits| hits.iter().map(|hit| hit.row));
        Ok(rows.map(|rows| self.items_of(rows, top_k)).collect())
    }

    /// Returns the best `top_k` items of every query among those of the `n_probes` nearest lists.
    pub(super) fn routed(
        &self,
        queries: &Vectors,
        rule: KRule,
        n_probes: usize,
        top_k: usize,
        seed: u64,
    ) -> Result<Routed> {
        let k = rule.k(self.vectors.len());
        let trainer = Trainer::Spherical(SphericalConfig::default());
        let trained = train(&self.vectors, k, &trainer, seed)?;
        let ids: Vec<ItemId> = (0..self.vectors.len() as u64).map(ItemId).collect();
        let index = Index::build(trained.codebook, &ids, &self.vectors)?;
        let found = every_score(n_probes, 2 * top_k).query_batch(&index, queries)?;
        let rows = found
            .iter()
            .map(|retrieval| retrieval.hits.iter().map(|hit| hit.item.0 as usize));
        Ok(Routed {
            items: rows.map(|rows| self.items_of(rows, top_k)).collect(),
            k: index.k(),
        })
    }

    /// Turns rows, best first, into the first `top_k` items, each once.
    fn items_of(&self, rows: impl Iterator<Item = usize>, top_k: usize) -> Vec<usize> {
        let mut seen = HashSet::new();
        let items = rows.filter_map(|row| self.items.get(row).copied());
        items
            .filter(|item| seen.insert(*item))
            .take(top_k)
            .collect()
    }
}

/// Holds what routing found.
#[derive(Debug, Clone)]
pub(super) struct Routed {
    /// The items of every query, best first.
    pub(super) items: Vec<Vec<usize>>,
    /// Number of centroids.
    pub(super) k: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three items at 0, 90 and 180 degrees; the second has a richer text at 37 degrees.
    fn memory() -> rm_core::Result<EmbeddedMemory> {
        Ok(EmbeddedMemory {
            plain: Vectors::from_rows(2, vec![1.0, 0.0, 0.0, 1.0, -1.0, 0.0])?,
            rich: vec![(vec![1], Vectors::from_rows(2, vec![0.8, 0.6])?)],
            queries: Vectors::from_rows(2, vec![0.6, 0.8])?,
        })
    }

    #[test]
    fn a_form_takes_the_place_of_the_plain_text() -> Result<()> {
        let stored = memory()?.stored(Storage::Instead(0))?;
        assert_eq!(stored.n_vectors(), 3);
        assert_eq!(stored.vectors.get(1), Some(&[0.8, 0.6][..]));
        assert_eq!(stored.exact(&memory()?.queries, 2)?, [[1, 0]]);
        Ok(())
    }

    #[test]
    fn beside_the_plain_text_an_item_is_found_once_by_its_better_vector() -> Result<()> {
        let stored = memory()?.stored(Storage::Beside(0))?;
        assert_eq!(
            (stored.n_vectors(), &stored.items[..]),
            (4, &[0, 1, 2, 1][..])
        );
        let rule = KRule::Fixed(1);
        let routed = stored.routed(&memory()?.queries, rule, 1, 3, 42)?;
        // Both vectors of item 1 lie nearer than that of item 0.
        assert_eq!(routed.items, [[1, 0, 2]]);
        assert_eq!(routed.items, stored.exact(&memory()?.queries, 3)?);
        Ok(())
    }

    #[test]
    fn storages_have_names() {
        let names: Vec<String> = Storage::all(1)
            .iter()
            .map(|storage| storage.name(&["expanded"]))
            .collect();
        assert_eq!(
            names,
            [
                "plain",
                "expanded",
                "plain + expanded, two vectors",
                "plain, twice the lists"
            ]
        );
    }
}
