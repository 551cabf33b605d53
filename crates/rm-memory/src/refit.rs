//! Training the codebook again as the memory grows.

use rm_core::{Index, ItemId, Vectors, train};

use crate::{Result, RoutingMemory};

/// How far K may fall behind its rule before the codebook is trained again (routing-memory 0.1.0, `add`).
///
/// With K growing as a power of N, the number of trainings grows as the logarithm of N, and their total cost
/// stays a constant factor above that of the last one.
const OUTGROWN: f64 = 1.5;

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
        let mut observer = self.lock_observer();
        observer.pending.clear();
        observer.routing_unsaved = false;
        Ok(())
    }

    pub(crate) fn train_index(&self, ids: &[ItemId], vectors: &Vectors) -> Result<Index> {
        let k = self.config.k_rule.k(vectors.len());
        let trained = train(vectors, k, &self.config.trainer, self.config.seed)?;
        Ok(Index::build(trained.codebook, ids, vectors)?)
    }
}
