//! The embedder that users hold.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::batch::Plan;
use super::compute_device::{ComputeDevice, OpenDevice};
#[cfg(any(test, feature = "cuda"))]
use super::config::HIDDEN;
use super::config::{BertConfig, MAX_TOKENS, N_LAYERS};
use super::encoder::Encoder;
#[cfg(any(test, feature = "cuda"))]
use super::padded_encoder::PaddedEncoder;
use super::parameters::Parameters;
use super::precision::Precision;
use super::readout::{Pooling, Readout};
use super::tokenizer::WordPiece;
use super::workspace::Workspace;
use crate::kernels::{Isa, Threads};
use crate::weights::{ModelBytes, ModelSource, WEIGHTS_SHA256, sha256};
use crate::{Embedder, Embeddings, Error, Result};

/// The model's name in the fingerprint.
const NAME: &str = "all-MiniLM-L6-v2";
/// Hexadecimal digits of the weights' checksum in the fingerprint.
const FINGERPRINT_DIGITS: usize = 8;

/// Embeds text with all-MiniLM-L6-v2: 384 components, mean pooling, unit norm.
///
/// Reads at most 256 tokens of a text; what is past them is cut off. Runs on the rayon pool of its
/// caller, and its result does not depend on how many threads that has. One `MiniLm` behind
/// an `Arc` serves many threads at once.
///
/// In a build with the feature `cuda` it computes on the first CUDA device where there is one: `RM_DEVICE=cpu` keeps it
/// on the CPU, and `RM_DEVICE=cuda` makes it fail rather than fall back to the CPU. In 8 bits
/// ([`Precision::Int8`]) it always computes on the CPU. [`device`](Self::device) says where it does.
///
/// Model: Wang et al., *MiniLM*, 2020; Reimers and Gurevych, *Sentence-BERT*, 2019.
///
/// ```no_run
/// use rm_embed::{Embedder, MiniLm, ModelSource};
///
/// let model = MiniLm::load(&ModelSource::from_env())?;
/// let vector = model.embed("the user prefers dark mode")?;
/// assert_eq!(vector.len(), 384);
/// # Ok::<(), rm_embed::Error>(())
/// ```
#[derive(Debug)]
pub struct MiniLm {
    tokenizer: WordPiece,
    forward: Forward,
    fingerprint: String,
    /// Buffers that no pass is using.
    idle: Mutex<Vec<Workspace>>,
}

/// The forward pass, where it is computed.
#[derive(Debug)]
enum Forward {
    /// Our own, on the CPU.
    Packed(Encoder),
    /// candle's, on a device of candle's.
    #[cfg(any(test, feature = "cuda"))]
    Padded(Box<PaddedEncoder>),
}

impl MiniLm {
    /// Finds the model's files, fetching them if they are nowhere on this machine, and loads them.
    ///
    /// It computes with the widest instructions of the machine; `RM_SIMD` names others (`avx512`, `avx2`,
    /// `portable`), to compare them or to get the bits of another machine.
    ///
    /// # Errors
    /// When no source has the files ([`Error::ModelNotFound`]), or they are not what they should be.
    pub fn load(source: &ModelSource) -> Result<Self> {
        Self::load_with(source, Precision::F32)
    }

    /// Does what [`load`](Self::load) does, and computes in `precision`.
    ///
    /// # Errors
    /// As for [`load`](Self::load).
    pub fn load_with(source: &ModelSource, precision: Precision) -> Result<Self> {
        let isa = Isa::from_env().map_err(Error::Model)?;
        match OpenDevice::choose(precision)? {
            OpenDevice::Cpu => source
                .read_with(|files| Self::from_bytes(files, precision, isa, &[Readout::TRAINED]))?,
            #[cfg(feature = "cuda")]
            OpenDevice::Cuda(device) => {
                source.read_with(|files| Self::on_device(files, device.clone()))?
            }
        }
    }

    /// Does what [`load_with`](Self::load_with) does, and reads texts' vectors elsewhere in the network than the model
    /// was trained for.
    ///
    /// A text's vector then holds one part of 384 components for each readout, in their order, all of the same
    /// length, and its norm is 1. One pass through the network serves all readouts, and layers past the last of them
    /// are not computed. Its fingerprint names the readouts. Computes on the CPU.
    ///
    /// ```no_run
    /// use rm_embed::{Embedder, MiniLm, ModelSource, Pooling, Precision, Readout};
    ///
    /// let early = Readout { layer: 3, pooling: Pooling::Mean };
    /// let model = MiniLm::load_readouts(&ModelSource::from_env(), Precision::F32, &[early])?;
    /// assert_eq!(model.dim(), 384);
    /// # Ok::<(), rm_embed::Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`load`](Self::load), and when there is no readout or one after a layer that the network does not have.
    pub fn load_readouts(
        source: &ModelSource,
        precision: Precision,
        readouts: &[Readout],
    ) -> Result<Self> {
        Readout::check(readouts, N_LAYERS)?;
        let isa = Isa::from_env().map_err(Error::Model)?;
        source.read_with(|files| Self::from_bytes(files, precision, isa, readouts))?
    }

    /// Loads another model of MiniLM's width and vocabulary, of any number of layers, from a folder with its
    /// `config.json`, `tokenizer.json` and `model.safetensors`.
    ///
    /// Many small sentence encoders have this shape (`BAAI/bge-small-en-v1.5`, `intfloat/e5-small-v2`,
    /// `sentence-transformers/paraphrase-MiniLM-L3-v2`). Nothing checks that the files are the published ones; the
    /// fingerprint is that of the weights found. Prefixes that a model was trained with are the caller's. Computes on
    /// the CPU.
    ///
    /// # Errors
    /// [`Error::Model`] when a file is missing, or the network has another shape.
    pub fn load_folder(folder: &Path, pooling: Pooling, precision: Precision) -> Result<Self> {
        let isa = Isa::from_env().map_err(Error::Model)?;
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read(&path)
                .map(Cow::Owned)
                .map_err(|error| Error::Model(format!("cannot read {}: {error}", path.display())))
        };
        let files = ModelBytes {
            config: read("config.json")?,
            tokenizer: read("tokenizer.json")?,
            weights: read("model.safetensors")?,
        };
        let wrong = |problem: String| Error::Model(format!("{}: {problem}", folder.display()));
        let (config, n_layers) = BertConfig::check_any_depth(&files.config).map_err(wrong)?;
        let readouts = [Readout {
            layer: n_layers,
            pooling,
        }];
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let network = Network {
            config,
            n_layers,
            name: name.into_owned(),
            weights_sha256: sha256(&files.weights),
        };
        Self::build(&files, &network, precision, isa, &readouts)
    }

    fn from_bytes(
        files: &ModelBytes,
        precision: Precision,
        isa: Isa,
        readouts: &[Readout],
    ) -> Result<Self> {
        let network = Network {
            config: BertConfig::check(&files.config).map_err(Error::Model)?,
            n_layers: N_LAYERS,
            name: NAME.to_owned(),
            weights_sha256: WEIGHTS_SHA256.to_owned(),
        };
        Self::build(files, &network, precision, isa, readouts)
    }

    fn build(
        files: &ModelBytes,
        network: &Network,
        precision: Precision,
        isa: Isa,
        readouts: &[Readout],
    ) -> Result<Self> {
        let (n_layers, eps) = (network.n_layers, network.config.layer_norm_eps());
        let (tokenizer, parameters) = rayon::join(
            || WordPiece::from_json(&files.tokenizer),
            || Parameters::read(&files.weights, n_layers, eps, precision, isa),
        );
        let parameters = parameters.map_err(|error| Error::Model(error.to_string()))?;
        Ok(Self {
            tokenizer: tokenizer?,
            forward: Forward::Packed(Encoder::new(parameters, readouts.to_vec(), isa)),
            fingerprint: fingerprint(&network.name, &network.weights_sha256, precision, readouts),
            idle: Mutex::default(),
        })
    }

    /// Computes in single precision on a device of candle's.
    #[cfg(any(test, feature = "cuda"))]
    pub(super) fn on_device(files: &ModelBytes, device: candle_core::Device) -> Result<Self> {
        let config = BertConfig::check(&files.config).map_err(Error::Model)?;
        let encoder = PaddedEncoder::load(&files.weights, &config, device)?;
        Ok(Self {
            tokenizer: WordPiece::from_json(&files.tokenizer)?,
            forward: Forward::Padded(Box::new(encoder)),
            fingerprint: fingerprint(NAME, WEIGHTS_SHA256, Precision::F32, &[Readout::TRAINED]),
            idle: Mutex::default(),
        })
    }

    /// Returns where the model computes.
    #[must_use]
    pub fn device(&self) -> ComputeDevice {
        match &self.forward {
            Forward::Packed(_) => ComputeDevice::Cpu,
            #[cfg(any(test, feature = "cuda"))]
            Forward::Padded(encoder) => encoder.device(),
        }
    }

    /// Returns the token ids that the model reads: `[CLS]`, at most 254 word pieces, `[SEP]`.
    ///
    /// # Errors
    /// When the text has no word pieces at all ([`Error::EmptyText`]).
    pub fn token_ids(&self, text: &str) -> Result<Vec<u32>> {
        self.tokenizer.model_input(0, text)
    }

    /// Returns the 384 components that the network knows a word piece by, before it has read anything; not of unit norm.
    ///
    /// `None` for an id outside the vocabulary, and where the network is in the memory of another device.
    #[must_use]
    pub fn word_vector(&self, id: u32) -> Option<&[f32]> {
        match &self.forward {
            Forward::Packed(encoder) => encoder.word_vector(id),
            #[cfg(any(test, feature = "cuda"))]
            Forward::Padded(_) => None,
        }
    }

    /// Embeds texts as [`embed_batch`](Embedder::embed_batch) does, and returns besides how many tokens the model read:
    /// the two special ones of each text included, and a repeated text once.
    ///
    /// # Errors
    /// As for [`embed_batch`](Embedder::embed_batch).
    pub fn embed_batch_counted(&self, texts: &[&str]) -> Result<(Embeddings, usize)> {
        let dim = self.dim();
        let mut first_of = HashMap::with_capacity(texts.len());
        let mut distinct = Vec::with_capacity(texts.len());
        let places: Vec<usize> = texts
            .iter()
            .enumerate()
            .map(|(index, &text)| {
                *first_of.entry(text).or_insert_with(|| {
                    distinct.push((index, text));
                    distinct.len() - 1
                })
            })
            .collect();
        let token_ids: Vec<Vec<u32>> = distinct
            .par_iter()
            .map(|&(index, text)| self.tokenizer.model_input(index, text))
            .collect::<Result<_>>()?;
        let n_tokens = token_ids.iter().map(Vec::len).sum();
        let vectors = self.embed_distinct(&token_ids)?;
        if distinct.len() == texts.len() {
            return Ok((Embeddings::checked(dim, vectors)?, n_tokens));
        }
        let repeated = places
            .iter()
            .flat_map(|&i| &vectors[i * dim..(i + 1) * dim]);
        let vectors = Embeddings::checked(dim, repeated.copied().collect())?;
        Ok((vectors, n_tokens))
    }

    /// Embeds texts that differ from each other.
    fn embed_distinct(&self, token_ids: &[Vec<u32>]) -> Result<Vec<f32>> {
        match &self.forward {
            Forward::Packed(encoder) => self.embed_packed(encoder, token_ids),
            #[cfg(any(test, feature = "cuda"))]
            Forward::Padded(encoder) => encoder.embed(token_ids),
        }
    }

    fn embed_packed(&self, encoder: &Encoder, token_ids: &[Vec<u32>]) -> Result<Vec<f32>> {
        let dim = encoder.dim();
        let lengths: Vec<usize> = token_ids.iter().map(Vec::len).collect();
        let plan = Plan::new(&lengths, rayon::current_num_threads());
        let threads = plan.threads;
        let run = |pack: &std::ops::Range<usize>| {
            let texts: Vec<&[u32]> = plan.order[pack.clone()]
                .iter()
                .map(|&i| token_ids[i].as_slice())
                .collect();
            let mut vectors = vec![0.0; texts.len() * dim];
            let mut workspace = self.take_workspace();
            let outcome = encoder.forward(&texts, &mut workspace, threads, &mut vectors);
            self.idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(workspace);
            outcome.map(|()| vectors)
        };
        let packs: Vec<Vec<f32>> = match threads {
            Threads::Pool => plan.packs.iter().map(run).collect::<Result<_>>()?,
            Threads::One => plan
                .packs
                .par_iter()
                .with_max_len(1)
                .map(run)
                .collect::<Result<_>>()?,
        };
        let mut ordered = vec![0.0; token_ids.len() * dim];
        let vectors = packs.iter().flat_map(|pack| pack.chunks_exact(dim));
        for (&index, vector) in plan.order.iter().zip(vectors) {
            ordered[index * dim..(index + 1) * dim].copy_from_slice(vector);
        }
        Ok(ordered)
    }

    fn take_workspace(&self) -> Workspace {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
            .unwrap_or_default()
    }
}

/// Says which network a folder's files hold.
struct Network {
    config: BertConfig,
    n_layers: usize,
    name: String,
    weights_sha256: String,
}

/// Names what [`MiniLm::load`] loads, without loading it.
pub(super) fn default_fingerprint() -> String {
    fingerprint(NAME, WEIGHTS_SHA256, Precision::F32, &[Readout::TRAINED])
}

/// Names the model, its weights, where it is read and how it computes.
fn fingerprint(
    name: &str,
    weights_sha256: &str,
    precision: Precision,
    readouts: &[Readout],
) -> String {
    let weights = &weights_sha256[..FINGERPRINT_DIGITS];
    let pooling = match readouts {
        [Readout::TRAINED] => "mean".to_owned(),
        others => {
            let names: Vec<String> = others.iter().map(Readout::to_string).collect();
            names.join("+")
        }
    };
    let model = format!("{name}/{weights}/{pooling}/{MAX_TOKENS}");
    match precision {
        Precision::F32 => model,
        Precision::Int8 => format!("{model}/{precision}"),
    }
}

impl Embedder for MiniLm {
    fn dim(&self) -> usize {
        match &self.forward {
            Forward::Packed(encoder) => encoder.dim(),
            #[cfg(any(test, feature = "cuda"))]
            Forward::Padded(_) => HIDDEN,
        }
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn embed(&self, text: &str) -> Result<Vec<f32>> {
        self.embed_distinct(&[self.token_ids(text)?])
    }

    fn embed_batch(&self, texts: &[&str]) -> Result<Embeddings> {
        self.embed_batch_counted(texts).map(|(vectors, _)| vectors)
    }

    /// Counts word pieces, of texts longer than the 256 tokens that the model reads as well.
    fn count_tokens(&self, text: &str) -> Result<usize> {
        Ok(self.tokenizer.pieces(text)?.len())
    }
}

#[cfg(test)]
mod tests {
    use super::{Embedder, Isa, MiniLm, ModelSource, Precision, Readout};

    #[test]
    fn the_instruction_sets_agree() {
        let files = ModelSource::from_env()
            .read()
            .unwrap_or_else(|error| panic!("this test needs the model: {error}"));
        let long = "green tea in the rain ".repeat(60);
        for (precision, least) in [(Precision::F32, 0.999_999), (Precision::Int8, 0.999)] {
            let load = |isa| {
                MiniLm::from_bytes(&files, precision, isa, &[Readout::TRAINED])
                    .expect("the model loads")
            };
            let forms: Vec<MiniLm> = Isa::available().into_iter().map(load).collect();
            for text in ["a", "the user likes tea", &long] {
                let vectors = forms.iter().map(|model| model.embed(text).expect("embeds"));
                let vectors: Vec<Vec<f32>> = vectors.collect();
                for other in &vectors[1..] {
                    let cosine: f32 = vectors[0].iter().zip(other).map(|(a, b)| a * b).sum();
                    assert!(cosine > least, "{precision}, {text:?}: {cosine}");
                }
            }
        }
    }
}
