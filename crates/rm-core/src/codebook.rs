//! The codebook: K unit centroids, and what they say about a vector.

use nalgebra::DMatrix;

use crate::dot::{dot, dots_into};
use crate::product::{argmax, at_least, map_blocks, rounding_gap};
use crate::ranking::Ranking;
use crate::rounded_centroids::RoundedCentroids;
use crate::route::{Encoding, Probe, Signals};
use crate::vectors::check_unit;
use crate::{CentroidId, Error, Result, Vectors};

/// Fewest vectors worth a matrix product; below, one dot product after the other is as fast.
const PRODUCT_FROM: usize = 64;

/// Holds K unit centroids of one dimension.
///
/// Every score is a [`dot`](crate::dot) product: the batch forms use matrix products to find what may be
/// nearest and recompute whatever lies within rounding, so a batch gives bit for bit what single calls give.
/// Of equal scores the smaller [`CentroidId`] wins.
///
/// ```
/// use rm_core::{CentroidId, Codebook};
///
/// let codebook = Codebook::from_rows(2, vec![1.0, 0.0, 0.0, 1.0])?;
/// let encoding = codebook.encode(&[0.8, 0.6])?;
/// assert_eq!(encoding.centroid, CentroidId(0));
/// assert!((encoding.qerr() - 0.2).abs() < 1e-6);
/// assert!((codebook.margin(&[0.8, 0.6])? - 0.2).abs() < 1e-6);
/// # Ok::<(), rm_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Codebook {
    /// `dim x K`, one centroid a column, which is row-major `(K, dim)` in memory.
    pub(crate) centroids: DMatrix<f32>,
    /// The same in a byte a component, where that is worth it.
    pub(crate) rounded: Option<RoundedCentroids>,
}

/// Two are equal that have the same centroids in the same order.
impl PartialEq for Codebook {
    fn eq(&self, other: &Self) -> bool {
        self.centroids == other.centroids
    }
}

impl Codebook {
    /// Makes a codebook of the rows of `centroids`, in their order.
    ///
    /// # Errors
    /// [`Error::NoVectors`] for none.
    pub fn new(centroids: &Vectors) -> Result<Self> {
        if centroids.is_empty() {
            return Err(Error::NoVectors {
                operation: "a codebook",
            });
        }
        let (dim, k) = (centroids.dim(), centroids.len());
        let centroids = DMatrix::from_column_slice(dim, k, centroids.as_slice());
        Ok(Self::from_matrix(centroids))
    }

    /// Makes a codebook of a row-major block of shape `(K, dim)`, each row scaled to unit norm.
    ///
    /// # Errors
    /// As [`Vectors::from_rows`], and [`Error::NoVectors`] for none.
    pub fn from_rows(dim: usize, centroids: Vec<f32>) -> Result<Self> {
        Self::new(&Vectors::from_rows(dim, centroids)?)
    }

    /// Wraps a `dim x K` matrix of unit columns.
    pub(crate) fn from_matrix(centroids: DMatrix<f32>) -> Self {
        debug_assert!(centroids.ncols() > 0);
        let mut codebook = Self {
            centroids,
            rounded: None,
        };
        codebook.round_if_large();
        codebook
    }

    /// Counts the bytes that are held.
    pub(crate) fn bytes(&self) -> usize {
        let rounded = self.rounded.as_ref().map_or(0, RoundedCentroids::bytes);
        size_of_val(self.as_slice()) + rounded
    }

    /// Returns the number of centroids.
    #[must_use]
    pub fn k(&self) -> usize {
        self.centroids.ncols()
    }

    /// Returns the number of components of each centroid.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.centroids.nrows()
    }

    /// Returns all centroids, row-major `(K, dim)`.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        self.centroids.as_slice()
    }

    /// Returns one centroid.
    ///
    /// # Errors
    /// [`Error::UnknownCentroid`].
    pub fn centroid(&self, id: CentroidId) -> Result<&[f32]> {
        self.check(id)?;
        Ok(self.column(id.index()))
    }

    /// Checks that `id` is one of `0..K`.
    pub(crate) fn check(&self, id: CentroidId) -> Result<()> {
        if id.index() < self.k() {
            return Ok(());
        }
        Err(Error::UnknownCentroid {
            k: self.k(),
            got: id,
        })
    }

    /// Returns the centroid with the largest dot product, and that product.
    ///
    /// # Errors
    /// As [`check_unit`].
    pub fn encode(&self, x: &[f32]) -> Result<Encoding> {
        let x = check_unit(self.dim(), x)?;
        Ok(self.encode_unit(&x))
    }

    /// Does as [`encode`](Self::encode) for a vector that has been checked.
    pub(crate) fn encode_unit(&self, x: &[f32]) -> Encoding {
        self.rank(x).nearest()
    }

    /// Encodes many vectors; gives what [`encode`](Self::encode) gives for each.
    ///
    /// # Errors
    /// [`Error::WrongDimension`].
    pub fn encode_batch(&self, vectors: &Vectors) -> Result<Vec<Encoding>> {
        self.check_dim(vectors)?;
        Ok(self.encode_rows(vectors.as_slice()))
    }

    /// Does as [`encode_batch`](Self::encode_batch) for a row-major block that has been checked.
    pub(crate) fn encode_rows(&self, rows: &[f32]) -> Vec<Encoding> {
        let gap = rounding_gap(self.dim());
        self.map_rows(rows, |x, scores| {
            let best = argmax(scores).map_or(f32::NEG_INFINITY, |(_, best)| best);
            let nearest = self.rescored(x, scores, best - gap);
            nearest
                .first()
                .map_or_else(|| self.encode_unit(x), Probe::encoding)
        })
    }

    /// Returns `1 / (1 + qerr)`, the confidence that the codebook knows the region of `x`, in (0, 1].
    ///
    /// # Errors
    /// As [`check_unit`].
    pub fn conf(&self, x: &[f32]) -> Result<f32> {
        self.encode(x).map(|encoding| encoding.confidence())
    }

    /// Returns the confidence of each vector; see [`conf`](Self::conf).
    ///
    /// # Errors
    /// [`Error::WrongDimension`].
    pub fn conf_batch(&self, vectors: &Vectors) -> Result<Vec<f32>> {
        Ok(self
            .encode_batch(vectors)?
            .iter()
            .map(Encoding::confidence)
            .collect())
    }

    /// Returns the quantisation error `1 - max_c <x, c>`, in [0, 2].
    ///
    /// # Errors
    /// As [`check_unit`].
    pub fn qerr(&self, x: &[f32]) -> Result<f32> {
        self.encode(x).map(|encoding| encoding.qerr())
    }

    /// Returns the quantisation error of each vector; see [`qerr`](Self::qerr).
    ///
    /// # Errors
    /// [`Error::WrongDimension`].
    pub fn qerr_batch(&self, vectors: &Vectors) -> Result<Vec<f32>> {
        Ok(self
            .encode_batch(vectors)?
            .iter()
            .map(Encoding::qerr)
            .collect())
    }

    /// Returns the best minus the second-best centroid score; 0 where there is one centroid.
    ///
    /// # Errors
    /// As [`check_unit`].
    pub fn margin(&self, x: &[f32]) -> Result<f32> {
        self.route(x, 2).map(|(signals, _)| signals.margin)
    }

    /// Returns the margin of each vector; see [`margin`](Self::margin).
    ///
    /// # Errors
    /// [`Error::WrongDimension`].
    pub fn margin_batch(&self, vectors: &Vectors) -> Result<Vec<f32>> {
        let routes = self.route_batch(vectors, 2)?;
        Ok(routes.iter().map(|(signals, _)| signals.margin).collect())
    }

    /// Returns the `n` centroids with the largest scores, best first; all of them where K is smaller.
    ///
    /// # Errors
    /// As [`check_unit`].
    pub fn top_centroids(&self, x: &[f32], n: usize) -> Result<Vec<Probe>> {
        self.route(x, n).map(|(_, probes)| probes)
    }

    /// Returns the best centroids of each vector; see [`top_centroids`](Self::top_centroids).
    ///
    /// # Errors
    /// [`Error::WrongDimension`].
    pub fn top_centroids_batch(&self, vectors: &Vectors, n: usize) -> Result<Vec<Vec<Probe>>> {
        let routes = self.route_batch(vectors, n)?;
        Ok(routes.into_iter().map(|(_, probes)| probes).collect())
    }

    /// Returns all signals of one vector and its `n` best centroids, from one pass over the codebook.
    ///
    /// Costs `K * dim` multiplications, of bytes where K is large, and a partial sort of K scores.
    ///
    /// # Errors
    /// As [`check_unit`].
    pub fn route(&self, x: &[f32], n: usize) -> Result<(Signals, Vec<Probe>)> {
        let x = check_unit(self.dim(), x)?;
        Ok(self.route_unit(&x, n))
    }

    /// Does as [`route`](Self::route) for a vector that has been checked.
    pub(crate) fn route_unit(&self, x: &[f32], n: usize) -> (Signals, Vec<Probe>) {
        let ranking = self.rank(x);
        (
            ranking.signals(),
            ranking.best_first(n, |_| true).take(n).collect(),
        )
    }

    /// Scores every centroid for a vector that has been checked.
    pub(crate) fn rank<'a>(&'a self, x: &'a [f32]) -> Ranking<'a> {
        match &self.rounded {
            None => Ranking::new(&self.scores(x)),
            Some(rounded) => Ranking::of_estimates(self, x, &rounded.products(x)),
        }
    }

    /// Routes many vectors; gives what [`route`](Self::route) gives for each.
    ///
    /// # Errors
    /// [`Error::WrongDimension`].
    pub fn route_batch(&self, vectors: &Vectors, n: usize) -> Result<Vec<(Signals, Vec<Probe>)>> {
        self.check_dim(vectors)?;
        let gap = rounding_gap(self.dim());
        let wanted = n.max(2);
        Ok(self.map_rows(vectors.as_slice(), |x, scores| {
            if wanted >= scores.len() {
                return self.route_unit(x, n);
            }
            let mut sorted = scores.to_vec();
            let (_, last, _) = sorted.select_nth_unstable_by(wanted - 1, |a, b| b.total_cmp(a));
            let mut near = self.rescored(x, scores, *last - gap);
            let signals = Signals::of(&near);
            near.truncate(n);
            (signals, near)
        }))
    }

    pub(crate) fn column(&self, at: usize) -> &[f32] {
        &self.centroids.as_slice()[at * self.dim()..(at + 1) * self.dim()]
    }

    /// Returns `<x, c>` for every centroid.
    pub(crate) fn scores(&self, x: &[f32]) -> Vec<f32> {
        let mut scores = Vec::with_capacity(self.k());
        dots_into(x, self.as_slice(), &mut scores);
        scores
    }

    /// Returns the exact scores of all centroids whose product reached `floor`, best first.
    fn rescored(&self, x: &[f32], products: &[f32], floor: f32) -> Vec<Probe> {
        let mut probes = Vec::new();
        at_least(products, floor, |at| {
            let score = dot(x, self.column(at));
            probes.push(Probe {
                centroid: CentroidId(at as u32),
                score,
            });
        });
        probes.sort_unstable_by(Probe::by_rank);
        probes
    }

    /// Calls `visit(row, products)` for every row, where the products are within rounding of the scores.
    pub(crate) fn map_rows<T, F>(&self, rows: &[f32], visit: F) -> Vec<T>
    where
        T: Send,
        F: Fn(&[f32], &[f32]) -> T + Sync,
    {
        let dim = self.dim();
        if rows.len() < PRODUCT_FROM * dim {
            return rows
                .chunks_exact(dim)
                .map(|x| visit(x, &self.scores(x)))
                .collect();
        }
        let blocks = map_blocks(&self.centroids, rows, |first, scores| {
            let rows = rows[first * dim..]
                .chunks_exact(dim)
                .zip(scores.chunks(self.k()));
            rows.map(|(x, scores)| visit(x, scores)).collect::<Vec<T>>()
        });
        blocks.into_iter().flatten().collect()
    }

    fn check_dim(&self, vectors: &Vectors) -> Result<()> {
        if vectors.dim() == self.dim() {
            return Ok(());
        }
        Err(Error::WrongDimension {
            expected: self.dim(),
            got: vectors.dim(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axes() -> Codebook {
        Codebook::from_rows(2, vec![1.0, 0.0, 0.0, 1.0, -1.0, 0.0]).expect("three axes")
    }

    #[test]
    fn one_vector_worked_by_hand() -> Result<()> {
        let codebook = axes();
        let (signals, probes) = codebook.route(&[0.6, 0.8], 2)?;
        assert_eq!(signals.top_centroid, CentroidId(1));
        assert_eq!(signals.qerr, 1.0 - 0.8);
        assert_eq!(signals.margin, 0.8 - 0.6);
        assert_eq!(signals.confidence, 1.0 / (1.0 + (1.0 - 0.8)));
        let ids: Vec<u32> = probes.iter().map(|probe| probe.centroid.0).collect();
        assert_eq!(ids, [1, 0]);
        assert_eq!(codebook.top_centroids(&[0.6, 0.8], 99)?.len(), 3);
        assert!(codebook.top_centroids(&[0.6, 0.8], 0)?.is_empty());
        Ok(())
    }

    #[test]
    fn of_equal_scores_the_smaller_id_wins() -> Result<()> {
        let codebook = Codebook::from_rows(2, vec![0.0, 1.0, 1.0, 0.0, 1.0, 0.0])?;
        assert_eq!(codebook.encode(&[1.0, 0.0])?.centroid, CentroidId(1));
        assert_eq!(codebook.margin(&[1.0, 0.0])?, 0.0);
        Ok(())
    }

    #[test]
    fn one_centroid_has_no_margin() -> Result<()> {
        assert_eq!(
            Codebook::from_rows(2, vec![1.0, 0.0])?.margin(&[0.6, 0.8])?,
            0.0
        );
        Ok(())
    }

    #[test]
    fn centroids_come_and_go() -> Result<()> {
        let mut codebook = axes();
        assert_eq!(codebook.push_column(&[0.0, -1.0]), CentroidId(3));
        assert_eq!(codebook.centroid(CentroidId(3))?, &[0.0, -1.0]);
        codebook.swap_remove_column(CentroidId(0));
        assert_eq!(codebook.as_slice(), &[0.0, -1.0, 0.0, 1.0, -1.0, 0.0]);
        codebook.swap_remove_column(CentroidId(2));
        assert_eq!(codebook.as_slice(), &[0.0, -1.0, 0.0, 1.0]);
        assert!(codebook.centroid(CentroidId(2)).is_err());
        Ok(())
    }

    #[test]
    fn bad_vectors_are_refused() {
        let codebook = axes();
        assert!(matches!(
            codebook.encode(&[1.0]),
            Err(Error::WrongDimension { .. })
        ));
        assert!(matches!(
            codebook.route(&[f32::NAN, 0.0], 1),
            Err(Error::NotFinite { .. })
        ));
        assert!(matches!(
            codebook.conf(&[0.0, 0.0]),
            Err(Error::ZeroVector { .. })
        ));
        let three = Vectors::from_rows(3, vec![1.0; 3]).expect("one row");
        assert!(matches!(
            codebook.encode_batch(&three),
            Err(Error::WrongDimension { .. })
        ));
        assert!(Codebook::from_rows(2, vec![]).is_err());
    }
}
