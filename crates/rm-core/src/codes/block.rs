//! Codes laid out for the scan: blocks of 32 items, byte after byte.
//!
//! A block holds byte 0 of its 32 codes, then byte 1 of them, and so on, so that one vector register takes up the same
//! four components of all of them. Within a row of 32 bytes, items 0 to 15 stand at the even places and items 16 to
//! 31 at the odd ones: sums are widened by taking even and odd bytes apart, and then come out in order.

/// Items of a block.
pub(crate) const BLOCK_ITEMS: usize = 32;

/// Holds the one-bit codes of one list.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct CodeBlocks {
    /// Bytes of one code.
    rows: usize,
    len: usize,
    bytes: Vec<u8>,
}

impl CodeBlocks {
    /// Makes an empty list of codes for vectors of `dim` components.
    pub(crate) fn new(dim: usize) -> Self {
        Self {
            rows: rows(dim),
            len: 0,
            bytes: Vec::new(),
        }
    }

    /// Takes blocks of `len` codes as [`bytes`](Self::bytes) gave them; `None` where there are more or fewer.
    pub(crate) fn from_bytes(dim: usize, len: usize, bytes: Vec<u8>) -> Option<Self> {
        let blocks = Self {
            rows: rows(dim),
            len,
            bytes,
        };
        let wanted = len.div_ceil(BLOCK_ITEMS).checked_mul(blocks.block_bytes());
        (wanted == Some(blocks.bytes.len())).then_some(blocks)
    }

    /// Makes room for exactly `additional` further codes.
    pub(crate) fn reserve_exact(&mut self, additional: usize) {
        let blocks = (self.len + additional).div_ceil(BLOCK_ITEMS);
        let wanted = blocks * self.block_bytes();
        self.bytes
            .reserve_exact(wanted.saturating_sub(self.bytes.len()));
    }

    /// Returns all blocks; places past the last code are zero.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the bytes that are held, room for more included.
    pub(crate) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Appends a code of [`rows`](Self::rows) bytes.
    pub(crate) fn push(&mut self, code: &[u8]) {
        if self.len.is_multiple_of(BLOCK_ITEMS) {
            self.bytes.resize(self.bytes.len() + self.block_bytes(), 0);
        }
        self.len += 1;
        self.write(self.len - 1, code);
    }

    /// Removes the code at `at`; the last one takes its place.
    pub(crate) fn swap_remove(&mut self, at: usize) {
        debug_assert!(at < self.len);
        let last = self.len - 1;
        for row in 0..self.rows {
            let moved = self.bytes[self.place(last, row)];
            let (to, from) = (self.place(at, row), self.place(last, row));
            self.bytes[to] = moved;
            self.bytes[from] = 0;
        }
        self.len = last;
        self.bytes
            .truncate(last.div_ceil(BLOCK_ITEMS) * self.block_bytes());
    }

    /// Returns the bytes of one code.
    pub(crate) fn code_bytes(&self) -> usize {
        self.rows
    }

    /// Appends the code at `at` to `codes`.
    pub(crate) fn append_to(&self, codes: &mut Vec<u8>, at: usize) {
        let first = self.place(at, 0);
        let lane = self.bytes[first..].iter().step_by(BLOCK_ITEMS);
        codes.extend(lane.take(self.rows));
    }

    /// Copies out the code at `at`.
    pub(crate) fn get(&self, at: usize) -> Vec<u8> {
        let mut code = Vec::with_capacity(self.rows);
        self.append_to(&mut code, at);
        code
    }

    fn write(&mut self, at: usize, code: &[u8]) {
        debug_assert_eq!(code.len(), self.rows);
        for (row, byte) in code.iter().enumerate() {
            let place = self.place(at, row);
            self.bytes[place] = *byte;
        }
    }

    fn place(&self, at: usize, row: usize) -> usize {
        let within = at % BLOCK_ITEMS;
        let lane = 2 * (within % (BLOCK_ITEMS / 2)) + within / (BLOCK_ITEMS / 2);
        at / BLOCK_ITEMS * self.block_bytes() + row * BLOCK_ITEMS + lane
    }

    fn block_bytes(&self) -> usize {
        self.rows * BLOCK_ITEMS
    }
}

/// Returns the bytes of a code of `dim` components: an even number, for registers that take two rows at a time.
pub(crate) fn rows(dim: usize) -> usize {
    dim.div_ceil(16) * 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn items_of_the_two_halves_alternate_in_a_row() {
        let mut blocks = CodeBlocks::new(9);
        for item in 0..33u8 {
            blocks.push(&[item, 100 + item]);
        }
        assert_eq!(blocks.bytes().len(), 2 * 2 * BLOCK_ITEMS);
        assert_eq!(blocks.bytes()[..6], [0, 16, 1, 17, 2, 18]);
        assert_eq!(blocks.bytes()[BLOCK_ITEMS..][..4], [100, 116, 101, 117]);
        assert_eq!(blocks.bytes()[2 * BLOCK_ITEMS..][..2], [32, 0]);
    }

    proptest! {
        #[test]
        fn blocks_hold_what_a_plain_list_would(
            changes in prop::collection::vec((any::<[u8; 2]>(), any::<prop::sample::Index>(), 0u8..3), 0..150),
        ) {
            let (mut blocks, mut plain) = (CodeBlocks::new(16), Vec::new());
            for (code, at, kind) in changes {
                if kind == 0 && !plain.is_empty() {
                    let at = at.index(plain.len());
                    blocks.swap_remove(at);
                    plain.swap_remove(at);
                } else {
                    blocks.push(&code);
                    plain.push(code.to_vec());
                }
            }
            let codes: Vec<Vec<u8>> = (0..plain.len()).map(|at| blocks.get(at)).collect();
            prop_assert_eq!(codes, plain.clone());
            let fresh = plain.iter().fold(CodeBlocks::new(16), |mut fresh, code| {
                fresh.push(code);
                fresh
            });
            prop_assert_eq!(blocks, fresh, "places past the end are cleared");
        }
    }
}
