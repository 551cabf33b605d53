//! The product of a query of whole numbers with the code of one item, whose bits lie in planes.
//!
//! A plane holds one bit of each component, eight to a byte; the bits of a component, the highest first, are its value. All
//! variants add the same whole numbers, so they agree bit for bit.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon;
mod portable;

/// Returns the sum over all components of the query's times the code's, whose highest bits are `top` and whose others are
/// `low`, one plane of as many bytes after the other.
///
/// There are at most seven planes in `low`, and an even number of bytes in each; `query` has eight components for each byte. No sum of
/// products may exceed 32 bits.
pub(super) fn product(query: &[i16], top: &[u8], low: &[u8]) -> i32 {
    Variant::widest().product(query, top, low)
}

/// Is a way to multiply that this machine has.
#[derive(Debug, Clone, Copy)]
enum Variant {
    #[cfg(target_arch = "x86_64")]
    Avx2(avx2::Avx2),
    #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
    Neon(neon::Neon),
    Portable,
}

impl Variant {
    /// Returns all ways that this machine has, the one of the widest registers first and the portable one last.
    fn available() -> impl Iterator<Item = Self> {
        let all = [
            #[cfg(target_arch = "x86_64")]
            avx2::Avx2::detect().map(Self::Avx2),
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            neon::Neon::detect().map(Self::Neon),
            Some(Self::Portable),
        ];
        all.into_iter().flatten()
    }

    fn widest() -> Self {
        Self::available().next().unwrap_or(Self::Portable)
    }

    fn product(self, query: &[i16], top: &[u8], low: &[u8]) -> i32 {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(avx2) => avx2.product(query, top, low),
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Self::Neon(neon) => neon.product(query, top, low),
            Self::Portable => portable::product(query, top, low),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A machine without one of them tests the others, and says so.
    #[test]
    fn a_machine_with_vector_registers_has_more_than_the_portable_variant() {
        let available: Vec<Variant> = Variant::available().collect();
        println!("products of this machine, all of them tested: {available:?}");
        assert!(matches!(available.last(), Some(Variant::Portable)));
        #[cfg(target_arch = "x86_64")]
        assert_eq!(
            available.len(),
            1 + usize::from(is_x86_feature_detected!("avx2"))
        );
        #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
        assert_eq!(available.len(), 2);
    }

    #[test]
    fn a_product_worked_by_hand() {
        let mut query = [0; 16];
        query[..4].copy_from_slice(&[10, -20, 30, 1_000]);
        query[9] = 7;
        // The values of three bits are 5, 3, 0, 4, and 7 for the tenth.
        let top = [0b1001, 0b10];
        let low = [0b0010, 0b10, 0b0011, 0b10];
        for variant in Variant::available() {
            let product = variant.product(&query, &top, &low);
            assert_eq!(product, 50 - 60 + 4_000 + 49, "{variant:?}");
        }
    }

    #[test]
    fn nothing_has_no_product() {
        for variant in Variant::available() {
            assert_eq!(variant.product(&[], &[], &[]), 0, "{variant:?}");
        }
    }

    /// Components of a query, and one plane more than `low` may have of as many bits.
    fn multiplied() -> impl Strategy<Value = (Vec<i16>, Vec<u8>)> {
        (1usize..=8, 1usize..=8).prop_flat_map(|(pairs, planes)| {
            let rows = 2 * pairs;
            let query = prop::collection::vec(any::<i16>(), 8 * rows);
            (query, prop::collection::vec(any::<u8>(), planes * rows))
        })
    }

    proptest! {
        #[test]
        fn every_variant_is_the_sum_of_single_products((query, planes) in multiplied()) {
            let rows = query.len() / 8;
            let bit = |plane: &[u8], d: usize| i32::from(plane[d / 8] >> (d % 8) & 1);
            let value = |d: usize| planes.chunks(rows).fold(0, |value, plane| 2 * value + bit(plane, d));
            let sum: i32 = query.iter().enumerate().map(|(d, q)| value(d) * i32::from(*q)).sum();
            let (top, low) = planes.split_at(rows);
            for variant in Variant::available() {
                prop_assert_eq!(variant.product(&query, top, low), sum, "{:?}", variant);
            }
        }
    }
}
