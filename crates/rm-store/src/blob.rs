//! Vectors as bytes: little-endian `f32`, one after the other.

use std::borrow::Cow;

const BYTES_PER_VALUE: usize = size_of::<f32>();

/// Returns `vector` as bytes: itself where the processor keeps numbers in the same order.
pub(crate) fn from_vector(vector: &[f32]) -> Cow<'_, [u8]> {
    if cfg!(target_endian = "little") {
        return Cow::Borrowed(bytemuck::cast_slice(vector));
    }
    let mut bytes = vec![0; vector.len() * BYTES_PER_VALUE];
    let (values, _) = bytes.as_chunks_mut::<BYTES_PER_VALUE>();
    for (bytes, value) in values.iter_mut().zip(vector) {
        *bytes = value.to_le_bytes();
    }
    Cow::Owned(bytes)
}

/// Appends the values in `bytes` to `vector`, or returns `None` when the bytes are not whole values.
pub(crate) fn append_vector(bytes: &[u8], vector: &mut Vec<f32>) -> Option<()> {
    let (values, rest) = bytes.as_chunks::<BYTES_PER_VALUE>();
    if !rest.is_empty() {
        return None;
    }
    vector.extend(values.iter().map(|value| f32::from_le_bytes(*value)));
    Some(())
}

/// Returns the values in `bytes`, or `None` when the bytes are not whole values.
pub(crate) fn to_vector(bytes: &[u8]) -> Option<Vec<f32>> {
    let mut vector = Vec::with_capacity(bytes.len() / BYTES_PER_VALUE);
    append_vector(bytes, &mut vector)?;
    Some(vector)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_little_endian_and_bits_survive() {
        let vector = [1.0, -0.0, f32::from_bits(0x7fc0_dead)];
        let bytes = from_vector(&vector);
        assert_eq!(bytes[..4], [0, 0, 0x80, 0x3f]);
        let back = to_vector(&bytes).expect("whole values");
        assert!(
            back.iter()
                .zip(&vector)
                .all(|(a, b)| a.to_bits() == b.to_bits())
        );
    }

    #[test]
    fn half_a_value_is_refused() {
        assert_eq!(to_vector(&[0; 6]), None);
    }
}
