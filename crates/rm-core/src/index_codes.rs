//! The codes of an index: given, kept right, and checked.

use crate::codes::Codec;
use crate::lists::InvertedLists;
use crate::spill::second_list;
use crate::{CentroidId, Codebook, Coding, Index, ItemId, Result};

/// Items of each centroid, with their vectors.
type Dealt<'v> = Vec<Vec<(ItemId, &'v [f32])>>;

impl Index {
    /// Gives every list codes of its items, or takes them away.
    ///
    /// From then on codes follow every change of the index. They cost some `60 dim` operations an item, and as many again where
    /// they have more than one bit, on all cores; a second list costs what routing does. An index whose vectors are
    /// [elsewhere](Self::with_vectors_in) keeps the codes it has.
    #[must_use]
    pub fn with_coding(mut self, coding: Coding) -> Self {
        if self.has_vectors_elsewhere() {
            return self;
        }
        self.coding = coding;
        let codec = Codec::new(self.dim(), coding);
        self.lists
            .set_codec(codec.clone(), self.codebook.as_slice());
        let spilled = codec.filter(|_| coding.spills());
        self.spill = spilled.map(|codec| InvertedLists::of_codes(codec, self.k()));
        let Some(mut spill) = self.spill.take() else {
            return self;
        };
        let dim = self.dim();
        let second = self.lists.iter().map(|(_, list)| {
            let rows = list.vectors().chunks_exact(dim);
            list.ids().iter().copied().zip(rows).collect()
        });
        let second = second_lists(&self.codebook, &second.collect::<Dealt<'_>>());
        // Items of an index differ, so none can stand twice.
        let _ = spill.extend(self.codebook.as_slice(), &second);
        self.spill = Some(spill);
        self
    }

    /// Returns what lists hold of their items for the scan.
    #[must_use]
    pub fn coding(&self) -> Coding {
        self.coding
    }

    /// Puts items that have come into the lists that `items` deals them to into their second lists.
    pub(crate) fn spill_batch(&mut self, items: &Dealt<'_>) -> Result<()> {
        let Some(spill) = &mut self.spill else {
            return Ok(());
        };
        let second = second_lists(&self.codebook, items);
        spill.extend(self.codebook.as_slice(), &second)
    }

    /// Puts items that have no second list into one.
    pub(crate) fn spill_again(&mut self, homeless: &[ItemId]) -> Result<()> {
        let rows = self.rows_of(homeless)?;
        for (item, unit) in homeless.iter().zip(rows.chunks_exact(self.dim())) {
            let first = self.centroid_of(*item)?;
            if let Some(spill) = &mut self.spill {
                insert_second(spill, &self.codebook, first, *item, unit)?;
            }
        }
        Ok(())
    }

    /// Codes lists anew whose centroid has moved far from where it was when they were coded, and gives a second list to
    /// items that came while there was but one list.
    ///
    /// Where vectors are elsewhere lists are coded anew however little the centroid has moved: products with it are told
    /// by the codes alone then.
    pub(crate) fn renew_codes(&mut self) -> Result<()> {
        let strict = self.source.is_some();
        for at in 0..self.k() {
            let (id, centroid) = (CentroidId(at as u32), self.codebook.column(at));
            if self.lists.is_stale(id, centroid, strict) {
                let rows = self.list_rows(id)?.into_owned();
                self.lists.recode(id, &rows, self.codebook.column(at));
            }
            let centroid = self.codebook.column(at);
            let spill = self.spill.as_ref();
            if let Some(spill) = spill.filter(|spill| spill.is_stale(id, centroid, strict)) {
                let rows = self.rows_of(spill.list(id).ids())?;
                if let Some(spill) = &mut self.spill {
                    spill.recode(id, &rows, self.codebook.column(at));
                }
            }
        }
        let Some(spill) = &self.spill else {
            return Ok(());
        };
        if spill.len() == self.lists.len() || self.k() < 2 {
            return Ok(());
        }
        let all = self.lists.iter().flat_map(|(_, list)| list.ids());
        let homeless: Vec<ItemId> = all
            .filter(|item| !spill.contains(**item))
            .copied()
            .collect();
        self.spill_again(&homeless)
    }

    /// Returns the items whose code is not that of their vector, whose second list is their own, or which are gone and
    /// still have one: none, whatever was added, moved or taken out.
    ///
    /// Codes every item anew.
    ///
    /// # Errors
    /// [`Error::VectorSource`](crate::Error::VectorSource) where vectors are elsewhere and cannot be read.
    pub fn miscoded(&self) -> Result<Vec<ItemId>> {
        let mut miscoded: Vec<ItemId> = Vec::new();
        for at in 0..self.k() {
            let (id, centroid) = (CentroidId(at as u32), self.codebook.column(at));
            let rows = self.list_rows(id)?;
            miscoded.extend(self.lists.miscoded(id, centroid, &rows));
            let Some(spill) = &self.spill else { continue };
            let spilled = spill.list(id).ids();
            if let Some(gone) = spilled.iter().find(|item| !self.contains(**item)) {
                miscoded.push(*gone);
                continue;
            }
            miscoded.extend(spill.miscoded(id, centroid, &self.rows_of(spilled)?));
            let strangers = spilled.iter();
            miscoded.extend(strangers.filter(|item| self.centroid_of(**item) == Ok(id)));
        }
        Ok(miscoded)
    }
}

/// Deals items, dealt to their own lists, to their second ones.
fn second_lists<'v>(codebook: &Codebook, items: &Dealt<'v>) -> Dealt<'v> {
    let mut second: Dealt<'v> = vec![Vec::new(); codebook.k()];
    for (first, items) in (0u32..).map(CentroidId).zip(items) {
        let rows: Vec<f32> = items.iter().flat_map(|(_, unit)| *unit).copied().collect();
        let choose = |_: &[f32], products: &[f32]| second_list(codebook, first, products);
        for (item, centroid) in items.iter().zip(codebook.map_rows(&rows, choose)) {
            if let Some(centroid) = centroid {
                second[centroid.index()].push(*item);
            }
        }
    }
    second
}

/// Puts an item into its second list, where there is another list than that of `first`, which it is in.
pub(crate) fn insert_second(
    spill: &mut InvertedLists,
    codebook: &Codebook,
    first: CentroidId,
    item: ItemId,
    unit: &[f32],
) -> Result<()> {
    match second_list(codebook, first, &codebook.scores(unit)) {
        Some(second) => spill.insert((second, codebook.column(second.index())), item, unit),
        None => Ok(()),
    }
}
