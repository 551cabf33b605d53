//! How many centroids a codebook of N items gets.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Result};

/// Items in a bucket that the original aims at (`B_TARGET`, routing-memory 0.1.0).
pub const ORIGINAL_ITEMS_PER_CENTROID: usize = 20;

/// Most centroids the original ever trains (`K_MAX`, routing-memory 0.1.0).
pub const ORIGINAL_MAX_CENTROIDS: usize = 512;

/// Says how K, the number of centroids, follows N, the number of items.
///
/// Written and read as text: `64`, `items/20`, `items/20<=512`, `sqrt`, `2*sqrt`, `1.5*n^0.6`, `4*log2`.
/// Whatever a rule says, K is at least 1 and at most N.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum KRule {
    /// The same K for every N.
    Fixed(usize),
    /// `ceil(N / items)`, so that buckets hold `items` on average.
    ItemsPerCentroid(usize),
    /// `ceil(N / items)` and never above `max`: the original's rule with 20 and 512.
    CappedItemsPerCentroid {
        /// Items a bucket should hold on average.
        items: usize,
        /// Largest K.
        max: usize,
    },
    /// `factor * sqrt(N)`, rounded: the cheapest search when all buckets are probed equally.
    Sqrt(f64),
    /// `factor * N^exponent`, rounded.
    Power {
        /// Multiplies the power.
        factor: f64,
        /// Exponent of N.
        exponent: f64,
    },
    /// `factor * log2(N)`, rounded.
    Log2(f64),
}

impl KRule {
    /// The rule of the Python original: `ceil(N / 20)`, at most 512.
    pub const ORIGINAL: Self = Self::CappedItemsPerCentroid {
        items: ORIGINAL_ITEMS_PER_CENTROID,
        max: ORIGINAL_MAX_CENTROIDS,
    };

    /// Returns K for `n` items, between 1 and `max(n, 1)`.
    #[must_use]
    pub fn k(self, n: usize) -> usize {
        let items = n as f64;
        let k = match self {
            Self::Fixed(k) => k,
            Self::ItemsPerCentroid(per) => n.div_ceil(per.max(1)),
            Self::CappedItemsPerCentroid { items: per, max } => n.div_ceil(per.max(1)).min(max),
            Self::Sqrt(factor) => (factor * items.sqrt()).round() as usize,
            Self::Power { factor, exponent } => (factor * items.powf(exponent)).round() as usize,
            Self::Log2(factor) => (factor * items.max(1.0).log2()).round() as usize,
        };
        k.clamp(1, n.max(1))
    }

    /// Refuses rules that would always give one centroid or nonsense.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a zero count and for a factor or exponent that is not positive.
    pub fn check(self) -> Result<()> {
        let valid = match self {
            Self::Fixed(k) => k > 0,
            Self::ItemsPerCentroid(items) => items > 0,
            Self::CappedItemsPerCentroid { items, max } => items > 0 && max > 0,
            Self::Sqrt(factor) | Self::Log2(factor) => factor.is_finite() && factor > 0.0,
            Self::Power { factor, exponent } => {
                factor.is_finite() && factor > 0.0 && exponent > 0.0 && exponent <= 1.0
            }
        };
        if valid {
            Ok(())
        } else {
            Err(Error::parameter("K rule", FORMS, self))
        }
    }
}

impl Default for KRule {
    /// `2 * sqrt(N)`.
    fn default() -> Self {
        Self::Sqrt(2.0)
    }
}

/// Names the forms a rule may take, for messages.
const FORMS: &str =
    "a positive number of centroids, items/M, items/M<=MAX, F*sqrt, F*n^E or F*log2";

impl fmt::Display for KRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(k) => write!(f, "{k}"),
            Self::ItemsPerCentroid(items) => write!(f, "items/{items}"),
            Self::CappedItemsPerCentroid { items, max } => write!(f, "items/{items}<={max}"),
            Self::Sqrt(factor) => write!(f, "{factor}*sqrt"),
            Self::Power { factor, exponent } => write!(f, "{factor}*n^{exponent}"),
            Self::Log2(factor) => write!(f, "{factor}*log2"),
        }
    }
}

impl FromStr for KRule {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let rule =
            parse(&text.replace(' ', "")).ok_or_else(|| Error::parameter("K rule", FORMS, text))?;
        rule.check().map(|()| rule)
    }
}

/// Reads a rule without white space; `None` where it has none of the forms.
fn parse(text: &str) -> Option<KRule> {
    if let Some(counts) = text.strip_prefix("items/") {
        return match counts.split_once("<=") {
            None => Some(KRule::ItemsPerCentroid(counts.parse().ok()?)),
            Some((items, max)) => Some(KRule::CappedItemsPerCentroid {
                items: items.parse().ok()?,
                max: max.parse().ok()?,
            }),
        };
    }
    if let Ok(k) = text.parse() {
        return Some(KRule::Fixed(k));
    }
    let (factor, shape) = match text.split_once('*') {
        Some((factor, shape)) => (factor.parse().ok()?, shape),
        None => (1.0, text),
    };
    match shape {
        "sqrt" => Some(KRule::Sqrt(factor)),
        "log2" => Some(KRule::Log2(factor)),
        _ => {
            let exponent = shape.strip_prefix("n^")?.parse().ok()?;
            Some(KRule::Power { factor, exponent })
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rules_worked_by_hand() {
        assert_eq!(KRule::Fixed(64).k(5_000), 64);
        assert_eq!(KRule::ItemsPerCentroid(20).k(5_001), 251);
        assert_eq!(KRule::ORIGINAL.k(1_000_000), 512);
        assert_eq!(KRule::Sqrt(2.0).k(10_000), 200);
        assert_eq!(
            KRule::Power {
                factor: 1.0,
                exponent: 0.75
            }
            .k(10_000),
            1_000
        );
        assert_eq!(KRule::Log2(4.0).k(1_024), 40);
    }

    #[test]
    fn text_is_read_back() -> Result<()> {
        for text in [
            "64",
            "items/20",
            "items/20<=512",
            "2*sqrt",
            "1.5*n^0.6",
            "4*log2",
        ] {
            assert_eq!(text.parse::<KRule>()?.to_string(), text);
        }
        assert_eq!("sqrt".parse::<KRule>()?, KRule::Sqrt(1.0));
        Ok(())
    }

    #[test]
    fn nonsense_is_refused_with_the_forms() {
        for text in [
            "", "0", "items/0", "-1*sqrt", "cube", "2*n^2", "NaN*sqrt", "items/x",
        ] {
            let error = text.parse::<KRule>().expect_err(text).to_string();
            assert!(error.contains("items/M"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn k_is_between_one_and_the_number_of_items(n in 0usize..3_000_000, factor in 0.0f64..1e9) {
            for rule in [KRule::Fixed(0), KRule::Sqrt(factor), KRule::Log2(factor), KRule::ORIGINAL] {
                prop_assert!((1..=n.max(1)).contains(&rule.k(n)));
            }
        }
    }
}
