//! Adding, changing and deleting items.

use std::collections::HashSet;

use rm_core::{CentroidId, Codebook, Index, ItemId, Vectors, check_unit};
use rm_embed::Progress;
use rm_store::{Applied, Changes, StoredItem};

use crate::turn::Turn;
use crate::vectors_in_store::AT_ONCE;
use crate::{Error, MemoryItem, NewItem, Result, RoutingMemory, Update};

impl RoutingMemory {
    /// Remembers one text and returns its id; an item that has the id already is replaced.
    ///
    /// When this returns, the item is stored and found by the next search.
    ///
    /// # Errors
    /// For an empty text or id, and when the text cannot be embedded or stored; nothing has changed then.
    pub fn add(&self, item: impl Into<NewItem>) -> Result<String> {
        let mut ids = self.add_batch([item])?;
        Ok(ids.swap_remove(0))
    }

    /// Remembers many texts, embedded together and stored in one transaction, and returns their ids in order.
    ///
    /// All items are checked before the first is embedded, and nothing is stored unless all are. Holds all vectors in RAM until then:
    /// dim x 4 bytes an item.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn add_batch<I>(&self, items: I) -> Result<Vec<String>>
    where
        I: IntoIterator,
        I::Item: Into<NewItem>,
    {
        self.add_batch_with_progress(items, &mut |_| {})
    }

    /// Does as [`add_batch`](Self::add_batch), and tells how far the embedding has come, which takes most of the time.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn add_batch_with_progress<I>(
        &self,
        items: I,
        report: &mut dyn FnMut(Progress),
    ) -> Result<Vec<String>>
    where
        I: IntoIterator,
        I::Item: Into<NewItem>,
    {
        let items: Vec<NewItem> = items.into_iter().map(Into::into).collect();
        items.iter().try_for_each(check)?;
        let vectors = self.vectors_of(&items, report)?;
        self.insert(items, vectors)
    }

    /// Returns the vectors of checked items, row-major: those that they came with, and those of the texts that came without.
    pub(crate) fn vectors_of(
        &self,
        items: &[NewItem],
        report: &mut dyn FnMut(Progress),
    ) -> Result<Vec<f32>> {
        let embedder = self.embedder();
        let without = items.iter().filter(|item| item.vector.is_none());
        let texts: Vec<&str> = without.map(|item| item.text.as_str()).collect();
        let embedded = match texts.as_slice() {
            [] => Vec::new(),
            [text] if items.len() == 1 => embedder.embed(text)?,
            texts => {
                let embedded = embedder.embed_batch_with_progress(texts, report)?;
                if embedded.len() != texts.len() {
                    return Err(Error::VectorCount {
                        fingerprint: embedder.fingerprint().to_owned(),
                        expected: texts.len(),
                        got: embedded.len(),
                    });
                }
                embedded.into_vec()
            }
        };
        if texts.len() == items.len() {
            return Ok(embedded);
        }
        let mut embedded = embedded.chunks_exact(embedder.dim());
        let mut rows = Vec::with_capacity(items.len() * embedder.dim());
        for item in items {
            match &item.vector {
                Some(vector) => rows.extend_from_slice(&check_unit(embedder.dim(), vector)?),
                None => rows.extend_from_slice(embedded.next().unwrap_or_default()),
            }
        }
        Ok(rows)
    }

    /// Returns one item, `None` where no item has this id, or its time is past.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn get(&self, id: &str) -> Result<Option<MemoryItem>> {
        let now_ms = self.config().clock.now_ms();
        let stored = self.store().get(id)?;
        let living = stored.filter(|stored| !stored.item.is_expired(now_ms));
        Ok(living.map(MemoryItem::from))
    }

    /// Changes an item; only another text is embedded.
    ///
    /// # Errors
    /// [`Error::UnknownItem`], and as [`add`](Self::add); the item stays as it was then.
    pub fn update(&self, id: &str, update: Update) -> Result<()> {
        let new_vector = match &update.text {
            Some(text) => {
                check_text(text)?;
                let vector = self.embedder().embed(text)?;
                Some(check_unit(self.embedder().dim(), &vector)?.into_owned())
            }
            None => None,
        };
        let turn = self.turn()?;
        let Some(stored) = self.store().get(id)? else {
            return Err(Error::UnknownItem { id: id.to_owned() });
        };
        let StoredItem {
            key,
            centroid,
            mut item,
        } = stored;
        item.updated_at_ms = self.config().clock.now_ms();
        update.apply_to(&mut item);
        let Some(vector) = new_vector else {
            let written = turn.write(Changes::new().put(item, centroid))?;
            self.note_unpacked(1);
            self.counting().updated.add(1);
            written.follow(|_| Ok(()));
            return Ok(());
        };
        item.vector = vector.clone();
        let centroid = match self.read_index().as_ref() {
            Some(index) => Some(index.codebook().encode(&vector)?.centroid),
            None => centroid,
        };
        let written = turn.write(Changes::new().put(item, centroid))?;
        self.note_unpacked(1);
        self.counting().updated.add(1);
        written.follow(|slot| match slot {
            Some(index) => place(index, key, &vector),
            None => Ok(()),
        });
        let _ = self.pack_if_due();
        Ok(())
    }

    /// Forgets one item and returns whether there was one. Its text and vector are overwritten in the file.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn delete(&self, id: &str) -> Result<bool> {
        Ok(self.delete_all([id])? == 1)
    }

    /// Forgets the items with these ids in one transaction, and returns how many there were.
    ///
    /// # Errors
    /// When the store cannot be written; nothing is forgotten then.
    pub fn delete_all<I>(&self, ids: I) -> Result<usize>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let mut changes = Changes::new();
        for id in ids {
            changes.delete(id);
        }
        self.delete_in(&changes)
    }

    /// Carries out deletions in one transaction, and returns how many items there were.
    pub(crate) fn delete_in(&self, changes: &Changes) -> Result<usize> {
        if changes.is_empty() {
            return Ok(0);
        }
        let turn = self.turn()?;
        self.delete_in_turn(turn, changes)
    }

    /// Does as [`delete_in`](Self::delete_in) in a turn that has begun.
    pub(crate) fn delete_in_turn(&self, turn: Turn<'_>, changes: &Changes) -> Result<usize> {
        let written = turn.write(changes)?;
        let deleted: Vec<ItemId> = written.applied.deleted.iter().copied().flatten().collect();
        self.note_unpacked(deleted.len());
        self.counting().deleted.add(deleted.len());
        written.follow(|slot| {
            let Some(index) = slot else {
                return Ok(());
            };
            for key in &deleted {
                if index.contains(*key) {
                    index.remove(*key)?;
                }
            }
            Ok(())
        });
        // The items are gone, whether or not lists can be packed now.
        let _ = self.pack_if_due();
        Ok(deleted.len())
    }

    /// Forgets everything in this namespace, its codebook included, and returns how many items there were.
    ///
    /// # Errors
    /// When the store cannot be written; nothing is forgotten then.
    pub fn clear(&self) -> Result<usize> {
        let turn = self.turn()?;
        let items = usize::try_from(self.store().count()?).unwrap_or(usize::MAX);
        self.counting().deleted.add(items);
        turn.write(Changes::new().clear())?.follow(|slot| {
            *slot = None;
            self.lock_observer().reloaded(None);
            Ok(())
        });
        Ok(items)
    }

    /// Returns the number of items, as the last search or change has seen them.
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
    pub(crate) fn insert(&self, items: Vec<NewItem>, vectors: Vec<f32>) -> Result<Vec<String>> {
        let vectors = Vectors::from_rows(self.embedder().dim(), vectors)?;
        self.check_count(&vectors, items.len())?;
        if items.is_empty() {
            return Ok(Vec::new());
        }
        self.insert_in(self.turn()?, items, &vectors, None)
    }

    /// Refuses vectors that are not as many as there are items.
    pub(crate) fn check_count(&self, vectors: &Vectors, items: usize) -> Result<()> {
        if vectors.len() == items {
            return Ok(());
        }
        Err(Error::VectorCount {
            fingerprint: self.embedder().fingerprint().to_owned(),
            expected: items,
            got: vectors.len(),
        })
    }

    /// Does as [`insert`](Self::insert) in a turn that has begun, and deletes an item in the same transaction.
    pub(crate) fn insert_in(
        &self,
        mut turn: Turn<'_>,
        items: Vec<NewItem>,
        vectors: &Vectors,
        gone: Option<String>,
    ) -> Result<Vec<String>> {
        let Some(first) = vectors.get(0) else {
            return Ok(Vec::new());
        };
        let (is_first, centroids) = self.route(vectors)?;
        if is_first {
            // The first vector becomes the only centroid.
            let index = self.index_of_one(first)?;
            turn.apply(&self.replace_routing(&index)?)?;
        }
        let mut ids = Vec::with_capacity(items.len());
        let mut keys = Vec::with_capacity(items.len());
        let now_ms = self.config().clock.now_ms();
        let mut rows = vectors.iter().zip(&centroids);
        let mut last = Applied::default();
        let mut deleted = None;
        if let Some(gone) = gone {
            last = turn.apply(Changes::new().delete(gone))?;
            deleted = last.deleted.first().copied().flatten();
        }
        let mut items = items.into_iter().peekable();
        while items.peek().is_some() {
            let mut changes = Changes::new();
            for (item, (vector, centroid)) in items.by_ref().take(AT_ONCE).zip(&mut rows) {
                let is_restored = item.is_restored;
                let item = item.into_stored(vector, now_ms);
                ids.push(item.id.clone());
                match is_restored {
                    true => changes.restore(item, Some(*centroid)),
                    false => changes.put(item, Some(*centroid)),
                };
            }
            last = turn.apply(&changes)?;
            keys.extend(last.put.iter().map(|put| put.key));
        }
        let written = turn.commit(last)?;
        self.note_unpacked(keys.len());
        self.counting().added.add(keys.len());
        written.follow(|slot| {
            let index = match slot {
                Some(index) => index,
                None => slot.insert(self.index_of_one(first)?),
            };
            if is_first {
                self.lock_observer().reloaded(Some(index));
            }
            if let Some(deleted) = deleted.filter(|key| index.contains(*key)) {
                index.remove(deleted)?;
            }
            place_all(index, &keys, &centroids, vectors)
        });
        // The items are stored, so the call has succeeded. A training that could not be stored leaves the
        // old codebook in use, and the next add tries again.
        let _ = self.refit_if_outgrown();
        let _ = self.pack_if_due();
        Ok(ids)
    }

    /// Returns the list of each vector, and whether there is no codebook yet, so that all are in the first.
    fn route(&self, vectors: &Vectors) -> Result<(bool, Vec<CentroidId>)> {
        let slot = self.read_index();
        let Some(index) = slot.as_ref() else {
            return Ok((true, vec![CentroidId(0); vectors.len()]));
        };
        let encodings = index.codebook().encode_batch(vectors)?;
        Ok((
            false,
            encodings.iter().map(|encoding| encoding.centroid).collect(),
        ))
    }

    /// Makes an index whose only centroid is a vector.
    fn index_of_one(&self, vector: &[f32]) -> Result<Index> {
        let codebook = Codebook::from_rows(vector.len(), vector.to_vec())?;
        let layout = self.config().layout.of(1);
        self.laid_out(Index::new(codebook), layout, 1)
    }
}

/// Puts items into their lists; of those that come twice the last stays.
fn place_all(
    index: &mut Index,
    keys: &[ItemId],
    centroids: &[CentroidId],
    vectors: &Vectors,
) -> Result<()> {
    for key in keys {
        if index.contains(*key) {
            index.remove(*key)?;
        }
    }
    let distinct: HashSet<&ItemId> = keys.iter().collect();
    if distinct.len() == keys.len() {
        return Ok(index.extend_assigned(keys, centroids, vectors)?);
    }
    for (key, vector) in keys.iter().zip(vectors.iter()) {
        place(index, *key, vector)?;
    }
    Ok(())
}

fn place(index: &mut Index, key: ItemId, vector: &[f32]) -> Result<()> {
    if index.contains(key) {
        index.replace(key, vector)?;
    } else {
        index.add(key, vector)?;
    }
    Ok(())
}

pub(crate) fn check(item: &NewItem) -> Result<()> {
    if item.id.as_ref().is_some_and(String::is_empty) {
        return Err(Error::EmptyId);
    }
    check_text(&item.text)
}

pub(crate) fn check_text(text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::EmptyText {
            what: "a text to remember",
        });
    }
    Ok(())
}
