//! Where the network computes.

use std::fmt;

use super::precision::Precision;
use crate::{Error, Result};

/// The variable that chooses a device.
const VARIABLE: &str = "RM_DEVICE";

/// Says where a model computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ComputeDevice {
    /// The cores of this machine.
    Cpu,
    /// The first CUDA device; only in builds with the feature `cuda`.
    Cuda,
}

impl ComputeDevice {
    /// Returns the name by which it is asked for.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
        }
    }
}

impl fmt::Display for ComputeDevice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A device that is ready to take the network.
pub(crate) enum OpenDevice {
    /// Our own forward pass.
    Cpu,
    /// A device of candle's.
    #[cfg(feature = "cuda")]
    Cuda(candle_core::Device),
}

impl OpenDevice {
    /// Opens what `RM_DEVICE` asks for; if it asks for nothing, the first CUDA device where there is one, else the
    /// CPU. Precisions other than `f32` stay on the CPU.
    ///
    /// # Errors
    /// When `RM_DEVICE` names no device, or one that cannot be had.
    pub(crate) fn choose(precision: Precision) -> Result<Self> {
        Self::choose_as_asked(
            asked_for(std::env::var(VARIABLE).ok().as_deref())?,
            precision,
        )
    }

    fn choose_as_asked(asked: Option<ComputeDevice>, precision: Precision) -> Result<Self> {
        if precision != Precision::F32 || asked == Some(ComputeDevice::Cpu) {
            return Ok(Self::Cpu);
        }
        match (Self::open_cuda(), asked) {
            (Ok(device), _) => Ok(device),
            (Err(_), None) => Ok(Self::Cpu),
            (Err(problem), Some(_)) => Err(Error::Model(format!(
                "{VARIABLE}=cuda asks for a CUDA device, but {problem}; set {VARIABLE}=cpu or leave it out"
            ))),
        }
    }

    #[cfg(feature = "cuda")]
    fn open_cuda() -> std::result::Result<Self, String> {
        candle_core::Device::new_cuda(0)
            .map(Self::Cuda)
            .map_err(|error| format!("the first one cannot be opened: {error}"))
    }

    #[cfg(not(feature = "cuda"))]
    fn open_cuda() -> std::result::Result<Self, String> {
        Err("this program was built without the feature `cuda` of rm-embed".to_owned())
    }
}

/// Reads the value of `RM_DEVICE`; an empty one asks for nothing.
fn asked_for(value: Option<&str>) -> Result<Option<ComputeDevice>> {
    let Some(name) = value.filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    [ComputeDevice::Cpu, ComputeDevice::Cuda]
        .into_iter()
        .find(|device| device.name().eq_ignore_ascii_case(name))
        .map(Some)
        .ok_or_else(|| {
            Error::Model(format!(
                "expected {VARIABLE} to be cpu or cuda, found {name:?}; correct it or leave it out"
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::{ComputeDevice, OpenDevice, Precision, asked_for};

    #[test]
    fn reads_the_names_it_prints() {
        for device in [ComputeDevice::Cpu, ComputeDevice::Cuda] {
            let asked = asked_for(Some(device.name())).expect("a name of its own");
            assert_eq!(asked, Some(device));
        }
        for nothing in [None, Some("")] {
            assert_eq!(asked_for(nothing).expect("asks for nothing"), None);
        }
    }

    #[test]
    fn refuses_a_name_it_does_not_know_and_says_which_it_does() {
        let error = asked_for(Some("metal")).expect_err("metal is not built");
        let message = error.to_string();
        assert!(message.contains("cpu or cuda"), "{message}");
        assert!(message.contains("\"metal\""), "{message}");
    }

    #[test]
    fn stays_on_the_cpu_when_asked_to_and_in_8_bits() {
        for (asked, precision) in [
            (Some(ComputeDevice::Cpu), Precision::F32),
            (None, Precision::Int8),
            (Some(ComputeDevice::Cuda), Precision::Int8),
        ] {
            let opened = OpenDevice::choose_as_asked(asked, precision);
            assert!(
                matches!(opened, Ok(OpenDevice::Cpu)),
                "{asked:?}, {precision}"
            );
        }
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn names_the_feature_when_cuda_is_asked_for_without_it() {
        assert!(matches!(
            OpenDevice::choose_as_asked(None, Precision::F32),
            Ok(OpenDevice::Cpu)
        ));
        let error = OpenDevice::choose_as_asked(Some(ComputeDevice::Cuda), Precision::F32)
            .err()
            .map(|error| error.to_string());
        assert!(
            error
                .as_ref()
                .is_some_and(|message| message.contains("feature `cuda`")),
            "{error:?}"
        );
    }
}
