//! The product of quantised activations with quantised weights.

use super::super::dispatch::Isa;
use super::super::gelu::gelu_rows;
use super::super::matmul::Activation;
use super::super::panels::PANEL;
use super::super::threads::Threads;
use super::Cell;
use super::panels::{BytePanel, BytePanels};
use super::rows::ByteRows;
#[cfg(target_arch = "x86_64")]
use super::x86;

/// Names the instructions that multiply bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByteIsa {
    /// 64 products an instruction, summed in 32 bits (AVX-512 VNNI).
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni,
    /// 32 products an instruction, summed in 32 bits (AVX-VNNI).
    #[cfg(target_arch = "x86_64")]
    AvxVnni,
    /// 16 products of 16 bits an instruction, which a second one sums in 32 bits (AVX2).
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// What the compiler makes of three loops.
    Portable,
}

impl ByteIsa {
    /// Says whether bytes are multiplied as numbers of 16 bits: a sum of two products of bytes may be too large for the
    /// 16 bits that AVX2 keeps it in.
    pub(super) fn is_wide(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        return self == Self::Avx2;
        #[cfg(not(target_arch = "x86_64"))]
        false
    }

    /// Returns how many outputs a tile has.
    pub(super) fn strip(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni => x86::avx512_vnni::STRIP,
            #[cfg(target_arch = "x86_64")]
            Self::AvxVnni => x86::avx_vnni::STRIP,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => x86::avx2::STRIP,
            Self::Portable => PANEL,
        }
    }

    /// Returns how many inputs lie together for one output.
    pub(super) fn inputs_per_cell(self) -> usize {
        let bytes_per_input = if self.is_wide() { 2 } else { 1 };
        size_of::<Cell>() / bytes_per_input
    }

    /// Lists what this machine has, fastest first.
    pub(crate) fn available() -> Vec<Self> {
        #[cfg(target_arch = "x86_64")]
        let native = [
            (Self::Avx512Vnni, x86::has_avx512_vnni()),
            (Self::AvxVnni, x86::has_avx_vnni()),
            (Self::Avx2, x86::has_avx2()),
        ];
        #[cfg(not(target_arch = "x86_64"))]
        let native = [];
        native
            .into_iter()
            .filter_map(|(isa, available)| available.then_some(isa))
            .chain([Self::Portable])
            .collect()
    }
}

/// Computes `out = activation(x w + bias)`, with `out` row-major `(n_rows, w.n_outputs())`; the old contents of `out` do not
/// matter. `blocks` is scratch for many threads.
///
/// # Panics
/// When `x` or `out` does not have that shape.
pub(crate) fn byte_matmul(
    isa: Isa,
    out: &mut [f32],
    x: &ByteRows,
    w: &BytePanels,
    activation: Activation,
    threads: Threads,
    blocks: &mut Vec<f32>,
) {
    let (n_inputs, n_outputs) = (w.n_inputs(), w.n_outputs());
    let n_rows = x.scales.len();
    assert_eq!(
        x.cells.len() * w.inputs_per_cell(),
        n_rows * n_inputs,
        "rows of {n_inputs}"
    );
    let expected = n_rows * n_outputs;
    assert_eq!(out.len(), expected, "product of {n_rows} x {n_outputs}");
    threads.over_panels(out, n_outputs, blocks, |number, out, out_width| {
        multiply(isa.bytes(), out, out_width, x, w.panel(number));
        if activation == Activation::Gelu {
            gelu_rows(isa, out, out_width, PANEL);
        }
    });
}

fn multiply(isa: ByteIsa, out: &mut [f32], out_width: usize, x: &ByteRows, panel: BytePanel<'_>) {
    let product = ByteProduct {
        out,
        out_width,
        x,
        cells_per_row: panel.weights.len() / PANEL,
        panel,
    };
    match isa {
        #[cfg(target_arch = "x86_64")]
        ByteIsa::Avx512Vnni => x86::avx512_vnni(product),
        #[cfg(target_arch = "x86_64")]
        ByteIsa::AvxVnni => x86::avx_vnni(product),
        #[cfg(target_arch = "x86_64")]
        ByteIsa::Avx2 => x86::avx2(product),
        ByteIsa::Portable => portable(product),
    }
}

/// The outputs of one panel for all rows of `x`; row `r` begins at `r * out_width` of `out`.
pub(super) struct ByteProduct<'a> {
    pub(super) out: &'a mut [f32],
    pub(super) out_width: usize,
    pub(super) x: &'a ByteRows,
    pub(super) cells_per_row: usize,
    pub(super) panel: BytePanel<'a>,
}

impl ByteProduct<'_> {
    /// Returns the activations of one row.
    #[inline(always)]
    pub(super) fn row(&self, row: usize) -> &[Cell] {
        &self.x.cells[row * self.cells_per_row..][..self.cells_per_row]
    }

    /// Turns the integer sums of one row, `(PANEL)`, into its outputs.
    #[inline(always)]
    pub(super) fn finish(&mut self, row: usize, sums: &[i32; PANEL]) {
        let (scale, zero) = (self.x.scales[row], self.x.zeros[row]);
        let BytePanel {
            scales,
            sums: weight_sums,
            bias,
            ..
        } = self.panel;
        let out = &mut self.out[row * self.out_width..][..PANEL];
        for o in 0..PANEL {
            let sum = sums[o] - zero * weight_sums[o];
            out[o] = sum as f32 * (scale * scales[o]) + bias[o];
        }
    }
}

fn portable(mut product: ByteProduct<'_>) {
    for row in 0..product.x.scales.len() {
        let mut sums = [0; PANEL];
        let weights = product.panel.weights.as_chunks::<PANEL>().0;
        for (x, weights) in product.row(row).iter().zip(weights) {
            let x = x.map(i32::from);
            for (sum, w) in sums.iter_mut().zip(weights) {
                for i in 0..w.len() {
                    *sum += x[i] * i32::from(w[i].cast_signed());
                }
            }
        }
        product.finish(row, &sums);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Activation, BytePanels, ByteRows, Isa, PANEL, Threads, byte_matmul, gelu_rows};

    fn products(
        isa: Isa,
        x: &[f32],
        w: &[f32],
        bias: &[f32],
        activation: Activation,
        threads: Threads,
    ) -> Vec<f32> {
        let n_inputs = w.len() / bias.len();
        let w = BytePanels::from_outputs(w, bias.to_vec(), n_inputs, isa.bytes());
        let mut rows = ByteRows::default();
        rows.load(isa, x, n_inputs, threads);
        let mut out = vec![f32::NAN; rows.scales.len() * w.n_outputs()];
        let mut blocks = vec![f32::NAN; 10];
        byte_matmul(isa, &mut out, &rows, &w, activation, threads, &mut blocks);
        out
    }

    /// Computes `x w' + bias` in double precision, with `w` one row an output, and how far quantisation may take
    /// each sum off: half a step of each factor.
    fn exact(x: &[f32], w: &[f32], bias: &[f32], n_inputs: usize) -> Vec<(f64, f64)> {
        let largest = |row: &[f32]| row.iter().fold(0.0f64, |m, x| m.max(f64::from(x.abs())));
        let mut all = Vec::new();
        for x in x.chunks(n_inputs) {
            for (w, bias) in w.chunks(n_inputs).zip(bias) {
                let terms = x.iter().zip(w).map(|(x, w)| f64::from(*x) * f64::from(*w));
                let (x_step, w_step) = (2.0 * largest(x) / 255.0, largest(w) / 127.0);
                let off = x.iter().zip(w).map(|(x, w)| {
                    let (x, w) = (f64::from(x.abs()), f64::from(w.abs()));
                    (x * w_step + w * x_step + x_step * w_step) * 0.51
                });
                all.push((
                    f64::from(*bias) + terms.sum::<f64>(),
                    off.sum::<f64>() + 1e-5,
                ));
            }
        }
        all
    }

    proptest! {
        #[test]
        fn is_as_near_to_the_product_as_the_steps_allow_and_the_same_on_all_instructions(
            (n_inputs, x, w, bias) in (0usize..12, 1usize..5, 1usize..3).prop_flat_map(|(n, k, panels)| (
                Just(16 * k),
                prop::collection::vec(-1.0f32..3.0, n * 16 * k),
                prop::collection::vec(-1.0f32..1.0, 16 * k * panels * PANEL),
                prop::collection::vec(-1.0f32..1.0, panels * PANEL),
            )),
            activation in prop::sample::select(vec![Activation::None, Activation::Gelu]),
        ) {
            let exact = exact(&x, &w, &bias, n_inputs);
            let linear = products(Isa::detect(), &x, &w, &bias, Activation::None, Threads::One);
            for (got, (expected, off)) in linear.iter().zip(&exact) {
                prop_assert!((f64::from(*got) - expected).abs() <= *off, "{got} is not {expected}");
            }
            let mut expected = linear;
            if activation == Activation::Gelu {
                gelu_rows(Isa::detect(), &mut expected, PANEL, PANEL);
            }
            for isa in Isa::for_all_bytes() {
                for threads in [Threads::One, Threads::Pool] {
                    let got = products(isa, &x, &w, &bias, activation, threads);
                    prop_assert_eq!(&got, &expected, "{:?}", isa);
                }
            }
        }
    }

    #[test]
    fn the_largest_sums_do_not_overflow() {
        let n_inputs = 1536;
        let w: Vec<f32> = (0..n_inputs * PANEL)
            .map(|i| if i / n_inputs % 2 == 0 { 1.0 } else { -1.0 })
            .collect();
        let (x, bias) = (vec![1.0; 2 * n_inputs], vec![0.0; PANEL]);
        for isa in Isa::for_all_bytes() {
            let got = products(isa, &x, &w, &bias, Activation::None, Threads::One);
            for (o, got) in got.iter().enumerate() {
                let expected = if o % 2 == 0 { 1536.0 } else { -1536.0 };
                assert!((got - expected).abs() < 0.01, "{isa:?}: {got}");
            }
        }
    }
}
