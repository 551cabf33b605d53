//! How exactly the network computes.

use std::fmt;
use std::str::FromStr;

/// Says how exactly a model computes; vectors of different precisions have different fingerprints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Precision {
    /// Single precision throughout.
    #[default]
    F32,
    /// Linear maps in 8 bits: weights quantised per output channel, activations per token as they come; the rest
    /// in single precision. Several times faster where the machine multiplies bytes, and a little less exact.
    Int8,
}

impl Precision {
    /// Returns the name by which it is asked for.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Int8 => "int8",
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Precision {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::F32, Self::Int8]
            .into_iter()
            .find(|precision| precision.name() == name.to_ascii_lowercase())
            .ok_or_else(|| format!("expected the precision f32 or int8, found {name:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Precision;

    #[test]
    fn names_are_read_back() {
        for precision in [Precision::F32, Precision::Int8] {
            assert_eq!(precision.to_string().parse(), Ok(precision));
        }
        assert_eq!("INT8".parse(), Ok(Precision::Int8));
        let error = "fp16".parse::<Precision>().err();
        assert_eq!(
            error.as_deref(),
            Some("expected the precision f32 or int8, found \"fp16\"")
        );
    }
}
