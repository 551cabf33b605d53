//! Embeds the same texts on command, for comparison with other engines.
//!
//! `cargo run --release -p rm-embed --example throughput -- TEXTS [--precision f32|int8] [--candle]`
//!
//! `scripts/bench-embed.sh` runs it. TEXTS holds one text a line. With `--candle`, candle-transformers'
//! BERT embeds them in padded batches, in place of ours. Once the model is loaded, a line of JSON says
//! how many texts and tokens there are; then each line of standard input is a command, and a line of
//! JSON answers it:
//!
//! | command | what it does | answer |
//! |---|---|---|
//! | `round` | embeds all texts, tokenisation included | `seconds` |
//! | `latency TEXT` | embeds one text 220 times, of which 20 warm up | `median_ms` |
//! | `vectors PATH` | embeds all texts into raw little-endian `f32` rows | `rows`, `dim` |
//! | `quit` | ends, as the end of input does | |

use std::error::Error;
use std::io::{BufRead, Write, stdin, stdout};
use std::process::ExitCode;
use std::time::Instant;
use std::{env, fs};

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use rayon::prelude::*;
use rm_embed::{Embedder, MiniLm, ModelSource, Precision};
use serde_json::{Value, json};

const USAGE: &str = "usage: throughput TEXTS [--precision f32|int8] [--candle], one text a line";

/// Exit status for a command line that cannot be obeyed, which the comparison takes for "not built".
const REFUSED: u8 = 2;

/// Texts of one of candle's batches.
const BATCH: usize = 32;

const LATENCY_WARM_UPS: usize = 20;
const LATENCY_CALLS: usize = 200;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let options = match Options::parse(env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("throughput: {message}");
            return ExitCode::from(REFUSED);
        }
    };
    match serve(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("throughput: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Options {
    texts: String,
    precision: Precision,
    candle: bool,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let (mut texts, mut precision, mut candle) = (None, Precision::F32, false);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--candle" => candle = true,
                "--precision" => precision = arguments.next().unwrap_or_default().parse()?,
                _ if texts.is_none() && !argument.starts_with("--") => texts = Some(argument),
                _ => return Err(format!("unexpected argument {argument}; {USAGE}").into()),
            }
        }
        let texts = texts.ok_or(USAGE)?;
        Ok(Self {
            texts,
            precision,
            candle,
        })
    }
}

/// Loads model and texts, and answers commands until the input ends.
fn serve(options: &Options) -> Result<()> {
    let contents = fs::read_to_string(&options.texts)
        .map_err(|error| format!("cannot read the texts in {}: {error}", options.texts))?;
    let texts: Vec<&str> = contents
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let started = Instant::now();
    let engine = Engine::load(options)?;
    let load_ms = started.elapsed().as_secs_f64() * 1e3;
    let n_tokens: usize = engine.token_ids(&texts)?.iter().map(Vec::len).sum();
    answer(&json!({ "texts": texts.len(), "tokens": n_tokens, "load_ms": load_ms }))?;
    for line in stdin().lock().lines() {
        let line = line?;
        let (command, operand) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        answer(&match command {
            "round" => round(&engine, &texts)?,
            "latency" => latency(&engine, operand)?,
            "vectors" => write_vectors(&engine, &texts, operand)?,
            "quit" => break,
            _ => {
                return Err(format!("expected round, latency, vectors or quit, got {line}").into());
            }
        })?;
    }
    Ok(())
}

fn answer(value: &Value) -> Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{value}")?;
    Ok(out.flush()?)
}

fn round(engine: &Engine, texts: &[&str]) -> Result<Value> {
    let started = Instant::now();
    engine.embed(texts)?;
    Ok(json!({ "seconds": started.elapsed().as_secs_f64() }))
}

fn latency(engine: &Engine, text: &str) -> Result<Value> {
    for _ in 0..LATENCY_WARM_UPS {
        engine.embed(&[text])?;
    }
    let mut times_ms = Vec::with_capacity(LATENCY_CALLS);
    for _ in 0..LATENCY_CALLS {
        let started = Instant::now();
        engine.embed(&[text])?;
        times_ms.push(started.elapsed().as_secs_f64() * 1e3);
    }
    times_ms.sort_by(f64::total_cmp);
    let median_ms = f64::midpoint(
        times_ms[(LATENCY_CALLS - 1) / 2],
        times_ms[LATENCY_CALLS / 2],
    );
    Ok(json!({ "median_ms": median_ms }))
}

fn write_vectors(engine: &Engine, texts: &[&str], path: &str) -> Result<Value> {
    let vectors = engine.embed(texts)?;
    let bytes: Vec<u8> = vectors.iter().flat_map(|x| x.to_le_bytes()).collect();
    fs::write(path, bytes).map_err(|error| format!("cannot write vectors to {path}: {error}"))?;
    Ok(json!({ "rows": texts.len(), "dim": engine.dim() }))
}

/// What is measured: our own pass, or candle's on our token ids.
struct Engine {
    minilm: MiniLm,
    candle: Option<BertModel>,
}

impl Engine {
    fn load(options: &Options) -> Result<Self> {
        let source = ModelSource::from_env();
        let minilm = MiniLm::load_with(&source, options.precision)?;
        let candle = options.candle.then(|| candles(&source)).transpose()?;
        Ok(Self { minilm, candle })
    }

    fn dim(&self) -> usize {
        self.minilm.dim()
    }

    fn token_ids(&self, texts: &[&str]) -> rm_embed::Result<Vec<Vec<u32>>> {
        texts
            .par_iter()
            .map(|text| self.minilm.token_ids(text))
            .collect()
    }

    /// Returns the texts' vectors one after the other, in the order of the texts.
    fn embed(&self, texts: &[&str]) -> Result<Vec<f32>> {
        let Some(bert) = &self.candle else {
            return Ok(match texts {
                [text] => self.minilm.embed(text)?,
                _ => self.minilm.embed_batch(texts)?.into_vec(),
            });
        };
        let token_ids = self.token_ids(texts)?;
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|&i| token_ids[i].len());
        let dim = self.dim();
        let mut vectors = vec![0.0; texts.len() * dim];
        for places in order.chunks(BATCH) {
            let batch: Vec<&[u32]> = places.iter().map(|&i| token_ids[i].as_slice()).collect();
            let pooled = pooled(bert, &batch)?.flatten_all()?.to_vec1::<f32>()?;
            for (&i, vector) in places.iter().zip(pooled.chunks_exact(dim)) {
                vectors[i * dim..(i + 1) * dim].copy_from_slice(vector);
            }
        }
        Ok(vectors)
    }
}

fn candles(source: &ModelSource) -> Result<BertModel> {
    let folder = source.model_folder();
    let config: Config = serde_json::from_slice(&fs::read(folder.join("config.json"))?)?;
    let weights = fs::read(folder.join("model.safetensors"))?;
    let parameters = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu)?;
    Ok(BertModel::load(parameters, &config)?)
}

/// Embeds a batch padded to its longest text, as the model's users do: mask, mean, unit norm.
fn pooled(bert: &BertModel, batch: &[&[u32]]) -> candle_core::Result<Tensor> {
    let longest = batch.iter().map(|ids| ids.len()).max().unwrap_or(0);
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
