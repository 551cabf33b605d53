//! Lists as bytes: what a store keeps so that an index is there again without a look at any vector.
//!
//! A packed list is a header (format, dimension, coding) and one or, with second lists, two runs of ids and codes. Its
//! codes are packed with the place that they are about, so that they stay right where a centroid moves and the list is
//! not packed again.

use std::sync::Arc;

use crate::codes::{Codec, ListCodes};
use crate::lists::{InvertedList, InvertedLists};
use crate::{CentroidId, Codebook, Coding, Error, Index, ItemId, Result, VectorSource};

/// Heads every packed list, and changes with the layout.
const FORMAT: &[u8; 4] = b"RML1";

impl Index {
    /// Returns the lists whose items or codes are other than when [`set_packed`](Self::set_packed) was last called.
    #[must_use]
    pub fn unpacked_lists(&self) -> Vec<CentroidId> {
        let mut changed: Vec<CentroidId> = self.lists.changed().collect();
        if let Some(spill) = &self.spill {
            changed.extend(spill.changed());
            changed.sort_unstable();
            changed.dedup();
        }
        changed
    }

    /// Notes that all lists are packed as they are now.
    pub fn set_packed(&mut self) {
        self.lists.set_unchanged();
        self.spill.iter_mut().for_each(InvertedLists::set_unchanged);
    }

    /// Returns the ids and codes of one list as bytes.
    ///
    /// # Errors
    /// [`Error::UnknownCentroid`], and [`Error::InvalidParameter`] where lists have no codes.
    pub fn pack_list(&self, centroid: CentroidId) -> Result<Vec<u8>> {
        let unit = self.codebook.centroid(centroid)?;
        let Coding::OneBit { seed, spill } = self.coding else {
            let expected = "one with codes, where lists are packed";
            return Err(Error::parameter("coding", expected, "Exact"));
        };
        let own = self.lists.list(centroid);
        let mut bytes = Vec::with_capacity(own.len() * (unit.len() / 8 + 24) + unit.len() * 4);
        bytes.extend_from_slice(FORMAT);
        bytes.extend((unit.len() as u64).to_le_bytes());
        bytes.extend(seed.to_le_bytes());
        bytes.extend(u64::from(spill).to_le_bytes());
        pack(own, unit, &mut bytes);
        if let Some(spill) = &self.spill {
            pack(spill.list(centroid), unit, &mut bytes);
        }
        Ok(bytes)
    }

    /// Makes an index of packed lists, whose vectors are in `source`: `list` gives the bytes of each centroid's. Items that
    /// `gone` names are left out; no bytes at all stand for a list without items.
    ///
    /// Reads no vector, but for lists whose centroid has moved since they were packed.
    ///
    /// # Errors
    /// [`Error::PackedList`] for bytes that another codebook or coding has packed, or none;
    /// [`Error::DuplicateItem`] for an item in two of them; [`Error::InvalidParameter`] for a coding without codes; and
    /// [`Error::VectorSource`].
    pub fn from_packed(
        codebook: Codebook,
        coding: Coding,
        lists: &[Vec<u8>],
        gone: &[ItemId],
        source: Arc<dyn VectorSource>,
    ) -> Result<Self> {
        if lists.len() != codebook.k() {
            return Err(Error::LengthMismatch {
                what: "packed list",
                expected: codebook.k(),
                got: lists.len(),
            });
        }
        let Some(codec) = Codec::new(codebook.dim(), coding) else {
            let expected = "one with codes, where lists are packed";
            return Err(Error::parameter("coding", expected, "Exact"));
        };
        let (mut own, mut second) = (Vec::new(), Vec::new());
        for (at, bytes) in lists.iter().enumerate() {
            let unit = codebook.column(at);
            let (first, spilled) =
                unpack_list(coding, unit, bytes).map_err(|(expected, got)| {
                    let centroid = CentroidId(at as u32);
                    Error::PackedList {
                        centroid,
                        expected,
                        got,
                    }
                })?;
            own.push(first);
            second.extend(spilled);
        }
        let mut index = Self::new(codebook)
            .with_coding(coding)
            .with_vectors_in(source)?;
        index.lists.restore(own)?;
        if coding.spills() {
            let mut spill = InvertedLists::of_codes(codec, index.k());
            spill.restore(second)?;
            index.spill = Some(spill);
        }
        for item in gone {
            if index.contains(*item) {
                index.remove(*item)?;
            }
        }
        index.renew_codes()?;
        Ok(index)
    }
}

fn pack(list: &InvertedList, centroid: &[f32], out: &mut Vec<u8>) {
    out.extend((list.len() as u64).to_le_bytes());
    out.extend(list.ids().iter().flat_map(|item| item.0.to_le_bytes()));
    if let Some(codes) = list.codes() {
        codes.pack(centroid, out);
    }
}

/// Is what a run of ids and codes unpacks to.
type Unpacked = (Vec<ItemId>, ListCodes);

/// Says what a packed list should hold and what this one does.
type Mismatch = (&'static str, String);

fn unpack_list(
    coding: Coding,
    centroid: &[f32],
    mut bytes: &[u8],
) -> std::result::Result<(Unpacked, Option<Unpacked>), Mismatch> {
    if bytes.is_empty() {
        let empty = || (Vec::new(), ListCodes::empty(centroid.len()));
        return Ok((empty(), coding.spills().then(empty)));
    }
    let bytes = &mut bytes;
    let head = bytes.split_off(..FORMAT.len());
    if head != Some(FORMAT) {
        return Err((
            "the head of a packed list",
            format!("{:?}", head.unwrap_or_default()),
        ));
    }
    let short = || ("ids and codes as long as it says", "other bytes".to_owned());
    let (dim, seed) = (
        number(bytes).ok_or_else(short)?,
        number(bytes).ok_or_else(short)?,
    );
    if dim != centroid.len() as u64 {
        return Err((
            "codes of vectors as long as the centroids",
            format!("{dim} components"),
        ));
    }
    let packed = Coding::OneBit {
        seed,
        spill: number(bytes).ok_or_else(short)? == 1,
    };
    if packed != coding {
        return Err(("codes of the coding asked for", format!("{packed:?}")));
    }
    let own = unpack(centroid, bytes).ok_or_else(short)?;
    let second = match coding.spills() {
        true => Some(unpack(centroid, bytes).ok_or_else(short)?),
        false => None,
    };
    if bytes.is_empty() {
        Ok((own, second))
    } else {
        Err(("nothing after the codes", format!("{} bytes", bytes.len())))
    }
}

fn unpack(centroid: &[f32], bytes: &mut &[u8]) -> Option<Unpacked> {
    let len = usize::try_from(number(bytes)?).ok()?;
    let (ids, _) = bytes.split_off(..len.checked_mul(8)?)?.as_chunks::<8>();
    let ids = ids
        .iter()
        .map(|id| ItemId(u64::from_le_bytes(*id)))
        .collect();
    Some((ids, ListCodes::unpack(len, centroid, bytes)?))
}

fn number(bytes: &mut &[u8]) -> Option<u64> {
    let (number, _) = bytes.split_off(..8)?.as_chunks::<8>();
    number.first().map(|number| u64::from_le_bytes(*number))
}
