//! What routing one vector through a codebook tells.

use std::cmp::Ordering;

use crate::CentroidId;

/// Is the nearest centroid of a vector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Encoding {
    /// The centroid with the largest dot product.
    pub centroid: CentroidId,
    /// That dot product, in [-1, 1].
    pub score: f32,
}

impl Encoding {
    /// Returns the quantisation error `1 - score`, in [0, 2].
    #[must_use]
    pub fn qerr(&self) -> f32 {
        (1.0 - self.score).max(0.0)
    }

    /// Returns `1 / (1 + qerr)`, in (0, 1].
    #[must_use]
    pub fn confidence(&self) -> f32 {
        1.0 / (1.0 + self.qerr())
    }
}

/// Is one centroid in the order a search visits them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probe {
    /// The centroid whose list is visited.
    pub centroid: CentroidId,
    /// Its dot product with the query, in [-1, 1].
    pub score: f32,
}

impl Probe {
    /// Orders by falling score, then rising id.
    pub(crate) fn by_rank(a: &Self, b: &Self) -> Ordering {
        b.score
            .total_cmp(&a.score)
            .then(a.centroid.cmp(&b.centroid))
    }

    pub(crate) fn encoding(&self) -> Encoding {
        Encoding {
            centroid: self.centroid,
            score: self.score,
        }
    }
}

/// Tells how far the answer to one query can be trusted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Signals {
    /// The centroid nearest to the query.
    pub top_centroid: CentroidId,
    /// `1 / (1 + qerr)`: 1 on a centroid, towards 1/3 on its opposite.
    pub confidence: f32,
    /// Best minus second-best centroid score; 0 where there is one centroid.
    pub margin: f32,
    /// `1 - max_c <x, c>`: 0 on a centroid, 2 on its opposite.
    pub qerr: f32,
}

impl Signals {
    /// Reads the signals off the best two probes; `ranked` holds at least one.
    pub(crate) fn of(ranked: &[Probe]) -> Self {
        let best = ranked.first().map_or(
            Encoding {
                centroid: CentroidId(0),
                score: f32::NEG_INFINITY,
            },
            Probe::encoding,
        );
        Self {
            top_centroid: best.centroid,
            confidence: best.confidence(),
            margin: ranked
                .get(1)
                .map_or(0.0, |second| best.score - second.score),
            qerr: best.qerr(),
        }
    }
}
