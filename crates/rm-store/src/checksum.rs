//! The checksum that every stored row carries.

/// CRC-32 over the fields of one row, in a fixed order.
///
/// SQLite checks the structure of a file but not its content. A CRC-32 finds every flipped bit and every burst of up to 32
/// bits. The key is part of it, so that content cannot pass for that of another row.
#[derive(Default)]
pub(crate) struct RowChecksum(crc32fast::Hasher);

impl RowChecksum {
    /// Adds a number.
    pub(crate) fn number(mut self, value: i64) -> Self {
        self.0.update(&value.to_le_bytes());
        self
    }

    /// Adds bytes of any length; the length is part of the sum, so that nothing can move from one field to the next.
    pub(crate) fn bytes(mut self, value: &[u8]) -> Self {
        self.0.update(&(value.len() as u64).to_le_bytes());
        self.0.update(value);
        self
    }

    /// Returns the checksum as it is stored.
    pub(crate) fn finish(self) -> i64 {
        i64::from(self.0.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_changes_the_sum() {
        let bytes: Vec<u8> = (0..64).collect();
        let sum = |bytes: &[u8]| RowChecksum::default().number(7).bytes(bytes).finish();
        let whole = sum(&bytes);
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(sum(&flipped), whole, "bit {bit}");
        }
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        let two = |a: &str, b: &str| {
            RowChecksum::default()
                .bytes(a.as_bytes())
                .bytes(b.as_bytes())
                .finish()
        };
        assert_ne!(two("ab", "c"), two("a", "bc"));
    }
}
