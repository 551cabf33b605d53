//! The codes of an index: given, kept right, and checked.

use crate::codes::Codec;
use crate::lists::InvertedLists;
use crate::spill::second_list;
use crate::{CentroidId, Codebook, Coding, Index, ItemId, Result};

impl Index {
    /// Gives every list codes of its items, or takes them away.
    ///
    /// From then on codes follow every change of the index. They cost some `60 dim` operations an item, on all
    /// cores; a second list costs what routing does.
    #[must_use]
    pub fn with_coding(mut self, coding: Coding) -> Self {
        self.coding = coding;
        let codec = Codec::new(self.dim(), coding);
        self.lists
            .set_codec(codec.clone(), self.codebook.as_slice());
        let spilled = codec.filter(|_| coding.spills());
        self.spill = spilled.map(|codec| {
            let mut spill = InvertedLists::of_codes(codec, self.k());
            let vector = |item| self.vector(item).ok();
            spill.fill(self.codebook.as_slice(), &self.second_lists(), vector);
            spill
        });
        self
    }

    /// Returns what lists hold of their items for the scan.
    #[must_use]
    pub fn coding(&self) -> Coding {
        self.coding
    }

    /// Returns, for each centroid, the items whose second list is its.
    fn second_lists(&self) -> Vec<Vec<ItemId>> {
        let mut second: Vec<Vec<ItemId>> = vec![Vec::new(); self.k()];
        for (first, list) in self.lists() {
            let choose = |_: &[f32], products: &[f32]| second_list(&self.codebook, first, products);
            let chosen = self.codebook.map_rows(list.vectors(), choose);
            for (item, centroid) in list.ids().iter().zip(chosen) {
                if let Some(centroid) = centroid {
                    second[centroid.index()].push(*item);
                }
            }
        }
        second
    }

    /// Codes lists anew whose centroid has moved far from where it was when they were coded, and gives a second list to
    /// items that came while there was but one list.
    pub(crate) fn renew_codes(&mut self) -> Result<()> {
        let Self {
            codebook,
            lists,
            spill,
            ..
        } = self;
        for at in 0..codebook.k() {
            let (id, centroid) = (CentroidId(at as u32), codebook.column(at));
            if let Some(spill) = spill {
                spill.renew_codes(id, centroid, |item| Some(lists.get(item).ok()?.1));
            }
            lists.renew_own_codes(id, centroid);
        }
        let Some(spill) = spill.as_mut().filter(|spill| spill.len() < lists.len()) else {
            return Ok(());
        };
        for (first, list) in lists.iter() {
            let vectors = list.vectors().chunks_exact(codebook.dim());
            for (item, unit) in list.ids().iter().zip(vectors) {
                if !spill.contains(*item) {
                    insert_second(spill, codebook, first, *item, unit)?;
                }
            }
        }
        Ok(())
    }

    /// Returns the items whose code is not that of their vector, whose second list is their own, or which are gone and
    /// still have one: none, whatever was added, moved or taken out.
    ///
    /// Codes every item anew.
    #[must_use]
    pub fn miscoded(&self) -> Vec<ItemId> {
        let vector = |item| self.vector(item).ok();
        let mut miscoded: Vec<ItemId> = Vec::new();
        for at in 0..self.k() {
            let (id, centroid) = (CentroidId(at as u32), self.codebook.column(at));
            miscoded.extend(self.lists.miscoded(id, centroid, vector));
            if let Some(spill) = &self.spill {
                miscoded.extend(spill.miscoded(id, centroid, vector));
                let strangers = spill.list(id).ids().iter();
                miscoded.extend(strangers.filter(|item| self.centroid_of(**item) == Ok(id)));
            }
        }
        if let Some(spill) = &self.spill {
            let spilled = spill.iter().flat_map(|(_, list)| list.ids());
            miscoded.extend(spilled.filter(|item| !self.contains(**item)));
        }
        miscoded
    }
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
