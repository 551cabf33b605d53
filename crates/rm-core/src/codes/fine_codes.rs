//! What a list keeps of each item beyond its first bits, to be looked at one item at a time.
//!
//! All that is kept of an item stands together, so that a look costs few lines of a cache.

use super::block::rows;
use super::many_bits::ManyBits;
use crate::CodeBits;

/// Bytes of the two numbers that head what is kept of an item.
const NUMBERS: usize = 2 * size_of::<f32>();

/// Holds the further bits of each item of a list, in the order of the items.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FineCodes {
    /// Bytes of one item.
    stride: usize,
    bytes: Vec<u8>,
}

impl FineCodes {
    /// Makes those of an empty list; `None` where codes have one bit alone.
    pub(crate) fn new(dim: usize, bits: CodeBits) -> Option<Self> {
        (bits > CodeBits::ONE).then(|| Self {
            stride: NUMBERS + bits.after_the_first() * rows(dim),
            bytes: Vec::new(),
        })
    }

    /// Takes those of `len` items off `bytes`, as [`bytes`](Self::bytes) gave them; `None` where there are fewer, or what no
    /// item has.
    pub(crate) fn take(mut self, len: usize, bytes: &mut &[u8]) -> Option<Self> {
        let wanted = len.checked_mul(self.stride)?;
        self.bytes = bytes.split_off(..wanted)?.to_vec();
        let is_possible = |many: ManyBits| many.factor.is_finite() && many.error.is_finite();
        (0..len)
            .all(|at| is_possible(self.get(at).0))
            .then_some(self)
    }

    /// Makes room for exactly `additional` further items.
    pub(crate) fn reserve_exact(&mut self, additional: usize) {
        self.bytes.reserve_exact(additional * self.stride);
    }

    /// Returns all bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the bytes that are held, room for more included.
    pub(crate) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Appends an item, whose bits are one plane after the other.
    pub(crate) fn push(&mut self, many: ManyBits, low: &[u8]) {
        debug_assert_eq!(NUMBERS + low.len(), self.stride);
        self.bytes.extend(many.factor.to_le_bytes());
        self.bytes.extend(many.error.to_le_bytes());
        self.bytes.extend_from_slice(low);
    }

    /// Removes the item at `at`; the last one takes its place.
    pub(crate) fn swap_remove(&mut self, at: usize) {
        let last = self.bytes.len() - self.stride;
        self.bytes.copy_within(last.., at * self.stride);
        self.bytes.truncate(last);
    }

    /// Returns what is kept of the item at `at`.
    pub(crate) fn get(&self, at: usize) -> (ManyBits, &[u8]) {
        let (numbers, low) = self.item(at).split_at(NUMBERS);
        let (numbers, _) = numbers.as_chunks::<4>();
        let many = ManyBits {
            factor: f32::from_le_bytes(numbers[0]),
            error: f32::from_le_bytes(numbers[1]),
        };
        (many, low)
    }

    /// Returns the bytes of the item at `at`.
    pub(crate) fn item(&self, at: usize) -> &[u8] {
        &self.bytes[at * self.stride..][..self.stride]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Kept = (ManyBits, Vec<u8>);

    fn kept() -> impl Strategy<Value = Kept> {
        let low = prop::collection::vec(any::<u8>(), 2 * 2);
        (-1.0f32..1.0, 0.0f32..1.0, low)
            .prop_map(|(factor, error, low)| (ManyBits { factor, error }, low))
    }

    #[test]
    fn one_bit_keeps_nothing() {
        assert_eq!(FineCodes::new(9, CodeBits::ONE), None);
    }

    proptest! {
        #[test]
        fn it_holds_what_a_plain_list_would(
            changes in prop::collection::vec((kept(), any::<prop::sample::Index>(), 0u8..3), 0..60),
            cut in any::<prop::sample::Index>(),
        ) {
            let empty = FineCodes::new(9, CodeBits::new(3)?).expect("more than one bit");
            let (mut codes, mut plain) = (empty.clone(), Vec::<Kept>::new());
            for (kept, at, kind) in changes {
                if kind == 0 && !plain.is_empty() {
                    let at = at.index(plain.len());
                    codes.swap_remove(at);
                    plain.swap_remove(at);
                } else {
                    codes.push(kept.0, &kept.1);
                    plain.push(kept);
                }
            }
            for (at, (many, low)) in plain.iter().enumerate() {
                prop_assert_eq!(codes.get(at), (*many, low.as_slice()));
            }
            let mut bytes = codes.bytes();
            prop_assert_eq!(empty.clone().take(plain.len(), &mut bytes), Some(codes.clone()));
            prop_assert!(bytes.is_empty());
            if !plain.is_empty() {
                let mut short = &codes.bytes()[..cut.index(codes.bytes().len())];
                prop_assert_eq!(empty.take(plain.len(), &mut short), None);
            }
        }
    }
}
