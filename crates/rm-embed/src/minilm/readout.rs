//! Where in the network a text's vector is read, and how.

use std::fmt;

use super::config::N_LAYERS;
use crate::{Error, Result};

/// Says how the vectors of a text's tokens become the one vector of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pooling {
    /// Their mean: what the model was trained with.
    Mean,
    /// The vector of the first token, `[CLS]`.
    Cls,
    /// The largest value of each component.
    Max,
}

/// Says after which layer a text's vector is read, and how its tokens are pooled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Readout {
    /// Layers that the text has gone through, from 0 (word and position alone) to 6 (the whole network).
    pub layer: usize,
    /// How its tokens become one vector.
    pub pooling: Pooling,
}

impl Readout {
    /// What the model was trained for: the mean after the last layer.
    pub const TRAINED: Self = Self {
        layer: N_LAYERS,
        pooling: Pooling::Mean,
    };

    /// Refuses no readout at all and layers that a network of `n_layers` does not have.
    pub(super) fn check(readouts: &[Self], n_layers: usize) -> Result<()> {
        if readouts.is_empty() {
            return Err(Error::Model(
                "expected at least one readout, got none".to_owned(),
            ));
        }
        match readouts.iter().find(|readout| readout.layer > n_layers) {
            Some(readout) => Err(Error::Model(format!(
                "expected a readout after layer 0 to {n_layers}, got layer {}",
                readout.layer
            ))),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Readout {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pooling = match self.pooling {
            Pooling::Mean => "mean",
            Pooling::Cls => "cls",
            Pooling::Max => "max",
        };
        write!(formatter, "{pooling}{}", self.layer)
    }
}

#[cfg(test)]
mod tests {
    use super::{Pooling, Readout};

    #[test]
    fn layers_that_are_not_there_are_refused() {
        let after = |layer| Readout {
            layer,
            pooling: Pooling::Cls,
        };
        assert!(Readout::check(&[after(0), Readout::TRAINED], 6).is_ok());
        let error = Readout::check(&[after(3), after(7)], 6).map_err(|error| error.to_string());
        assert!(error.is_err_and(|message| message.contains("got layer 7")));
        assert!(Readout::check(&[], 6).is_err());
        assert_eq!(after(3).to_string(), "cls3");
    }
}
