//! Following another copy of the same index: what was decided elsewhere is taken over, not decided again.

use crate::vectors::check_unit;
use crate::{CentroidId, Codebook, Error, Index, ItemId, Result};

/// Says where an item is now: in the list of a centroid with a unit vector, or gone.
pub type Followed<'v> = (ItemId, Option<(CentroidId, &'v [f32])>);

impl Index {
    /// Takes over another codebook, where there is one, and where `items` are now; the other items stay in their lists.
    ///
    /// This is how one process follows another that adds items to a store both keep an index of, or adapts the codebook: every
    /// item that changed lists there must be among `items`. Costs a removal and an insertion for each of them, and the codes
    /// of lists whose centroid has moved far.
    ///
    /// # Errors
    /// [`Error::WrongDimension`], [`Error::UnknownCentroid`] for a list that there will not be, [`Error::InvalidParameter`] where
    /// a centroid would go whose list is not empty, [`Error::VectorSource`]. The index may hold part of the change then, and is
    /// to be loaded anew.
    pub fn follow(&mut self, codebook: Option<&Codebook>, items: &[Followed<'_>]) -> Result<()> {
        if let Some(codebook) = codebook {
            self.follow_centroids(codebook)?;
        }
        for (item, now) in items {
            if self.contains(*item) {
                self.remove(*item)?;
            }
            if let Some((centroid, vector)) = now {
                self.codebook.check(*centroid)?;
                let unit = check_unit(self.dim(), vector)?;
                self.insert(*item, &unit, *centroid)?;
            }
        }
        if let Some(codebook) = codebook {
            self.drop_centroids_from(codebook.k())?;
            self.renew_codes()?;
        }
        Ok(())
    }

    /// Moves and appends centroids; those that are too many stay for now.
    fn follow_centroids(&mut self, codebook: &Codebook) -> Result<()> {
        if codebook.dim() != self.dim() {
            return Err(Error::WrongDimension {
                expected: self.dim(),
                got: codebook.dim(),
            });
        }
        for at in 0..codebook.k() {
            let (id, unit) = (CentroidId(at as u32), codebook.column(at));
            if at >= self.k() {
                self.push_centroid(unit, CentroidId(0));
            } else if self.codebook.column(at) != unit {
                self.move_centroid(id, unit);
            }
        }
        Ok(())
    }

    fn drop_centroids_from(&mut self, k: usize) -> Result<()> {
        while self.k() > k {
            let last = CentroidId(self.k() as u32 - 1);
            if !self.lists.list(last).is_empty() {
                let expected = "one that leaves no item without a list";
                return Err(Error::parameter("codebook", expected, k));
            }
            self.swap_remove_centroid(last)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Coding;

    fn index(rows: Vec<f32>) -> Result<Index> {
        Ok(Index::new(Codebook::from_rows(2, rows)?))
    }

    #[test]
    fn centroids_and_items_end_where_they_are_elsewhere() -> Result<()> {
        for coding in [Coding::Exact, Coding::one_bit(7)] {
            let mut mine = index(vec![1.0, 0.0, 0.0, 1.0])?.with_coding(coding);
            mine.add(ItemId(1), &[0.8, 0.6])?;
            mine.add(ItemId(2), &[0.0, 1.0])?;
            let more = Codebook::from_rows(2, vec![0.8, 0.6, 0.0, 1.0, -1.0, 0.0])?;
            let new = [-0.8, 0.6];
            let moved = [
                (ItemId(3), Some((CentroidId(2), &new[..]))),
                (ItemId(2), None),
                (ItemId(9), None),
            ];
            mine.follow(Some(&more), &moved)?;
            assert_eq!(mine.codebook(), &more);
            assert_eq!(mine.len(), 2);
            assert_eq!(mine.centroid_of(ItemId(3))?, CentroidId(2));
            assert_eq!((mine.misplaced()?, mine.miscoded()?), (vec![], vec![]));
            let fewer = Codebook::from_rows(2, vec![0.8, 0.6])?;
            assert!(mine.clone().follow(Some(&fewer), &[]).is_err());
            let home = [(ItemId(3), Some((CentroidId(0), &new[..])))];
            mine.follow(Some(&fewer), &home)?;
            assert_eq!((mine.k(), mine.len()), (1, 2));
            assert_eq!(mine.usage().len(), 1);
        }
        Ok(())
    }

    #[test]
    fn what_does_not_fit_is_refused() -> Result<()> {
        let mut mine = index(vec![1.0, 0.0])?;
        let other = Codebook::from_rows(3, vec![1.0, 0.0, 0.0])?;
        assert!(mine.follow(Some(&other), &[]).is_err());
        let far = [(ItemId(1), Some((CentroidId(1), &[1.0, 0.0][..])))];
        assert!(mine.follow(None, &far).is_err());
        Ok(())
    }
}
