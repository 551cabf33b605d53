//! Dot products of one query with many rows.
//!
//! Every variant adds the same products in the same order: [`LANES`] running sums, then a fixed tree.
//! Multiplication and addition stay separate (no fused multiply-add), so the portable path and AVX2 agree bit for
//! bit and a score does not depend on the machine, the list or the position in it. AVX2 is spelt out, because what the
//! compiler makes of the portable path changes with its settings (14 ms for 100,000 rows of 384 in the release profile,
//! 8 ms in the development profile), and wider registers would wait for memory all the same.

/// Number of running sums; four registers of AVX2, eight of SSE or NEON.
const LANES: usize = 32;

/// Returns the dot product of two vectors of equal length (the shorter length counts).
#[must_use]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the CPU has just been found to have AVX2.
            return unsafe { avx2::dot(a, b) };
        }
    }
    dot_portable(a, b)
}

/// Appends the dot product of `query` with each row of `rows`, row-major `(n, query.len())`, to `out`.
///
/// Costs `n * dim` multiplications and reads each row once, in order.
pub fn dots_into(query: &[f32], rows: &[f32], out: &mut Vec<f32>) {
    if query.is_empty() {
        return;
    }
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the CPU has just been found to have AVX2.
            return unsafe { avx2::dots(query, rows, out) };
        }
    }
    dots_portable(query, rows, out);
}

/// Asks for the numbers to be fetched from memory, ahead of their use; does nothing where there is no such request.
pub(crate) fn prefetch(numbers: &[f32]) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // Numbers in a cache line of 64 bytes.
        for line in numbers.chunks(16) {
            // SAFETY: every x86-64 CPU has SSE, and a prefetch reads nothing.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = numbers;
}

/// Does as [`dot`] on any machine.
fn dot_portable(a: &[f32], b: &[f32]) -> f32 {
    let len = a.len().min(b.len());
    let (a_blocks, a_rest) = a[..len].as_chunks::<LANES>();
    let (b_blocks, b_rest) = b[..len].as_chunks::<LANES>();
    let mut sums = [0.0f32; LANES];
    for (x, y) in a_blocks.iter().zip(b_blocks) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    for (lane, (x, y)) in a_rest.iter().zip(b_rest).enumerate() {
        sums[lane] += x * y;
    }
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
        width /= 2;
    }
    sums[0]
}

/// Does as [`dots_into`] on any machine.
fn dots_portable(query: &[f32], rows: &[f32], out: &mut Vec<f32>) {
    out.extend(
        rows.chunks_exact(query.len())
            .map(|row| dot_portable(query, row)),
    );
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    //! The same sums in registers of eight.

    use std::arch::x86_64::{
        __m128, __m256, _mm_add_ps, _mm_add_ss, _mm_cvtss_f32, _mm_movehl_ps, _mm_shuffle_ps,
        _mm256_add_ps, _mm256_castps256_ps128, _mm256_extractf128_ps, _mm256_mul_ps,
        _mm256_setzero_ps,
    };
    use std::mem::transmute;

    use super::LANES;

    /// The running sums, in order.
    type Sums = [__m256; LANES / 8];

    #[target_feature(enable = "avx2")]
    pub(super) fn dots(query: &[f32], rows: &[f32], out: &mut Vec<f32>) {
        out.extend(rows.chunks_exact(query.len()).map(|row| dot(query, row)));
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
        let len = a.len().min(b.len());
        let (a_blocks, a_rest) = a[..len].as_chunks::<LANES>();
        let (b_blocks, b_rest) = b[..len].as_chunks::<LANES>();
        let mut sums = [_mm256_setzero_ps(); LANES / 8];
        for (x, y) in a_blocks.iter().zip(b_blocks) {
            add_products(&mut sums, x, y);
        }
        if !a_rest.is_empty() {
            // Products of zeros leave sums as they are, none of which is -0.
            let (mut x, mut y) = ([0.0; LANES], [0.0; LANES]);
            x[..a_rest.len()].copy_from_slice(a_rest);
            y[..b_rest.len()].copy_from_slice(b_rest);
            add_products(&mut sums, &x, &y);
        }
        let [first, second, third, fourth] = sums;
        let sixteen = [_mm256_add_ps(first, third), _mm256_add_ps(second, fourth)];
        let eight = _mm256_add_ps(sixteen[0], sixteen[1]);
        let low = _mm256_castps256_ps128(eight);
        let four: __m128 = _mm_add_ps(low, _mm256_extractf128_ps::<1>(eight));
        let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn add_products(sums: &mut Sums, x: &[f32; LANES], y: &[f32; LANES]) {
        // SAFETY: both types are 32 floats.
        let (x, y) = unsafe {
            (
                transmute::<[f32; LANES], Sums>(*x),
                transmute::<[f32; LANES], Sums>(*y),
            )
        };
        for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
            *sum = _mm256_add_ps(*sum, _mm256_mul_ps(x, y));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_product_worked_by_hand() {
        assert_eq!(dot(&[1.0, 2.0, 3.0], &[4.0, -5.0, 6.0]), 12.0);
        assert_eq!(dot(&[], &[]), 0.0);
    }

    #[test]
    fn no_component_is_left_out() {
        for len in 0..=130 {
            let ones = vec![1.0; len];
            assert_eq!(dot(&ones, &ones), len as f32, "length {len}");
        }
    }

    fn pair() -> impl Strategy<Value = (Vec<f32>, Vec<f32>)> {
        (0usize..500).prop_flat_map(|len| {
            let numbers = || prop::collection::vec(-1.0f32..1.0, len);
            (numbers(), numbers())
        })
    }

    proptest! {
        #[test]
        fn every_variant_agrees_bit_for_bit((a, b) in pair()) {
            prop_assert_eq!(dot(&a, &b).to_bits(), dot_portable(&a, &b).to_bits());
        }

        #[test]
        fn the_sum_is_that_of_double_precision((a, b) in pair()) {
            let exact: f64 = a.iter().zip(&b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum();
            let weight: f64 = a.iter().zip(&b).map(|(x, y)| f64::from((x * y).abs())).sum();
            prop_assert!((f64::from(dot(&a, &b)) - exact).abs() <= 2e-6 * weight + 1e-30);
        }

        #[test]
        fn many_rows_give_what_single_ones_give(
            query in prop::collection::vec(-1.0f32..1.0, 48),
            rows in prop::collection::vec(-1.0f32..1.0, 48 * 5),
        ) {
            let mut many = Vec::new();
            dots_into(&query, &rows, &mut many);
            let single: Vec<f32> = rows.chunks(48).map(|row| dot(&query, row)).collect();
            prop_assert_eq!(many, single);
        }
    }
}
