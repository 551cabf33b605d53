//! Trains a codebook on a file of vectors, for comparison with other trainers.
//!
//! `cargo run --release -p rm-core --example train -- VECTORS.f32 DIM K CENTROIDS.f32`
//!
//! Both files are raw little-endian `f32`, row-major. Prints `seconds`, the time of training alone on all cores, and
//! `mean_cosine`, of each vector with its centroid.

use std::error::Error;
use std::time::Instant;
use std::{env, fs};

use rm_core::{Trainer, Vectors, train};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [vectors, dim, k, centroids] = arguments.as_slice() else {
        return Err("usage: train VECTORS.f32 DIM K CENTROIDS.f32".into());
    };
    let bytes = fs::read(vectors)?;
    let rows = bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|b| f32::from_le_bytes(*b))
        .collect();
    let vectors = Vectors::from_rows(dim.parse()?, rows)?;
    let started = Instant::now();
    let trained = train(&vectors, k.parse()?, &Trainer::default(), 42)?;
    println!("seconds {:.4}", started.elapsed().as_secs_f64());
    let encodings = trained.codebook.encode_batch(&vectors)?;
    let cosines: f64 = encodings
        .iter()
        .map(|encoding| f64::from(encoding.score))
        .sum();
    println!("mean_cosine {:.6}", cosines / vectors.len() as f64);
    println!("iterations {}", trained.iterations);
    let bytes: Vec<u8> = trained
        .codebook
        .as_slice()
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    fs::write(centroids, bytes)?;
    Ok(())
}
