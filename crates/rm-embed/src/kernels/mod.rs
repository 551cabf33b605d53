//! What lies between the matrix products of a transformer layer, over plain `f32` slices.
//!
//! Each kernel is one body of safe Rust, compiled several times: for the widest instruction set of the machine
//! (AVX-512, AVX2 with FMA, NEON) and portably. Those that have to keep sums in registers are written in
//! registers, the others in lanes of [`LANES`] floats.

mod attention;
mod dispatch;
mod exp;
mod gelu;
mod int8;
mod lanes;
mod layer_norm;
mod linear;
mod matmul;
mod panels;
mod pool;
mod threads;

pub(crate) use attention::{HEAD_DIM, Keys, attend};
pub(crate) use dispatch::Isa;
pub(crate) use int8::BytePanels;
pub(crate) use layer_norm::{LayerNorm, add_residual_norm, norm_rows};
pub(crate) use linear::{Linear, LinearScratch};
pub(crate) use matmul::Activation;
pub(crate) use panels::Panels;
pub(crate) use pool::{first_unit, max_unit, mean_unit};
pub(crate) use threads::Threads;

/// Width of the vectors that kernels are written in: one AVX-512 register, two AVX2, four NEON.
pub(crate) const LANES: usize = 16;
