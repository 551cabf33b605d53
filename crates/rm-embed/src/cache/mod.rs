//! Vectors kept on disk, so that no text is embedded twice.
//!
//! One folder a model. In it, numbered segments: `NNNN.keys` (a header, then 24 bytes a record: the
//! text's hash, the vector's checksum, the record's own checksum) and `NNNN.f16` (the vectors, nothing
//! else). Both only grow, the vector before its key, so a record whose key is whole was written
//! whole; what a kill leaves behind the last whole record is cut off at the next open. A segment has
//! one writer at a time, held by a lock on `NNNN.lock`; a second process writes to a segment of its own.

mod cached_embedder;
mod embedding_cache;
mod half_precision;
mod key;
mod record;
mod segment;
mod vector_file;

pub use cached_embedder::CachedEmbedder;
pub use embedding_cache::EmbeddingCache;
