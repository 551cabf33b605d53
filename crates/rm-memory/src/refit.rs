//! Training the codebook again as the memory grows.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use rm_core::{Index, ItemId, Vectors, train, training_sample};
use rm_store::CodebookChange;

use crate::config::Config;
use crate::vectors_in_store::AT_ONCE;
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
    /// Happens by itself when the rule asks for one and a half times the K there is; opening never does it. Searches and changes go
    /// on meanwhile, in this process and in others.
    ///
    /// # Errors
    /// When the new codebook cannot be stored; the old one stays in use then.
    pub fn refit(&self) -> Result<()> {
        let training = self.space.training.lock();
        let _training = training.unwrap_or_else(PoisonError::into_inner);
        self.train_beside(false).map(drop)
    }

    /// Does as [`refit`](Self::refit) after an alarm of the drift monitor, and stores the monitor's state with the codebook.
    ///
    /// `None` while the memory is empty, and where another process has trained the codebook meanwhile.
    pub(crate) fn refit_after_alarm(&self) -> Result<Option<RefitReport>> {
        let training = self.space.training.lock();
        let _training = training.unwrap_or_else(PoisonError::into_inner);
        self.train_beside(true)
    }

    /// Trains again where the memory has outgrown its codebook, unless another thread is at it.
    pub(crate) fn refit_if_outgrown(&self) -> Result<()> {
        let (items, k) = match self.read_index().as_ref() {
            Some(index) => (index.len(), index.k()),
            None => return Ok(()),
        };
        let wanted = self.config().k_rule.k(items);
        if wanted as f64 > OUTGROWN * k as f64
            && let Ok(_training) = self.space.training.try_lock()
        {
            self.train_beside(false)?;
        }
        Ok(())
    }

    /// Trains beside the items, and puts the new codebook in place.
    ///
    /// In a turn to write, what changed meanwhile is made good, and codebook and lists are stored in one transaction. Where others have
    /// trained the codebook meanwhile, theirs stays.
    fn train_beside(&self, alarmed: bool) -> Result<Option<RefitReport>> {
        let (seen, revision) = {
            let slot = self.read_index();
            let Some(index) = slot.as_ref().filter(|index| !index.is_empty()) else {
                return Ok(None);
            };
            (Seen::of(index)?, self.space.seen.load(Ordering::Acquire))
        };
        let mut fitted = self.fit(seen)?;
        let turn = self.turn()?;
        let since = self.store().changes_since(revision)?;
        let Some(since) = since.filter(|since| since.codebook != CodebookChange::Replaced) else {
            return Ok(None);
        };
        let queries = self.stored_queries()?;
        let (mut changes, k_before) = {
            let slot = self.read_index();
            let Some(index) = slot.as_ref() else {
                return Ok(None);
            };
            catch_up(&mut fitted, index, &since.items)?;
            (self.replace_routing(&fitted)?, index.k())
        };
        let report = RefitReport {
            k_before,
            k_after: fitted.k(),
            items: fitted.len(),
        };
        let before = alarmed.then(|| self.lock_observer().drift.clone());
        let mut counted = 0;
        if alarmed {
            let mut observer = self.lock_observer();
            observer.drift.relearn_baseline();
            counted = observer.queries;
            persist::watched(&observer, queries, &mut changes);
        }
        let written = turn.write(&changes).inspect_err(|_| {
            // The old codebook stays, and so does its baseline.
            if let Some(before) = before {
                self.lock_observer().drift = before;
            }
        })?;
        self.counting().trainings.add(1);
        written.follow(|slot| {
            self.packed(&mut fitted);
            {
                let mut observer = self.lock_observer();
                observer.reloaded(Some(&fitted));
                if alarmed {
                    observer.refits += 1;
                    observer.saved(counted, queries);
                }
            }
            *slot = Some(fitted);
            Ok(())
        });
        Ok(Some(report))
    }

    /// Trains a codebook for items, with K as its rule says now, and routes them.
    fn fit(&self, seen: Seen) -> Result<Index> {
        match seen.vectors {
            Some(vectors) => self.train_index(&seen.ids, &vectors),
            None => self.fit_in_parts(seen.ids),
        }
    }

    /// Does as [`fit`](Self::fit) without ever holding all vectors: those to train on, and then a few at a time.
    fn fit_in_parts(&self, ids: Vec<ItemId>) -> Result<Index> {
        let Config { trainer, seed, .. } = self.config();
        let k = self.config().k_rule.k(ids.len());
        let sample = training_sample(ids.len(), k, trainer, *seed);
        let mut rows = Vec::with_capacity(sample.len() * self.family.embedder.dim());
        for sample in sample.chunks(AT_ONCE) {
            let sample = sample.iter().map(|at| ids[*at]).collect();
            rows.extend_from_slice(self.read_vectors(sample)?.1.as_slice());
        }
        let sample = Vectors::from_rows(self.family.embedder.dim(), rows)?;
        let trained = train(&sample, k, trainer, *seed)?;
        drop(sample);
        let layout = self.config().layout.of(ids.len());
        let mut fitted = self.laid_out(Index::new(trained.codebook), layout, ids.len())?;
        for ids in ids.chunks(AT_ONCE) {
            let (ids, vectors) = self.read_vectors(ids.to_vec())?;
            fitted.extend(&ids, &vectors)?;
        }
        Ok(fitted)
    }

    /// Reads the vectors of those items that are still there, and returns which those are.
    fn read_vectors(&self, mut ids: Vec<ItemId>) -> Result<(Vec<ItemId>, Vectors)> {
        let mut rows = Vec::with_capacity(ids.len() * self.family.embedder.dim());
        loop {
            rows.clear();
            match self.store().read_vectors(&ids, &mut rows) {
                Ok(()) => return Ok((ids, Vectors::from_rows(self.family.embedder.dim(), rows)?)),
                // Somebody deletes while this goes on.
                Err(rm_store::Error::UnknownItem { key }) => ids.retain(|id| *id != key),
                Err(other) => return Err(other.into()),
            }
        }
    }

    pub(crate) fn train_index(&self, ids: &[ItemId], vectors: &Vectors) -> Result<Index> {
        let k = self.config().k_rule.k(vectors.len());
        let trained = train(vectors, k, &self.config().trainer, self.config().seed)?;
        let index = Index::build(trained.codebook, ids, vectors)?;
        let items = index.len();
        self.laid_out(index, self.config().layout.of(items), items)
    }
}

/// Is what there is to train on: the items, and their vectors where those are in RAM.
struct Seen {
    ids: Vec<ItemId>,
    vectors: Option<Vectors>,
}

impl Seen {
    fn of(index: &Index) -> Result<Self> {
        if index.has_vectors_elsewhere() {
            let ids = index.lists().flat_map(|(_, list)| list.ids());
            return Ok(Self {
                ids: ids.copied().collect(),
                vectors: None,
            });
        }
        let (ids, vectors) = index.items()?;
        Ok(Self {
            ids,
            vectors: Some(vectors),
        })
    }
}

/// Makes `fitted` hold of the items that have `changed` what `current` holds.
fn catch_up(fitted: &mut Index, current: &Index, changed: &[ItemId]) -> Result<()> {
    for item in changed {
        if fitted.contains(*item) {
            fitted.remove(*item)?;
        }
        if current.contains(*item) {
            fitted.add(*item, &current.vector(*item)?)?;
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
        let changed = [1, 2, 4, 2].map(ItemId);
        catch_up(&mut fitted, &current, &changed)?;
        let sorted = |index: &Index| {
            let (mut ids, _) = index.items().expect("vectors in memory");
            ids.sort_unstable();
            ids
        };
        assert_eq!(sorted(&fitted), [ItemId(2), ItemId(3), ItemId(4)]);
        for item in sorted(&current) {
            assert_eq!(fitted.vector(item)?, current.vector(item)?);
        }
        assert_eq!(fitted.misplaced()?, []);
        Ok(())
    }
}
