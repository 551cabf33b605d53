//! `rmem codebook`: describes the codebook.

use anyhow::Result;
use clap::Args;
use rm_memory::{BucketStats, CentroidId, RoutingMemory};
use serde::Serialize;

use crate::arguments::Shared;
use crate::open::open_without_model;
use crate::output::{Out, date_time, grouped};

const AFTER: &str = "\
Examples:
  rmem codebook
  rmem codebook --buckets

The Gini coefficient is 0 where all buckets are equally full. Fidelity is the mean cosine of an item and the centre of \
its bucket.";

/// Holds the arguments of `codebook`.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct CodebookArgs {
    /// Describe every bucket as well, the fullest first.
    #[arg(long)]
    buckets: bool,
}

/// Is what `codebook` prints as JSON.
#[derive(Serialize)]
struct Codebook {
    k: usize,
    dim: usize,
    gini: f64,
    dead_codes: usize,
    fidelity: f64,
    variance: f64,
    buckets: Option<Vec<Bucket>>,
}

#[derive(Serialize)]
struct Bucket {
    centroid: u32,
    size: usize,
    variance: f32,
    access_count: u64,
    last_used_ms: Option<i64>,
}

/// Describes the codebook.
pub(crate) fn run(shared: &Shared, arguments: &CodebookArgs) -> Result<()> {
    let memory = open_without_model(shared)?;
    let info = memory.codebook_info();
    let codebook = Codebook {
        k: info.k,
        dim: info.dim,
        gini: info.gini,
        dead_codes: info.dead_codes,
        fidelity: info.fidelity,
        variance: info.variance,
        buckets: match arguments.buckets {
            true => Some(buckets(&memory, info.k)?),
            false => None,
        },
    };
    if shared.json {
        return Out::json(&codebook);
    }
    codebook.write()
}

/// Describes all buckets, the fullest first.
fn buckets(memory: &RoutingMemory, k: usize) -> Result<Vec<Bucket>> {
    let mut buckets = Vec::with_capacity(k);
    for centroid in (0u32..).take(k) {
        // Another process may have made fewer of them meanwhile.
        if let Ok(Some(bucket)) = memory.bucket_stats(CentroidId(centroid)) {
            buckets.push(Bucket::from(bucket));
        }
    }
    buckets.sort_by_key(|bucket| std::cmp::Reverse(bucket.size));
    Ok(buckets)
}

impl From<BucketStats> for Bucket {
    fn from(bucket: BucketStats) -> Self {
        Self {
            centroid: bucket.centroid.0,
            size: bucket.size,
            variance: bucket.variance,
            access_count: bucket.access_count,
            last_used_ms: bucket.last_used_ms,
        }
    }
}

impl Codebook {
    fn write(&self) -> Result<()> {
        let mut out = Out::new();
        out.table(&[
            ("buckets", grouped(self.k as u64)),
            ("dimension", self.dim.to_string()),
            ("Gini coefficient", format!("{:.3}", self.gini)),
            ("empty buckets", grouped(self.dead_codes as u64)),
            ("fidelity", format!("{:.3}", self.fidelity)),
            ("variance", format!("{:.3}", self.variance)),
        ])?;
        if let Some(buckets) = &self.buckets {
            out.line("")?;
            out.line("bucket     items  variance  questions  last")?;
            for bucket in buckets {
                let last = bucket.last_used_ms.map(date_time);
                out.line(format!(
                    "{:>6}  {:>8}  {:>8.3}  {:>9}  {}",
                    bucket.centroid,
                    bucket.size,
                    bucket.variance,
                    bucket.access_count,
                    last.as_deref().unwrap_or("never"),
                ))?;
            }
        }
        out.end()
    }
}
