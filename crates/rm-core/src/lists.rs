//! Inverted lists: the items of each centroid, their vectors side by side.

use rayon::prelude::*;

use crate::codes::{BLOCK_ITEMS, Codec, GROWTH, ListCodes};
use crate::places::{Place, Places};
use crate::{CentroidId, Error, ItemId, Result};

/// Holds the items of one centroid; in prose, a bucket.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InvertedList {
    ids: Vec<ItemId>,
    vectors: Vec<f32>,
    /// There in every list or in none.
    codes: Option<ListCodes>,
}

impl InvertedList {
    fn new(codec: Option<&Codec>) -> Self {
        Self {
            codes: codec.map(ListCodes::new),
            ..Self::default()
        }
    }

    /// Returns the codes of the items, where lists have any.
    pub(crate) fn codes(&self) -> Option<&ListCodes> {
        self.codes.as_ref()
    }

    /// Returns the ids of the items, in no particular order.
    #[must_use]
    pub fn ids(&self) -> &[ItemId] {
        &self.ids
    }

    /// Returns their unit vectors, row-major `(len, dim)`, in the order of [`ids`](Self::ids); nothing where the index
    /// [keeps them elsewhere](crate::Index::with_vectors_in).
    #[must_use]
    pub fn vectors(&self) -> &[f32] {
        &self.vectors
    }

    /// Returns the number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Returns whether the list holds no item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}

/// Counts what lists hold, by part.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ListBytes {
    pub(crate) ids: usize,
    pub(crate) vectors: usize,
    pub(crate) codes: usize,
    pub(crate) places: usize,
    /// What each list takes, however many items it holds.
    pub(crate) heads: usize,
}

/// Holds one [`InvertedList`] for each centroid, and where each item is; with vectors, or with codes alone.
///
/// Adding, finding and removing an item costs a hash look-up and a copy of one vector.
#[derive(Debug, Clone)]
pub(crate) struct InvertedLists {
    dim: usize,
    lists: Vec<InvertedList>,
    places: Places,
    codec: Option<Codec>,
    keeps_vectors: bool,
    /// One for each list: whether it has other items or codes than when it was last packed.
    changed: Vec<bool>,
}

impl InvertedLists {
    /// Makes `k` empty lists for vectors of `dim` components.
    pub(crate) fn new(dim: usize, k: usize) -> Self {
        Self {
            dim,
            lists: vec![InvertedList::default(); k],
            places: Places::default(),
            codec: None,
            keeps_vectors: true,
            changed: vec![true; k],
        }
    }

    /// Makes `k` empty lists of codes alone, for items whose vectors are elsewhere.
    pub(crate) fn of_codes(codec: Codec, k: usize) -> Self {
        let mut lists = Self::new(codec.dim(), k);
        lists.lists = vec![InvertedList::new(Some(&codec)); k];
        lists.codec = Some(codec);
        lists.keeps_vectors = false;
        lists
    }

    /// Codes all items, on all cores, and every item that comes from now on; without a codec it takes their codes away.
    /// `centroids` is row-major `(K, dim)`.
    pub(crate) fn set_codec(&mut self, codec: Option<Codec>, centroids: &[f32]) {
        self.codec = codec;
        self.changed.fill(true);
        let (dim, codec) = (self.dim, self.codec.as_ref());
        let lists = self
            .lists
            .par_iter_mut()
            .zip(centroids.par_chunks_exact(dim));
        lists.for_each(|(list, centroid)| {
            let vectors = list.vectors.chunks_exact(dim);
            list.codes = codec.map(|codec| ListCodes::of(codec, vectors, centroid));
        });
    }

    /// Lets go of all vectors.
    pub(crate) fn drop_vectors(&mut self) {
        self.keeps_vectors = false;
        self.lists
            .iter_mut()
            .for_each(|list| list.vectors = Vec::new());
    }

    /// Returns whether vectors are held.
    pub(crate) fn keeps_vectors(&self) -> bool {
        self.keeps_vectors
    }

    /// Puts further items, none of which is there, into the list of each centroid, on all cores: those that `items` names
    /// for it. `centroids` is row-major `(K, dim)`.
    pub(crate) fn extend(
        &mut self,
        centroids: &[f32],
        items: &[Vec<(ItemId, &[f32])>],
    ) -> Result<()> {
        let (dim, codec, keeps_vectors) = (self.dim, self.codec.as_ref(), self.keeps_vectors);
        let starts: Vec<usize> = self.lists.iter().map(InvertedList::len).collect();
        let lists = self.lists.par_iter_mut().zip(items);
        let lists = lists.zip(centroids.par_chunks_exact(dim));
        lists.for_each(|((list, items), centroid)| {
            list.ids.extend(items.iter().map(|(item, _)| *item));
            if keeps_vectors {
                let rows = items.iter().flat_map(|(_, unit)| *unit);
                list.vectors.extend(rows);
            }
            if let (Some(codec), Some(codes)) = (codec, &mut list.codes) {
                for (_, unit) in items {
                    codes.push(codec, unit, centroid);
                }
            }
        });
        for (at, items) in items.iter().enumerate() {
            self.changed[at] |= !items.is_empty();
        }
        self.note_places(&starts)
    }

    /// Notes the places of the items of each list from the position on that `starts` says.
    fn note_places(&mut self, starts: &[usize]) -> Result<()> {
        let new: usize = self.lists.iter().map(InvertedList::len).sum();
        let new = new - starts.iter().sum::<usize>();
        self.places.reserve(new, &self.lists);
        for (at, (list, start)) in self.lists.iter().zip(starts).enumerate() {
            for (position, item) in list.ids.iter().enumerate().skip(*start) {
                let place = Place {
                    centroid: CentroidId(at as u32),
                    position: position as u32,
                };
                if !self.places.insert_new(*item, place, &self.lists) {
                    return Err(Error::DuplicateItem(*item));
                }
            }
        }
        Ok(())
    }

    /// Takes lists that were packed, one for each centroid, in place of those there are.
    pub(crate) fn restore(&mut self, lists: Vec<(Vec<ItemId>, ListCodes)>) -> Result<()> {
        let lists = lists.into_iter().map(|(ids, codes)| InvertedList {
            ids,
            vectors: Vec::new(),
            codes: Some(codes),
        });
        self.lists = lists.collect();
        self.keeps_vectors = false;
        self.changed = vec![false; self.lists.len()];
        self.places = Places::default();
        self.note_places(&vec![0; self.lists.len()])
    }

    /// Returns the lists that are other than when they were last packed.
    pub(crate) fn changed(&self) -> impl Iterator<Item = CentroidId> {
        let changed = self.changed.iter().zip(0u32..);
        changed.filter(|(is, _)| **is).map(|(_, at)| CentroidId(at))
    }

    /// Notes that all lists are packed as they are.
    pub(crate) fn set_unchanged(&mut self) {
        self.changed.fill(false);
    }

    /// Returns what codes the items, where lists have codes.
    pub(crate) fn codec(&self) -> Option<&Codec> {
        self.codec.as_ref()
    }

    /// Counts the bytes that are held, room for more included.
    pub(crate) fn bytes(&self) -> ListBytes {
        let heads = self.lists.capacity() * size_of::<InvertedList>();
        let mut bytes = ListBytes {
            places: self.places.bytes(),
            heads,
            ..ListBytes::default()
        };
        for list in &self.lists {
            bytes.ids += list.ids.capacity() * size_of::<ItemId>();
            bytes.vectors += list.vectors.capacity() * size_of::<f32>();
            bytes.codes += list.codes.as_ref().map_or(0, ListCodes::bytes);
        }
        bytes
    }

    /// Returns the items of a list whose code is not that of their vector; `rows` are the vectors of the list's items.
    pub(crate) fn miscoded(&self, id: CentroidId, centroid: &[f32], rows: &[f32]) -> Vec<ItemId> {
        let list = self.list(id);
        let (Some(codec), Some(codes)) = (&self.codec, &list.codes) else {
            return Vec::new();
        };
        let wrong = codes.wrong_at(codec, rows.chunks_exact(self.dim), centroid);
        wrong.into_iter().map(|at| list.ids[at]).collect()
    }

    /// Returns the vector at a position of a list.
    pub(crate) fn vector_at(&self, centroid: CentroidId, position: usize) -> &[f32] {
        let start = position * self.dim;
        &self.list(centroid).vectors[start..start + self.dim]
    }

    /// Asks [`ListCodes::is_stale`] of one list.
    pub(crate) fn is_stale(&self, id: CentroidId, centroid: &[f32], strict: bool) -> bool {
        let codes = self.list(id).codes.as_ref();
        codes.is_some_and(|codes| codes.is_stale(centroid, strict))
    }

    /// Codes one list anew about `centroid`; `rows` are the vectors of its items.
    pub(crate) fn recode(&mut self, id: CentroidId, rows: &[f32], centroid: &[f32]) {
        let list = &mut self.lists[id.index()];
        if let (Some(codec), Some(codes)) = (&self.codec, &mut list.codes) {
            *codes = ListCodes::of(codec, rows.chunks_exact(self.dim), centroid);
            self.changed[id.index()] = true;
        }
    }

    /// Keeps where the centroid of a list is now, before it moves.
    pub(crate) fn keep_origin(&mut self, centroid: CentroidId, unit: &[f32]) {
        if let Some(codes) = &mut self.lists[centroid.index()].codes {
            codes.keep_origin(unit);
        }
    }

    /// Makes room for one more item in each list as often as `centroids` names it.
    pub(crate) fn reserve(&mut self, centroids: impl Iterator<Item = CentroidId> + Clone) {
        let mut sizes = vec![0usize; self.lists.len()];
        centroids
            .clone()
            .for_each(|centroid| sizes[centroid.index()] += 1);
        for (list, size) in self.lists.iter_mut().zip(&sizes) {
            list.ids.reserve_exact(*size);
            list.vectors.reserve_exact(*size * self.dim);
            if let Some(codes) = &mut list.codes {
                codes.reserve_exact(*size);
            }
        }
        self.places.reserve(sizes.iter().sum(), &self.lists);
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn contains(&self, item: ItemId) -> bool {
        self.places.get(item, &self.lists).is_some()
    }

    pub(crate) fn list(&self, centroid: CentroidId) -> &InvertedList {
        &self.lists[centroid.index()]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (CentroidId, &InvertedList)> {
        self.lists
            .iter()
            .enumerate()
            .map(|(at, list)| (CentroidId(at as u32), list))
    }

    /// Returns the centroid whose list an item is in.
    pub(crate) fn centroid_of(&self, item: ItemId) -> Option<CentroidId> {
        let place = self.places.get(item, &self.lists)?;
        Some(place.centroid)
    }

    /// Returns the vector of an item, where vectors are held.
    pub(crate) fn vector(&self, item: ItemId) -> Result<&[f32]> {
        let place = self.places.get(item, &self.lists);
        let place = place.ok_or(Error::UnknownItem(item))?;
        Ok(self.vector_at(place.centroid, place.position as usize))
    }

    /// Appends an item to the list of the centroid `id`, which lies at `centroid`.
    pub(crate) fn insert(
        &mut self,
        (id, centroid): (CentroidId, &[f32]),
        item: ItemId,
        unit: &[f32],
    ) -> Result<()> {
        if self.contains(item) {
            return Err(Error::DuplicateItem(item));
        }
        self.changed[id.index()] = true;
        let list = &mut self.lists[id.index()];
        if list.ids.len() == list.ids.capacity() && self.codec.is_some() {
            // As codes do: beside them, ids are a part of what is held that counts.
            let more = (list.ids.len() / GROWTH).max(BLOCK_ITEMS);
            list.ids.reserve_exact(more);
        }
        let place = Place {
            centroid: id,
            position: list.ids.len() as u32,
        };
        list.ids.push(item);
        if self.keeps_vectors {
            list.vectors.extend_from_slice(unit);
        }
        if let (Some(codec), Some(codes)) = (&self.codec, &mut list.codes) {
            codes.push(codec, unit, centroid);
        }
        self.places.insert(item, place, &self.lists);
        Ok(())
    }

    /// Takes an item out; the last item of its list takes its position.
    pub(crate) fn remove(&mut self, item: ItemId) -> Result<CentroidId> {
        let place = self.places.remove(item, &self.lists);
        let place = place.ok_or(Error::UnknownItem(item))?;
        self.changed[place.centroid.index()] = true;
        let list = &mut self.lists[place.centroid.index()];
        let position = place.position as usize;
        list.ids.swap_remove(position);
        if self.keeps_vectors {
            let last = list.ids.len() * self.dim;
            list.vectors.copy_within(last.., position * self.dim);
            list.vectors.truncate(last);
        }
        if let Some(codes) = &mut list.codes {
            codes.swap_remove(position);
        }
        if let Some(moved) = list.ids.get(position) {
            let from = Place {
                position: list.ids.len() as u32,
                ..place
            };
            self.places.relocate(*moved, from, place);
        }
        Ok(place.centroid)
    }

    /// Appends an empty list.
    pub(crate) fn push_list(&mut self) {
        self.lists.push(InvertedList::new(self.codec.as_ref()));
        self.changed.push(true);
    }

    /// Removes an empty list; the last list takes its place and its items are returned.
    pub(crate) fn swap_remove_list(&mut self, centroid: CentroidId) -> Vec<ItemId> {
        debug_assert!(self.list(centroid).is_empty());
        self.lists.swap_remove(centroid.index());
        self.changed.swap_remove(centroid.index());
        let last = CentroidId(self.lists.len() as u32);
        let Some(list) = self.lists.get(centroid.index()) else {
            return Vec::new();
        };
        self.changed[centroid.index()] = true;
        for (position, item) in list.ids.iter().enumerate() {
            let place = |centroid| Place {
                centroid,
                position: position as u32,
            };
            self.places.relocate(*item, place(last), place(centroid));
        }
        list.ids.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_item_leaves_the_others_in_place() -> Result<()> {
        let mut lists = InvertedLists::new(1, 2);
        for (item, x) in [(1, 0.1), (2, 0.2), (3, 0.3)] {
            lists.insert((CentroidId(1), &[1.0]), ItemId(item), &[x])?;
        }
        assert_eq!(lists.remove(ItemId(1))?, CentroidId(1));
        assert_eq!(lists.vector(ItemId(3))?, [0.3]);
        assert_eq!(lists.vector(ItemId(2))?, [0.2]);
        assert_eq!(lists.remove(ItemId(2))?, CentroidId(1));
        assert_eq!(lists.vector(ItemId(1)), Err(Error::UnknownItem(ItemId(1))));
        assert_eq!(lists.len(), 1);
        Ok(())
    }

    #[test]
    fn an_item_stands_once() -> Result<()> {
        let mut lists = InvertedLists::new(1, 1);
        lists.insert((CentroidId(0), &[1.0]), ItemId(7), &[1.0])?;
        let again = lists.insert((CentroidId(0), &[1.0]), ItemId(7), &[1.0]);
        assert_eq!(again, Err(Error::DuplicateItem(ItemId(7))));
        Ok(())
    }

    #[test]
    fn the_last_list_takes_the_place_of_a_removed_one() -> Result<()> {
        let mut lists = InvertedLists::new(1, 3);
        lists.insert((CentroidId(2), &[1.0]), ItemId(5), &[1.0])?;
        assert_eq!(lists.swap_remove_list(CentroidId(0)), [ItemId(5)]);
        assert_eq!(lists.centroid_of(ItemId(5)), Some(CentroidId(0)));
        assert_eq!(lists.iter().count(), 2);
        assert!(lists.swap_remove_list(CentroidId(1)).is_empty());
        Ok(())
    }
}
