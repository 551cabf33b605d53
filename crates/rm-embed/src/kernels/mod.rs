//! What lies between the matrix products of a transformer layer, over plain `f32` slices.
//!
//! Each kernel is one body of safe Rust written in lanes of [`LANES`] floats, compiled several times:
//! for the widest instruction set of the machine (AVX-512, AVX2 with FMA, NEON) and portably. The
//! matrix product is written in registers, because it has to keep its sums there.

mod attention;
mod dispatch;
mod exp;
mod gelu;
mod lanes;
mod layer_norm;
mod matmul;
mod panels;
mod pool;

pub(crate) use attention::{HEAD_DIM, HeadScratch, attend};
pub(crate) use dispatch::Isa;
pub(crate) use gelu::add_bias_gelu;
pub(crate) use layer_norm::{LayerNorm, add_bias_residual_norm, norm_rows};
pub(crate) use matmul::{Threads, matmul};
pub(crate) use panels::Panels;
pub(crate) use pool::mean_unit;

/// Width of the vectors that kernels are written in: one AVX-512 register, two AVX2, four NEON.
pub(crate) const LANES: usize = 16;
