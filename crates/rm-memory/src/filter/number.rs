//! JSON's numbers by value, exactly.

use std::cmp::Ordering;

use serde_json::Number;

/// Is the value of a number: equal and ordered by value, whether it was written as an integer or not, and without rounding
/// where one is a large integer and the other is not.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Exact {
    /// An integer that fits.
    Integer(i64),
    /// A larger one.
    Large(u64),
    /// Anything else; finite.
    Other(f64),
}

/// 2^63, from which on an `i64` is too small.
const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

impl Exact {
    /// Takes the value of a number.
    pub(crate) fn of(number: &Number) -> Self {
        if let Some(integer) = number.as_i64() {
            return Self::Integer(integer);
        }
        if let Some(integer) = number.as_u64() {
            return Self::Large(integer);
        }
        Self::of_float(number.as_f64().unwrap_or(0.0))
    }

    /// Takes the value of a float, which is finite.
    pub(crate) fn of_float(float: f64) -> Self {
        if float.fract() != 0.0 {
            Self::Other(float)
        } else if (-TWO_TO_63..TWO_TO_63).contains(&float) {
            Self::Integer(float as i64)
        } else if (TWO_TO_63..2.0 * TWO_TO_63).contains(&float) {
            Self::Large(float as u64)
        } else {
            Self::Other(float)
        }
    }

    /// Returns the largest integer that is not above, as far as integers go.
    pub(crate) fn floor(self) -> i128 {
        match self.integer() {
            Ok(integer) => integer,
            Err(float) => float.floor() as i128,
        }
    }

    /// Returns the smallest integer that is not below, as far as integers go.
    pub(crate) fn ceil(self) -> i128 {
        match self.integer() {
            Ok(integer) => integer,
            Err(float) => float.ceil() as i128,
        }
    }

    /// Returns the integer that it is, or the float that is none of 64 bits.
    fn integer(self) -> Result<i128, f64> {
        match self {
            Self::Integer(integer) => Ok(integer.into()),
            Self::Large(integer) => Ok(integer.into()),
            Self::Other(float) => Err(float),
        }
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.integer(), other.integer()) {
            (Ok(a), Ok(b)) => a.cmp(&b),
            (Err(a), Err(b)) => a.total_cmp(&b),
            (Ok(a), Err(b)) => against_float(a, b),
            (Err(a), Ok(b)) => against_float(b, a).reverse(),
        }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Exact {}

/// Compares an integer of 64 bits with a float that is none; the two are never equal.
fn against_float(integer: i128, float: f64) -> Ordering {
    // The floor is exact, and cut off only far beyond 64 bits.
    if integer <= float.floor() as i128 {
        Ordering::Less
    } else {
        Ordering::Greater
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn exact(json: &serde_json::Value) -> Exact {
        Exact::of(json.as_number().expect("a number"))
    }

    #[test]
    fn integers_and_floats_are_equal_by_value() {
        for (a, b) in [
            (json!(1), json!(1.0)),
            (json!(0), json!(-0.0)),
            (json!(-3), json!(-3e0)),
            (
                json!(9_223_372_036_854_775_808_u64),
                json!(9_223_372_036_854_775_808.0),
            ),
        ] {
            assert_eq!(exact(&a), exact(&b), "{a} and {b}");
        }
    }

    #[test]
    fn large_integers_are_not_rounded() {
        // As floats, all of these are 2^53, 2^63 or 2^64.
        for rising in [
            vec![
                json!(9_007_199_254_740_992.0),
                json!(9_007_199_254_740_993_i64),
            ],
            vec![
                json!(9_223_372_036_854_775_807_i64),
                json!(9_223_372_036_854_775_808.0),
                json!(9_223_372_036_854_775_809_u64),
            ],
            vec![
                json!(u64::MAX),
                json!(18_446_744_073_709_551_616.0),
                json!(1e300),
            ],
            vec![
                json!(-1e300),
                json!(i64::MIN),
                json!(-0.5),
                json!(0),
                json!(0.5),
                json!(1),
            ],
        ] {
            let exact: Vec<Exact> = rising.iter().map(exact).collect();
            assert!(exact.is_sorted_by(|a, b| a < b), "{rising:?}");
        }
    }

    #[test]
    fn the_integers_around_a_number() {
        for (number, floor, ceil) in [
            (json!(2.5), 2, 3),
            (json!(-2.5), -3, -2),
            (json!(7.0), 7, 7),
        ] {
            assert_eq!(
                (exact(&number).floor(), exact(&number).ceil()),
                (floor, ceil)
            );
        }
        assert_eq!(Exact::of_float(1e300).floor(), i128::MAX);
    }

    proptest! {
        #[test]
        fn small_numbers_compare_as_floats_do(a in -1000i32..1000, b in -1000i32..1000) {
            let (x, y) = (f64::from(a) / 4.0, f64::from(b) / 4.0);
            let (left, right) = (Exact::of_float(x), Exact::of_float(y));
            prop_assert_eq!(Some(left.cmp(&right)), x.partial_cmp(&y));
        }
    }
}
