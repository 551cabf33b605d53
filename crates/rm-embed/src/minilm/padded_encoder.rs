//! The forward pass on any device that candle computes on, over padded batches.
//!
//! Our own pass ([`Encoder`](super::encoder::Encoder)) packs tokens without padding and runs on the CPU alone. A
//! GPU wants few and large products instead, and those are candle-transformers'.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use candle_core::{DType, Device};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config, HiddenAct, PositionEmbeddingType};

use super::compute_device::ComputeDevice;
use super::config::{BertConfig, HIDDEN, INTERMEDIATE, N_HEADS, N_LAYERS, VOCAB_SIZE};
use super::padded_batch::{PaddedBatch, PaddedPlan};
use crate::kernels::mean_unit;
use crate::{Error, Result};

/// Tokens of a batch, padding included. At 256 a text its attention scores take 192 MiB of the device's memory, and a
/// few copies of them live at once.
const TOKENS_PER_BATCH: usize = 16_384;

/// The network, as candle-transformers computes it in single precision.
pub(crate) struct PaddedEncoder {
    /// One batch at a time, so that many callers need no more of the device's memory than one.
    bert: Mutex<BertModel>,
    device: Device,
    tokens_per_batch: usize,
}

impl PaddedEncoder {
    /// Reads the bytes of a safetensors file into the memory of `device`.
    ///
    /// # Errors
    /// When a tensor is missing or has another shape, or the device has no room for it.
    pub(crate) fn load(weights: &[u8], config: &BertConfig, device: Device) -> Result<Self> {
        let bert = VarBuilder::from_slice_safetensors(weights, DType::F32, &device)
            .and_then(|parameters| BertModel::load(parameters, &candle_config(config)))
            .map_err(|error| {
                let device = named(&device);
                Error::Model(format!("cannot load the network on {device}: {error}"))
            })?;
        Ok(Self {
            bert: Mutex::new(bert),
            device,
            tokens_per_batch: TOKENS_PER_BATCH,
        })
    }

    /// Returns where it computes.
    pub(crate) fn device(&self) -> ComputeDevice {
        named(&self.device)
    }

    /// Returns the unit vector of each text in the order given, row-major `(n_texts, HIDDEN)`.
    ///
    /// # Errors
    /// When a token is not in the vocabulary, a text's vector has no direction, or the device fails.
    pub(crate) fn embed(&self, token_ids: &[Vec<u32>]) -> Result<Vec<f32>> {
        if let Some(id) = token_ids
            .iter()
            .flatten()
            .find(|&&id| id as usize >= VOCAB_SIZE)
        {
            return Err(Error::Model(format!(
                "token {id} is not in the model's vocabulary"
            )));
        }
        let lengths: Vec<usize> = token_ids.iter().map(Vec::len).collect();
        let plan = PaddedPlan::new(&lengths, self.tokens_per_batch);
        let mut vectors = vec![0.0; token_ids.len() * HIDDEN];
        for batch in &plan.batches {
            let places = &plan.order[batch.clone()];
            let texts: Vec<&[u32]> = places.iter().map(|&i| token_ids[i].as_slice()).collect();
            let sums = self.sums(&texts).map_err(|error| {
                let (device, n_texts) = (self.device(), texts.len());
                Error::Model(format!(
                    "the forward pass of {n_texts} texts on {device} failed: {error}"
                ))
            })?;
            for (&index, sum) in places.iter().zip(&sums) {
                let out = &mut vectors[index * HIDDEN..(index + 1) * HIDDEN];
                if !mean_unit(sum, out) {
                    return Err(Error::Model(
                        "the mean of a text's tokens has no direction".to_owned(),
                    ));
                }
            }
        }
        Ok(vectors)
    }

    /// Returns the sum of each text's token vectors, padding left out; it points where their mean does.
    fn sums(&self, texts: &[&[u32]]) -> candle_core::Result<Vec<Vec<f32>>> {
        let bert = self.bert.lock().unwrap_or_else(PoisonError::into_inner);
        let PaddedBatch { ids, mask } = PaddedBatch::new(texts, &self.device)?;
        let hidden = bert.forward(&ids, &ids.zeros_like()?, Some(&mask))?;
        mask.unsqueeze(1)?.matmul(&hidden)?.squeeze(1)?.to_vec2()
    }
}

impl fmt::Debug for PaddedEncoder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PaddedEncoder")
            .field("device", &self.device)
            .field("tokens_per_batch", &self.tokens_per_batch)
            .finish_non_exhaustive()
    }
}

/// Names a device of candle's.
fn named(device: &Device) -> ComputeDevice {
    if device.is_cuda() {
        ComputeDevice::Cuda
    } else {
        ComputeDevice::Cpu
    }
}

/// Says in candle's words what a checked configuration says; candle's own reader asks for fields that some
/// copies of `config.json` lack and that do not touch the result.
fn candle_config(config: &BertConfig) -> Config {
    Config {
        vocab_size: VOCAB_SIZE,
        hidden_size: HIDDEN,
        num_hidden_layers: N_LAYERS,
        num_attention_heads: N_HEADS,
        intermediate_size: INTERMEDIATE,
        hidden_act: HiddenAct::Gelu,
        max_position_embeddings: 512,
        type_vocab_size: 2,
        layer_norm_eps: config.layer_norm_eps().into(),
        position_embedding_type: PositionEmbeddingType::Absolute,
        ..Config::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{
        BertConfig, BertModel, ComputeDevice, DType, Device, Error, HIDDEN, PaddedEncoder,
        TOKENS_PER_BATCH, VOCAB_SIZE, VarBuilder, candle_config,
    };
    use crate::weights::ModelBytes;
    use crate::{Embedder, MiniLm, ModelSource, Precision};

    /// Counted in words, which are a token each: from one to more than the model reads, in no order.
    const LENGTHS: [usize; 13] = [31, 1, 254, 2, 62, 300, 13, 3, 100, 5, 200, 255, 14];

    const WORDS: [&str; 12] = [
        "the", "user", "likes", "green", "tea", "after", "long", "walks", "in", "cold", "rain",
        "again",
    ];

    fn texts() -> Vec<String> {
        let word = |text: usize, i: usize| WORDS[(i * i + 5 * i + 7 * text) % WORDS.len()];
        let text = |(number, &length): (usize, &usize)| {
            let words: Vec<_> = (0..length).map(|i| word(number, i)).collect();
            words.join(" ")
        };
        LENGTHS.iter().enumerate().map(text).collect()
    }

    fn files() -> ModelBytes {
        ModelSource::from_env()
            .read()
            .unwrap_or_else(|error| panic!("this test needs the model: {error}"))
    }

    fn ours() -> MiniLm {
        MiniLm::load_with(&ModelSource::from_env(), Precision::F32)
            .unwrap_or_else(|error| panic!("this test needs the model: {error}"))
    }

    fn encoder() -> PaddedEncoder {
        let files = files();
        let config = BertConfig::check(&files.config).expect("MiniLM's configuration");
        PaddedEncoder::load(&files.weights, &config, Device::Cpu).expect("the model loads")
    }

    fn cosine(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn agrees_with_our_own_pass_in_batches_of_any_size_and_keeps_the_order() {
        let (ours, mut encoder) = (ours(), encoder());
        let texts = texts();
        let token_ids: Vec<Vec<u32>> = texts
            .iter()
            .map(|text| ours.token_ids(text).expect("has tokens"))
            .collect();
        assert_eq!(
            token_ids.iter().map(Vec::len).max(),
            Some(256),
            "the longest text is cut off"
        );
        for tokens_per_batch in [1, 600, TOKENS_PER_BATCH] {
            encoder.tokens_per_batch = tokens_per_batch;
            let vectors = encoder.embed(&token_ids).expect("embeds");
            assert_eq!(vectors.len(), texts.len() * HIDDEN);
            for (text, got) in texts.iter().zip(vectors.chunks_exact(HIDDEN)) {
                let cosine = cosine(&ours.embed(text).expect("embeds"), got);
                let norm = got.iter().map(|x| x * x).sum::<f32>().sqrt();
                let n_words = text.split(' ').count();
                assert!(
                    cosine >= 0.99999,
                    "{tokens_per_batch}, {n_words} words: {cosine}"
                );
                assert!((norm - 1.0).abs() < 1e-5, "{n_words} words: norm {norm}");
            }
        }
    }

    #[test]
    fn serves_a_whole_model_as_our_own_pass_does() {
        let model = MiniLm::on_device(&files(), Device::Cpu).expect("the model loads");
        assert_eq!(model.device(), ComputeDevice::Cpu);
        assert!(model.embed_batch(&[]).expect("an empty batch").is_empty());
        let texts = ["tea", "a longer text about last week's weather", "tea"];
        let batch = model.embed_batch(&texts).expect("embeds");
        assert_eq!(batch.len(), 3);
        assert_eq!(batch.get(0), batch.get(2));
        let ours = ours();
        for (text, got) in texts.iter().zip(batch.iter()) {
            let cosine = cosine(&ours.embed(text).expect("embeds"), got);
            assert!(cosine >= 0.99999, "{text:?}: {cosine}");
        }
        assert_eq!(model.fingerprint(), ours.fingerprint());
        let error = model.embed_batch(&["tea", " "]).err();
        assert!(
            matches!(error, Some(Error::EmptyText { index: 1, .. })),
            "{error:?}"
        );
    }

    #[test]
    fn refuses_a_token_outside_the_vocabulary() {
        let unknown = VOCAB_SIZE as u32;
        let error = encoder()
            .embed(&[vec![101, 102], vec![101, unknown, 102]])
            .expect_err("there is no such token");
        assert!(error.to_string().contains("token 30522"), "{error}");
    }

    #[test]
    fn refuses_a_vector_without_direction() {
        let config = BertConfig::check(&files().config).expect("MiniLM's configuration");
        let zeros = VarBuilder::zeros(DType::F32, &Device::Cpu);
        let encoder = PaddedEncoder {
            bert: BertModel::load(zeros, &candle_config(&config))
                .expect("zeros load")
                .into(),
            device: Device::Cpu,
            tokens_per_batch: TOKENS_PER_BATCH,
        };
        let error = encoder.embed(&[vec![101, 102]]).expect_err("all is zero");
        assert!(error.to_string().contains("no direction"), "{error}");
    }

    #[test]
    fn says_which_tensor_is_missing_and_on_which_device() {
        let config = BertConfig::check(&files().config).expect("MiniLM's configuration");
        // A safetensors file without tensors: the length of its header, and `{}`.
        let empty = [2, 0, 0, 0, 0, 0, 0, 0, b'{', b'}'];
        let error = PaddedEncoder::load(&empty, &config, Device::Cpu).expect_err("no tensors");
        let message = error.to_string();
        assert!(message.contains("on cpu"), "{message}");
        assert!(message.contains("word_embeddings"), "{message}");
    }
}
