//! Opening: what is stored becomes an index, without training.

use std::ops::ControlFlow;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, RwLock};

use rm_core::{CentroidId, Codebook, DriftMonitor, Index, ItemId, Usage, Vectors};
use rm_embed::Embedder;
use rm_store::{Changes, RoutingState, Store, settings};

use crate::config::Config;
use crate::file_lock::FileLock;
use crate::layout::ListLayout;
use crate::observer::Observer;
use crate::vectors_in_store::laid_out;
use crate::{Result, RoutingMemory, drift_state, persist};

/// Setting with the number of queries answered.
pub(crate) const QUERIES: &str = "queries";

/// Setting that says that imported items have been routed by this crate.
const ROUTED: &str = "import_routed";

/// Is what the store holds of vectors and their lists, in insertion order.
#[derive(Default)]
struct StoredVectors {
    ids: Vec<ItemId>,
    centroids: Vec<Option<CentroidId>>,
    rows: Vec<f32>,
}

impl RoutingMemory {
    /// Checks the options, makes sure that the store belongs to the embedder, and loads it.
    pub(crate) fn load(
        config: Config,
        embedder: Arc<dyn Embedder>,
        mut store: Box<dyn Store>,
        file_lock: Option<FileLock>,
    ) -> Result<Self> {
        config.check()?;
        settings::check_model(store.as_ref(), embedder.fingerprint(), embedder.dim())?;
        let drift = match drift_state::read(store.as_ref())? {
            Some(state) => DriftMonitor::resume(config.drift.clone(), state)?,
            None => DriftMonitor::new(config.drift.clone())?,
        };
        let queries = store
            .setting(QUERIES)?
            .and_then(|count| count.parse().ok())
            .unwrap_or(0);
        if store.setting(settings::MODEL_FINGERPRINT)?.is_none() {
            let mut changes = Changes::new();
            changes.set(settings::MODEL_FINGERPRINT, embedder.fingerprint());
            changes.set(settings::DIM, embedder.dim().to_string());
            store.apply(&changes)?;
        }
        let routing = store.routing()?;
        let items = usize::try_from(store.count()?).unwrap_or(usize::MAX);
        let is_foreign =
            store.setting(settings::IMPORTED_FROM)?.is_some() && store.setting(ROUTED)?.is_none();
        if is_foreign && items == 0 {
            // With nothing to route, whatever comes is routed here.
            store.apply(Changes::new().clear_routing().set(ROUTED, "true"))?;
        }
        let memory = Self {
            config,
            embedder,
            index: RwLock::new(None),
            store: Arc::new(Mutex::new(store)),
            observer: Mutex::new(Observer::new(drift, queries)),
            unpacked: AtomicUsize::new(0),
            journal: Mutex::new(None),
            _file_lock: file_lock,
        };
        match (routing, memory.config.layout.of(items)) {
            (Some(routing), ListLayout::Codes(coding)) if !is_foreign => {
                memory.restore_codes(routing, coding)?;
            }
            (Some(routing), layout) if !is_foreign => memory.restore(routing, layout)?,
            _ if items > 0 => memory.route_first_time()?,
            _ => {}
        }
        Ok(memory)
    }

    /// Puts every item back into the list it was in; items without one are routed.
    fn restore(&self, routing: RoutingState, layout: ListLayout) -> Result<()> {
        let stored = read_vectors(self.lock_store().as_ref(), self.embedder.dim())?;
        let codebook = Codebook::from_rows(routing.dim, routing.centroids)?;
        let vectors = Vectors::from_rows(codebook.dim(), stored.rows)?;
        let mut routed = Changes::new();
        let centroids = home_of_each(
            &codebook,
            &stored.ids,
            stored.centroids,
            &vectors,
            &mut routed,
        )?;
        let index = Index::from_assignments(codebook, &stored.ids, &centroids, &vectors)?;
        let mut index = laid_out(index, layout, &self.store)?;
        let mut is_packed = false;
        self.lock_store().for_each_packed(&mut |_, _| {
            is_packed = true;
            ControlFlow::Break(())
        })?;
        if is_packed {
            // Another layout kept lists in the store, which nobody would keep up to date now.
            routed.drop_packed();
        }
        let usage: Vec<Usage> = routing.usage.iter().map(persist::restored_usage).collect();
        index.restore_usage(&usage)?;
        if !routed.is_empty() {
            self.lock_store().apply(&routed)?;
        }
        *self.write_index() = Some(index);
        Ok(())
    }

    /// Trains a codebook for items that have none that can be relied on.
    fn route_first_time(&self) -> Result<()> {
        let stored = read_vectors(self.lock_store().as_ref(), self.embedder.dim())?;
        let vectors = Vectors::from_rows(self.embedder.dim(), stored.rows)?;
        let mut index = self.train_index(&stored.ids, &vectors)?;
        let mut changes = self.replace_routing(&index)?;
        changes.set(ROUTED, "true");
        self.lock_store().apply(&changes)?;
        self.packed(&mut index);
        *self.write_index() = Some(index);
        Ok(())
    }
}

/// Returns the list of each item: the one that is stored, or where none is the one it is routed to, which `routed` then tells
/// the store.
pub(crate) fn home_of_each(
    codebook: &Codebook,
    ids: &[ItemId],
    stored: Vec<Option<CentroidId>>,
    vectors: &Vectors,
    routed: &mut Changes,
) -> Result<Vec<CentroidId>> {
    let mut centroids = Vec::with_capacity(ids.len());
    for ((item, centroid), vector) in ids.iter().zip(stored).zip(vectors.iter()) {
        centroids.push(match centroid {
            Some(centroid) => centroid,
            None => {
                let centroid = codebook.encode(vector)?.centroid;
                routed.assign(*item, centroid);
                centroid
            }
        });
    }
    Ok(centroids)
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
