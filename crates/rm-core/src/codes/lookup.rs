//! What a query brings to a scan of codes: a small table for every four components.
//!
//! The product of a query with a vector of signs is a sum over groups of four components, of which each has sixteen
//! possible values. They are laid down once for each query, in steps of one size, as whole numbers that fit into a
//! byte, so that a scan looks up and adds bytes (André, Kermarrec and Le Scouarnec, VLDB 2015). Rounding to steps adds
//! to the error of the code; [`Lookup::rounding`] says how much.

/// Components that one table covers.
pub(crate) const GROUP: usize = 4;

/// Values of one table.
pub(crate) const VALUES: usize = 1 << GROUP;

/// Largest value of a table. Eight such values fit into a byte, so that four rows of codes are added before sums are
/// widened.
pub(crate) const LARGEST: u8 = 31;

/// Rows of codes (bytes of one code) whose sum fits into a byte.
pub(crate) const ROWS_IN_A_BYTE: usize = u8::MAX as usize / LARGEST as usize / 2;

/// Holds the tables of one query.
#[derive(Debug, Clone)]
pub(crate) struct Lookup {
    /// For each row of codes the table of its low four bits, then that of its high four bits.
    pub(crate) tables: Vec<[u8; VALUES]>,
    /// What the smallest values of all tables add up to.
    pub(crate) offset: f32,
    /// What a step of 1 is worth.
    pub(crate) step: f32,
}

impl Lookup {
    /// Makes the tables of a rotated query for codes of `rows` bytes.
    pub(crate) fn new(rotated: &[f32], rows: usize) -> Self {
        let mut groups = vec![[0.0f32; GROUP]; 2 * rows];
        for (group, components) in groups.iter_mut().zip(rotated.chunks(GROUP)) {
            group[..components.len()].copy_from_slice(components);
        }
        let spans = groups
            .iter()
            .map(|group| group.iter().map(|x| x.abs()).sum::<f32>());
        let offset = -spans.clone().sum::<f32>();
        let widest = 2.0 * spans.fold(0.0f32, f32::max);
        let step = widest / f32::from(LARGEST);
        let per_step = if step > 0.0 { step.recip() } else { 0.0 };
        let tables = groups.iter().map(|group| table(group, per_step));
        Self {
            tables: tables.collect(),
            offset,
            step,
        }
    }

    /// Returns the standard error that rounding gives a sum, as that of independent errors, uniform in a step.
    pub(crate) fn rounding(&self) -> f32 {
        self.step * (self.tables.len() as f32 / 12.0).sqrt()
    }
}

/// Returns the values of one group above its smallest, in steps.
fn table(group: &[f32; GROUP], per_step: f32) -> [u8; VALUES] {
    // Setting bit d raises the sum by 2 q_d; the smallest sum has every bit against the sign of its component.
    let mut sums = [0.0f32; VALUES];
    sums[0] = 2.0 * group.iter().map(|x| (-x).max(0.0)).sum::<f32>();
    for (d, x) in group.iter().enumerate() {
        let (known, new) = sums.split_at_mut(1 << d);
        for (known, new) in known.iter().zip(new) {
            *new = known + 2.0 * x;
        }
    }
    // The span of a group is at most the widest, so this fits but for rounding; the conversion cuts off at 0.
    sums.map(|sum| ((sum * per_step + 0.5) as u8).min(LARGEST))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_table_worked_by_hand() {
        let lookup = Lookup::new(&[1.0, -0.5, 0.0, 0.05], 2);
        assert_eq!(lookup.tables.len(), 4);
        assert_eq!(lookup.offset, -1.55);
        assert!((lookup.step - 0.1).abs() < 1e-6);
        // All signs negative: -1 + 0.5 - 0.05 = -0.55, ten steps above the smallest; all positive: 0.55.
        assert_eq!(lookup.tables[0][0b0000], 10);
        assert_eq!(lookup.tables[0][0b1111], 21);
        assert_eq!(lookup.tables[0][0b0010], 0);
        assert_eq!(lookup.tables[0][0b1001], LARGEST);
        assert_eq!(lookup.tables[1], [0; VALUES]);
    }

    #[test]
    fn rows_that_are_added_in_a_byte_fit_into_it() {
        const {
            assert!(2 * ROWS_IN_A_BYTE * LARGEST as usize <= u8::MAX as usize);
            assert!(ROWS_IN_A_BYTE > 0);
        }
    }

    proptest! {
        #[test]
        fn looked_up_sums_are_products_but_for_rounding(
            query in prop::collection::vec(-1.0f32..1.0, 1..70), code in prop::collection::vec(any::<u8>(), 10),
        ) {
            let lookup = Lookup::new(&query, code.len());
            let nibbles = code.iter().flat_map(|byte| [byte & 15, byte >> 4]);
            let values = lookup.tables.iter().zip(nibbles).map(|(table, at)| u32::from(table[usize::from(at)]));
            let sum = lookup.offset + lookup.step * values.sum::<u32>() as f32;
            let signed = query.iter().enumerate().map(|(d, q)| if code[d / 8] >> (d % 8) & 1 == 1 { *q } else { -*q });
            let product: f32 = signed.sum();
            let most = lookup.step * lookup.tables.len() as f32 / 2.0 + 1e-4;
            prop_assert!((sum - product).abs() <= most, "{sum} for {product}");
        }
    }
}
