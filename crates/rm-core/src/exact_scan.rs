//! One query on its way through lists of vectors: compute every product.

use crate::Result;
use crate::dot::dots_into;
use crate::list_scan::{FoundIn, ListScan, Scanned};
use crate::lists::InvertedLists;
use crate::route::Probe;
use crate::top_k::TopK;

/// Is the state of one query.
pub(crate) struct ExactScan<'a> {
    lists: &'a InvertedLists,
    x: &'a [f32],
    threshold: f32,
    best: TopK<FoundIn>,
    /// Of the last list.
    products: Vec<f32>,
    computed: usize,
}

impl<'a> ExactScan<'a> {
    /// Starts a query for the `top_k` best products of at least `threshold`.
    pub(crate) fn new(
        lists: &'a InvertedLists,
        x: &'a [f32],
        top_k: usize,
        threshold: f32,
    ) -> Self {
        Self {
            lists,
            x,
            threshold,
            best: TopK::new(top_k),
            products: Vec::new(),
            computed: 0,
        }
    }

    fn floor(&self) -> f32 {
        let floor = self.best.floor();
        floor.map_or(self.threshold, |floor| floor.max(self.threshold))
    }
}

impl ListScan for ExactScan<'_> {
    fn visit(&mut self, probe: &Probe) -> usize {
        let list = self.lists.list(probe.centroid);
        self.products.clear();
        dots_into(self.x, list.vectors(), &mut self.products);
        let mut floor = self.floor();
        for at in 0..self.products.len() {
            let product = self.products[at];
            if product >= floor {
                self.best.push(product, (list.ids()[at], probe.centroid));
                floor = self.floor();
            }
        }
        self.computed += list.len();
        list.len()
    }

    fn products(&mut self) -> &[f32] {
        &self.products
    }

    fn finish(self) -> Result<Scanned> {
        Ok(Scanned {
            best: self.best.into_sorted(),
            reranked: self.computed,
        })
    }
}
