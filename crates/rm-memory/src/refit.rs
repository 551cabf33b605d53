//! Training the codebook again as the memory grows.

use rm_core::{Index, ItemId, Vectors, train};

use crate::{Result, RoutingMemory, persist};

/// How far K may fall behind its rule before the codebook is trained again (routing-memory 0.1.0, `add`).
///
/// With K growing as a power of N, the number of trainings grows as the logarithm of N, and their total cost
/// stays a constant factor above that of the last one.
const OUTGROWN: f64 = 1.5;

/// Tells what a training of the whole codebook after a drift alarm did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefitReport {
    /// Number of centroids before.
    pub k_before: usize,
    /// Number of centroids after.
    pub k_after: usize,
    /// Items that were routed again: all there are.
    pub items: usize,
}

impl RoutingMemory {
    /// Trains the codebook again on all items, with K as its rule says now, and routes them all.
    ///
    /// Happens by itself when the rule asks for one and a half times the K there is; opening never does it.
    ///
    /// # Errors
    /// When the new codebook cannot be stored; the old one stays in use then.
    pub fn refit(&self) -> Result<()> {
        let mut index = self.write_index();
        if let Some(index) = index.as_mut() {
            self.refit_index(index)?;
        }
        Ok(())
    }

    /// Trains on a copy of the items, while searches and changes go on, and puts the new codebook in place.
    ///
    /// Under the lock, every stored vector is compared with its copy, and codebook, lists and the monitor's
    /// state are stored in one transaction. `None` while the memory is empty.
    pub(crate) fn refit_after_alarm(&self) -> Result<Option<RefitReport>> {
        let copy = self.read_index().as_ref().map(Index::items);
        let Some((ids, vectors)) = copy.filter(|(ids, _)| !ids.is_empty()) else {
            return Ok(None);
        };
        let mut fitted = self.train_index(&ids, &vectors)?;
        drop(vectors);
        let mut slot = self.write_index();
        let Some(index) = slot.as_mut() else {
            return Ok(None);
        };
        catch_up(&mut fitted, index)?;
        let report = RefitReport {
            k_before: index.k(),
            k_after: fitted.k(),
            items: fitted.len(),
        };
        let mut changes = self.replace_routing(&fitted)?;
        let before = self.lock_observer().drift.clone();
        {
            let mut observer = self.lock_observer();
            observer.drift.relearn_baseline();
            persist::watched(&observer, &mut changes);
        }
        let taken = self.lock_store().apply(&changes);
        let mut observer = self.lock_observer();
        if let Err(refused) = taken {
            // The old codebook stays, and so does its baseline.
            observer.drift = before;
            return Err(refused.into());
        }
        *index = fitted;
        observer.refitted();
        observer.refits += 1;
        Ok(Some(report))
    }

    /// Trains again where the memory has outgrown its codebook.
    pub(crate) fn refit_if_outgrown(&self, index: &mut Index) -> Result<()> {
        let wanted = self.config.k_rule.k(index.len());
        if wanted as f64 > OUTGROWN * index.k() as f64 {
            self.refit_index(index)?;
        }
        Ok(())
    }

    fn refit_index(&self, index: &mut Index) -> Result<()> {
        if index.is_empty() {
            return Ok(());
        }
        let (ids, vectors) = index.items();
        let fitted = self.train_index(&ids, &vectors)?;
        let changes = self.replace_routing(&fitted)?;
        self.lock_store().apply(&changes)?;
        *index = fitted;
        self.lock_observer().refitted();
        Ok(())
    }

    pub(crate) fn train_index(&self, ids: &[ItemId], vectors: &Vectors) -> Result<Index> {
        let k = self.config.k_rule.k(vectors.len());
        let trained = train(vectors, k, &self.config.trainer, self.config.seed)?;
        let index = Index::build(trained.codebook, ids, vectors)?;
        Ok(index.with_coding(self.config.coding))
    }
}

/// Makes `fitted` hold what `current` holds: others may have changed items while it was trained.
fn catch_up(fitted: &mut Index, current: &Index) -> Result<()> {
    for (_, list) in current.lists() {
        let rows = list.vectors().chunks_exact(current.dim());
        for (item, vector) in list.ids().iter().zip(rows) {
            match fitted.vector(*item) {
                Ok(copy) if copy == vector => {}
                Ok(_) => drop(fitted.replace(*item, vector)?),
                Err(_) => drop(fitted.add(*item, vector)?),
            }
        }
    }
    if fitted.len() > current.len() {
        let (ids, _) = fitted.items();
        for item in ids.into_iter().filter(|item| !current.contains(*item)) {
            fitted.remove(item)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rm_core::Codebook;

    use super::*;

    #[test]
    fn what_changed_during_the_training_is_made_up_for() -> Result<()> {
        let vectors = Vectors::from_rows(2, vec![1.0, 0.0, 0.0, 1.0, 0.6, 0.8])?;
        let ids = [ItemId(1), ItemId(2), ItemId(3)];
        let codebook = Codebook::from_rows(2, vec![1.0, 0.0, 0.0, 1.0])?;
        let mut fitted = Index::build(codebook.clone(), &ids, &vectors)?;
        let mut current = Index::build(codebook, &ids, &vectors)?;
        current.remove(ItemId(1))?;
        current.replace(ItemId(2), &[0.8, 0.6])?;
        current.add(ItemId(4), &[0.0, 1.0])?;
        catch_up(&mut fitted, &current)?;
        let sorted = |index: &Index| {
            let (mut ids, _) = index.items();
            ids.sort_unstable();
            ids
        };
        assert_eq!(sorted(&fitted), [ItemId(2), ItemId(3), ItemId(4)]);
        for item in sorted(&current) {
            assert_eq!(fitted.vector(item)?, current.vector(item)?);
        }
        assert_eq!(fitted.misplaced(), []);
        Ok(())
    }
}
