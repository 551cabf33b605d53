//! Quantisation errors of episodes under the codebook of one domain.

use std::fmt;

use anyhow::{Result, ensure};
use rayon::prelude::*;
use rm_core::{KRule, Trainer, Vectors, train};
use serde::Serialize;

use super::Parameters;
use super::world::{Domain, World};
use crate::corpora::shuffled;
use crate::metrics::mean;

/// Stream of the seed that orders the texts of the first domain; the others follow.
const TEXTS: u64 = 16;

/// Says what arrives at the monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Episodes {
    /// Texts like those that are stored, which is where the published figure seems to come from.
    Texts,
    /// Questions about what is stored, which is what a memory is asked.
    Questions,
}

impl fmt::Display for Episodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Texts => "texts",
            Self::Questions => "questions",
        })
    }
}

/// Names a half of the texts: thresholds are set on one and shown on the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    Calibration,
    Shown,
}

impl Half {
    /// Returns the positions of its texts among `n`.
    fn of(self, n: usize) -> impl Iterator<Item = usize> {
        let first = match self {
            Self::Calibration => 0,
            Self::Shown => 1,
        };
        (first..n).step_by(2)
    }
}

/// Holds the errors of one seed under the codebook of one domain.
#[derive(Debug, Clone)]
pub(super) struct HomeErrors {
    pub(super) n_items: usize,
    pub(super) k: usize,
    /// Errors of episodes of the domain itself, none of which the codebook has seen.
    pub(super) calm: Vec<f64>,
    /// Errors of episodes of each domain; none of its own, and none where thresholds are set.
    pub(super) foreign: Vec<Vec<f64>>,
}

impl HomeErrors {
    /// Returns the mean error in domain `new` over the mean error at home.
    pub(super) fn jump(&self, new: usize) -> Option<f64> {
        Some(mean(self.foreign.get(new)?)? / mean(&self.calm)?)
    }
}

/// Trains a codebook for each domain and seed, and routes episodes of all domains with it.
pub(super) fn of_seeds(
    world: &World,
    episodes: Episodes,
    half: Half,
    seeds: &[u64],
    p: &Parameters,
) -> Result<Vec<Vec<HomeErrors>>> {
    seeds
        .par_iter()
        .map(|&seed| {
            let homes = 0..world.domains.len();
            homes
                .map(|home| of_home(world, home, episodes, half, seed, p))
                .collect()
        })
        .collect()
}

fn of_home(
    world: &World,
    home: usize,
    episodes: Episodes,
    half: Half,
    seed: u64,
    p: &Parameters,
) -> Result<HomeErrors> {
    let domain = &world.domains[home];
    let (items, own) = match episodes {
        Episodes::Texts => {
            let texts: Vec<usize> = half.of(domain.texts.len()).collect();
            let order = shuffled(texts.len(), seed, TEXTS + home as u64);
            let order: Vec<usize> = order.into_iter().map(|at| texts[at]).collect();
            let n_items = (order.len() as f64 * p.stored_share) as usize;
            let (items, rest) = order.split_at(n_items.min(p.stored_items));
            (domain.texts.gather(items), domain.texts.gather(rest))
        }
        Episodes::Questions => {
            let order = shuffled(domain.texts.len(), seed, TEXTS + home as u64);
            let stored = &order[..p.stored_items.min(order.len())];
            (domain.texts.gather(stored), questions(domain, half))
        }
    };
    ensure!(
        !items.is_empty() && !own.is_empty(),
        "{} has too few texts to store some and ask others",
        domain.name
    );
    let k = KRule::default().k(items.len());
    let codebook = train(&items, k, &Trainer::default(), seed)?.codebook;
    let errors = |vectors: &Vectors| -> Result<Vec<f64>> {
        let errors = codebook.qerr_batch(vectors)?;
        Ok(errors.into_iter().map(f64::from).collect())
    };
    let foreign = world.domains.iter().enumerate().map(|(at, other)| {
        if at == home || half == Half::Calibration {
            return Ok(Vec::new());
        }
        errors(&match episodes {
            Episodes::Texts => {
                let texts: Vec<usize> = half.of(other.texts.len()).collect();
                other.texts.gather(&texts)
            }
            Episodes::Questions => questions(other, half),
        })
    });
    Ok(HomeErrors {
        n_items: items.len(),
        k,
        foreign: foreign.collect::<Result<_>>()?,
        calm: errors(&own)?,
    })
}

fn questions(domain: &Domain, half: Half) -> Vectors {
    let positions: Vec<usize> = half.of(domain.questions.len()).collect();
    domain.questions.gather(&positions)
}
