//! Turns vectors into codes, and queries into tables.

use super::block::rows;
use super::lookup::Lookup;
use super::one_bit::{OneBit, encode};
use super::rotation::Rotation;
use crate::Coding;

/// Codes vectors of one dimension under one rotation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Codec {
    dim: usize,
    rotation: Rotation,
}

impl Codec {
    /// Makes what codes vectors of `dim` components; `None` where they are not coded.
    pub(crate) fn new(dim: usize, coding: Coding) -> Option<Self> {
        match coding {
            Coding::Exact => None,
            Coding::OneBit { seed, .. } => Some(Self {
                dim,
                rotation: Rotation::new(dim, seed),
            }),
        }
    }

    /// Returns the number of components.
    pub(crate) fn dim(&self) -> usize {
        self.dim
    }

    /// Returns the bytes of one code.
    pub(crate) fn code_bytes(&self) -> usize {
        rows(self.dim)
    }

    /// Codes `unit` by what it differs from `origin` in.
    pub(crate) fn encode(&self, unit: &[f32], origin: &[f32]) -> (Vec<u8>, OneBit) {
        let mut residual: Vec<f32> = unit.iter().zip(origin).map(|(x, c)| x - c).collect();
        self.rotation.rotate(&mut residual);
        let mut signs = vec![0; rows(self.dim)];
        let one_bit = encode(&residual, &mut signs);
        (signs, one_bit)
    }

    /// Makes the tables of a query.
    pub(crate) fn lookup(&self, x: &[f32]) -> Lookup {
        let mut rotated = x.to_vec();
        self.rotation.rotate(&mut rotated);
        Lookup::new(&rotated, rows(self.dim))
    }
}
