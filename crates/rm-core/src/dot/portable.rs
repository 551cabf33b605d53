//! The sums in an array: what every other variant is held to.

use super::LANES;

/// Does as [`dot`](super::dot) on any machine.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let len = a.len().min(b.len());
    let (a_blocks, a_rest) = a[..len].as_chunks::<LANES>();
    let (b_blocks, b_rest) = b[..len].as_chunks::<LANES>();
    let mut sums = [0.0f32; LANES];
    for (x, y) in a_blocks.iter().zip(b_blocks) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    for (lane, (x, y)) in a_rest.iter().zip(b_rest).enumerate() {
        sums[lane] += x * y;
    }
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
        width /= 2;
    }
    sums[0]
}

/// Does as [`dots_into`](super::dots_into) on any machine; `query` is not empty.
pub(super) fn dots(query: &[f32], rows: &[f32], out: &mut Vec<f32>) {
    out.extend(rows.chunks_exact(query.len()).map(|row| dot(query, row)));
}
