//! One query on its way through lists with codes: estimate every product, then compute those that may matter.
//!
//! A code gives the product `<x, q>` of an item and the query but for a random error of known size
//! ([`one_bit`](crate::codes)). The scan holds each item whose product may, by that error, be among the best: its
//! *upper end*, estimate plus some standard errors, reaches the k-th best product computed so far. Once enough
//! are held, their products are computed by falling upper end until the next upper end is below the k-th best
//! product. So the bar is high after the first list, and most blocks of codes are passed over as a whole.
//!
//! An item among the k best is missed only where its estimate is too low by more than that many standard errors.
//!
//! Where codes have more than one bit, an item is held only if it still may matter by all of them
//! ([`fine_scan`](crate::fine_scan)), and no product is computed before the end.

use std::collections::VecDeque;

use crate::allowed::Admits;
use crate::codes::{BLOCK_ITEMS, Codec, Lookup, Passing, scan_into};
use crate::dot::prefetch;
use crate::fine_scan::{FIRST_LOOK, FineScan, LOOKED_AT_ONCE};
use crate::list_scan::{FoundIn, ListScan, Scanned};
use crate::lists::{InvertedList, InvertedLists};
use crate::met::Met;
use crate::order::{falling, from_falling};
use crate::route::Probe;
use crate::top_k::TopK;
use crate::{CentroidId, Error, Index, ItemId, Result, dot};

/// Items that are held before products are computed: many at once leave fewer to compute, since the best come first.
const HELD: usize = 256;

/// Vectors that are read at once where they are elsewhere: few, since each may raise the bar above the next.
const READ_AT_ONCE: usize = 12;

/// Items ahead whose vectors are fetched from memory while products are computed.
const AHEAD: usize = 4;

/// Bytes of codes that may stay in a cache from query to query: half of a third-level cache, as servers have it.
const CACHED_BYTES: usize = 16 << 20;

/// Standard errors that stand for any number of them: no product of unit vectors is out of reach, and what is computed
/// with them is finite.
const MOST_ERRORS: f32 = 1e18;

/// Is an item whose product may matter.
#[derive(Debug, Clone, Copy)]
struct Held {
    upper: f32,
    /// Product of the query with the origin of the list.
    base: f32,
    centroid: CentroidId,
    position: u32,
    /// Whether the position is one of the second lists.
    spilled: bool,
}

/// Is the state of one query.
pub(crate) struct CodedScan<'a, A> {
    index: &'a Index,
    x: &'a [f32],
    lookup: Lookup,
    /// The second look, where codes have bits for it.
    fine: Option<FineScan>,
    /// How many of what is held were looked at a second time.
    looked_at: usize,
    /// Standard errors that an estimate may be too low by.
    errors: f32,
    threshold: f32,
    /// Which items may be found.
    admits: A,
    best: TopK<FoundIn>,
    /// Items that were looked at a second time, or else whose product was computed; where an item may be met twice.
    met: Option<Met>,
    /// What an upper end must reach.
    bar: f32,
    held: Vec<Held>,
    /// Room for the order of what is held.
    order: Vec<u64>,
    /// Whether blocks of codes are fetched ahead.
    fetches: bool,
    /// Room for the limits and the blocks of one list.
    limits: Vec<u16>,
    passing: Vec<Passing>,
    /// Since they were last asked for, where they are asked for.
    products: Option<Vec<f32>>,
    computed: usize,
    /// Items that are held before something is computed.
    most_held: usize,
    /// Room for vectors that are read.
    rows: Vec<f32>,
    /// Why vectors could not be read.
    failed: Option<Error>,
}

impl<'a, A: Admits> CodedScan<'a, A> {
    /// Starts a query for the `top_k` best products of at least `threshold` among the admitted items.
    pub(crate) fn new(
        index: &'a Index,
        codec: &Codec,
        x: &'a [f32],
        top_k: usize,
        threshold: f32,
        errors: f32,
        admits: A,
    ) -> Self {
        let errors = errors.min(MOST_ERRORS);
        let (lookup, fine) = codec.query(x);
        let first_look = if fine.is_some() { FIRST_LOOK } else { 1.0 };
        Self {
            index,
            x,
            lookup,
            fine: fine.map(|fine| FineScan::new(fine, top_k, errors)),
            looked_at: 0,
            errors: errors * first_look,
            threshold,
            admits,
            best: TopK::new(top_k),
            met: index.spill.as_ref().map(|_| Met::default()),
            bar: if top_k == 0 { f32::INFINITY } else { threshold },
            held: Vec::with_capacity(HELD + BLOCK_ITEMS),
            order: Vec::with_capacity(HELD + BLOCK_ITEMS),
            fetches: index.len() * codec.code_bytes() > CACHED_BYTES,
            limits: Vec::new(),
            passing: Vec::new(),
            products: None,
            computed: 0,
            most_held: HELD,
            rows: Vec::new(),
            failed: None,
        }
    }

    /// Computes the products of what is held, as far as they may matter.
    fn compute(&mut self) {
        self.look_again();
        let held = std::mem::take(&mut self.held);
        let mut order = std::mem::take(&mut self.order);
        self.put_in_order(&held, &mut order);
        if self.index.source.is_some() {
            self.read_all(&held, &order);
        } else {
            self.compute_all(&held, &order);
        }
        (self.held, self.order) = (held, order);
        self.held.clear();
        self.order.clear();
        self.looked_at = 0;
    }

    /// Orders what is held and still may matter by falling upper ends.
    fn put_in_order(&self, held: &[Held], order: &mut Vec<u64>) {
        let reaching = held
            .iter()
            .zip(0u32..)
            .filter(|(held, _)| held.upper >= self.bar);
        order.extend(reaching.map(|(held, at)| falling(held.upper, at)));
        order.sort_unstable();
    }

    /// Computes products in order until the next upper end is below the bar; vectors are in memory.
    fn compute_all(&mut self, held: &[Held], order: &[u64]) {
        // Where a vector is is asked once: for an item in its second list that is a look-up.
        let mut ahead: VecDeque<(Held, &[f32])> = VecDeque::with_capacity(AHEAD + 1);
        let mut rest = order.iter().map(|key| held[from_falling(*key).1 as usize]);
        loop {
            while ahead.len() <= AHEAD
                && let Some(next) = rest.next()
            {
                let vector = self.vector(&next);
                prefetch(vector);
                ahead.push_back((next, vector));
            }
            let Some((next, vector)) = ahead.pop_front() else {
                break;
            };
            if next.upper < self.bar {
                break;
            }
            if let Some(item) = self.uncomputed(&next) {
                self.see(item, next.centroid, dot(self.x, vector));
            }
        }
    }

    /// Does as [`compute_all`](Self::compute_all) with vectors that are elsewhere, a few at a time.
    fn read_all(&mut self, held: &[Held], order: &[u64]) {
        for keys in order.chunks(READ_AT_ONCE) {
            let first = keys.first().map(|key| from_falling(*key).1 as usize);
            if first.is_none_or(|first| held[first].upper < self.bar) {
                break;
            }
            self.read_some(held, keys);
        }
    }

    /// Reads the vectors of those items that still may matter.
    fn read_some(&mut self, held: &[Held], keys: &[u64]) {
        let nth = |key: &u64| held[from_falling(*key).1 as usize];
        let (mut items, mut found_in) = (Vec::new(), Vec::new());
        let bar = self.bar;
        for next in keys.iter().map(nth).take_while(|next| next.upper >= bar) {
            if let Some(item) = self.uncomputed(&next) {
                items.push(item);
                found_in.push(next.centroid);
            }
        }
        let mut rows = std::mem::take(&mut self.rows);
        rows.clear();
        if let Err(failed) = self.index.read_into(&items, &mut rows) {
            self.failed.get_or_insert(failed);
            // Nothing can matter any more.
            self.bar = f32::INFINITY;
            return;
        }
        let vectors = rows.chunks_exact(self.x.len());
        for ((item, centroid), vector) in items.iter().zip(found_in).zip(vectors) {
            self.see(*item, centroid, dot(self.x, vector));
        }
        self.rows = rows;
    }

    /// Raises the bar by the best of what is held, reads no more than it takes for that, and lets go of what is below
    /// the bar then.
    fn raise_bar(&mut self) {
        let mut held = std::mem::take(&mut self.held);
        let mut order = std::mem::take(&mut self.order);
        self.put_in_order(&held, &mut order);
        let first = order.len().min(READ_AT_ONCE);
        self.read_some(&held, &order[..first]);
        // What was read reaches no bar any more.
        for key in &order[..first] {
            held[from_falling(*key).1 as usize].upper = f32::NAN;
        }
        held.retain(|held| held.upper >= self.bar);
        order.clear();
        self.most_held = HELD.max(2 * held.len());
        (self.held, self.order) = (held, order);
    }

    /// Looks a second time at what is held since the last time, and lets go of what is below the bar then.
    fn look_again(&mut self) {
        let Some(mut fine) = self.fine.take() else {
            return;
        };
        let mut kept = self.looked_at;
        for (nth, at) in (self.looked_at..self.held.len()).enumerate() {
            let mut held = self.held[at];
            let Some(codes) = self.list(&held).codes() else {
                continue;
            };
            if held.upper < self.bar {
                continue;
            }
            let Some(item) = self.unmet(&held) else {
                continue;
            };
            let position = held.position as usize;
            let upper = fine.upper_end(nth, codes, held.base, position, item);
            held.upper = held.upper.min(upper);
            let floor = fine.floor();
            self.bar = floor.map_or(self.bar, |floor| floor.max(self.bar));
            if held.upper >= self.bar {
                self.held[kept] = held;
                kept += 1;
            }
        }
        self.held.truncate(kept);
        self.looked_at = kept;
        fine.let_go();
        self.fine = Some(fine);
    }

    /// Makes room for more to be held.
    fn make_room(&mut self) {
        if self.fine.is_some() {
            self.look_again();
            let bar = self.bar;
            self.held.retain(|held| held.upper >= bar);
            self.looked_at = self.held.len();
            self.most_held = HELD.max(2 * self.held.len());
        } else if self.index.source.is_some() {
            self.raise_bar();
        } else {
            self.compute();
        }
    }

    /// Returns the id of an item whose product was not computed before, which it will be now.
    fn uncomputed(&mut self, held: &Held) -> Option<ItemId> {
        if self.fine.is_some() {
            // What was looked at twice is held once.
            return Some(self.list(held).ids()[held.position as usize]);
        }
        self.unmet(held)
    }

    /// Returns the id of an item that was not met before, which it is from now on.
    fn unmet(&mut self, held: &Held) -> Option<ItemId> {
        let item = self.list(held).ids()[held.position as usize];
        let is_new = self.met.as_mut().is_none_or(|met| met.insert(item));
        is_new.then_some(item)
    }

    /// Takes in the product of an item.
    fn see(&mut self, item: ItemId, centroid: CentroidId, product: f32) {
        self.computed += 1;
        if let Some(products) = &mut self.products {
            products.push(product);
        }
        if product >= self.threshold {
            self.best.push(product, (item, centroid));
            let floor = self.best.floor();
            self.bar = floor.map_or(self.bar, |floor| floor.max(self.bar));
        }
    }

    fn list(&self, held: &Held) -> &'a InvertedList {
        let lists = match &self.index.spill {
            Some(spill) if held.spilled => spill,
            _ => &self.index.lists,
        };
        lists.list(held.centroid)
    }

    /// Returns the vector of an item, which stands in its own list.
    fn vector(&self, held: &Held) -> &'a [f32] {
        let position = held.position as usize;
        if !held.spilled {
            return self.index.lists.vector_at(held.centroid, position);
        }
        let item = self.list(held).ids()[position];
        self.index.lists.vector(item).unwrap_or_default()
    }

    /// Estimates the products of one list's items, in the list of `probe` or in the second list that it is, and returns how
    /// many of them are admitted.
    fn estimate(&mut self, lists: &InvertedLists, probe: &Probe, spilled: bool) -> usize {
        let list = lists.list(probe.centroid);
        let Some(codes) = list.codes() else {
            return 0;
        };
        let admitted = self.admits.count_in(list.ids());
        if admitted == 0 {
            return 0;
        }
        let base = codes
            .origin()
            .map_or(probe.score, |origin| dot(origin, self.x));
        let rounding = self.lookup.rounding();
        let error = self.errors * (codes.spread() * codes.spread() + rounding * rounding).sqrt();
        let (above, step) = (self.lookup.offset + error, self.lookup.step);
        self.set_limits(codes.largest_factors(), base, above);
        self.passing.clear();
        let blocks = codes.blocks().bytes();
        scan_into(
            &self.lookup,
            blocks,
            &self.limits,
            self.fetches,
            &mut self.passing,
        );
        let factors = codes.factors();
        for at in 0..self.passing.len() {
            let Passing { block, sums } = self.passing[at];
            let limit = self.limits[block as usize];
            let from = block as usize * BLOCK_ITEMS;
            for (at, (factor, sum)) in factors[from..].iter().zip(sums).enumerate() {
                let upper = base + factor * (above + step * f32::from(sum));
                let reaches = sum >= limit && upper >= self.bar;
                if reaches && self.admits.admits(list.ids()[from + at]) {
                    self.held.push(Held {
                        upper,
                        base,
                        centroid: probe.centroid,
                        position: (from + at) as u32,
                        spilled,
                    });
                    if let Some(fine) = &mut self.fine {
                        fine.take_up(codes, from + at);
                    }
                }
            }
            if self.fine.is_some() && self.held.len() - self.looked_at >= LOOKED_AT_ONCE {
                self.look_again();
            }
            if self.held.len() >= self.most_held {
                self.make_room();
            }
        }
        admitted
    }

    /// Sets for each block the least sum with which an upper end, `base + factor * (above + step * sum)`, can reach
    /// the bar; the largest factor of the block gives it.
    fn set_limits(&mut self, largest_factors: &[f32], base: f32, above: f32) {
        let (bar, step) = (self.bar - base, self.lookup.step);
        self.limits.clear();
        if bar <= 0.0 {
            // Then small factors reach the bar more easily than large ones.
            self.limits.resize(largest_factors.len(), 0);
            return;
        }
        // A factor of 0 gives infinity, which the conversion turns into the largest limit.
        let least = |factor: &f32| ((bar / factor - above) / step).floor() as u16;
        self.limits.extend(largest_factors.iter().map(least));
    }
}

impl<A: Admits> ListScan for CodedScan<'_, A> {
    fn visit(&mut self, probe: &Probe) -> usize {
        let index = self.index;
        let own = self.estimate(&index.lists, probe, false);
        let spilled = index.spill.as_ref();
        own + spilled.map_or(0, |spill| self.estimate(spill, probe, true))
    }

    fn products(&mut self) -> &[f32] {
        self.products.get_or_insert_default().clear();
        self.compute();
        self.products.as_deref().unwrap_or_default()
    }

    fn finish(mut self) -> Result<Scanned> {
        self.compute();
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        Ok(Scanned {
            best: self.best.into_sorted(),
            reranked: self.computed,
        })
    }
}
