//! Turns vectors into codes, and queries into tables.

use super::block::rows;
use super::fine_codes::FineCodes;
use super::fine_query::FineQuery;
use super::lookup::Lookup;
use super::many_bits::{self, ManyBits};
use super::one_bit::{OneBit, encode};
use super::rotation::Rotation;
use crate::{CodeBits, Coding};

/// Codes vectors of one dimension under one rotation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Codec {
    dim: usize,
    bits: CodeBits,
    rotation: Rotation,
}

/// Is the code of one vector.
#[derive(Debug)]
pub(crate) struct Code {
    /// The first bit of each component, and what goes with them.
    pub(crate) signs: Vec<u8>,
    pub(crate) one_bit: OneBit,
    /// The further bits, one plane after the other, and what goes with all bits; where there are any.
    pub(crate) fine: Option<(ManyBits, Vec<u8>)>,
}

impl Codec {
    /// Makes what codes vectors of `dim` components; `None` where they are not coded.
    pub(crate) fn new(dim: usize, coding: Coding) -> Option<Self> {
        match coding {
            Coding::Exact => None,
            Coding::RaBitQ { bits, seed, .. } => Some(Self {
                dim,
                bits,
                rotation: Rotation::new(dim, seed),
            }),
        }
    }

    /// Returns the number of components.
    pub(crate) fn dim(&self) -> usize {
        self.dim
    }

    /// Returns the bytes that the scan takes up of one code.
    pub(crate) fn code_bytes(&self) -> usize {
        rows(self.dim)
    }

    /// Codes `unit` by what it differs from `origin` in.
    pub(crate) fn encode(&self, unit: &[f32], origin: &[f32]) -> Code {
        let mut residual: Vec<f32> = unit.iter().zip(origin).map(|(x, c)| x - c).collect();
        self.rotation.rotate(&mut residual);
        let mut signs = vec![0; rows(self.dim)];
        let one_bit = encode(&residual, &mut signs);
        let fine = (self.bits > CodeBits::ONE).then(|| {
            let mut low = vec![0; self.bits.after_the_first() * rows(self.dim)];
            (many_bits::encode(&residual, self.bits, &mut low), low)
        });
        Code {
            signs,
            one_bit,
            fine,
        }
    }

    /// Makes room for the further bits of a list's items, where there are any.
    pub(crate) fn fine_codes(&self) -> Option<FineCodes> {
        FineCodes::new(self.dim, self.bits)
    }

    /// Makes the tables of a query, and what it brings to further bits, where there are any.
    pub(crate) fn query(&self, x: &[f32]) -> (Lookup, Option<FineQuery>) {
        let mut rotated = x.to_vec();
        self.rotation.rotate(&mut rotated);
        let fine = (self.bits > CodeBits::ONE).then(|| FineQuery::new(&rotated, self.bits));
        (Lookup::new(&rotated, rows(self.dim)), fine)
    }
}
