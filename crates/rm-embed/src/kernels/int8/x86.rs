//! The product of bytes in x86-64's vector instructions.

use std::arch::x86_64::*;

use pulp::bytemuck::cast;

use super::super::panels::PANEL;
use super::Cell;
use super::product::ByteProduct;

pub(super) fn has_avx512_vnni() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni")
}

pub(super) fn has_avx_vnni() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("avxvnni")
}

pub(super) fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
}

/// Defines a module with the product in one instruction set: tiles of rows by registers of outputs, the sums of
/// which stay in registers over all inputs.
macro_rules! product {
    (
        $name:ident, $features:literal, $detected:ident, $doc:literal,
        register: $register:ty, rows: $rows:literal, registers: $registers:literal,
        zero: $zero:expr, splat: $splat:expr, step: $step:expr
    ) => {
        #[doc = $doc]
        ///
        /// # Panics
        /// When the machine does not have these instructions.
        pub(super) fn $name(product: ByteProduct<'_>) {
            assert!($detected(), concat!("a machine with ", $features));
            // SAFETY: the machine has the instructions, as was just asserted.
            unsafe { $name::panel(product) }
        }

        pub(super) mod $name {
            use super::*;

            type Register = $register;
            const ROWS: usize = $rows;
            const REGISTERS: usize = $registers;
            /// Outputs in one register.
            const LANES: usize = size_of::<Register>() / size_of::<Cell>();

            /// Outputs of one tile.
            pub(in super::super) const STRIP: usize = REGISTERS * LANES;

            #[target_feature(enable = $features)]
            pub(super) fn panel(mut product: ByteProduct<'_>) {
                let n_rows = product.x.scales.len();
                let mut row = 0;
                while row < n_rows {
                    row += match n_rows - row {
                        1 => rows::<1>(&mut product, row),
                        2 => rows::<2>(&mut product, row),
                        3 => rows::<3>(&mut product, row),
                        4 => rows::<4>(&mut product, row),
                        _ => rows::<ROWS>(&mut product, row),
                    };
                }
            }

            #[target_feature(enable = $features)]
            fn rows<const R: usize>(product: &mut ByteProduct<'_>, row: usize) -> usize {
                let mut sums = [[0; PANEL]; R];
                for strip in 0..PANEL / STRIP {
                    tile(product, row, strip, &mut sums);
                }
                for (r, sums) in sums.iter().enumerate() {
                    product.finish(row + r, sums);
                }
                R
            }

            #[target_feature(enable = $features)]
            fn tile<const R: usize>(
                product: &ByteProduct<'_>,
                row: usize,
                strip: usize,
                out: &mut [[i32; PANEL]; R],
            ) {
                let mut rows: [&[Cell]; R] = [&[]; R];
                for r in 0..R {
                    rows[r] = product.row(row + r);
                }
                let mut sums = [[$zero; REGISTERS]; R];
                let n_cells = product.cells_per_row;
                let strips = &product.panel.weights[strip * STRIP * n_cells..][..STRIP * n_cells];
                let registers = strips
                    .as_flattened()
                    .as_chunks::<{ size_of::<Register>() }>()
                    .0;
                let weights = &registers.as_chunks::<REGISTERS>().0[..n_cells];
                for cell in 0..n_cells {
                    let mut w = [$zero; REGISTERS];
                    for c in 0..REGISTERS {
                        w[c] = cast(weights[cell][c]);
                    }
                    for r in 0..R {
                        let x = $splat(i32::from_le_bytes(rows[r][cell]));
                        for c in 0..REGISTERS {
                            sums[r][c] = $step(sums[r][c], x, w[c]);
                        }
                    }
                }
                for r in 0..R {
                    let out = out[r].as_chunks_mut::<LANES>().0;
                    for c in 0..REGISTERS {
                        out[strip * REGISTERS + c] = cast(sums[r][c]);
                    }
                }
            }
        }
    };
}

product!(
    avx512_vnni, "avx512f,avx512vnni", has_avx512_vnni,
    "Computes one panel with AVX-512 VNNI.",
    register: __m512i, rows: 5, registers: 4,
    zero: _mm512_setzero_si512(), splat: _mm512_set1_epi32, step: _mm512_dpbusd_epi32
);

product!(
    avx_vnni, "avx2,avxvnni", has_avx_vnni,
    "Computes one panel with AVX-VNNI.",
    register: __m256i, rows: 5, registers: 2,
    zero: _mm256_setzero_si256(), splat: _mm256_set1_epi32, step: _mm256_dpbusd_avx_epi32
);

product!(
    avx2, "avx2", has_avx2,
    "Computes one panel with AVX2.",
    register: __m256i, rows: 5, registers: 2,
    zero: _mm256_setzero_si256(), splat: _mm256_set1_epi32, step: multiply_add
);

/// Adds two products of 16 bits to each 32-bit sum.
#[target_feature(enable = "avx2")]
#[inline]
fn multiply_add(sums: __m256i, x: __m256i, w: __m256i) -> __m256i {
    _mm256_add_epi32(sums, _mm256_madd_epi16(x, w))
}
