//! Adding, changing and deleting items.

use rm_core::{Codebook, Index, ItemId, Vectors, check_unit};
use rm_store::{Changes, Item, StoredItem};

use crate::vectors_in_store::laid_out;
use crate::{Error, MemoryItem, NewItem, Result, RoutingMemory, Update};

/// Items written in one transaction of a large batch.
const BATCH: usize = 4_096;

impl RoutingMemory {
    /// Remembers one text and returns its id; an item that has the id already is replaced.
    ///
    /// When this returns, the item is stored and found by the next search.
    ///
    /// # Errors
    /// For an empty text or id, and when the text cannot be embedded or stored; nothing has changed then.
    pub fn add(&self, item: impl Into<NewItem>) -> Result<String> {
        let item = item.into();
        check(&item)?;
        let vector = self.embedder.embed(&item.text)?;
        let mut ids = self.insert(vec![item], vector)?;
        Ok(ids.swap_remove(0))
    }

    /// Remembers many texts, embedded together, and returns their ids in order.
    ///
    /// All items are checked before the first is stored. Up to 4,096 items are one transaction; a larger
    /// batch is several, and an error in a later one leaves the earlier ones stored.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn add_batch<I>(&self, items: I) -> Result<Vec<String>>
    where
        I: IntoIterator,
        I::Item: Into<NewItem>,
    {
        let mut items: Vec<NewItem> = items.into_iter().map(Into::into).collect();
        items.iter().try_for_each(check)?;
        let mut ids = Vec::with_capacity(items.len());
        while !items.is_empty() {
            let rest = items.split_off(items.len().min(BATCH));
            let batch = std::mem::replace(&mut items, rest);
            let texts: Vec<&str> = batch.iter().map(|item| item.text.as_str()).collect();
            let vectors = self.embedder.embed_batch(&texts)?.into_vec();
            ids.extend(self.insert(batch, vectors)?);
        }
        Ok(ids)
    }

    /// Returns one item, `None` where no item has this id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn get(&self, id: &str) -> Result<Option<MemoryItem>> {
        Ok(self.lock_store().get(id)?.map(MemoryItem::from))
    }

    /// Changes text or metadata of one item; only another text is embedded.
    ///
    /// # Errors
    /// [`Error::UnknownItem`], and as [`add`](Self::add); the item stays as it was then.
    pub fn update(&self, id: &str, update: Update) -> Result<()> {
        let new_vector = match &update.text {
            Some(text) => {
                check_text(text)?;
                Some(self.embedder.embed(text)?)
            }
            None => None,
        };
        let mut slot = self.write_index();
        let stored = self.lock_store().get(id)?;
        let Some(StoredItem {
            key,
            centroid,
            mut item,
        }) = stored
        else {
            return Err(Error::UnknownItem { id: id.to_owned() });
        };
        item.updated_at_ms = self.config.clock.now_ms();
        item.text = update.text.unwrap_or(item.text);
        item.metadata = update.metadata.unwrap_or(item.metadata);
        let Some(vector) = new_vector else {
            self.lock_store()
                .apply(Changes::new().put(item, centroid))?;
            return Ok(());
        };
        item.vector = check_unit(self.embedder.dim(), &vector)?.into_owned();
        let vector = item.vector.clone();
        self.with_index(&mut slot, &vector, |index| {
            let centroid = index.codebook().encode(&vector)?.centroid;
            let mut changes = self.pending_routing(index)?;
            self.lock_store().apply(changes.put(item, Some(centroid)))?;
            self.lock_observer().routing_unsaved = false;
            self.note_changed(&[key]);
            place(index, key, &vector)
        })
    }

    /// Forgets one item and returns whether there was one.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn delete(&self, id: &str) -> Result<bool> {
        let mut index = self.write_index();
        let applied = self.lock_store().apply(Changes::new().delete(id))?;
        let Some(key) = applied.deleted.into_iter().flatten().next() else {
            return Ok(false);
        };
        self.note_changed(&[key]);
        if let Some(index) = index.as_mut() {
            index.remove(key)?;
            // The item is gone, whether or not lists can be packed now.
            let _ = self.pack_if_due(index);
        }
        Ok(true)
    }

    /// Returns the number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read_index().as_ref().map_or(0, Index::len)
    }

    /// Returns whether nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Stores checked items with their vectors, row-major, in one transaction, and puts them into the index.
    fn insert(&self, items: Vec<NewItem>, vectors: Vec<f32>) -> Result<Vec<String>> {
        let vectors = Vectors::from_rows(self.embedder.dim(), vectors)?;
        if vectors.len() != items.len() {
            return Err(Error::VectorCount {
                fingerprint: self.embedder.fingerprint().to_owned(),
                expected: items.len(),
                got: vectors.len(),
            });
        }
        let Some(first) = vectors.get(0) else {
            return Ok(Vec::new());
        };
        let mut slot = self.write_index();
        self.with_index(&mut slot, first, |index| {
            let ids = self.insert_into(index, items, &vectors)?;
            // The items are stored, so the call has succeeded. A training that could not be stored leaves the
            // old codebook in use, and the next add tries again.
            let _ = self.refit_if_outgrown(index);
            let _ = self.pack_if_due(index);
            Ok(ids)
        })
    }

    fn insert_into(
        &self,
        index: &mut Index,
        items: Vec<NewItem>,
        vectors: &Vectors,
    ) -> Result<Vec<String>> {
        let encodings = index.codebook().encode_batch(vectors)?;
        let mut changes = self.pending_routing(index)?;
        let mut ids = Vec::with_capacity(items.len());
        let now_ms = self.config.clock.now_ms();
        for ((item, vector), encoding) in items.into_iter().zip(vectors.iter()).zip(encodings) {
            let id = item.id.unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
            ids.push(id.clone());
            let item = Item {
                id,
                text: item.text,
                metadata: item.metadata,
                vector: vector.to_vec(),
                created_at_ms: now_ms,
                updated_at_ms: now_ms,
            };
            changes.put(item, Some(encoding.centroid));
        }
        let applied = self.lock_store().apply(&changes)?;
        self.lock_observer().routing_unsaved = false;
        let keys: Vec<ItemId> = applied.put.iter().map(|put| put.key).collect();
        self.note_changed(&keys);
        for (put, vector) in applied.put.iter().zip(vectors.iter()) {
            place(index, put.key, vector)?;
        }
        Ok(ids)
    }

    /// Runs a change on the index. Where there is none yet, `first` becomes the only centroid of one, which
    /// stays only if the change succeeds.
    fn with_index<T>(
        &self,
        slot: &mut Option<Index>,
        first: &[f32],
        change: impl FnOnce(&mut Index) -> Result<T>,
    ) -> Result<T> {
        if let Some(index) = slot {
            return change(index);
        }
        let codebook = Codebook::from_rows(first.len(), first.to_vec())?;
        let mut index = laid_out(Index::new(codebook), self.config.layout.of(1), &self.store)?;
        self.lock_observer().routing_unsaved = true;
        let changed = change(&mut index);
        if changed.is_ok() {
            *slot = Some(index);
        } else {
            self.lock_observer().routing_unsaved = false;
        }
        changed
    }

    /// Notes items that the store has taken, for whoever has to make good what changed.
    fn note_changed(&self, keys: &[ItemId]) {
        self.note_unpacked(keys.len());
        if let Some(journal) = self.lock_journal().as_mut() {
            journal.extend_from_slice(keys);
        }
    }

    /// Starts a set of changes, with the whole codebook in front where the store does not have it yet.
    pub(crate) fn pending_routing(&self, index: &Index) -> Result<Changes> {
        if self.lock_observer().routing_unsaved {
            return self.replace_routing(index);
        }
        Ok(Changes::new())
    }
}

fn place(index: &mut Index, key: ItemId, vector: &[f32]) -> Result<()> {
    if index.contains(key) {
        index.replace(key, vector)?;
    } else {
        index.add(key, vector)?;
    }
    Ok(())
}

fn check(item: &NewItem) -> Result<()> {
    if item.id.as_ref().is_some_and(String::is_empty) {
        return Err(Error::EmptyId);
    }
    check_text(&item.text)
}

fn check_text(text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::EmptyText {
            what: "a text to remember",
        });
    }
    Ok(())
}
