//! Puts every item back into the list it is routed to.

use rayon::prelude::*;

use super::report::Recorder;
use crate::dot::dots_into;
use crate::{CentroidId, Codebook, Encoding, Index, InvertedList, ItemId, Result, Vectors};

impl Index {
    /// Moves items after the centroids in `moved` (rising, distinct) have changed or appeared.
    ///
    /// Costs `2 * dim` operations for each item and each moved centroid, and `K` times that for the items of
    /// the moved centroids' own lists.
    pub(super) fn repair(&mut self, moved: &[CentroidId], recorder: &mut Recorder) -> Result<()> {
        if moved.is_empty() {
            return Ok(());
        }
        let rows: Vec<f32> = moved
            .iter()
            .flat_map(|c| &self.codebook.as_slice()[self.span(*c)])
            .copied()
            .collect();
        let movers = Codebook::new(&Vectors::from_unit_rows(self.dim(), rows))?;
        let lists: Vec<_> = self.lists.iter().collect();
        let strays = lists.into_par_iter().map(|(centroid, list)| {
            let rows = self.list_rows(centroid)?;
            Ok(match moved.binary_search(&centroid) {
                Ok(_) => self.rerouted(centroid, list, &rows),
                Err(_) => self.captured(centroid, list, &rows, moved, &movers),
            })
        });
        let strays = strays.collect::<Result<Vec<Vec<(ItemId, CentroidId)>>>>()?;
        for (item, to) in strays.into_iter().flatten() {
            self.relocate(item, to)?;
            recorder.relocated(item);
        }
        Ok(())
    }

    /// Returns the items of a list whose own centroid has moved that now belong elsewhere.
    fn rerouted(
        &self,
        own: CentroidId,
        list: &InvertedList,
        rows: &[f32],
    ) -> Vec<(ItemId, CentroidId)> {
        let routed = self.codebook.encode_rows(rows);
        let items = list.ids().iter().zip(routed);
        items
            .filter(|(_, e)| e.centroid != own)
            .map(|(item, e)| (*item, e.centroid))
            .collect()
    }

    /// Returns the items of a list, whose own centroid has not moved, that one of `moved` is nearer to.
    fn captured(
        &self,
        own: CentroidId,
        list: &InvertedList,
        rows: &[f32],
        moved: &[CentroidId],
        movers: &Codebook,
    ) -> Vec<(ItemId, CentroidId)> {
        let mut own_scores = Vec::with_capacity(list.len());
        dots_into(
            &self.codebook.as_slice()[self.span(own)],
            rows,
            &mut own_scores,
        );
        let nearest = movers.encode_rows(rows);
        let items = list.ids().iter().zip(own_scores).zip(nearest);
        items
            .filter_map(|((item, own_score), Encoding { centroid, score })| {
                let mover = moved[centroid.index()];
                let nearer = score > own_score || (score == own_score && mover < own);
                nearer.then_some((*item, mover))
            })
            .collect()
    }

    fn span(&self, centroid: CentroidId) -> std::ops::Range<usize> {
        centroid.index() * self.dim()..(centroid.index() + 1) * self.dim()
    }
}
