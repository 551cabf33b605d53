//! Opening where vectors are left to the store: lists come packed, and what changed since is made good.

use std::ops::ControlFlow;

use rm_core::{CentroidId, Codebook, Coding, Index, ItemId, Unpacking, Vectors};
use rm_store::RoutingState;

use crate::layout::ListLayout;
use crate::load::home_of_each;
use crate::vectors_in_store::{AT_ONCE, cache_for};
use crate::{Result, RoutingMemory};

impl RoutingMemory {
    /// Takes lists from the store as they were packed; where there are none, or such as another coding made, codes all
    /// items.
    pub(crate) fn restore_codes(&self, routing: RoutingState, coding: Coding) -> Result<Index> {
        let codebook = Codebook::from_rows(routing.dim, routing.centroids)?;
        let index = match self.unpack(&codebook, coding)? {
            Some(index) => index,
            None => self.code_all(codebook, coding)?,
        };
        cache_for(index.len(), self.store())?;
        Ok(index)
    }

    /// Unpacks lists and makes good what has changed since; `None` where there are none, where this codebook and coding cannot
    /// have packed them, and where they do not come to the items that there are.
    fn unpack(&self, codebook: &Codebook, coding: Coding) -> Result<Option<Index>> {
        let mut unpacking = Unpacking::new(codebook.clone(), coding)?;
        let (mut any, mut outcome) = (false, Ok(()));
        self.store().for_each_packed(&mut |centroid, list| {
            any = true;
            outcome = unpacking.list(centroid, list);
            match outcome {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        })?;
        if !any {
            return Ok(None);
        }
        let changed = self.store().changed_items()?;
        let source = self.vector_source(codebook.dim(), self.stored_items()?)?;
        let index = outcome.and_then(|()| unpacking.finish(&changed, source));
        let mut index = match index {
            Ok(index) => index,
            Err(rm_core::Error::PackedList { .. } | rm_core::Error::DuplicateItem(_)) => {
                return Ok(None);
            }
            Err(other) => return Err(other.into()),
        };
        for keys in changed.chunks(AT_ONCE) {
            let stored = self.store().get_many(keys)?;
            let mut batch = Batch::new(index.dim());
            for stored in stored.into_iter().flatten() {
                batch.push(stored.key, stored.centroid, &stored.item.vector);
            }
            batch.empty_into(&mut index)?;
        }
        self.note_unpacked(changed.len());
        let is_whole = self.store().count()? == index.len() as u64;
        Ok(is_whole.then_some(index))
    }

    /// Codes all items, a few at a time.
    fn code_all(&self, codebook: Codebook, coding: Coding) -> Result<Index> {
        let dim = codebook.dim();
        let layout = ListLayout::Codes(coding);
        let items = self.stored_items()?;
        let mut index = self.laid_out(Index::new(codebook), layout, items)?;
        let mut batch = Batch::new(dim);
        let mut outcome = Ok(());
        self.store()
            .for_each_vector(&mut |item, centroid, vector| {
                batch.push(item, centroid, vector);
                if batch.ids.len() < AT_ONCE {
                    return ControlFlow::Continue(());
                }
                outcome = batch.empty_into(&mut index);
                match outcome {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                }
            })?;
        outcome?;
        batch.empty_into(&mut index)?;
        Ok(index)
    }
}

/// Items on their way from the store to their lists.
struct Batch {
    dim: usize,
    ids: Vec<ItemId>,
    centroids: Vec<Option<CentroidId>>,
    rows: Vec<f32>,
}

impl Batch {
    fn new(dim: usize) -> Self {
        Self {
            dim,
            ids: Vec::new(),
            centroids: Vec::new(),
            rows: Vec::new(),
        }
    }

    fn push(&mut self, item: ItemId, centroid: Option<CentroidId>, vector: &[f32]) {
        self.ids.push(item);
        self.centroids.push(centroid);
        self.rows.extend_from_slice(vector);
    }

    /// Puts the items into their lists, those that have none into the one they are routed to.
    fn empty_into(&mut self, index: &mut Index) -> Result<()> {
        let vectors = Vectors::from_rows(self.dim, std::mem::take(&mut self.rows))?;
        let ids = std::mem::take(&mut self.ids);
        let stored = std::mem::take(&mut self.centroids);
        let centroids = home_of_each(index.codebook(), stored, &vectors)?;
        Ok(index.extend_assigned(&ids, &centroids, &vectors)?)
    }
}
