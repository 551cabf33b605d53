//! How long queries must go on for a wanted recall.

use rayon::prelude::*;

use crate::allowed::{Admits, Everything, Only};
use crate::coded_scan::CodedScan;
use crate::exact_scan_among::ExactScanAmong;
use crate::lag::Lag;
use crate::list_scan::ListScan;
use crate::ranking::FIRST_SORTED;
use crate::{
    Allowed, CentroidId, DEFAULT_RERANK_ERRORS, Error, Index, ItemId, Result, Retriever, Vectors,
};

/// Tells how far a search must go so that a wanted share of the `top_k` nearest items is found on average.
///
/// For every exact answer of some sample queries it holds the lag of the answer's list: how far the list's centroid
/// fell behind what was found by then. A target
/// is a quantile of these lags, so any target works: [`max_lag`](Self::max_lag) is the least lag with which
///
/// ```text
/// E(share of the top_k nearest items that a new query finds) >= target
/// ```
///
/// where the new query is drawn as the sample was (conformal risk control, Angelopoulos et al., 2022). That
/// takes `target * (n + 1)` found of `n` sample queries, so `n` of them vouch for targets up to `n / (n + 1)`:
/// 0.95 needs 19 queries, 0.99 needs 99. A higher target, 1 among them, scans all lists.
///
/// It belongs to the items and the codebook it was fitted to: fit anew after training, and when many items or
/// other kinds of queries have come. The promise is about `top_k` as fitted, whatever a search returns.
///
/// ```
/// use rm_core::{Index, ItemId, RecallCalibration, Retriever, Trainer, Vectors, train};
///
/// # let numbers: Vec<f32> = (0..8_000).map(|i: i32| (i * i % 97) as f32 - 48.0).collect();
/// let items = Vectors::from_rows(8, numbers[..4_000].to_vec())?;
/// let queries = Vectors::from_rows(8, numbers[4_000..].to_vec())?;
/// let codebook = train(&items, 20, &Trainer::default(), 42)?.codebook;
/// let ids: Vec<ItemId> = (0..items.len() as u64).map(ItemId).collect();
/// let index = Index::build(codebook, &ids, &items)?;
///
/// let calibration = RecallCalibration::fit_to_queries(&index, &queries, 5)?;
///
/// let retriever = Retriever::default().top_k(5).recall_target(0.95, &calibration);
/// let found = retriever.query(&index, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])?;
/// assert!(found.probed.len() <= index.k());
/// # Ok::<(), rm_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RecallCalibration {
    top_k: usize,
    /// One for each exact answer of each query, rising.
    lags: Vec<f32>,
}

impl RecallCalibration {
    /// Fits to sample queries and the exact answers to each of them, the same number for all; what
    /// [`ExactSearch`](crate::ExactSearch) or a search over all lists finds.
    ///
    /// Costs a search for each query that ends at the list of its last answer, on all cores.
    ///
    /// # Errors
    /// [`Error::NoVectors`] without queries or answers, [`Error::WrongDimension`], [`Error::LengthMismatch`] where
    /// a query has more or fewer answers than the first, [`Error::UnknownItem`].
    pub fn fit(index: &Index, queries: &Vectors, exact: &[Vec<ItemId>]) -> Result<Self> {
        let operation = "calibrating a recall target";
        if queries.dim() != index.dim() {
            return Err(Error::WrongDimension {
                expected: index.dim(),
                got: queries.dim(),
            });
        }
        check_len("exact answers", queries.len(), exact.len())?;
        let top_k = exact.first().map_or(0, Vec::len);
        if top_k == 0 {
            return Err(Error::NoVectors { operation });
        }
        for answers in exact {
            check_len("exact answers to a query", top_k, answers.len())?;
        }
        let rows: Vec<&[f32]> = queries.iter().collect();
        let pairs = rows.par_iter().zip(exact);
        let lags = pairs.map(|(x, answers)| needed(index, x, answers, Everything));
        let lags = lags.collect::<Result<Vec<Vec<f32>>>>()?;
        Ok(Self::of(top_k, lags))
    }

    /// Fits to sample queries, whose exact answers a search over all lists gives: [`fit`](Self::fit) for whoever has none.
    ///
    /// # Errors
    /// [`Error::NoVectors`] without queries, items or a `top_k`, [`Error::WrongDimension`], and [`Error::VectorSource`].
    pub fn fit_to_queries(index: &Index, queries: &Vectors, top_k: usize) -> Result<Self> {
        let found = every_list(index, top_k).query_batch(index, queries)?;
        let exact = found.iter().map(|found| found.hits.iter());
        let exact: Vec<Vec<ItemId>> = exact
            .map(|hits| hits.map(|hit| hit.item).collect())
            .collect();
        Self::fit(index, queries, &exact)
    }

    /// Fits to items of the index, each of which asks for the `top_k` others that are nearest to it: for whoever has no queries
    /// yet. A target then holds for queries that are drawn as the items are; others may find less, so fit to queries as soon as
    /// there are any.
    ///
    /// # Errors
    /// [`Error::NoVectors`] without `items`, without others beside them or a `top_k`, [`Error::UnknownItem`], and
    /// [`Error::VectorSource`].
    pub fn fit_to_items(index: &Index, items: &[ItemId], top_k: usize) -> Result<Self> {
        let top_k = top_k.min(index.len().saturating_sub(1));
        if items.is_empty() || top_k == 0 {
            let operation = "calibrating a recall target";
            return Err(Error::NoVectors { operation });
        }
        let search = every_list(index, top_k + 1);
        let lags = items.par_iter().map(|item| {
            let x = index.vector(*item)?;
            let found = search.query(index, &x)?;
            let others = found.hits.iter().map(|hit| hit.item);
            let others = others.filter(|other| other != item).take(top_k);
            let others: Vec<ItemId> = others.collect();
            let mut lags = needed(index, &x, &others, Only(&AllBut(*item)))?;
            // A code may have passed one over.
            lags.resize(top_k, f32::NEG_INFINITY);
            Ok(lags)
        });
        let lags = lags.collect::<Result<Vec<Vec<f32>>>>()?;
        Ok(Self::of(top_k, lags))
    }

    fn of(top_k: usize, lags: Vec<Vec<f32>>) -> Self {
        let mut lags = lags.concat();
        lags.sort_unstable_by(f32::total_cmp);
        Self { top_k, lags }
    }

    /// Puts together what [`top_k`](Self::top_k) and [`lags`](Self::lags) gave, as when it is loaded.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless there are `top_k` lags a query, at least one, rising and none NaN.
    pub fn from_parts(top_k: usize, lags: Vec<f32>) -> Result<Self> {
        if top_k == 0 || lags.is_empty() || !lags.len().is_multiple_of(top_k) {
            let got = format!("{} for top_k {top_k}", lags.len());
            return Err(Error::parameter("lags", "top_k numbers a query", got));
        }
        if lags.iter().any(|lag| lag.is_nan()) || !lags.is_sorted() {
            let expected = "numbers in rising order";
            return Err(Error::parameter("lags", expected, "others"));
        }
        Ok(Self { top_k, lags })
    }

    /// Returns how many nearest items of a query the targets are about.
    #[must_use]
    pub fn top_k(&self) -> usize {
        self.top_k
    }

    /// Returns the lag of each exact answer of the sample, rising; minus infinity where its list is never
    /// passed over. With [`top_k`](Self::top_k) it is all there is to store.
    #[must_use]
    pub fn lags(&self) -> &[f32] {
        &self.lags
    }

    /// Returns the number of sample queries.
    #[must_use]
    pub fn n_queries(&self) -> usize {
        self.lags.len() / self.top_k
    }

    /// Returns the highest target that the sample vouches for without scanning all lists, `n / (n + 1)`.
    #[must_use]
    pub fn highest_target(&self) -> f64 {
        let n = self.n_queries() as f64;
        n / (n + 1.0)
    }

    /// Refuses a target that is no recall.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless the target is above 0 and at most 1.
    pub fn check_target(target: f64) -> Result<()> {
        if target > 0.0 && target <= 1.0 {
            return Ok(());
        }
        let expected = "a recall above 0 and at most 1";
        Err(Error::parameter("recall_target", expected, target))
    }

    /// Returns the lag up to which a search goes on for a target; infinity, so all lists, above
    /// [`highest_target`](Self::highest_target).
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless the target is above 0 and at most 1.
    pub fn max_lag(&self, target: f64) -> Result<f32> {
        Self::check_target(target)?;
        // Conformal risk control with the loss 1 - recall: (n loss + 1) / (n + 1) <= 1 - target, where
        // n loss = n - found / top_k.
        let found = target * (self.n_queries() + 1) as f64 * self.top_k as f64;
        // A target such as 0.95 is no binary fraction: 19/20 of 20 answers must not become 20 of them.
        let found = (found - 1e-9).ceil().max(1.0) as usize;
        Ok(self.lags.get(found - 1).copied().unwrap_or(f32::INFINITY))
    }
}

/// Is an exact search, but for what codes pass over.
fn every_list(index: &Index, top_k: usize) -> Retriever {
    Retriever::default()
        .n_probes(index.k())
        .top_k(top_k)
        .score_threshold(-1.0)
}

/// Returns the lag of the list of each exact answer of a search among the admitted items; lags only grow from list to list, so a
/// search that follows this one gets there.
fn needed(index: &Index, x: &[f32], answers: &[ItemId], admits: impl Admits) -> Result<Vec<f32>> {
    // An item with a second list is found in whichever comes first.
    let mut homes = Vec::with_capacity(answers.len());
    for item in answers {
        let second = index
            .spill
            .as_ref()
            .and_then(|spill| spill.centroid_of(*item));
        homes.push((index.centroid_of(*item)?, second));
    }
    let keep = answers.len();
    match index.lists.codec() {
        None => {
            let scan = ExactScanAmong::new(&index.lists, x, keep, f32::NEG_INFINITY, admits);
            lags_of(index, x, homes, scan)
        }
        Some(codec) => {
            let (lowest, errors) = (f32::NEG_INFINITY, DEFAULT_RERANK_ERRORS);
            let scan = CodedScan::new(index, codec, x, keep, lowest, errors, admits);
            lags_of(index, x, homes, scan)
        }
    }
}

/// Takes one query through the lists until all answers have been met, in either of their lists.
fn lags_of(
    index: &Index,
    x: &[f32],
    mut homes: Vec<(CentroidId, Option<CentroidId>)>,
    mut scan: impl ListScan,
) -> Result<Vec<f32>> {
    let ranking = index.codebook.rank(x);
    let mut lag = Lag::new(&ranking, homes.len());
    let mut lags = Vec::with_capacity(homes.len());
    lag.see(scan.products());
    for probe in index.filled_lists(ranking, FIRST_SORTED) {
        let far = homes.len();
        homes.retain(|home| home.0 != probe.centroid && home.1 != Some(probe.centroid));
        let here = far - homes.len();
        lags.extend(std::iter::repeat_n(lag.of(probe.score), here));
        if homes.is_empty() {
            break;
        }
        scan.visit(&probe);
        lag.see(scan.products());
    }
    scan.finish()?;
    Ok(lags)
}

/// Allows every item but one.
struct AllBut(ItemId);

impl Allowed for AllBut {
    fn allows(&self, item: ItemId) -> bool {
        item != self.0
    }

    fn count(&self) -> usize {
        usize::MAX
    }

    /// Is not asked, since so many are allowed.
    fn items(&self) -> Vec<ItemId> {
        Vec::new()
    }
}

fn check_len(what: &'static str, expected: usize, got: usize) -> Result<()> {
    if expected == got {
        return Ok(());
    }
    Err(Error::LengthMismatch {
        what,
        expected,
        got,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calibration() -> RecallCalibration {
        // Four queries with two answers each.
        let lags = vec![f32::NEG_INFINITY, -0.5, -0.25, 0.0, 0.125, 0.25, 0.5, 1.0];
        RecallCalibration { top_k: 2, lags }
    }

    #[test]
    fn a_target_is_a_quantile_of_the_lags() -> Result<()> {
        // 0.5 * (4 + 1) * 2 = 5 of the 8 answers have to be found; 0.8 takes all; more takes all lists.
        let calibration = calibration();
        assert_eq!(calibration.max_lag(0.5)?, 0.125);
        assert_eq!(calibration.max_lag(0.51)?, 0.25);
        assert_eq!(calibration.highest_target(), 0.8);
        assert_eq!(calibration.max_lag(0.8)?, 1.0);
        for target in [0.81, 0.99, 1.0] {
            assert_eq!(calibration.max_lag(target)?, f32::INFINITY);
        }
        assert_eq!(calibration.max_lag(1e-12)?, f32::NEG_INFINITY);
        Ok(())
    }

    #[test]
    fn what_is_no_recall_is_refused() {
        for target in [0.0, -0.1, 1.000_001, 95.0, f64::NAN, f64::INFINITY] {
            let refused = calibration().max_lag(target).map_err(|e| e.to_string());
            let expected = "recall_target must be a recall above 0 and at most 1";
            assert!(refused.is_err_and(|e| e.starts_with(expected)), "{target}");
        }
    }

    #[test]
    fn parts_that_no_fit_gives_are_refused() -> Result<()> {
        let fitted = calibration();
        let again = RecallCalibration::from_parts(fitted.top_k(), fitted.lags().to_vec())?;
        assert_eq!(again, fitted);
        assert!(RecallCalibration::from_parts(0, vec![0.0]).is_err());
        assert!(RecallCalibration::from_parts(2, vec![]).is_err());
        assert!(RecallCalibration::from_parts(2, vec![0.0, 0.1, 0.2]).is_err());
        assert!(RecallCalibration::from_parts(1, vec![0.1, 0.0]).is_err());
        assert!(RecallCalibration::from_parts(1, vec![0.1, f32::NAN]).is_err());
        Ok(())
    }
}
