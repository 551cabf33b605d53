//! The index: a codebook with the inverted lists it routes to.

use std::collections::HashSet;

use crate::codebook_stats::variance;
use crate::index_codes::insert_second;
use crate::lists::InvertedLists;
use crate::ranking::Ranking;
use crate::route::Probe;
use crate::usage::UsageCell;
use crate::vector_source::Elsewhere;
use crate::vectors::check_unit;
use crate::{
    CentroidId, Codebook, CodebookStats, Coding, Encoding, Error, IndexBytes, InvertedList, ItemId,
    Result, Usage, Vectors,
};

/// Joins a codebook and the items it routes, in memory.
///
/// Every item is in the list of the centroid that [`Codebook::encode`] names for its vector, after each call
/// and after each adaptation; so a search over all K lists sees every item.
///
/// ```
/// use rm_core::{Codebook, Index, ItemId, Retriever};
///
/// let mut index = Index::new(Codebook::from_rows(2, vec![1.0, 0.0, 0.0, 1.0])?);
/// index.add(ItemId(1), &[0.9, 0.1])?;
/// index.add(ItemId(2), &[0.1, 0.9])?;
/// let found = Retriever::default().n_probes(1).query(&index, &[1.0, 0.0])?;
/// assert_eq!(found.hits[0].item, ItemId(1));
/// # Ok::<(), rm_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Index {
    pub(crate) codebook: Codebook,
    pub(crate) lists: InvertedLists,
    /// The codes of items in their second lists, where they have any.
    pub(crate) spill: Option<InvertedLists>,
    pub(crate) coding: Coding,
    /// Where vectors are, if they are not in the lists.
    pub(crate) source: Option<Elsewhere>,
    /// One for each centroid.
    pub(crate) usage: Vec<UsageCell>,
}

impl Index {
    /// Makes an index without items.
    #[must_use]
    pub fn new(codebook: Codebook) -> Self {
        let lists = InvertedLists::new(codebook.dim(), codebook.k());
        let usage = vec![UsageCell::default(); codebook.k()];
        Self {
            codebook,
            lists,
            spill: None,
            coding: Coding::Exact,
            source: None,
            usage,
        }
    }

    /// Routes all `vectors` and stores them under `ids`, one for each, on all cores.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`], [`Error::WrongDimension`], [`Error::DuplicateItem`].
    pub fn build(codebook: Codebook, ids: &[ItemId], vectors: &Vectors) -> Result<Self> {
        let encodings = codebook.encode_batch(vectors)?;
        let centroids: Vec<CentroidId> = encodings.iter().map(|e| e.centroid).collect();
        Self::from_assignments(codebook, ids, &centroids, vectors)
    }

    /// Stores `vectors` in the lists they were in before, without routing them again.
    ///
    /// The caller vouches that `centroids` is what this codebook routes to; [`misplaced`](Self::misplaced) checks.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`], [`Error::WrongDimension`], [`Error::UnknownCentroid`],
    /// [`Error::DuplicateItem`].
    pub fn from_assignments(
        codebook: Codebook,
        ids: &[ItemId],
        centroids: &[CentroidId],
        vectors: &Vectors,
    ) -> Result<Self> {
        let mut index = Self::new(codebook);
        index.reserve(centroids)?;
        index.extend_assigned(ids, centroids, vectors)?;
        Ok(index)
    }

    /// Makes room for one more item in each list as often as `centroids` names it.
    ///
    /// # Errors
    /// [`Error::UnknownCentroid`].
    pub fn reserve(&mut self, centroids: &[CentroidId]) -> Result<()> {
        centroids
            .iter()
            .try_for_each(|centroid| self.codebook.check(*centroid))?;
        self.lists.reserve(centroids.iter().copied());
        Ok(())
    }

    /// Routes further `vectors` and stores them under `ids`, one for each, on all cores; gives what [`add`](Self::add)
    /// gives for one after the other, but for the order within lists.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`], [`Error::WrongDimension`], [`Error::DuplicateItem`]; nothing is stored then.
    pub fn extend(&mut self, ids: &[ItemId], vectors: &Vectors) -> Result<Vec<Encoding>> {
        let encodings = self.codebook.encode_batch(vectors)?;
        let centroids: Vec<CentroidId> = encodings.iter().map(|e| e.centroid).collect();
        self.extend_assigned(ids, &centroids, vectors)?;
        Ok(encodings)
    }

    /// Does as [`extend`](Self::extend) for items whose centroids are known, as from a store.
    ///
    /// The caller vouches that `centroids` is what this codebook routes to; [`misplaced`](Self::misplaced) checks.
    ///
    /// # Errors
    /// As [`from_assignments`](Self::from_assignments); nothing is stored then.
    pub fn extend_assigned(
        &mut self,
        ids: &[ItemId],
        centroids: &[CentroidId],
        vectors: &Vectors,
    ) -> Result<()> {
        self.check_batch(ids, centroids, vectors)?;
        let mut items: Vec<Vec<(ItemId, &[f32])>> = vec![Vec::new(); self.k()];
        for ((item, centroid), unit) in ids.iter().zip(centroids).zip(vectors.iter()) {
            items[centroid.index()].push((*item, unit));
        }
        self.lists.extend(self.codebook.as_slice(), &items)?;
        self.spill_batch(&items)
    }

    /// Refuses items that cannot be stored.
    fn check_batch(
        &self,
        ids: &[ItemId],
        centroids: &[CentroidId],
        vectors: &Vectors,
    ) -> Result<()> {
        let expected = vectors.len();
        if vectors.dim() != self.dim() {
            return Err(Error::WrongDimension {
                expected: self.dim(),
                got: vectors.dim(),
            });
        }
        for (what, got) in [("item id", ids.len()), ("centroid", centroids.len())] {
            if got != expected {
                return Err(Error::LengthMismatch {
                    what,
                    expected,
                    got,
                });
            }
        }
        centroids
            .iter()
            .try_for_each(|centroid| self.codebook.check(*centroid))?;
        let mut seen = HashSet::with_capacity(ids.len());
        let twice = ids
            .iter()
            .find(|item| !seen.insert(**item) || self.contains(**item));
        twice.map_or(Ok(()), |item| Err(Error::DuplicateItem(*item)))
    }

    /// Routes one vector and stores it.
    ///
    /// # Errors
    /// As [`check_unit`], and [`Error::DuplicateItem`]; nothing is stored then.
    pub fn add(&mut self, item: ItemId, vector: &[f32]) -> Result<Encoding> {
        let unit = check_unit(self.dim(), vector)?;
        let encoding = self.codebook.encode_unit(&unit);
        self.insert(item, &unit, encoding.centroid)?;
        Ok(encoding)
    }

    /// Stores a unit vector in the list of the centroid that it is routed to.
    pub(crate) fn insert(&mut self, item: ItemId, unit: &[f32], to: CentroidId) -> Result<()> {
        let centroid = self.codebook.column(to.index());
        self.lists.insert((to, centroid), item, unit)?;
        match &mut self.spill {
            Some(spill) => insert_second(spill, &self.codebook, to, item, unit),
            None => Ok(()),
        }
    }

    /// Moves an item to the list of the centroid that it is now routed to.
    pub(crate) fn relocate(&mut self, item: ItemId, to: CentroidId) -> Result<()> {
        let unit = self.vector(item)?.into_owned();
        self.remove(item)?;
        self.insert(item, &unit, to)
    }

    /// Takes an item out and returns the centroid whose list it was in.
    ///
    /// # Errors
    /// [`Error::UnknownItem`].
    pub fn remove(&mut self, item: ItemId) -> Result<CentroidId> {
        if let Some(spill) = self.spill.as_mut().filter(|spill| spill.contains(item)) {
            spill.remove(item)?;
        }
        if let Some(Elsewhere(source)) = &self.source {
            source.forget(item);
        }
        self.lists.remove(item)
    }

    /// Gives an item another vector.
    ///
    /// # Errors
    /// As [`check_unit`], and [`Error::UnknownItem`]; the item keeps its vector then.
    pub fn replace(&mut self, item: ItemId, vector: &[f32]) -> Result<Encoding> {
        let unit = check_unit(self.dim(), vector)?;
        self.remove(item)?;
        self.add(item, &unit)
    }

    /// Returns the codebook.
    #[must_use]
    pub fn codebook(&self) -> &Codebook {
        &self.codebook
    }

    /// Returns the number of components of every vector.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.codebook.dim()
    }

    /// Returns the number of centroids.
    #[must_use]
    pub fn k(&self) -> usize {
        self.codebook.k()
    }

    /// Returns the number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lists.len()
    }

    /// Returns whether there is no item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lists.len() == 0
    }

    /// Returns whether an item is stored.
    #[must_use]
    pub fn contains(&self, item: ItemId) -> bool {
        self.lists.contains(item)
    }

    /// Returns the centroid whose list an item is in.
    ///
    /// # Errors
    /// [`Error::UnknownItem`].
    pub fn centroid_of(&self, item: ItemId) -> Result<CentroidId> {
        self.lists.centroid_of(item).ok_or(Error::UnknownItem(item))
    }

    /// Returns the list of one centroid.
    ///
    /// # Errors
    /// [`Error::UnknownCentroid`].
    pub fn list(&self, centroid: CentroidId) -> Result<&InvertedList> {
        self.codebook.check(centroid)?;
        Ok(self.lists.list(centroid))
    }

    /// Iterates over the centroids that have items, best first, of which `expected` will probably be wanted.
    pub(crate) fn filled_lists(
        &self,
        ranking: Ranking<'_>,
        expected: usize,
    ) -> impl Iterator<Item = Probe> {
        let has_items = |centroid| !self.lists.list(centroid).is_empty();
        ranking.best_first(expected, has_items)
    }

    /// Sets one centroid to a unit vector; the codes of its list stay right.
    pub(crate) fn move_centroid(&mut self, id: CentroidId, unit: &[f32]) {
        let from = self.codebook.column(id.index());
        self.lists.keep_origin(id, from);
        if let Some(spill) = &mut self.spill {
            spill.keep_origin(id, from);
        }
        self.codebook.set_column(id, unit);
    }

    /// Appends a centroid with an empty list and returns its id; its usage is that of `like`.
    pub(crate) fn push_centroid(&mut self, unit: &[f32], like: CentroidId) -> CentroidId {
        self.lists.push_list();
        self.spill.iter_mut().for_each(InvertedLists::push_list);
        self.usage.push(self.usage[like.index()].clone());
        self.codebook.push_column(unit)
    }

    /// Removes a centroid whose list is empty; the last one takes its id, and its items are returned.
    pub(crate) fn swap_remove_centroid(&mut self, centroid: CentroidId) -> Result<Vec<ItemId>> {
        self.codebook.swap_remove_column(centroid);
        self.usage.swap_remove(centroid.index());
        let renamed = self.lists.swap_remove_list(centroid);
        let Some(spill) = &mut self.spill else {
            return Ok(renamed);
        };
        let homeless = spill.list(centroid).ids().to_vec();
        for item in &homeless {
            spill.remove(*item)?;
        }
        spill.swap_remove_list(centroid);
        self.spill_again(&homeless)?;
        Ok(renamed)
    }

    /// Iterates over all lists in the order of their centroids.
    pub fn lists(&self) -> impl Iterator<Item = (CentroidId, &InvertedList)> {
        self.lists.iter()
    }

    /// Notes that `centroid` was the nearest to a query at `now_ms`; ids that do not exist are ignored.
    pub fn record_use(&self, centroid: CentroidId, now_ms: i64) {
        if let Some(usage) = self.usage.get(centroid.index()) {
            usage.record(now_ms);
        }
    }

    /// Returns how much each centroid was used.
    pub fn usage(&self) -> impl ExactSizeIterator<Item = Usage> {
        self.usage.iter().map(UsageCell::get)
    }

    /// Sets how much each centroid was used, as when an index is loaded.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] unless there is one for each centroid.
    pub fn restore_usage(&mut self, usage: &[Usage]) -> Result<()> {
        if usage.len() != self.k() {
            return Err(Error::LengthMismatch {
                what: "usage record",
                expected: self.k(),
                got: usage.len(),
            });
        }
        self.usage = usage.iter().copied().map(UsageCell::new).collect();
        Ok(())
    }

    /// Counts the bytes that the index holds in memory.
    ///
    /// Costs a step for each list.
    #[must_use]
    pub fn bytes(&self) -> IndexBytes {
        IndexBytes::of(self)
    }

    /// Measures how well the centroids stand for the items and how evenly they share them.
    ///
    /// Costs one dot product an item.
    #[must_use]
    pub fn stats(&self) -> CodebookStats {
        CodebookStats::of(self)
    }

    /// Returns the mean of `(1 - <x, c>)^2` over the items of one list, 0 for fewer than two items.
    ///
    /// The original's measure of how spread out a bucket is (routing-memory 0.1.0, `bucket_variance`).
    ///
    /// # Errors
    /// [`Error::UnknownCentroid`].
    pub fn bucket_variance(&self, centroid: CentroidId) -> Result<f32> {
        self.codebook.check(centroid)?;
        Ok(variance(&self.own_products(centroid)))
    }

    /// Returns the items that stand in another list than the codebook routes them to: none, unless
    /// [`from_assignments`](Self::from_assignments) was told wrong.
    ///
    /// # Errors
    /// [`Error::VectorSource`] where vectors are elsewhere and cannot be read.
    pub fn misplaced(&self) -> Result<Vec<ItemId>> {
        let mut misplaced = Vec::new();
        for (centroid, list) in self.lists() {
            let routed = self.codebook.encode_rows(&self.list_rows(centroid)?);
            let items = list.ids().iter().zip(routed);
            misplaced.extend(
                items
                    .filter(|(_, e)| e.centroid != centroid)
                    .map(|(item, _)| *item),
            );
        }
        Ok(misplaced)
    }
}
