//! Arithmetic on [`LANES`] floats at once, in forms that the compiler turns into vector instructions.

use super::LANES;

/// One vector's worth of floats.
pub(crate) type Lanes = [f32; LANES];

/// Sums the lanes pairwise: the order is fixed, so the sum is the same on every machine.
#[inline(always)]
pub(crate) fn sum(mut lanes: Lanes) -> f32 {
    let mut width = LANES / 2;
    while width > 0 {
        for i in 0..width {
            lanes[i] += lanes[i + width];
        }
        width /= 2;
    }
    lanes[0]
}

/// Views a row as whole vectors; a rest shorter than [`LANES`] is left out.
#[inline(always)]
pub(crate) fn chunks(row: &[f32]) -> &[Lanes] {
    row.as_chunks().0
}

/// Views a row as whole mutable vectors; a rest shorter than [`LANES`] is left out.
#[inline(always)]
pub(crate) fn chunks_mut(row: &mut [f32]) -> &mut [Lanes] {
    row.as_chunks_mut().0
}
