//! 16 components at a time.
//!
//! It has been held to single products in an emulator (QEMU); it has not been timed.

use std::arch::aarch64::{
    int32x4_t, uint8x16_t, vaddq_s32, vaddq_u8, vaddvq_s32, vcombine_u8, vdup_n_u8, vdupq_n_s32,
    vdupq_n_u8, vget_high_s16, vget_high_u8, vget_low_s16, vget_low_u8, vmlal_s16, vmovl_u8,
    vreinterpretq_s16_u16, vsubq_u8, vtstq_u8,
};
use std::mem::transmute;

/// Bytes of a plane that are taken at a time.
const BYTES: usize = 2;

/// The bit of each component in its byte.
const OWN: [u8; 8 * BYTES] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];

/// Says that the CPU has NEON, which every target of this architecture with a standard library takes for granted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Neon(());

impl Neon {
    pub(super) fn detect() -> Option<Self> {
        cfg!(target_feature = "neon").then_some(Self(()))
    }

    /// Does as [`product`](super::product).
    pub(super) fn product(self, query: &[i16], top: &[u8], low: &[u8]) -> i32 {
        // SAFETY: `self` is made only where NEON is among the features of the target.
        unsafe { product(query, top, low) }
    }
}

#[target_feature(enable = "neon")]
fn product(query: &[i16], top: &[u8], low: &[u8]) -> i32 {
    let (queries, _) = query.as_chunks::<{ 8 * BYTES }>();
    let mut sums = vdupq_n_s32(0);
    for (at, (bits, query)) in top.as_chunks().0.iter().zip(queries).enumerate() {
        // Where a bit is set the mask is -1.
        let mut values = vsubq_u8(vdupq_n_u8(0), mask(*bits));
        for plane in low.chunks_exact(top.len()) {
            let bits = plane.as_chunks().0[at];
            values = vsubq_u8(vaddq_u8(values, values), mask(bits));
        }
        sums = vaddq_s32(sums, products(values, query));
    }
    vaddvq_s32(sums)
}

/// Returns for each of 16 bits a byte of which all bits are as it is.
#[target_feature(enable = "neon")]
#[inline]
fn mask(bits: [u8; BYTES]) -> uint8x16_t {
    let all = vcombine_u8(vdup_n_u8(bits[0]), vdup_n_u8(bits[1]));
    // SAFETY: both types are 16 bytes of plain numbers.
    let own = unsafe { transmute::<[u8; 8 * BYTES], uint8x16_t>(OWN) };
    vtstq_u8(all, own)
}

/// Returns the products of 16 values with as many components, four at a time added up.
#[target_feature(enable = "neon")]
#[inline]
fn products(values: uint8x16_t, query: &[i16; 8 * BYTES]) -> int32x4_t {
    // SAFETY: both types are 16 whole numbers of 16 bits.
    let query =
        unsafe { transmute::<[i16; 8 * BYTES], [std::arch::aarch64::int16x8_t; 2]>(*query) };
    let values = [vget_low_u8(values), vget_high_u8(values)];
    let mut sums = vdupq_n_s32(0);
    for (values, query) in values.into_iter().zip(query) {
        let values = vreinterpretq_s16_u16(vmovl_u8(values));
        sums = vmlal_s16(sums, vget_low_s16(values), vget_low_s16(query));
        sums = vmlal_s16(sums, vget_high_s16(values), vget_high_s16(query));
    }
    sums
}
