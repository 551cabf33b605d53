//! What the checksum of a row of each table covers.

use super::rows::Keeping;
use crate::checksum::RowChecksum;
use crate::routing::RoutingHeader;

pub(super) fn text_checksum(
    key: i64,
    id: &str,
    text: &str,
    metadata: &str,
    [created_at_ms, updated_at_ms]: [i64; 2],
    keeping: Keeping,
) -> i64 {
    let sum = RowChecksum::default()
        .number(key)
        .bytes(id.as_bytes())
        .bytes(text.as_bytes())
        .bytes(metadata.as_bytes())
        .number(created_at_ms)
        .number(updated_at_ms);
    if keeping.is_default() {
        return sum.finish();
    }
    let (has_end, end) = match keeping.expires_at_ms {
        Some(at) => (1, at),
        None => (0, 0),
    };
    sum.number(has_end)
        .number(end)
        .number(keeping.importance.to_bits().into())
        .number(keeping.pinned.into())
        .finish()
}

pub(super) fn vector_checksum(key: i64, bytes: &[u8]) -> i64 {
    RowChecksum::default().number(key).bytes(bytes).finish()
}

pub(super) fn assignment_checksum(key: i64, centroid: i64) -> i64 {
    RowChecksum::default().number(key).number(centroid).finish()
}

/// The namespace and where lists are packed are part of the sum only where there is something to say of them: the default
/// namespace had neither once.
pub(super) fn routing_checksum(namespace: i64, dim: i64, header: &RoutingHeader) -> i64 {
    let sum = RowChecksum::default()
        .number(dim)
        .number(header.k.into())
        .number(header.trained_on.cast_signed())
        .number(header.seed.cast_signed())
        .bytes(header.k_rule.as_bytes());
    match (namespace, header.packed_at) {
        (0, None) => sum,
        (_, None) => sum.number(namespace),
        (_, Some(at)) => sum.number(namespace).number(at.cast_signed()),
    }
    .finish()
}

pub(super) fn centroid_checksum(position: i64, last_used_ms: i64, hits: i64, bytes: &[u8]) -> i64 {
    RowChecksum::default()
        .number(position)
        .number(last_used_ms)
        .number(hits)
        .bytes(bytes)
        .finish()
}

pub(super) fn packed_checksum(position: i64, bytes: &[u8]) -> i64 {
    RowChecksum::default()
        .number(position)
        .bytes(bytes)
        .finish()
}

pub(super) fn log_checksum(revision: i64, record: i64) -> i64 {
    RowChecksum::default()
        .number(revision)
        .number(record)
        .finish()
}

pub(super) fn namespace_checksum(number: i64, name: &str, last_key: i64, revision: i64) -> i64 {
    RowChecksum::default()
        .number(number)
        .bytes(name.as_bytes())
        .number(last_key)
        .number(revision)
        .finish()
}

pub(super) fn setting_checksum(key: &str, value: &str) -> i64 {
    RowChecksum::default()
        .bytes(key.as_bytes())
        .bytes(value.as_bytes())
        .finish()
}
