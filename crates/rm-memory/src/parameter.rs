//! Options that mean nothing are refused.

use std::fmt::Display;

use crate::Result;

/// Refuses a value that is not valid, and says what was expected in its place.
///
/// # Errors
/// [`rm_core::Error::InvalidParameter`].
pub(crate) fn check(
    name: &'static str,
    expected: &'static str,
    value: impl Display,
    is_valid: bool,
) -> Result<()> {
    if is_valid {
        return Ok(());
    }
    Err(rm_core::Error::InvalidParameter {
        name,
        expected,
        got: value.to_string(),
    }
    .into())
}

/// Refuses a weight that is negative or not finite.
pub(crate) fn check_weight(name: &'static str, weight: f32) -> Result<()> {
    let is_valid = weight.is_finite() && weight >= 0.0;
    check(name, "a finite number from 0", weight, is_valid)
}

/// Refuses what is outside of [0, 1].
pub(crate) fn check_share(name: &'static str, share: f32) -> Result<()> {
    let is_valid = (0.0..=1.0).contains(&share);
    check(name, "a number from 0 to 1", share, is_valid)
}
