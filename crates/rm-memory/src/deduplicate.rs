//! Adding what may be remembered already in almost the same words.

use rm_core::{Retriever, Vectors};
use rm_store::Item;

use crate::change::check;
use crate::{
    AddOutcome, DuplicateDecision, DuplicatePolicy, NearItem, NewItem, Result, RoutingMemory,
};

/// Items near a new one that are looked at: several, since those that differ in a number are passed over.
const NEAREST: usize = 8;

impl RoutingMemory {
    /// Remembers a text unless, or although, the memory holds one that nearly equals it, as a policy says.
    ///
    /// It is looked for in the lists that the new item is routed to, as a search looks for it, in the same turn to write in which the
    /// item is stored: of two that add the same text at once, in whatever process, one finds the other's.
    ///
    /// ```no_run
    /// use rm_memory::{AddOutcome, DuplicatePolicy, OnDuplicate, RoutingMemory};
    ///
    /// let memory = RoutingMemory::open("agent.db")?;
    /// let policy = DuplicatePolicy::new(OnDuplicate::Skip);
    /// memory.add_unless_known("User prefers dark mode", &policy)?;
    /// let outcome = memory.add_unless_known("The user prefers dark mode.", &policy)?;
    /// assert!(matches!(outcome, AddOutcome::Skipped { .. }));
    /// # Ok::<(), rm_memory::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`add`](Self::add), and for a threshold outside of [-1, 1].
    pub fn add_unless_known(
        &self,
        item: impl Into<NewItem>,
        policy: &DuplicatePolicy,
    ) -> Result<AddOutcome> {
        let mut outcomes = self.add_batch_unless_known([item], policy)?;
        Ok(outcomes.swap_remove(0))
    }

    /// Does as [`add_unless_known`](Self::add_unless_known) with many texts, embedded together and stored one after the other, so that
    /// those that equal each other meet as well.
    ///
    /// # Errors
    /// As [`add_unless_known`](Self::add_unless_known); what came before the error is stored.
    pub fn add_batch_unless_known<I>(
        &self,
        items: I,
        policy: &DuplicatePolicy,
    ) -> Result<Vec<AddOutcome>>
    where
        I: IntoIterator,
        I::Item: Into<NewItem>,
    {
        policy.check()?;
        let items: Vec<NewItem> = items.into_iter().map(Into::into).collect();
        items.iter().try_for_each(check)?;
        let vectors = self.vectors_of(&items, &mut |_| {})?;
        let dim = self.embedder().dim();
        let pairs = items.into_iter().zip(vectors.chunks_exact(dim));
        pairs
            .map(|(item, vector)| self.add_one_unless_known(item, vector, policy))
            .collect()
    }

    fn add_one_unless_known(
        &self,
        mut item: NewItem,
        vector: &[f32],
        policy: &DuplicatePolicy,
    ) -> Result<AddOutcome> {
        let turn = self.turn()?;
        let nearest = self.nearest(vector)?;
        let texts = nearest
            .iter()
            .map(|(near, item)| (near.clone(), item.text.as_str()));
        let decision = policy.decide(&item.text, item.id.as_deref(), texts)?;
        let is_pinned = |near: &NearItem| {
            let mut there = nearest.iter();
            there.any(|(other, item)| other.id == near.id && item.pinned)
        };
        let (near, replaced) = match decision {
            DuplicateDecision::Skip(because_of) => return Ok(AddOutcome::Skipped { because_of }),
            DuplicateDecision::Add { near } => (near, None),
            // What is pinned goes by its own id alone.
            DuplicateDecision::Replace(pinned) if is_pinned(&pinned) => (Some(pinned), None),
            DuplicateDecision::Replace(replaced) => (None, Some(replaced)),
        };
        let mut gone = None;
        if let Some(replaced) = &replaced {
            match &item.id {
                None => item.id = Some(replaced.id.clone()),
                Some(_) => gone = Some(replaced.id.clone()),
            }
        }
        let vectors = Vectors::from_rows(self.embedder().dim(), vector.to_vec())?;
        let mut ids = self.insert_in(turn, vec![item], &vectors, gone)?;
        let id = ids.swap_remove(0);
        Ok(match replaced {
            Some(replaced) => AddOutcome::Replaced { id, replaced },
            None => AddOutcome::Added { id, near },
        })
    }

    /// Returns the items nearest to a vector among those that it is routed to, best first.
    fn nearest(&self, vector: &[f32]) -> Result<Vec<(NearItem, Item)>> {
        let slot = self.read_index();
        let Some(index) = slot.as_ref() else {
            return Ok(Vec::new());
        };
        let retriever = Retriever::default()
            .n_probes(self.config().n_probes)
            .score_threshold(-1.0)
            .top_k(NEAREST);
        let hits = retriever.query(index, vector)?.hits;
        let keys: Vec<_> = hits.iter().map(|hit| hit.item).collect();
        let stored = self.store().get_texts(&keys)?;
        let now_ms = self.config().clock.now_ms();
        let living = hits.iter().zip(stored).filter_map(|(hit, stored)| {
            let item = stored
                .filter(|stored| !stored.item.is_expired(now_ms))?
                .item;
            let near = NearItem {
                id: item.id.clone(),
                score: hit.score,
            };
            Some((near, item))
        });
        Ok(living.collect())
    }
}
