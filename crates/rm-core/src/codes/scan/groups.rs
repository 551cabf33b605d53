//! Blocks that are looked up together, so that they share the loads of the tables.

/// Is `N` blocks in a row.
pub(super) struct Group<'a, const N: usize> {
    /// Position of the first block in its list.
    pub(super) first: u32,
    pub(super) blocks: [&'a [u8]; N],
    pub(super) limits: &'a [u16; N],
    /// The blocks of the next group, or as many of them as there are.
    pub(super) ahead: &'a [u8],
}

/// Parts blocks of `block_bytes` bytes, of which `limits` has one number each, into groups of `N` and single ones.
pub(super) fn groups<'a, const N: usize>(
    block_bytes: usize,
    blocks: &'a [u8],
    limits: &'a [u16],
) -> (
    impl Iterator<Item = Group<'a, N>>,
    impl Iterator<Item = Group<'a, 1>>,
) {
    let (many, rest) = limits.as_chunks::<N>();
    let group_bytes = N * block_bytes;
    let (together, alone) = blocks.split_at((many.len() * group_bytes).min(blocks.len()));
    let many = together.chunks_exact(group_bytes).zip(many).enumerate();
    let many = many.map(move |(group, (bytes, limits))| {
        let ahead = &blocks[(group + 1) * group_bytes..];
        Group {
            first: (group * N) as u32,
            blocks: std::array::from_fn(|n| &bytes[n * block_bytes..][..block_bytes]),
            limits,
            ahead: &ahead[..group_bytes.min(ahead.len())],
        }
    });
    let after = (limits.len() - rest.len()) as u32;
    let rest = alone.chunks_exact(block_bytes).zip(rest.as_chunks::<1>().0);
    let rest = rest.zip(after..).map(|((bytes, limits), first)| Group {
        first,
        blocks: [bytes],
        limits,
        ahead: &[],
    });
    (many, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_is_in_one_group() {
        let blocks: Vec<u8> = (0..14).collect();
        let limits: Vec<u16> = (0..7).collect();
        let (many, rest) = groups::<3>(2, &blocks, &limits);
        let many: Vec<_> = many.collect();
        assert_eq!(many.len(), 2);
        assert_eq!(many[0].ahead, [6, 7, 8, 9, 10, 11]);
        assert_eq!(many[1].first, 3);
        assert_eq!(many[1].blocks, [[6, 7], [8, 9], [10, 11]]);
        assert_eq!(many[1].limits, &[3, 4, 5]);
        assert_eq!(many[1].ahead, [12, 13]);
        let rest: Vec<_> = rest.collect();
        assert_eq!(rest.len(), 1);
        assert_eq!((rest[0].first, rest[0].limits), (6, &[6]));
        assert_eq!(rest[0].blocks, [[12, 13]]);
    }
}
