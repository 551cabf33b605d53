//! The codes of one list.

use super::fine_codes::FineCodes;
use super::{BLOCK_ITEMS, CodeBlocks, Codec, FineQuery};
use crate::dot;
use crate::dot::prefetch;

/// A full list makes room for as many items more as it holds, over this: less than doubling would make, for what is held is
/// meant to be small.
pub(crate) const GROWTH: usize = 8;

/// Product of a centroid with the place that its list was coded about, below which the list is coded anew: residuals are
/// then some 2% longer than they need be, and errors with them.
const LEAST_AGREEMENT: f32 = 0.98;

/// Holds a code for each item of a list, in the order of the items.
///
/// Codes stand for what items differ from the *origin* in: the centroid as it was when the list was coded. A centroid
/// that moves leaves the codes right, because its old place is kept here from then on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListCodes {
    /// `None` while the origin is where the centroid is.
    pub(super) origin: Option<Box<[f32]>>,
    pub(super) blocks: CodeBlocks,
    pub(super) factors: Vec<f32>,
    /// Product of each item with the origin.
    pub(super) products: Vec<f32>,
    /// At least the largest factor of each block.
    pub(super) largest_factors: Vec<f32>,
    /// Largest standard error over factor of the items so far.
    pub(super) spread: f32,
    /// The bits of each item after the first, where there are any.
    pub(super) fine: Option<FineCodes>,
}

impl ListCodes {
    /// Makes the codes of an empty list.
    pub(crate) fn new(codec: &Codec) -> Self {
        Self {
            origin: None,
            blocks: CodeBlocks::new(codec.dim()),
            factors: Vec::new(),
            products: Vec::new(),
            largest_factors: Vec::new(),
            spread: 0.0,
            fine: codec.fine_codes(),
        }
    }

    /// Codes all vectors of a list about `centroid`.
    pub(crate) fn of<'v>(
        codec: &Codec,
        vectors: impl Iterator<Item = &'v [f32]>,
        centroid: &[f32],
    ) -> Self {
        let mut codes = Self::new(codec);
        codes.reserve_exact(vectors.size_hint().0);
        for unit in vectors {
            codes.push(codec, unit, centroid);
        }
        codes
    }

    /// Returns whether the list is to be coded anew, now that its centroid is at `centroid`: where codes are about an older
    /// place that is farther off than codes can do well with, or than `strict` allows, which is not at all.
    pub(crate) fn is_stale(&self, centroid: &[f32], strict: bool) -> bool {
        let agrees = |origin| !strict && dot(origin, centroid) >= LEAST_AGREEMENT;
        self.origin().is_some_and(|origin| !agrees(origin))
    }

    /// Returns the positions at which the code is not that of the vector there; `centroid` is where the list's centroid is
    /// now.
    pub(crate) fn wrong_at<'v>(
        &self,
        codec: &Codec,
        vectors: impl Iterator<Item = &'v [f32]>,
        centroid: &[f32],
    ) -> Vec<usize> {
        let origin = self.origin.as_deref().unwrap_or(centroid);
        let right = Self::of(codec, vectors, origin);
        let fine = |codes: &Self, at: usize| {
            let item = codes.fine.as_ref().map(|fine| fine.item(at));
            item.map(<[u8]>::to_vec)
        };
        let holds = |at: usize| {
            let block = at / BLOCK_ITEMS;
            self.factors[at] == right.factors[at]
                && self.largest_factors[block] >= right.factors[at]
                && self.spread >= right.spread
                && self.products[at] == right.products[at]
                && self.blocks.get(at) == right.blocks.get(at)
                && fine(self, at) == fine(&right, at)
        };
        let n = right.factors.len().max(self.factors.len());
        let both = right.factors.len().min(self.factors.len());
        (0..n).filter(|at| *at >= both || !holds(*at)).collect()
    }

    /// Makes room for exactly `additional` further items.
    pub(crate) fn reserve_exact(&mut self, additional: usize) {
        self.blocks.reserve_exact(additional);
        self.factors.reserve_exact(additional);
        self.products.reserve_exact(additional);
        let blocks = (self.factors.len() + additional).div_ceil(BLOCK_ITEMS);
        let more = blocks.saturating_sub(self.largest_factors.len());
        self.largest_factors.reserve_exact(more);
        if let Some(fine) = &mut self.fine {
            fine.reserve_exact(additional);
        }
    }

    /// Appends the code of `unit`; `centroid` is where the list's centroid is now.
    pub(crate) fn push(&mut self, codec: &Codec, unit: &[f32], centroid: &[f32]) {
        if self.factors.len() == self.factors.capacity() {
            self.reserve_exact((self.factors.len() / GROWTH).max(BLOCK_ITEMS));
        }
        let origin = self.origin.as_deref().unwrap_or(centroid);
        let code = codec.encode(unit, origin);
        self.products.push(dot(unit, origin));
        if self.factors.len().is_multiple_of(BLOCK_ITEMS) {
            self.largest_factors.push(0.0);
        }
        self.blocks.push(&code.signs);
        self.factors.push(code.one_bit.factor);
        self.raise_largest(self.factors.len() - 1);
        self.spread = self.spread.max(code.one_bit.spread);
        if let (Some(fine), Some((many, low))) = (&mut self.fine, code.fine) {
            fine.push(many, &low);
        }
    }

    /// Removes the code at `at`; the last one takes its place. An emptied list is as new.
    pub(crate) fn swap_remove(&mut self, at: usize) {
        self.blocks.swap_remove(at);
        self.factors.swap_remove(at);
        self.products.swap_remove(at);
        if let Some(fine) = &mut self.fine {
            fine.swap_remove(at);
        }
        self.largest_factors
            .truncate(self.factors.len().div_ceil(BLOCK_ITEMS));
        if at < self.factors.len() {
            self.raise_largest(at);
        }
        if self.factors.is_empty() {
            self.origin = None;
            self.spread = 0.0;
        }
    }

    /// Keeps `centroid` as the origin, before the centroid moves away from it.
    pub(crate) fn keep_origin(&mut self, centroid: &[f32]) {
        if self.origin.is_none() && !self.factors.is_empty() {
            self.origin = Some(centroid.into());
        }
    }

    /// Returns the origin where it is not the centroid.
    pub(crate) fn origin(&self) -> Option<&[f32]> {
        self.origin.as_deref()
    }

    /// Returns the bytes that are held, room for more included.
    pub(crate) fn bytes(&self) -> usize {
        let numbers =
            self.factors.capacity() + self.products.capacity() + self.largest_factors.capacity();
        let origin = self.origin.as_ref().map_or(0, |origin| origin.len());
        let fine = self.fine.as_ref().map_or(0, FineCodes::capacity);
        self.blocks.capacity() + (numbers + origin) * size_of::<f32>() + fine
    }

    /// Returns the codes.
    pub(crate) fn blocks(&self) -> &CodeBlocks {
        &self.blocks
    }

    /// Returns the factors, one an item.
    pub(crate) fn factors(&self) -> &[f32] {
        &self.factors
    }

    /// Returns the product of each item with the centroid, unless the centroid has moved since.
    pub(crate) fn products(&self) -> Option<&[f32]> {
        self.origin.is_none().then_some(&self.products)
    }

    /// Returns, for each block, at least its largest factor.
    pub(crate) fn largest_factors(&self) -> &[f32] {
        &self.largest_factors
    }

    /// Asks for the further bits of the item at `at` to be fetched from memory.
    pub(crate) fn fetch_fine(&self, at: usize) {
        if let Some(fine) = &self.fine {
            prefetch(fine.item(at));
        }
    }

    /// Estimates the product of a query and what the item at `at` differs from the origin in by all of its bits, and returns
    /// it with its standard error; `None` where there is one bit alone. `signs` are its first bits.
    pub(crate) fn fine_estimate(
        &self,
        query: &FineQuery,
        signs: &[u8],
        at: usize,
    ) -> Option<(f32, f32)> {
        let (many, low) = self.fine.as_ref()?.get(at);
        let estimate = many.factor * query.product(signs, low);
        Some((estimate, many.error + query.rounding()))
    }

    fn raise_largest(&mut self, at: usize) {
        let largest = &mut self.largest_factors[at / BLOCK_ITEMS];
        *largest = largest.max(self.factors[at]);
    }

    /// Returns the largest standard error over factor.
    pub(crate) fn spread(&self) -> f32 {
        self.spread
    }
}
