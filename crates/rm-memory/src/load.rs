//! Opening: what is stored becomes an index, without training.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rm_core::{CentroidId, Codebook, DriftMonitor, Index, ItemId, Usage, Vectors};
use rm_embed::Embedder;
use rm_store::{Changes, RoutingState, Store, settings};

use crate::config::Config;
use crate::family::Family;
use crate::layout::ListLayout;
use crate::observer::Observer;
use crate::space::Space;
use crate::{Result, RoutingMemory, drift_state, persist};

/// Setting with the number of queries answered.
pub(crate) const QUERIES: &str = "queries";

/// Setting that says that imported items have been routed by this crate.
pub(crate) const ROUTED: &str = "import_routed";

/// How often opening begins again where others change the codebook meanwhile, before it has them wait.
const ATTEMPTS: usize = 3;

/// Is what the store holds of vectors and their lists, in insertion order.
#[derive(Default)]
struct StoredVectors {
    ids: Vec<ItemId>,
    centroids: Vec<Option<CentroidId>>,
    rows: Vec<f32>,
}

impl RoutingMemory {
    /// Checks the options, makes sure that the store belongs to the embedder, and loads its default namespace.
    pub(crate) fn load(
        config: Config,
        embedder: Arc<dyn Embedder>,
        store: Arc<dyn Store>,
    ) -> Result<Self> {
        config.check()?;
        sign(store.as_ref(), embedder.as_ref())?;
        let family = Family::new(config, embedder);
        let space = Self::load_space(&family, store)?;
        let (space, _) = family.take_in(space);
        // Is the handle that the family began with.
        Ok(Self { family, space })
    }

    /// Loads one namespace.
    pub(crate) fn load_space(family: &Arc<Family>, store: Arc<dyn Store>) -> Result<Space> {
        let drift = match drift_state::read(store.as_ref())? {
            Some(state) => DriftMonitor::resume(family.config.drift.clone(), state)?,
            None => DriftMonitor::new(family.config.drift.clone())?,
        };
        let space = Arc::new(Space::new(store, Observer::new(drift)));
        let memory = Self::of(family, Arc::clone(&space));
        memory.lock_observer().queries_before = memory.stored_queries()?;
        memory.load_first()?;
        drop(memory);
        Arc::into_inner(space).ok_or(crate::Error::Interrupted {
            what: "opening a namespace",
        })
    }

    /// Refuses to go on where another process has moved the store to another model since it was opened.
    pub(crate) fn check_model(&self) -> Result<()> {
        let embedder = self.embedder();
        let (fingerprint, dim) = (embedder.fingerprint(), embedder.dim());
        Ok(settings::check_model(self.store(), fingerprint, dim)?)
    }

    /// Loads the index for the first time, and has the store say what has to be said of it.
    fn load_first(&self) -> Result<()> {
        if self.is_foreign()? && self.store().count()? == 0 {
            // With nothing to route, whatever comes is routed here.
            let mut changes = Changes::new();
            changes.clear_routing().set(ROUTED, "true");
            self.store().apply(&changes)?;
        }
        if self.is_unrouted()? {
            return self.route_first_time();
        }
        let mut slot = self.write_index();
        for _ in 0..ATTEMPTS {
            let before = self.store().revision()?;
            let loaded = self.load_index();
            if self.store().revision()? == before {
                // Asked when all is read: what was read before was of this model, too.
                self.check_model()?;
                *slot = loaded?;
                self.lock_observer().reloaded(slot.as_ref());
                self.space.seen.store(before, Ordering::Release);
                drop(slot);
                return self.settle();
            }
        }
        drop(slot);
        self.space.must_reload.store(true, Ordering::Release);
        self.turn().map(drop)
    }

    /// Returns whether there are items without a codebook that can be relied on.
    fn is_unrouted(&self) -> Result<bool> {
        let has_codebook = self.store().routing()?.is_some();
        Ok((self.is_foreign()? || !has_codebook) && self.store().count()? > 0)
    }

    /// Returns whether the items are those of the original, and nobody has routed them yet.
    fn is_foreign(&self) -> Result<bool> {
        Ok(self.name().is_empty()
            && self.store().setting(settings::IMPORTED_FROM)?.is_some()
            && self.store().setting(ROUTED)?.is_none())
    }

    /// Makes an index of what is stored: every item in the list it was in, those without one where they are routed to. Writes
    /// nothing.
    pub(crate) fn load_index(&self) -> Result<Option<Index>> {
        let Some(routing) = self.store().routing()? else {
            return Ok(None);
        };
        let items = self.stored_items()?;
        self.space.unpacked.store(0, Ordering::Relaxed);
        let usage: Vec<Usage> = routing.usage.iter().map(persist::restored_usage).collect();
        let mut index = match self.config().layout.of(items) {
            ListLayout::Codes(coding) => self.restore_codes(routing, coding)?,
            layout => self.restore(routing, layout)?,
        };
        index.restore_usage(&usage)?;
        Ok(Some(index))
    }

    /// Returns the number of items in the store.
    pub(crate) fn stored_items(&self) -> Result<usize> {
        Ok(usize::try_from(self.store().count()?).unwrap_or(usize::MAX))
    }

    fn restore(&self, routing: RoutingState, layout: ListLayout) -> Result<Index> {
        let stored = read_vectors(self.store(), self.family.embedder.dim())?;
        let codebook = Codebook::from_rows(routing.dim, routing.centroids)?;
        let vectors = Vectors::from_rows(codebook.dim(), stored.rows)?;
        let centroids = home_of_each(&codebook, stored.centroids, &vectors)?;
        let index = Index::from_assignments(codebook, &stored.ids, &centroids, &vectors)?;
        let items = index.len();
        self.laid_out(index, layout, items)
    }

    /// Has the store keep lists packed, or drop them, as the layout asks for.
    fn settle(&self) -> Result<()> {
        let mut is_packed = false;
        self.store().for_each_packed(&mut |_, _| {
            is_packed = true;
            ControlFlow::Break(())
        })?;
        let is_coded = {
            let slot = self.read_index();
            slot.as_ref().map(Index::has_vectors_elsewhere)
        };
        match is_coded {
            // Opening a file that cannot be written now does not fail for these.
            Some(true) if !is_packed => drop(self.pack_now()),
            // Another layout kept lists in the store, which nobody would keep up to date now.
            Some(false) if is_packed => drop(self.store().apply(Changes::new().drop_packed())),
            _ => {}
        }
        Ok(())
    }

    /// Trains a codebook for items that have none that can be relied on, unless another process has done so meanwhile.
    fn route_first_time(&self) -> Result<()> {
        let mut transaction = self.store().begin()?;
        self.check_model()?;
        if self.is_unrouted()? {
            let stored = read_vectors(self.store(), self.family.embedder.dim())?;
            let vectors = Vectors::from_rows(self.family.embedder.dim(), stored.rows)?;
            let mut index = self.train_index(&stored.ids, &vectors)?;
            self.counting().trainings.add(1);
            let mut changes = self.replace_routing(&index)?;
            changes.set(ROUTED, "true");
            let applied = transaction.apply(&changes)?;
            transaction.commit()?;
            self.packed(&mut index);
            let mut slot = self.write_index();
            *slot = Some(index);
            self.lock_observer().reloaded(slot.as_ref());
            self.space.seen.store(applied.revision, Ordering::Release);
            return Ok(());
        }
        let mut slot = self.write_index();
        self.reload(&mut slot)
    }
}

/// Makes sure that a store holds vectors of this model, and says so in one that is new.
fn sign(store: &dyn Store, embedder: &dyn Embedder) -> Result<()> {
    let (fingerprint, dim) = (embedder.fingerprint(), embedder.dim());
    settings::check_model(store, fingerprint, dim)?;
    if store.setting(settings::MODEL_FINGERPRINT)?.is_none() {
        let mut transaction = store.begin()?;
        // Another process may have been sooner, with another model.
        settings::check_model(store, fingerprint, dim)?;
        let mut changes = Changes::new();
        changes.set(settings::MODEL_FINGERPRINT, fingerprint);
        changes.set(settings::DIM, dim.to_string());
        transaction.apply(&changes)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Returns the list of each item: the one that is stored, or where none is the one it is routed to.
pub(crate) fn home_of_each(
    codebook: &Codebook,
    stored: Vec<Option<CentroidId>>,
    vectors: &Vectors,
) -> Result<Vec<CentroidId>> {
    let homes = stored.into_iter().zip(vectors.iter());
    homes
        .map(|(centroid, vector)| match centroid {
            Some(centroid) => Ok(centroid),
            None => Ok(codebook.encode(vector)?.centroid),
        })
        .collect()
}

/// Reads all vectors; `dim` only sizes the memory they go into.
fn read_vectors(store: &dyn Store, dim: usize) -> Result<StoredVectors> {
    let count = usize::try_from(store.count()?).unwrap_or(0);
    let mut stored = StoredVectors {
        ids: Vec::with_capacity(count),
        centroids: Vec::with_capacity(count),
        rows: Vec::with_capacity(count.saturating_mul(dim)),
    };
    store.for_each_vector(&mut |item, centroid, vector| {
        stored.ids.push(item);
        stored.centroids.push(centroid);
        stored.rows.extend_from_slice(vector);
        ControlFlow::Continue(())
    })?;
    Ok(stored)
}
