//! A precision as its name, for records.

use rm_embed::Precision;
use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer, Serializer};

pub(super) fn serialize<S: Serializer>(
    precision: &Precision,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(precision.name())
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Precision, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map_err(D::Error::custom)
}
