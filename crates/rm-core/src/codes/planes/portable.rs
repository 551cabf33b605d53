//! Eight components at a time in a number of 64 bits: what every other variant is held to.

/// Does as [`product`](super::product) on any machine.
pub(super) fn product(query: &[i16], top: &[u8], low: &[u8]) -> i32 {
    (0..top.len())
        .map(|at| product_at(query, top, low, at))
        .sum()
}

/// Returns the part of the eight components whose bits are in the bytes at `at`.
pub(super) fn product_at(query: &[i16], top: &[u8], low: &[u8], at: usize) -> i32 {
    let mut values = bytes_of(top[at]);
    for plane in low.chunks_exact(top.len()) {
        // Each byte holds at most seven bits so far.
        values = (values << 1) | bytes_of(plane[at]);
    }
    let values = values.to_le_bytes();
    let products = query[8 * at..].iter().zip(values);
    products
        .map(|(query, value)| i32::from(*query) * i32::from(value))
        .sum()
}

/// Returns eight bytes that are 0 or 1 as the bits of one are.
fn bytes_of(bits: u8) -> u64 {
    let alone = (u64::from(bits) * 0x0101_0101_0101_0101) & 0x8040_2010_0804_0201;
    // A byte that is not 0 reaches its highest bit, and no byte the next one.
    ((alone + 0x7f7f_7f7f_7f7f_7f7f) >> 7) & 0x0101_0101_0101_0101
}
