//! Measures tokens per second on one text a line, ours beside candle-transformers' BERT.
//!
//! `cargo run --release -p rm-embed --example throughput -- texts.txt [n_texts]`

use std::error::Error;
use std::time::{Duration, Instant};
use std::{env, fs};

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use rm_embed::{Embedder, MiniLm, ModelSource};

/// Texts of one of candle's batches.
const BATCH: usize = 32;
const ROUNDS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let path = arguments
        .next()
        .ok_or("usage: throughput TEXTS [N_TEXTS], one text a line")?;
    let limit = arguments.next().map_or(Ok(usize::MAX), |n| n.parse())?;
    let contents = fs::read_to_string(path)?;
    let texts: Vec<&str> = contents
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(limit)
        .collect();

    let source = ModelSource::from_env();
    let started = Instant::now();
    let model = MiniLm::load(&source)?;
    println!("load: {:.0} ms", started.elapsed().as_secs_f64() * 1e3);
    let started = Instant::now();
    let mut token_ids = texts
        .iter()
        .map(|text| model.token_ids(text))
        .collect::<Result<Vec<_>, _>>()?;
    let n_tokens: usize = token_ids.iter().map(Vec::len).sum();
    println!(
        "tokenise {} texts: {:.0} ms",
        texts.len(),
        started.elapsed().as_secs_f64() * 1e3
    );

    let short = "what does the user like to drink in the morning?";
    model.embed(short)?;
    let started = Instant::now();
    for _ in 0..50 {
        model.embed(short)?;
    }
    println!(
        "one short text: {:.2} ms",
        started.elapsed().as_secs_f64() * 1e3 / 50.0
    );

    token_ids.sort_by_key(Vec::len);
    let bert = candles(&source)?;
    let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
    // Taken in turn, and the best of each, because the machine may have other work to do.
    for _ in 0..ROUNDS {
        let started = Instant::now();
        model.embed_batch(&texts)?;
        ours = ours.min(started.elapsed());
        let started = Instant::now();
        for batch in token_ids.chunks(BATCH) {
            pooled(&bert, batch)?;
        }
        theirs = theirs.min(started.elapsed());
    }
    report("rm-embed", n_tokens, ours);
    report(
        "candle-transformers, batches of 32 sorted by length",
        n_tokens,
        theirs,
    );
    println!("ratio: {:.2}", theirs.as_secs_f64() / ours.as_secs_f64());
    Ok(())
}

fn report(name: &str, n_tokens: usize, time: Duration) {
    let seconds = time.as_secs_f64();
    println!(
        "{name}: {n_tokens} tokens in {seconds:.2} s, {:.0} tokens/s",
        n_tokens as f64 / seconds
    );
}

fn candles(source: &ModelSource) -> Result<BertModel, Box<dyn Error>> {
    let folder = source.model_folder();
    let config: Config = serde_json::from_slice(&fs::read(folder.join("config.json"))?)?;
    let weights = fs::read(folder.join("model.safetensors"))?;
    let parameters = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu)?;
    Ok(BertModel::load(parameters, &config)?)
}

/// Embeds a batch padded to its longest text, as the model's users do: mask, mean, unit norm.
fn pooled(bert: &BertModel, batch: &[Vec<u32>]) -> candle_core::Result<Tensor> {
    let longest = batch.iter().map(Vec::len).max().unwrap_or(0);
    let padded = |fill: &dyn Fn(&u32) -> u32| -> candle_core::Result<Tensor> {
        let ids: Vec<u32> = batch
            .iter()
            .flat_map(|ids| {
                ids.iter()
                    .map(fill)
                    .chain(std::iter::repeat_n(0, longest - ids.len()))
            })
            .collect();
        Tensor::from_vec(ids, (batch.len(), longest), &Device::Cpu)
    };
    let ids = padded(&|&id| id)?;
    let mask = padded(&|_| 1)?;
    let hidden = bert.forward(&ids, &ids.zeros_like()?, Some(&mask))?;
    let weights = mask.to_dtype(DType::F32)?.unsqueeze(2)?;
    let sums = hidden.broadcast_mul(&weights)?.sum(1)?;
    sums.broadcast_div(&sums.sqr()?.sum_keepdim(1)?.sqrt()?)
}
