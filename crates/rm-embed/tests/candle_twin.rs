//! Our forward pass gives what candle-transformers' BERT gives, on texts of every length and after every layer.

use std::fs;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use rm_embed::{Embedder, MiniLm, ModelSource, Pooling, Precision, Readout};

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

/// Loads the first `n_layers` of the network.
fn bert(source: &ModelSource, n_layers: usize) -> Outcome<BertModel> {
    source.fetch()?;
    let folder = std::env::var_os("RM_MODEL_DIR")
        .map_or_else(|| source.model_folder(), std::path::PathBuf::from);
    let mut config: Config = serde_json::from_slice(&fs::read(folder.join("config.json"))?)?;
    config.num_hidden_layers = n_layers;
    let weights = fs::read(folder.join("model.safetensors"))?;
    let parameters = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu)?;
    Ok(BertModel::load(parameters, &config)?)
}

/// Returns the pooled vector of a text after the last layer of `bert`, scaled to unit norm.
fn candles(bert: &BertModel, ids: &[u32], pooling: Pooling) -> candle_core::Result<Vec<f32>> {
    let ids = Tensor::new(ids, &Device::Cpu)?.unsqueeze(0)?;
    let hidden = bert.forward(&ids, &ids.zeros_like()?, None)?;
    let pooled = match pooling {
        Pooling::Cls => hidden.narrow(1, 0, 1)?.squeeze(1)?,
        Pooling::Max => hidden.max(1)?,
        _ => hidden.mean(1)?,
    };
    pooled
        .broadcast_div(&pooled.sqr()?.sum_keepdim(1)?.sqrt()?)?
        .squeeze(0)?
        .to_vec1()
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn vectors_agree_alone_and_in_a_mixed_batch() -> Outcome<()> {
    let source = ModelSource::from_env();
    let model = MiniLm::load(&source)?;
    let bert = bert(&source, 6)?;
    let texts = texts();
    let batch = model.embed_batch(&texts.iter().map(String::as_str).collect::<Vec<_>>())?;
    for (text, in_batch) in texts.iter().zip(batch.iter()) {
        let ids = model.token_ids(text)?;
        let expected = candles(&bert, &ids, Pooling::Mean)?;
        for got in [model.embed(text)?.as_slice(), in_batch] {
            let cosine = cosine(&expected, got);
            assert!(cosine >= 0.99999, "{} tokens: cosine {cosine}", ids.len());
        }
    }
    Ok(())
}

#[test]
fn readouts_agree_whatever_layer_and_pooling() -> Outcome<()> {
    let source = ModelSource::from_env();
    let at = |layer, pooling| Readout { layer, pooling };
    let readouts = [
        at(6, Pooling::Max),
        at(3, Pooling::Mean),
        at(1, Pooling::Max),
        at(6, Pooling::Cls),
    ];
    let model = MiniLm::load_readouts(&source, Precision::F32, &readouts)?;
    assert_eq!(model.dim(), 4 * 384);
    let texts = texts();
    let batch = model.embed_batch(&texts.iter().map(String::as_str).collect::<Vec<_>>())?;
    for (part, readout) in readouts.iter().enumerate() {
        let bert = bert(&source, readout.layer)?;
        for (text, vector) in texts.iter().zip(batch.iter()) {
            let ids = model.token_ids(text)?;
            let expected = candles(&bert, &ids, readout.pooling)?;
            // Four parts of equal length share a norm of 1.
            let cosine = 2.0 * cosine(&expected, &vector[part * 384..(part + 1) * 384]);
            let n_tokens = ids.len();
            assert!(
                (0.99999..1.00001).contains(&cosine),
                "{readout}, {n_tokens} tokens: cosine {cosine}"
            );
        }
    }
    Ok(())
}

#[test]
fn a_readout_has_a_fingerprint_of_its_own_unless_it_is_the_trained_one() -> Outcome<()> {
    let source = ModelSource::from_env();
    let load = |readouts: &[Readout]| MiniLm::load_readouts(&source, Precision::F32, readouts);
    let (plain, trained) = (MiniLm::load(&source)?, load(&[Readout::TRAINED])?);
    assert_eq!(trained.fingerprint(), plain.fingerprint());
    assert_eq!(trained.embed("green tea")?, plain.embed("green tea")?);
    let early = load(&[Readout {
        layer: 3,
        pooling: Pooling::Mean,
    }])?;
    let both = load(&[
        Readout {
            layer: 3,
            pooling: Pooling::Mean,
        },
        Readout::TRAINED,
    ])?;
    assert_ne!(early.fingerprint(), plain.fingerprint());
    assert_ne!(early.fingerprint(), both.fingerprint());
    assert!(load(&[]).is_err());
    Ok(())
}

#[test]
fn word_vectors_end_with_the_vocabulary() -> Outcome<()> {
    let model = MiniLm::load(&ModelSource::from_env())?;
    let tea = model.token_ids("tea")?[1];
    let vector = model.word_vector(tea).ok_or("tea is in the vocabulary")?;
    assert_eq!(vector.len(), 384);
    assert_ne!(model.word_vector(tea + 1), Some(vector));
    assert!(model.word_vector(30_522).is_none());
    Ok(())
}

#[test]
fn a_folder_holds_a_network_of_any_depth() -> Outcome<()> {
    let source = ModelSource::from_env();
    let pinned = MiniLm::load(&source)?;
    let files = std::env::var_os("RM_MODEL_DIR")
        .map_or_else(|| source.model_folder(), std::path::PathBuf::from);
    let folder = tempfile::tempdir()?;
    for name in ["tokenizer.json", "model.safetensors"] {
        fs::copy(files.join(name), folder.path().join(name))?;
    }
    let missing = MiniLm::load_folder(folder.path(), Pooling::Mean, Precision::F32);
    assert!(missing.is_err_and(|error| error.to_string().contains("config.json")));
    // The first half of MiniLM is a network of three layers.
    let config = fs::read_to_string(files.join("config.json"))?;
    let shallow = config.replace("\"num_hidden_layers\": 6", "\"num_hidden_layers\": 3");
    assert_ne!(shallow, config);
    fs::write(folder.path().join("config.json"), shallow)?;
    let half = MiniLm::load_folder(folder.path(), Pooling::Mean, Precision::F32)?;
    let early = Readout {
        layer: 3,
        pooling: Pooling::Mean,
    };
    let read_early = MiniLm::load_readouts(&source, Precision::F32, &[early])?;
    let text = "the user likes green tea";
    assert_eq!(half.embed(text)?, read_early.embed(text)?);
    assert_ne!(half.fingerprint(), read_early.fingerprint());
    assert_ne!(half.fingerprint(), pinned.fingerprint());
    Ok(())
}
