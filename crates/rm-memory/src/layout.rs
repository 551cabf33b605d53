//! What a memory holds in RAM for its searches.

use rm_core::{CodeBits, Coding};

/// Number of items from which on [`Layout::Auto`] keeps codes in RAM and leaves vectors to the file.
///
/// So many vectors of 384 components are 31 MB, and a search through all of their codes takes some 50 us.
pub const CODED_FROM: usize = 20_000;

/// Number of items up to which [`Layout::Auto`] keeps codes of [`FINE_BITS`], and not of one bit.
///
/// They are 60 MB then. Of 152,000 Reddit titles a search takes half the time with them (`cargo bench -p rm-memory --bench file`), for it
/// reads ten vectors from the file in place of 120.
pub const FINE_UP_TO: usize = 250_000;

/// Bits a component of the codes that [`Layout::Auto`] keeps up to [`FINE_UP_TO`] items: with more no time is gained that can be measured.
pub const FINE_BITS: CodeBits = CodeBits::FOUR;

/// Draws the rotation that vectors are coded under. Not the memory's own seed: a file may be opened with another one, and its
/// codes are to be good for it.
const CODING_SEED: u64 = 42;

/// Says what a memory holds in RAM of each item, beside its id.
///
/// An item's vector of 384 components is 1,536 bytes; its one-bit code, with id and place, is below 100. A search by codes estimates every
/// score and computes exactly those that may matter, so that scores are exact, and an item is missed now and then: 0.04%
/// of the five nearest ([`rm_core::DEFAULT_RERANK_ERRORS`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Layout {
    /// Vectors below [`CODED_FROM`] items; from there up to [`FINE_UP_TO`] codes of [`FINE_BITS`]; beyond, codes of one bit. Asked when the
    /// memory is opened and when its codebook is trained again.
    #[default]
    Auto,
    /// Vectors: a search computes every score.
    Vectors,
    /// Codes and vectors: fastest, and largest. Codes are made again whenever the memory is opened.
    CodesAndVectors,
    /// Codes; vectors are read from the file as they are needed, and the codes are kept there too, so that opening reads no
    /// vectors. Moving averages are left out: every move of a centroid would read all vectors, and experiment H5 found no
    /// gain from them.
    Codes,
    /// The same with more bits a component than one, which [`Coding::RaBitQ`] describes: fewer vectors are read from the file,
    /// for more bytes in RAM and in the file. Where the file has codes of another number of bits they are made anew when it
    /// is opened, which reads all vectors.
    FineCodes(CodeBits),
}

/// Is a layout for a number of items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListLayout {
    Vectors,
    CodesAndVectors(Coding),
    Codes(Coding),
}

impl Layout {
    /// Returns the layout for so many items.
    pub(crate) fn of(self, items: usize) -> ListLayout {
        let coding = Coding::one_bit(CODING_SEED);
        match self {
            Self::FineCodes(bits) => ListLayout::Codes(Coding::rabitq(bits, CODING_SEED)),
            Self::Auto if items > FINE_UP_TO => ListLayout::Codes(coding),
            Self::Auto if items >= CODED_FROM => Self::FineCodes(FINE_BITS).of(items),
            Self::Auto | Self::Vectors => ListLayout::Vectors,
            Self::CodesAndVectors => ListLayout::CodesAndVectors(coding),
            Self::Codes => ListLayout::Codes(coding),
        }
    }
}
