//! Where the vectors of an index are, and how they are had.

use std::borrow::Cow;
use std::sync::Arc;

use crate::codes::ListCodes;
use crate::dot::dots_into;
use crate::vector_source::Elsewhere;
use crate::{CentroidId, Error, Index, ItemId, Result, SourceError, VectorSource, Vectors};

impl Index {
    /// Leaves all vectors to `source` and keeps codes alone, some 90 bytes an item where a vector has 384 components and a code
    /// one bit for each; 56 more for a second bit and 48 for each further one.
    ///
    /// A search reads the vectors of those items that may be among the best by their codes; an adaptation reads what it
    /// compares, which for a moved centroid is everything. Of items that are added from now on the index keeps
    /// no vector: the source has to have it by the next search.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] where lists have no codes: set a [`Coding`](crate::Coding) before.
    pub fn with_vectors_in(mut self, source: Arc<dyn VectorSource>) -> Result<Self> {
        if self.lists.codec().is_none() {
            let expected = "one with codes, where vectors are not in memory";
            return Err(Error::parameter("coding", expected, "Exact"));
        }
        self.source = Some(Elsewhere(source));
        // Without the vectors nothing else can tell how far items lie from a centroid that has moved.
        self.renew_codes()?;
        self.lists.drop_vectors();
        Ok(self)
    }

    /// Returns whether the vectors are left to a [`VectorSource`].
    #[must_use]
    pub fn has_vectors_elsewhere(&self) -> bool {
        !self.lists.keeps_vectors()
    }

    /// Counts the bytes that the source of vectors holds in RAM to read sooner; 0 where vectors are in memory.
    #[must_use]
    pub fn source_bytes(&self) -> usize {
        let source = self.source.as_ref();
        source.map_or(0, |Elsewhere(source)| source.held_bytes())
    }

    /// Returns the unit vector of an item.
    ///
    /// # Errors
    /// [`Error::UnknownItem`], and [`Error::VectorSource`] where it is elsewhere and cannot be read.
    pub fn vector(&self, item: ItemId) -> Result<Cow<'_, [f32]>> {
        if self.has_vectors_elsewhere() {
            self.centroid_of(item)?;
            return self.read(&[item]).map(Cow::Owned);
        }
        self.lists.vector(item).map(Cow::Borrowed)
    }

    /// Copies out all items, list by list, with their vectors in the same order.
    ///
    /// # Errors
    /// [`Error::VectorSource`] where vectors are elsewhere and cannot be read.
    pub fn items(&self) -> Result<(Vec<ItemId>, Vectors)> {
        let mut ids = Vec::with_capacity(self.len());
        let mut rows = Vec::with_capacity(self.len() * self.dim());
        for (centroid, list) in self.lists() {
            ids.extend_from_slice(list.ids());
            rows.extend_from_slice(&self.list_rows(centroid)?);
        }
        Ok((ids, Vectors::from_unit_rows(self.dim(), rows)))
    }

    /// Returns the vectors of one list in the order of its ids, row-major.
    pub(crate) fn list_rows(&self, centroid: CentroidId) -> Result<Cow<'_, [f32]>> {
        let list = self.lists.list(centroid);
        if self.has_vectors_elsewhere() {
            return self.read(list.ids()).map(Cow::Owned);
        }
        Ok(Cow::Borrowed(list.vectors()))
    }

    /// Returns the vectors of some items, row-major.
    pub(crate) fn rows_of(&self, items: &[ItemId]) -> Result<Vec<f32>> {
        if self.has_vectors_elsewhere() {
            return self.read(items);
        }
        let mut rows = Vec::with_capacity(items.len() * self.dim());
        for item in items {
            rows.extend_from_slice(self.lists.vector(*item)?);
        }
        Ok(rows)
    }

    /// Returns the product of each item of a list with its centroid; with codes at hand without a look at the vectors.
    pub(crate) fn own_products(&self, centroid: CentroidId) -> Cow<'_, [f32]> {
        let list = self.lists.list(centroid);
        if let Some(products) = list.codes().and_then(ListCodes::products) {
            return Cow::Borrowed(products);
        }
        let mut products = Vec::with_capacity(list.len());
        let column = self.codebook.column(centroid.index());
        dots_into(column, list.vectors(), &mut products);
        Cow::Owned(products)
    }

    fn read(&self, items: &[ItemId]) -> Result<Vec<f32>> {
        let mut rows = Vec::with_capacity(items.len() * self.dim());
        self.read_into(items, &mut rows)?;
        Ok(rows)
    }

    /// Appends vectors that are elsewhere to `rows`.
    pub(crate) fn read_into(&self, items: &[ItemId], rows: &mut Vec<f32>) -> Result<()> {
        let Some(Elsewhere(source)) = &self.source else {
            return Ok(());
        };
        let before = rows.len();
        source.read(items, rows).map_err(Error::VectorSource)?;
        let (expected, got) = (items.len() * self.dim(), rows.len() - before);
        if got == expected {
            return Ok(());
        }
        let message = format!("expected {expected} numbers, got {got}");
        Err(Error::VectorSource(SourceError::new(message)))
    }
}
