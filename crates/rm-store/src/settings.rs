//! Settings with a meaning, and the check that a store belongs to a model.

use crate::namespace::{NAMESPACE_KEY, NamespaceId};
use crate::{Error, Result, Store};

/// Key of the number of values per vector, a decimal number. Written with the first vector, or before it by the caller, and
/// fixed from then on.
pub const DIM: &str = "dim";

/// Key of the fingerprint of the model that made the vectors; written by the caller.
pub const MODEL_FINGERPRINT: &str = "model_fingerprint";

/// Key that says where the items of an imported store came from; its value is then [`PYTHON_ORIGINAL`]. The assignments
/// of such a store are those of the original, which moves centroids without moving items: route the items anew.
pub const IMPORTED_FROM: &str = "imported_from";

/// Value of [`IMPORTED_FROM`] for a database of the Python package `routing-memory`.
pub const PYTHON_ORIGINAL: &str = "routing-memory (Python)";

/// Key of the fingerprint of the model that the vectors are being moved to, while they are ([`ModelMove`](crate::ModelMove)).
pub const NEXT_MODEL: &str = "next_model";

/// Key of that model's number of values per vector, as [`DIM`].
pub const NEXT_DIM: &str = "next_dim";

/// Returns the number of values per vector, or `None` for a store that has received none.
///
/// # Errors
/// Those of [`Store::setting`]; [`Error::InvalidSetting`] when the stored value is not a number.
pub fn dim(store: &dyn Store) -> Result<Option<usize>> {
    store
        .setting(DIM)?
        .map(|value| parse_dim(&value))
        .transpose()
}

/// Checks that the vectors in `store` are those of the model `fingerprint` with `dim` values. A store that says nothing of
/// its model yet passes.
///
/// # Errors
/// [`Error::ModelMismatch`] when dimension or fingerprint differ; those of [`Store::setting`].
pub fn check_model(store: &dyn Store, fingerprint: &str, dim: usize) -> Result<()> {
    let expectations = [
        (DIM, dim.to_string()),
        (MODEL_FINGERPRINT, fingerprint.to_owned()),
    ];
    for (setting, got) in expectations {
        match store.setting(setting)? {
            Some(expected) if expected != got => {
                return Err(Error::ModelMismatch {
                    setting,
                    expected,
                    got,
                });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Checks that the model whose fingerprint is stored is still the one that it was.
pub(crate) fn check_same_model(was: Option<&str>, stored: Option<String>) -> Result<()> {
    if stored.as_deref() == was {
        return Ok(());
    }
    Err(Error::ModelMismatch {
        setting: MODEL_FINGERPRINT,
        expected: stored.unwrap_or_default(),
        got: was.unwrap_or_default().to_owned(),
    })
}

/// Returns the key under which a setting of a namespace is stored: those above are of the whole store, all others of the
/// namespace that sets them.
pub(crate) fn stored_key(namespace: NamespaceId, key: &str) -> String {
    match key {
        DIM | MODEL_FINGERPRINT | IMPORTED_FROM | NEXT_MODEL | NEXT_DIM => key.to_owned(),
        _ => namespace.setting(key),
    }
}

/// Returns the keys that namespaces use, by what is stored under [`stored_key`].
pub(crate) fn own_keys(stored: &[(String, String)]) -> Vec<String> {
    let plain = stored.iter().map(|(key, _)| {
        let own = key.strip_prefix(NAMESPACE_KEY).and_then(|rest| {
            let (number, own) = rest.split_once(' ')?;
            number.parse::<u32>().ok().map(|_| own)
        });
        own.unwrap_or(key).to_owned()
    });
    let mut keys: Vec<String> = plain.collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

pub(crate) fn parse_dim(value: &str) -> Result<usize> {
    value
        .parse()
        .ok()
        .filter(|&dim| dim > 0)
        .ok_or_else(|| Error::InvalidSetting {
            key: DIM.into(),
            expected: "a positive whole number",
            got: value.into(),
        })
}
