//! Vectors that were read once, where they are found sooner than in a database.
//!
//! SQLite takes some 4 us to find and check a row among a million, of which a page or two are copied. A file of slots of one size
//! needs no search: a vector of 384 components comes in less than 1 us, as long as the system has it in its cache.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rm_core::{ItemId, SourceError, VectorSource};

/// Slots that a word of bits stands for.
const WORD: usize = u64::BITS as usize;

/// Fewest slots.
const LEAST_SLOTS: usize = 1 << 14;

/// Slots for each item that there is when the cache is made: room for as many again.
const SLOTS_PER_ITEM: usize = 2;

/// Most slots, whose bits take 64 MB.
const MOST_SLOTS: usize = 1 << 29;

/// Keeps vectors in a file without a name, which is gone with the process.
///
/// The item with key `k` has the slot `k` modulo the number of slots; of two items that share one, the later stays. In RAM there
/// is a bit for each slot: whether it is filled. So nothing that an earlier process, or one that crashed, has left can be taken for a
/// vector.
///
/// Threads share a cache. A vector that is put is one that was read before, so somebody may have changed the item meanwhile: who
/// puts says at which [`epoch`](Self::epoch) it was read, and each [`forget`](Self::forget) begins another one.
#[derive(Debug)]
pub struct VectorCache {
    file: File,
    dim: usize,
    n_slots: usize,
    /// Whether each slot is filled.
    filled: Vec<AtomicU64>,
    epoch: AtomicU64,
    /// Is held by whoever writes.
    writing: Mutex<()>,
    /// Whether writing has failed, as on a full disk: nothing is put any more.
    is_full: AtomicBool,
}

impl VectorCache {
    /// Makes an empty cache for vectors of `dim` components of some `items` items, in a file in `folder`, which takes up what is put
    /// and no more.
    ///
    /// # Errors
    /// When no file can be made there, and for vectors without components.
    pub fn new_in(folder: &Path, dim: usize, items: usize) -> io::Result<Self> {
        if dim == 0 {
            let message = "expected vectors of at least one component, got a dimension of 0";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let n_slots = items.saturating_mul(SLOTS_PER_ITEM);
        let n_slots = n_slots.clamp(LEAST_SLOTS, MOST_SLOTS);
        let n_slots = n_slots.next_multiple_of(WORD);
        Ok(Self {
            file: tempfile::tempfile_in(folder)?,
            dim,
            n_slots,
            filled: std::iter::repeat_with(AtomicU64::default)
                .take(n_slots / WORD)
                .collect(),
            epoch: AtomicU64::new(0),
            writing: Mutex::new(()),
            is_full: AtomicBool::new(false),
        })
    }

    /// Counts the bytes that are held in RAM.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.filled.len() * size_of::<AtomicU64>()
    }

    /// Returns a number that changes whenever an item is forgotten or makes way for another one.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    /// Appends the vectors of `items` to `rows`, in their order, and returns the positions of those that are not there, for
    /// which zeros are appended.
    pub fn read(&self, items: &[ItemId], rows: &mut Vec<f32>) -> Vec<usize> {
        let before = self.epoch();
        let first = rows.len();
        rows.resize(first + items.len() * self.dim, 0.0);
        let mut bytes = vec![0; self.slot_bytes()];
        let places = rows[first..].chunks_exact_mut(self.dim).zip(items);
        let missing = places
            .enumerate()
            .filter_map(|(at, (row, item))| (!self.read_one(*item, &mut bytes, row)).then_some(at));
        let missing = missing.collect();
        if self.epoch() == before {
            return missing;
        }
        // One of them may have been overwritten while it was read.
        (0..items.len()).collect()
    }

    fn read_one(&self, item: ItemId, bytes: &mut [u8], row: &mut [f32]) -> bool {
        let slot = self.slot(item);
        if !self.is_filled(slot) || read_exact_at(&self.file, bytes, self.start(slot)).is_err() {
            return false;
        }
        let (vector, key) = bytes.split_at(size_of_val(row));
        bytemuck::cast_slice_mut::<f32, u8>(row).copy_from_slice(vector);
        key == item.0.to_ne_bytes()
    }

    /// Keeps the vector of an item, which was read in the epoch `read_in`; where that is over, nothing is kept.
    pub fn put(&self, item: ItemId, row: &[f32], read_in: u64) {
        if row.len() != self.dim || self.is_full.load(Ordering::Relaxed) {
            return;
        }
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.epoch() != read_in {
            return;
        }
        let slot = self.slot(item);
        if self.holds(item, slot) {
            // Somebody else who missed it was sooner.
            return;
        }
        let (word, bit) = (&self.filled[slot / WORD], 1 << (slot % WORD));
        if word.fetch_and(!bit, Ordering::SeqCst) & bit != 0 {
            // Somebody may be reading what is about to be overwritten.
            self.epoch.fetch_add(1, Ordering::SeqCst);
        }
        let mut bytes = bytemuck::cast_slice::<f32, u8>(row).to_vec();
        bytes.extend_from_slice(&item.0.to_ne_bytes());
        match write_all_at(&self.file, &bytes, self.start(slot)) {
            Ok(()) => drop(word.fetch_or(bit, Ordering::SeqCst)),
            Err(_) => self.is_full.store(true, Ordering::Relaxed),
        }
    }

    /// Forgets the vector of an item, which is another one from now on, or none.
    pub fn forget(&self, item: ItemId) {
        let slot = self.slot(item);
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.filled[slot / WORD].fetch_and(!(1 << (slot % WORD)), Ordering::SeqCst);
    }

    /// Returns whether a slot is filled, and with the vector of this item.
    fn holds(&self, item: ItemId, slot: usize) -> bool {
        let mut key = [0; size_of::<u64>()];
        let place = self.start(slot) + (self.slot_bytes() - key.len()) as u64;
        self.is_filled(slot)
            && read_exact_at(&self.file, &mut key, place).is_ok()
            && key == item.0.to_ne_bytes()
    }

    fn is_filled(&self, slot: usize) -> bool {
        self.filled[slot / WORD].load(Ordering::SeqCst) & 1 << (slot % WORD) != 0
    }

    fn slot(&self, item: ItemId) -> usize {
        (item.0 % self.n_slots as u64) as usize
    }

    /// Returns where in the file a slot begins.
    fn start(&self, slot: usize) -> u64 {
        slot as u64 * self.slot_bytes() as u64
    }

    /// A slot holds a vector and the key that it belongs to.
    fn slot_bytes(&self) -> usize {
        self.dim * size_of::<f32>() + size_of::<u64>()
    }
}

/// Fills `buffer` from `offset` on, without moving a position that threads would share.
#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

/// Fills `buffer` from `offset` on.
#[cfg(windows)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    match std::os::windows::fs::FileExt::seek_read(file, buffer, offset)? {
        // Slots are small, so that a part of one is as good as none.
        n_bytes if n_bytes == buffer.len() => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(windows)]
fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    match std::os::windows::fs::FileExt::seek_write(file, bytes, offset)? {
        n_bytes if n_bytes == bytes.len() => Ok(()),
        _ => Err(io::ErrorKind::WriteZero.into()),
    }
}

/// Reads vectors from `source`, and keeps what it has read in a cache.
#[derive(Debug)]
pub struct CachedVectors<S> {
    source: S,
    cache: VectorCache,
}

impl<S: VectorSource> CachedVectors<S> {
    /// Puts a cache before a source.
    pub fn new(source: S, cache: VectorCache) -> Self {
        Self { source, cache }
    }
}

impl<S: VectorSource> VectorSource for CachedVectors<S> {
    fn read(&self, items: &[ItemId], rows: &mut Vec<f32>) -> Result<(), SourceError> {
        let (read_in, first) = (self.cache.epoch(), rows.len());
        let missing = self.cache.read(items, rows);
        if missing.is_empty() {
            return Ok(());
        }
        let keys: Vec<ItemId> = missing.iter().map(|at| items[*at]).collect();
        let mut read = Vec::with_capacity(keys.len() * self.cache.dim);
        let outcome = self.source.read(&keys, &mut read);
        if outcome.is_err() || read.len() != keys.len() * self.cache.dim {
            // Whoever asked is told what the source says, be it too much or too little.
            rows.truncate(first);
            rows.append(&mut read);
            return outcome;
        }
        let places = missing.iter().zip(&keys);
        for ((at, key), vector) in places.zip(read.chunks_exact(self.cache.dim)) {
            let start = first + at * self.cache.dim;
            rows[start..start + self.cache.dim].copy_from_slice(vector);
            self.cache.put(*key, vector, read_in);
        }
        Ok(())
    }

    fn forget(&self, item: ItemId) {
        self.cache.forget(item);
        self.source.forget(item);
    }

    fn held_bytes(&self) -> usize {
        self.cache.bytes() + self.source.held_bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::atomic::AtomicUsize;

    use super::*;

    const DIM: usize = 3;

    fn cache() -> io::Result<VectorCache> {
        VectorCache::new_in(&std::env::temp_dir(), DIM, 10)
    }

    fn read(cache: &VectorCache, key: u64) -> Option<Vec<f32>> {
        let mut row = Vec::new();
        let missing = cache.read(&[ItemId(key)], &mut row);
        missing.is_empty().then_some(row)
    }

    #[test]
    fn what_was_put_is_read_until_it_is_forgotten() -> io::Result<()> {
        let cache = cache()?;
        assert_eq!(read(&cache, 7), None);
        cache.put(ItemId(7), &[1.0, 2.0, 3.0], cache.epoch());
        assert_eq!(read(&cache, 7), Some(vec![1.0, 2.0, 3.0]));
        cache.forget(ItemId(7));
        assert_eq!(read(&cache, 7), None);
        Ok(())
    }

    #[test]
    fn items_of_one_slot_are_told_apart() -> io::Result<()> {
        let cache = cache()?;
        let other = 7 + cache.n_slots as u64;
        cache.put(ItemId(7), &[1.0, 2.0, 3.0], cache.epoch());
        assert_eq!(read(&cache, other), None);
        cache.put(ItemId(other), &[4.0, 5.0, 6.0], cache.epoch());
        assert_eq!(read(&cache, other), Some(vec![4.0, 5.0, 6.0]));
        assert_eq!(read(&cache, 7), None);
        Ok(())
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept() -> io::Result<()> {
        let cache = cache()?;
        let read_in = cache.epoch();
        cache.forget(ItemId(7));
        cache.put(ItemId(7), &[1.0, 2.0, 3.0], read_in);
        assert_eq!(read(&cache, 7), None);
        Ok(())
    }

    #[test]
    fn what_is_there_is_not_put_again() -> io::Result<()> {
        let cache = cache()?;
        let read_in = cache.epoch();
        for _ in 0..2 {
            cache.put(ItemId(7), &[1.0, 2.0, 3.0], read_in);
        }
        assert_eq!(cache.epoch(), read_in);
        assert_eq!(read(&cache, 7), Some(vec![1.0, 2.0, 3.0]));
        Ok(())
    }

    #[test]
    fn any_numbers_make_a_cache_or_an_error() -> io::Result<()> {
        let folder = std::env::temp_dir();
        assert!(VectorCache::new_in(&folder, 0, 10).is_err());
        let huge = VectorCache::new_in(&folder, DIM, usize::MAX)?;
        let last = ItemId(u64::MAX);
        huge.put(last, &[1.0, 2.0, 3.0], huge.epoch());
        assert_eq!(read(&huge, u64::MAX), Some(vec![1.0, 2.0, 3.0]));
        Ok(())
    }

    #[test]
    fn a_full_disk_is_no_error() -> io::Result<()> {
        let mut cache = cache()?;
        // A file that cannot be written, as one on a full disk.
        let unwritable = tempfile::NamedTempFile::new()?;
        cache.file = File::open(unwritable.path())?;
        cache.put(ItemId(7), &[1.0, 2.0, 3.0], cache.epoch());
        assert_eq!(read(&cache, 7), None);
        assert!(cache.is_full.load(Ordering::Relaxed));
        Ok(())
    }

    /// Counts what it is asked for.
    #[derive(Default)]
    struct Counted {
        vectors: Mutex<HashMap<ItemId, Vec<f32>>>,
        reads: AtomicUsize,
    }

    impl VectorSource for Counted {
        fn read(&self, items: &[ItemId], rows: &mut Vec<f32>) -> Result<(), SourceError> {
            self.reads.fetch_add(items.len(), Ordering::SeqCst);
            let vectors = self.vectors.lock().expect("nobody panics with it");
            for item in items {
                let vector = vectors.get(item).ok_or_else(|| SourceError::new("gone"))?;
                rows.extend_from_slice(vector);
            }
            Ok(())
        }
    }

    #[test]
    fn the_source_is_asked_once_for_each_vector() -> Result<(), Box<dyn std::error::Error>> {
        let source = Counted::default();
        let vectors = (1..=4u8).map(|at| (ItemId(at.into()), vec![f32::from(at); DIM]));
        *source.vectors.lock().expect("nobody panics with it") = vectors.collect();
        let cached = CachedVectors::new(source, cache()?);
        let mut rows = vec![0.5];
        cached.read(&[ItemId(1), ItemId(3)], &mut rows)?;
        cached.read(&[ItemId(4), ItemId(3), ItemId(1)], &mut rows)?;
        let expected = [1.0, 3.0, 4.0, 3.0, 1.0].map(|x| [x; DIM]).concat();
        assert_eq!(rows[1..], expected);
        assert_eq!(rows[0], 0.5);
        assert_eq!(cached.source.reads.load(Ordering::SeqCst), 3);
        // Another vector is read anew; what cannot be read is an error, and adds nothing.
        let changed = (ItemId(3), vec![9.0; DIM]);
        cached
            .source
            .vectors
            .lock()
            .expect("nobody panics with it")
            .extend([changed]);
        cached.forget(ItemId(3));
        rows.clear();
        cached.read(&[ItemId(3)], &mut rows)?;
        assert_eq!(rows, [9.0; DIM]);
        assert!(cached.read(&[ItemId(1), ItemId(5)], &mut rows).is_err());
        assert_eq!(rows.len(), DIM);
        Ok(())
    }

    #[test]
    fn threads_that_change_and_read_see_no_vector_that_never_was() -> io::Result<()> {
        // Two items of one slot, each of equal components: a torn or misplaced read would show.
        let cache = cache()?;
        let keys = [5, 5 + cache.n_slots as u64].map(ItemId);
        std::thread::scope(|scope| {
            for key in keys {
                scope.spawn({
                    let cache = &cache;
                    move || {
                        for _ in 0..20_000 {
                            cache.put(key, &[key.0 as f32; DIM], cache.epoch());
                            cache.forget(key);
                        }
                    }
                });
            }
            for _ in 0..20_000 {
                for key in keys {
                    if let Some(row) = read(&cache, key.0) {
                        assert_eq!(row, [key.0 as f32; DIM]);
                    }
                }
            }
        });
        Ok(())
    }
}
