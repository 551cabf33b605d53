//! Reads the network's parameters out of a safetensors file into the layout that the products want.

use std::borrow::Cow;
use std::ops::Range;

use candle_core::DType;
use candle_core::safetensors::SliceSafetensors;

use rayon::prelude::*;

use super::config::{HIDDEN, INTERMEDIATE, MAX_TOKENS, VOCAB_SIZE};
use super::layer::Layer;
use super::precision::Precision;
use crate::kernels::{BytePanels, HEAD_DIM, Isa, LayerNorm, Linear, Panels};

/// Numbers that are worth a task of their own when a tensor is read.
const NUMBERS_PER_TASK: usize = 1 << 18;

/// The parameters of the whole network.
#[derive(Debug)]
pub(crate) struct Parameters {
    /// Vector of each word piece, row-major `(VOCAB_SIZE, HIDDEN)`.
    pub(crate) words: Vec<f32>,
    /// Vector of each position, with that of the first (and only) segment added, `(MAX_TOKENS, HIDDEN)`.
    pub(crate) positions: Vec<f32>,
    /// Normalisation of their sum.
    pub(crate) norm: LayerNorm,
    /// The layers, first to last.
    pub(crate) layers: Vec<Layer>,
}

impl Parameters {
    /// Reads the bytes of a safetensors file; the linear maps come out in `precision`, packed for `isa`.
    ///
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub(crate) fn read(
        bytes: &[u8],
        n_layers: usize,
        eps: f32,
        precision: Precision,
        isa: Isa,
    ) -> candle_core::Result<Self> {
        let reader = Reader {
            file: SliceSafetensors::new(bytes)?,
            eps,
            precision,
            isa,
        };
        let segment = reader.numbers("embeddings.token_type_embeddings.weight", &[2, HIDDEN])?;
        let positions = reader.numbers("embeddings.position_embeddings.weight", &[512, HIDDEN])?;
        let mut positions = positions[..MAX_TOKENS * HIDDEN].to_vec();
        for position in positions.chunks_exact_mut(HIDDEN) {
            let pairs = position.iter_mut().zip(segment.iter());
            pairs.for_each(|(x, segment)| *x += segment);
        }
        Ok(Self {
            words: owned(
                reader.numbers("embeddings.word_embeddings.weight", &[VOCAB_SIZE, HIDDEN])?,
            ),
            positions,
            norm: reader.norm("embeddings.LayerNorm")?,
            layers: (0..n_layers)
                .into_par_iter()
                .map(|i| reader.layer(i))
                .collect::<candle_core::Result<_>>()?,
        })
    }
}

/// A linear map as models store it: one row of `n_inputs` weights an output.
struct Dense<'f> {
    n_inputs: usize,
    weights: Cow<'f, [f32]>,
    bias: Vec<f32>,
}

impl Dense<'_> {
    /// Multiplies some of the outputs by `factor`.
    fn scale_outputs(&mut self, outputs: Range<usize>, factor: f32) {
        let weights = outputs.start * self.n_inputs..outputs.end * self.n_inputs;
        let weights = &mut self.weights.to_mut()[weights];
        weights.iter_mut().for_each(|w| *w *= factor);
        self.bias[outputs].iter_mut().for_each(|b| *b *= factor);
    }

    fn pack(self, precision: Precision, isa: Isa) -> Linear {
        let Self {
            n_inputs,
            weights,
            bias,
        } = self;
        match precision {
            Precision::F32 => Linear::F32(Panels::from_outputs(&weights, bias, n_inputs, isa)),
            Precision::Int8 => {
                let panels = BytePanels::from_outputs(&weights, bias, n_inputs, isa.bytes());
                Linear::Int8(panels)
            }
        }
    }
}

struct Reader<'a> {
    file: SliceSafetensors<'a>,
    eps: f32,
    precision: Precision,
    isa: Isa,
}

impl Reader<'_> {
    fn layer(&self, index: usize) -> candle_core::Result<Layer> {
        let path = |name: &str| format!("encoder.layer.{index}.{name}");
        let attention =
            ["query", "key", "value"].map(|name| path(&format!("attention.self.{name}")));
        let mut query_key_value = self.linear(&attention, HIDDEN, HIDDEN)?;
        query_key_value.scale_outputs(0..HIDDEN, 1.0 / (HEAD_DIM as f32).sqrt());
        let packed = |name: &str, n_inputs, n_outputs| {
            Ok::<_, candle_core::Error>(
                self.linear(&[path(name)], n_inputs, n_outputs)?
                    .pack(self.precision, self.isa),
            )
        };
        Ok(Layer {
            query_key_value: query_key_value.pack(self.precision, self.isa),
            attention_output: packed("attention.output.dense", HIDDEN, HIDDEN)?,
            attention_norm: self.norm(&path("attention.output.LayerNorm"))?,
            up: packed("intermediate.dense", HIDDEN, INTERMEDIATE)?,
            down: packed("output.dense", INTERMEDIATE, HIDDEN)?,
            norm: self.norm(&path("output.LayerNorm"))?,
        })
    }

    /// Reads linear maps of one input and sets them side by side, so that one product does for all. One by itself is not copied.
    fn linear(
        &self,
        names: &[String],
        n_inputs: usize,
        n_outputs: usize,
    ) -> candle_core::Result<Dense<'_>> {
        let (mut weights, mut bias) = (Cow::Borrowed(&[][..]), Vec::new());
        for name in names {
            let name = |part: &str| format!("{name}.{part}");
            let more = self.numbers(&name("weight"), &[n_outputs, n_inputs])?;
            if weights.is_empty() {
                weights = more;
            } else {
                weights.to_mut().extend_from_slice(&more);
            }
            bias.extend_from_slice(&self.numbers(&name("bias"), &[n_outputs])?);
        }
        Ok(Dense {
            n_inputs,
            weights,
            bias,
        })
    }

    fn norm(&self, name: &str) -> candle_core::Result<LayerNorm> {
        Ok(LayerNorm {
            gamma: self
                .numbers(&format!("{name}.weight"), &[HIDDEN])?
                .into_owned(),
            beta: self
                .numbers(&format!("{name}.bias"), &[HIDDEN])?
                .into_owned(),
            eps: self.eps,
        })
    }

    /// Reads one tensor, checked for its shape: where it lies in the file, if it lies there as the machine wants it.
    ///
    /// A copy of the linear maps costs more to get from the system, page by page, than to fill.
    fn numbers(&self, name: &str, shape: &[usize]) -> candle_core::Result<Cow<'_, [f32]>> {
        let tensor = self.file.get(name)?;
        let number_type: DType = tensor.dtype().try_into()?;
        if tensor.shape() != shape || number_type != DType::F32 {
            candle_core::bail!(
                "expected {name} to be f32 of shape {shape:?}, found {number_type:?} of shape {:?}",
                tensor.shape()
            );
        }
        if cfg!(target_endian = "little")
            && let Ok(numbers) = bytemuck::try_cast_slice(tensor.data())
        {
            return Ok(Cow::Borrowed(numbers));
        }
        let (bytes, _) = tensor.data().as_chunks();
        let numbers: Vec<f32> = bytes
            .par_iter()
            .with_min_len(NUMBERS_PER_TASK)
            .map(|x| f32::from_le_bytes(*x))
            .collect();
        Ok(Cow::Owned(numbers))
    }
}

/// Copies numbers unless they are a copy already.
fn owned(numbers: Cow<'_, [f32]>) -> Vec<f32> {
    match numbers {
        Cow::Owned(numbers) => numbers,
        Cow::Borrowed(numbers) => {
            let numbers = numbers.par_iter().with_min_len(NUMBERS_PER_TASK);
            numbers.copied().collect()
        }
    }
}
