//! The rival: a graph index (HNSW; Malkov and Yashunin, 2016) over the same vectors.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result};
use hnsw_stable::{Dense, Hnsw, HnswConfig, Metric, NodeId, VectorStore, VectorStoreMut};
use rm_core::{Vectors, dot};
use serde::Deserialize;

use crate::suite::Task;

/// Says how a graph is built and how wide it is searched.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GraphParameters {
    /// Links of a node on the upper layers; twice as many on the lowest.
    pub(super) m: usize,
    /// Candidates kept while a node is linked.
    pub(super) ef_construction: usize,
    /// Candidates kept while a query is answered; more than are returned.
    pub(super) efs: Vec<usize>,
}

/// Holds the links; the vectors stay where they are and are lent to every call.
pub(super) struct Graph {
    hnsw: Hnsw<u32, NegatedDot>,
    link_bytes: usize,
}

impl Graph {
    /// Links all `items` in their order on one thread, so that the same seed gives the same graph.
    pub(super) fn build(
        items: &Vectors,
        parameters: &GraphParameters,
        seed: u64,
        task: &Task,
    ) -> Result<Self> {
        let config = HnswConfig::new(items.dim(), items.len())
            .m(parameters.m)
            .ef_construction(parameters.ef_construction)
            .seed(seed);
        let hnsw = Hnsw::new(NegatedDot, config);
        let lent = Lent(items);
        for (at, vector) in items.iter().enumerate() {
            let key = u32::try_from(at).context("too many items for the graph")?;
            hnsw.insert(&lent, key, vector)
                .with_context(|| format!("cannot link item {at}"))?;
            task.advance(1);
        }
        let link_bytes = link_bytes(&hnsw, items.len(), parameters.m)?;
        Ok(Self { hnsw, link_bytes })
    }

    /// Returns the bytes of links and levels; the crate's locks, marks and key map are not counted.
    pub(super) fn link_bytes(&self) -> usize {
        self.link_bytes
    }

    /// Sets how many candidates the next searches keep.
    pub(super) fn set_ef(&self, ef: usize) {
        self.hnsw.set_ef_search(ef);
    }

    /// Returns the positions of the `k` best items found, best first.
    pub(super) fn search(&self, items: &Vectors, x: &[f32], k: usize) -> Result<Vec<usize>> {
        self.search_in(&Lent(items), x, k)
    }

    /// Does as [`search`](Self::search) and counts the vectors that the query was compared with.
    pub(super) fn search_counted(
        &self,
        items: &Vectors,
        x: &[f32],
        k: usize,
    ) -> Result<(Vec<usize>, u64)> {
        let counted = Counted {
            lent: Lent(items),
            read: AtomicU64::new(0),
        };
        let found = self.search_in(&counted, x, k)?;
        Ok((found, counted.read.into_inner()))
    }

    fn search_in<V>(&self, vectors: &V, x: &[f32], k: usize) -> Result<Vec<usize>>
    where
        V: VectorStore<Family = Dense<f32>>,
    {
        let hits = self.hnsw.search(vectors, x, k, None)?;
        Ok(hits.into_iter().map(|hit| hit.key as usize).collect())
    }
}

/// Counts the lists of links: `2m + 1` numbers on the lowest layer and `m + 1` on each above, and the level.
fn link_bytes(hnsw: &Hnsw<u32, NegatedDot>, n_items: usize, m: usize) -> Result<usize> {
    let mut upper_layers = 0;
    for key in 0..n_items as u32 {
        upper_layers += hnsw.level(&key)?;
    }
    let numbers = n_items * (2 * m + 1) + upper_layers * (m + 1) + n_items;
    Ok(numbers * size_of::<u32>())
}

/// Is the distance of unit vectors: the product that every method here computes, nearest least.
#[derive(Debug, Clone, Copy)]
struct NegatedDot;

impl Metric for NegatedDot {
    type Family = Dense<f32>;

    fn distance(&self, a: &[f32], b: &[f32]) -> f32 {
        -dot(a, b)
    }
}

/// Lends the vectors of a corpus; node `p` of the graph is the item at position `p`.
struct Lent<'v>(&'v Vectors);

impl VectorStore for Lent<'_> {
    type Family = Dense<f32>;
    type Vector<'a>
        = &'a [f32]
    where
        Self: 'a;

    fn dim(&self) -> usize {
        self.0.dim()
    }

    fn vector(&self, id: NodeId) -> Option<&[f32]> {
        self.0.get(id.as_usize())
    }
}

impl VectorStoreMut for Lent<'_> {
    /// Has nothing to store: nodes are numbered in the order of the items.
    fn set(&self, _id: NodeId, _vector: &[f32]) -> hnsw_stable::Result<()> {
        Ok(())
    }
}

/// Lends vectors and counts how many were asked for.
struct Counted<'v> {
    lent: Lent<'v>,
    read: AtomicU64,
}

impl VectorStore for Counted<'_> {
    type Family = Dense<f32>;
    type Vector<'a>
        = &'a [f32]
    where
        Self: 'a;

    fn dim(&self) -> usize {
        self.lent.dim()
    }

    fn vector(&self, id: NodeId) -> Option<&[f32]> {
        self.read.fetch_add(1, Ordering::Relaxed);
        self.lent.vector(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::Progress;

    const PARAMETERS: GraphParameters = GraphParameters {
        m: 4,
        ef_construction: 32,
        efs: Vec::new(),
    };

    /// Points on a circle, in the order of their angle.
    fn circle(n: usize) -> Result<Vectors> {
        let angle = |at: usize| std::f32::consts::TAU * at as f32 / n as f32;
        let rows = (0..n).flat_map(|at| [angle(at).cos(), angle(at).sin()]);
        Ok(Vectors::from_rows(2, rows.collect())?)
    }

    fn graph(items: &Vectors, seed: u64) -> Result<Graph> {
        let task = Progress::silent().task("graph", items.len() as u64, "items");
        Graph::build(items, &PARAMETERS, seed, &task)
    }

    #[test]
    fn it_finds_the_neighbours_on_a_circle() -> Result<()> {
        let items = circle(200)?;
        let graph = graph(&items, 42)?;
        graph.set_ef(32);
        let (found, compared) = graph.search_counted(&items, &[1.0, 0.0], 3)?;
        assert_eq!(found[0], 0);
        assert!(found.contains(&1) && found.contains(&199), "{found:?}");
        assert!((3..200).contains(&compared), "{compared}");
        assert_eq!(graph.search(&items, &[1.0, 0.0], 3)?, found);
        Ok(())
    }

    #[test]
    fn the_same_seed_gives_the_same_graph() -> Result<()> {
        let items = circle(300)?;
        let (first, second) = (graph(&items, 7)?, graph(&items, 7)?);
        assert_eq!(first.link_bytes(), second.link_bytes());
        for x in items.iter().step_by(11) {
            let (a, b) = (
                first.search_counted(&items, x, 5)?,
                second.search_counted(&items, x, 5)?,
            );
            assert_eq!(a, b);
        }
        Ok(())
    }

    #[test]
    fn every_node_has_room_for_its_links() -> Result<()> {
        let items = circle(50)?;
        // 2 * 4 links, their number and the level, 4 bytes each; more for the nodes of upper layers.
        let least = 50 * (2 * 4 + 1 + 1) * 4;
        let bytes = graph(&items, 1)?.link_bytes();
        assert!(bytes > least && bytes < 2 * least, "{bytes}");
        Ok(())
    }
}
