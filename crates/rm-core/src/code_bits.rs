//! How many bits a code spends on each component.

use std::fmt;

use crate::{Error, Result};

/// Is a number of bits that a code spends on each component: 1 to 8.
///
/// ```
/// use rm_core::CodeBits;
///
/// assert_eq!(CodeBits::new(4)?.get(), 4);
/// let refused = CodeBits::new(9).unwrap_err();
/// assert_eq!(refused.to_string(), "bits of a code must be 1 to 8 a component, got 9");
/// # Ok::<(), rm_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeBits(u8);

impl CodeBits {
    /// One bit: the sign of a component.
    pub const ONE: Self = Self(1);

    /// Four bits: where vectors are read from a file, more make no search faster.
    pub const FOUR: Self = Self(4);

    /// The most bits that there are.
    pub const MOST: Self = Self(8);

    /// Takes 1 to 8.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for any other number.
    pub fn new(bits: u8) -> Result<Self> {
        if (Self::ONE.0..=Self::MOST.0).contains(&bits) {
            return Ok(Self(bits));
        }
        Err(Error::parameter(
            "bits of a code",
            "1 to 8 a component",
            bits,
        ))
    }

    /// Returns the number.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }

    /// Returns the bits after the first, which is the sign.
    pub(crate) fn after_the_first(self) -> usize {
        usize::from(self.0 - 1)
    }
}

impl Default for CodeBits {
    /// One bit.
    fn default() -> Self {
        Self::ONE
    }
}

impl fmt::Display for CodeBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
