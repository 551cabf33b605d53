//! What a query does with each list on its way.

use crate::route::Probe;
use crate::top_k::Scored;
use crate::{CentroidId, ItemId, Result};

/// Is an item that was found, and the list it was found in.
pub(crate) type FoundIn = (ItemId, CentroidId);

/// Compares a query with the items of one list after the other, and keeps the best by exact product.
pub(crate) trait ListScan {
    /// Compares with all items of the list of `probe`, and returns how many that were.
    fn visit(&mut self, probe: &Probe) -> usize;

    /// Computes the exact products that the lists so far leave open, and returns those computed since the last call,
    /// the first of which comes before the first list.
    fn products(&mut self) -> &[f32];

    /// Ends the query; fails where vectors could not be read on the way.
    fn finish(self) -> Result<Scanned>;
}

/// Is what a scan found.
#[derive(Debug)]
pub(crate) struct Scanned {
    /// The best items, best first.
    pub(crate) best: Vec<Scored<FoundIn>>,
    /// Items whose exact product was computed.
    pub(crate) reranked: usize,
}
