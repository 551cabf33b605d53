//! One query on its way through lists of vectors, of whose items it may find some: compute the products of these.

use crate::allowed::Admits;
use crate::list_scan::{FoundIn, ListScan, Scanned};
use crate::lists::InvertedLists;
use crate::route::Probe;
use crate::top_k::TopK;
use crate::{Result, dot};

/// Is the state of one query.
pub(crate) struct ExactScanAmong<'a, A> {
    lists: &'a InvertedLists,
    x: &'a [f32],
    threshold: f32,
    admits: A,
    best: TopK<FoundIn>,
    /// Of the admitted items of the last list.
    products: Vec<f32>,
    computed: usize,
}

impl<'a, A: Admits> ExactScanAmong<'a, A> {
    /// Starts a query for the `top_k` best products of at least `threshold` among the admitted items.
    pub(crate) fn new(
        lists: &'a InvertedLists,
        x: &'a [f32],
        top_k: usize,
        threshold: f32,
        admits: A,
    ) -> Self {
        Self {
            lists,
            x,
            threshold,
            admits,
            best: TopK::new(top_k),
            products: Vec::new(),
            computed: 0,
        }
    }
}

impl<A: Admits> ListScan for ExactScanAmong<'_, A> {
    fn visit(&mut self, probe: &Probe) -> usize {
        let list = self.lists.list(probe.centroid);
        self.products.clear();
        let vectors = list.vectors().chunks_exact(self.x.len());
        for (item, vector) in list.ids().iter().zip(vectors) {
            if self.admits.admits(*item) {
                let product = dot(self.x, vector);
                self.products.push(product);
                if product >= self.threshold {
                    self.best.push(product, (*item, probe.centroid));
                }
            }
        }
        self.computed += self.products.len();
        self.products.len()
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
