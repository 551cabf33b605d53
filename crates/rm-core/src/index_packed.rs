//! Lists as bytes: what a store keeps so that an index is there again without a look at any vector.
//!
//! A packed list is a header (format, dimension, coding) and one or, with second lists, two runs of ids and codes. The
//! header of codes of more than one bit is of a format of its own, and says how many. Its
//! codes are packed with the place that they are about, so that they stay right where a centroid moves and the list is
//! not packed again.

use std::sync::Arc;

use crate::codes::{Codec, ListCodes};
use crate::lists::{InvertedList, InvertedLists};
use crate::{CentroidId, CodeBits, Codebook, Coding, Error, Index, ItemId, Result, VectorSource};

/// Heads every packed list of one-bit codes, and changes with the layout.
const FORMAT: &[u8; 4] = b"RML1";

/// Heads every packed list of codes of more bits.
const FORMAT_OF_MANY_BITS: &[u8; 4] = b"RML2";

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
        let Coding::RaBitQ { bits, seed, spill } = self.coding else {
            let expected = "one with codes, where lists are packed";
            return Err(Error::parameter("coding", expected, "Exact"));
        };
        let own = self.lists.list(centroid);
        let an_item = usize::from(bits.get()) * unit.len() / 8 + 32;
        let mut bytes = Vec::with_capacity(own.len() * an_item + unit.len() * 4);
        let has_many_bits = bits > CodeBits::ONE;
        bytes.extend_from_slice(if has_many_bits {
            FORMAT_OF_MANY_BITS
        } else {
            FORMAT
        });
        bytes.extend((unit.len() as u64).to_le_bytes());
        bytes.extend(seed.to_le_bytes());
        bytes.extend(u64::from(spill).to_le_bytes());
        if has_many_bits {
            bytes.extend(u64::from(bits.get()).to_le_bytes());
        }
        pack(own, unit, &mut bytes);
        if let Some(spill) = &self.spill {
            pack(spill.list(centroid), unit, &mut bytes);
        }
        Ok(bytes)
    }
}

/// Makes an index of packed lists, one after the other, so that a store need not hold all of them at once.
///
/// ```
/// use std::sync::Arc;
///
/// use rm_core::{CentroidId, Codebook, Coding, Index, ItemId, Unpacking};
/// # use rm_core::{SourceError, VectorSource};
/// # struct Kept;
/// # impl VectorSource for Kept {
/// #     fn read(&self, items: &[ItemId], rows: &mut Vec<f32>) -> Result<(), SourceError> {
/// #         rows.extend(items.iter().flat_map(|_| [0.6, 0.8]));
/// #         Ok(())
/// #     }
/// # }
///
/// let codebook = Codebook::from_rows(2, vec![1.0, 0.0, 0.0, 1.0])?;
/// let mut index = Index::new(codebook.clone()).with_coding(Coding::one_bit(42));
/// index.add(ItemId(1), &[0.6, 0.8])?;
/// let packed = index.pack_list(CentroidId(1))?;
///
/// let mut unpacking = Unpacking::new(codebook, Coding::one_bit(42))?;
/// unpacking.list(CentroidId(1), &packed)?;
/// let again = unpacking.finish(&[], Arc::new(Kept))?;
/// assert_eq!(again.centroid_of(ItemId(1))?, CentroidId(1));
/// # Ok::<(), rm_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Unpacking {
    codebook: Codebook,
    coding: Coding,
    codec: Codec,
    own: Vec<Unpacked>,
    second: Vec<Unpacked>,
}

impl Unpacking {
    /// Begins with lists that are all empty.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a coding without codes.
    pub fn new(codebook: Codebook, coding: Coding) -> Result<Self> {
        let Some(codec) = Codec::new(codebook.dim(), coding) else {
            let expected = "one with codes, where lists are packed";
            return Err(Error::parameter("coding", expected, "Exact"));
        };
        let empty = || -> Vec<Unpacked> {
            let lists = (0..codebook.k()).map(|_| (Vec::new(), ListCodes::new(&codec)));
            lists.collect()
        };
        Ok(Self {
            own: empty(),
            second: if coding.spills() { empty() } else { Vec::new() },
            codebook,
            coding,
            codec,
        })
    }

    /// Takes the bytes of one list, as [`Index::pack_list`] gave them.
    ///
    /// # Errors
    /// [`Error::UnknownCentroid`], and [`Error::PackedList`] for bytes that another codebook or coding has packed, or none.
    pub fn list(&mut self, centroid: CentroidId, bytes: &[u8]) -> Result<()> {
        let unit = self.codebook.centroid(centroid)?;
        let unpacked = unpack_list(self.coding, &self.codec, unit, bytes);
        let (own, second) = unpacked.map_err(|(expected, got)| Error::PackedList {
            centroid,
            expected,
            got,
        })?;
        self.own[centroid.index()] = own;
        if let Some(second) = second {
            self.second[centroid.index()] = second;
        }
        Ok(())
    }

    /// Makes the index, without the items that `gone` names, whose vectors are in `source`.
    ///
    /// Reads no vector, but for lists whose centroid has moved since they were packed.
    ///
    /// # Errors
    /// [`Error::DuplicateItem`] for an item in two lists, and [`Error::VectorSource`].
    pub fn finish(self, gone: &[ItemId], source: Arc<dyn VectorSource>) -> Result<Index> {
        let Self {
            codebook,
            coding,
            codec,
            own,
            second,
        } = self;
        let mut index = Index::new(codebook)
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
    codec: &Codec,
    centroid: &[f32],
    mut bytes: &[u8],
) -> std::result::Result<(Unpacked, Option<Unpacked>), Mismatch> {
    let bytes = &mut bytes;
    let head = bytes.split_off(..FORMAT.len());
    let has_many_bits = head == Some(FORMAT_OF_MANY_BITS);
    if head != Some(FORMAT) && !has_many_bits {
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
    let spill = number(bytes).ok_or_else(short)? == 1;
    let bits = match has_many_bits {
        true => number(bytes).ok_or_else(short)?,
        false => 1,
    };
    let packed = u8::try_from(bits).map(CodeBits::new);
    let packed = packed.map(|bits| bits.map(|bits| Coding::RaBitQ { bits, seed, spill }));
    if packed != Ok(Ok(coding)) {
        let got = format!("{bits} bits, seed {seed}, second lists: {spill}");
        return Err(("codes of the coding asked for", got));
    }
    let own = unpack(codec, centroid, bytes).ok_or_else(short)?;
    let second = match coding.spills() {
        true => Some(unpack(codec, centroid, bytes).ok_or_else(short)?),
        false => None,
    };
    if bytes.is_empty() {
        Ok((own, second))
    } else {
        Err(("nothing after the codes", format!("{} bytes", bytes.len())))
    }
}

fn unpack(codec: &Codec, centroid: &[f32], bytes: &mut &[u8]) -> Option<Unpacked> {
    let len = usize::try_from(number(bytes)?).ok()?;
    let (ids, _) = bytes.split_off(..len.checked_mul(8)?)?.as_chunks::<8>();
    let ids = ids
        .iter()
        .map(|id| ItemId(u64::from_le_bytes(*id)))
        .collect();
    Some((ids, ListCodes::unpack(codec, len, centroid, bytes)?))
}

fn number(bytes: &mut &[u8]) -> Option<u64> {
    let (number, _) = bytes.split_off(..8)?.as_chunks::<8>();
    number.first().map(|number| u64::from_le_bytes(*number))
}
