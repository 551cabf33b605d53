//! Vectors in half precision: 11 significant bits, so a unit vector turns by about 0.0002 radians.

use half::f16;
use half::slice::HalfFloatSliceExt;

/// Bytes of one component on disk.
pub(crate) const COMPONENT_BYTES: usize = 2;

/// Writes a vector's little-endian half-precision bytes at the end of `bytes`.
pub(crate) fn encode(vector: &[f32], bytes: &mut Vec<u8>) {
    let mut halves = vec![f16::ZERO; vector.len()];
    halves.convert_from_f32_slice(vector);
    bytes.extend(halves.iter().flat_map(|half| half.to_le_bytes()));
}

/// Reads a vector back and scales it to unit norm again.
///
/// A vector is given out only in this form, fresh or not, so that results do not depend on what
/// the cache happened to hold.
pub(crate) fn decode(bytes: &[u8], vector: &mut [f32]) {
    let halves: Vec<f16> = bytes
        .as_chunks()
        .0
        .iter()
        .map(|&pair: &[u8; 2]| f16::from_le_bytes(pair))
        .collect();
    halves.convert_to_f32_slice(vector);
    let norm = vector
        .iter()
        .map(|&x| f64::from(x) * f64::from(x))
        .sum::<f64>()
        .sqrt();
    if norm > 0.0 {
        let scale = (1.0 / norm) as f32;
        vector.iter_mut().for_each(|x| *x *= scale);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{decode, encode};

    fn norm_of(vector: &[f32]) -> f64 {
        vector
            .iter()
            .map(|&x| f64::from(x) * f64::from(x))
            .sum::<f64>()
            .sqrt()
    }

    proptest! {
        #[test]
        fn a_unit_vector_comes_back_with_unit_norm_and_the_same_direction(
            raw in prop::collection::vec(-1.0f32..1.0, 384),
        ) {
            let norm = raw.iter().map(|x| x * x).sum::<f32>().sqrt();
            let vector: Vec<f32> = raw.iter().map(|x| x / norm).collect();
            let mut bytes = Vec::new();
            encode(&vector, &mut bytes);
            let mut back = vec![0.0; 384];
            decode(&bytes, &mut back);
            let (norm, back_norm) = (norm_of(&vector), norm_of(&back));
            let dot: f64 = vector.iter().zip(&back).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
            // Eleven bits change each component by 2^-11 of itself at most, which leaves a cosine
            // of 1 - 2^-23. The input's own norm is not quite 1 and is divided out.
            let cosine = dot / (norm * back_norm);
            prop_assert!(1.0 - cosine < 2.0f64.powi(-22), "cosine {cosine}");
            prop_assert!((back_norm - 1.0).abs() < 1e-6, "norm {back_norm}");
        }
    }
}
