//! Where the model comes from.

use std::io::{self, Write as _};

use rm_embed::ModelSource;

/// Places bytes where numbers may lie, so that those of the weights are read where they are.
#[cfg(feature = "embedded-model")]
#[repr(C, align(64))]
struct Aligned<B: ?Sized>(B);

/// The weights, in the program.
#[cfg(feature = "embedded-model")]
static WEIGHTS: &Aligned<[u8]> = &Aligned(*include_bytes!(concat!(
    env!("RMEM_MODEL_FOLDER"),
    "/model.safetensors"
)));

/// The model's files, in the program.
#[cfg(feature = "embedded-model")]
static HELD: rm_embed::ModelFiles = rm_embed::ModelFiles {
    weights: &WEIGHTS.0,
    tokenizer: include_bytes!(concat!(env!("RMEM_MODEL_FOLDER"), "/tokenizer.json")),
    config: include_bytes!(concat!(env!("RMEM_MODEL_FOLDER"), "/config.json")),
};

/// Returns where the model is: in the program, or wherever the environment says.
pub(crate) fn source() -> ModelSource {
    let source = ModelSource::from_env().before_fetching(|| {
        let note = "rmem: fetching the language model, 87 MiB, this once";
        // Where nobody reads it, it is fetched all the same.
        drop(writeln!(io::stderr(), "{note}"));
    });
    #[cfg(feature = "embedded-model")]
    let source = source.held(HELD);
    source
}

/// Says in words where the model is.
pub(crate) fn place() -> &'static str {
    if cfg!(feature = "embedded-model") {
        "in the program itself"
    } else {
        "in files beside it"
    }
}
