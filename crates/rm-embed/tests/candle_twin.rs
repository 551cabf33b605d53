//! Our forward pass gives what candle-transformers' BERT gives, on texts of every length.

use std::fs;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use rm_embed::{Embedder, MiniLm, ModelSource};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Counted in words, which are a token each: from one to more than the model reads.
const LENGTHS: [usize; 14] = [1, 2, 3, 5, 13, 14, 15, 30, 31, 62, 100, 200, 254, 300];

const WORDS: [&str; 12] = [
    "the", "user", "likes", "green", "tea", "after", "long", "walks", "in", "cold", "rain", "again",
];

fn texts() -> Vec<String> {
    let word = |text: usize, i: usize| WORDS[(i * i + 5 * i + 7 * text) % WORDS.len()];
    let text = |(number, &length): (usize, &usize)| {
        (0..length)
            .map(|i| word(number, i))
            .collect::<Vec<_>>()
            .join(" ")
    };
    LENGTHS.iter().enumerate().map(text).collect()
}

fn bert(source: &ModelSource) -> Outcome<BertModel> {
    source.fetch()?;
    let folder = std::env::var_os("RM_MODEL_DIR")
        .map_or_else(|| source.model_folder(), std::path::PathBuf::from);
    let config: Config = serde_json::from_slice(&fs::read(folder.join("config.json"))?)?;
    let weights = fs::read(folder.join("model.safetensors"))?;
    let parameters = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu)?;
    Ok(BertModel::load(parameters, &config)?)
}

fn candles(bert: &BertModel, ids: &[u32]) -> candle_core::Result<Vec<f32>> {
    let ids = Tensor::new(ids, &Device::Cpu)?.unsqueeze(0)?;
    let mean = bert.forward(&ids, &ids.zeros_like()?, None)?.mean(1)?;
    mean.broadcast_div(&mean.sqr()?.sum_keepdim(1)?.sqrt()?)?
        .squeeze(0)?
        .to_vec1()
}

#[test]
fn vectors_agree_alone_and_in_a_mixed_batch() -> Outcome<()> {
    let source = ModelSource::from_env();
    let model = MiniLm::load(&source)?;
    let bert = bert(&source)?;
    let texts = texts();
    let batch = model.embed_batch(&texts.iter().map(String::as_str).collect::<Vec<_>>())?;
    for (text, in_batch) in texts.iter().zip(batch.iter()) {
        let ids = model.token_ids(text)?;
        let expected = candles(&bert, &ids)?;
        for got in [model.embed(text)?.as_slice(), in_batch] {
            let cosine: f32 = expected.iter().zip(got).map(|(a, b)| a * b).sum();
            assert!(cosine >= 0.99999, "{} tokens: cosine {cosine}", ids.len());
        }
    }
    Ok(())
}
