//! The sums in registers of four.

use std::arch::aarch64::{
    float32x4_t, vadd_f32, vaddq_f32, vdupq_n_f32, vget_high_f32, vget_lane_f32, vget_low_f32,
    vmulq_f32,
};
use std::mem::transmute;

use super::LANES;

/// The running sums, in order.
type Sums = [float32x4_t; LANES / 4];

/// Says that the CPU has NEON, which every target of this architecture with a standard library takes for granted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Neon(());

impl Neon {
    pub(super) fn detect() -> Option<Self> {
        cfg!(target_feature = "neon").then_some(Self(()))
    }

    /// Does as [`dot`](super::dot).
    pub(super) fn dot(self, a: &[f32], b: &[f32]) -> f32 {
        // SAFETY: `self` is made only where NEON is among the features of the target.
        unsafe { dot(a, b) }
    }

    /// Does as [`dots_into`](super::dots_into); `query` is not empty.
    pub(super) fn dots(self, query: &[f32], rows: &[f32], out: &mut Vec<f32>) {
        // SAFETY: `self` is made only where NEON is among the features of the target.
        unsafe { dots(query, rows, out) }
    }
}

#[target_feature(enable = "neon")]
fn dots(query: &[f32], rows: &[f32], out: &mut Vec<f32>) {
    out.extend(rows.chunks_exact(query.len()).map(|row| dot(query, row)));
}

#[target_feature(enable = "neon")]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let len = a.len().min(b.len());
    let (a_blocks, a_rest) = a[..len].as_chunks::<LANES>();
    let (b_blocks, b_rest) = b[..len].as_chunks::<LANES>();
    let mut sums = [vdupq_n_f32(0.0); LANES / 4];
    for (x, y) in a_blocks.iter().zip(b_blocks) {
        add_products(&mut sums, x, y);
    }
    if !a_rest.is_empty() {
        // Products of zeros leave sums as they are, none of which is -0.
        let (mut x, mut y) = ([0.0; LANES], [0.0; LANES]);
        x[..a_rest.len()].copy_from_slice(a_rest);
        y[..b_rest.len()].copy_from_slice(b_rest);
        add_products(&mut sums, &x, &y);
    }
    let [a, b, c, d, e, f, g, h] = sums;
    let sixteen = [
        vaddq_f32(a, e),
        vaddq_f32(b, f),
        vaddq_f32(c, g),
        vaddq_f32(d, h),
    ];
    let eight = [
        vaddq_f32(sixteen[0], sixteen[2]),
        vaddq_f32(sixteen[1], sixteen[3]),
    ];
    let four = vaddq_f32(eight[0], eight[1]);
    let two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
    vget_lane_f32::<0>(two) + vget_lane_f32::<1>(two)
}

#[target_feature(enable = "neon")]
#[inline]
fn add_products(sums: &mut Sums, x: &[f32; LANES], y: &[f32; LANES]) {
    // SAFETY: both types are 32 floats.
    let (x, y) = unsafe {
        (
            transmute::<[f32; LANES], Sums>(*x),
            transmute::<[f32; LANES], Sums>(*y),
        )
    };
    for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
        *sum = vaddq_f32(*sum, vmulq_f32(x, y));
    }
}
