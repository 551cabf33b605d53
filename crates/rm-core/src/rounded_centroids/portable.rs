//! The sums one after the other: what every other variant is held to. Where whole numbers are added in registers without more
//! ado, as with NEON, the compiler does so.

/// Appends the product of `query` with each row; both are a multiple of [`PADDING`](super::PADDING) long.
pub(super) fn sums_into(rows: &[i8], query: &[i16], out: &mut Vec<i32>) {
    for row in rows.chunks_exact(query.len().max(1)) {
        let products = row.iter().zip(query);
        out.push(
            products
                .map(|(c, q)| i32::from(*c) * i32::from(*q))
                .sum::<i32>(),
        );
    }
}
