//! One shift: a memory of the old domain gets the new domain's items.

use std::time::Instant;

use anyhow::Result;
use rm_core::{
    AdaptationConfig, EMA_RATE, EmaUpdates, ExactSearch, Index, ItemId, KRule, PRUNE_IDLE_MS,
    Retriever, Trainer, Vectors, train,
};
use serde::Serialize;

use super::super::probing::every_score;
use super::Parameters;
use super::world::Domain;
use crate::corpora::shuffled;
use crate::metrics::{gold_recall, recall_vs_dense};

/// Streams of the seed that order texts and questions; the second domain has the next one.
const TEXTS: u64 = 64;
/// Share of the texts that is stored where texts ask for texts; the others are asked.
const STORED_SHARE: f64 = 0.8;
/// How far splits may raise K above what its rule says, as in a memory.
const SPLIT_HEADROOM: f64 = 1.5;
/// Answers that gold is looked for in.
const GOLD_DEPTH: usize = 10;

/// Names what is done about a shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Method {
    /// New items are added to the old codebook, and that is all.
    Nothing,
    /// Centroids move towards the last questions by the original's rate.
    Ema,
    /// Lists that are spread or oversized are split, small idle ones pruned.
    SplitAndPrune,
    /// The codebook is trained again on all items.
    Refit,
}

impl Method {
    pub(super) const ALL: [Self; 4] = [Self::Nothing, Self::Ema, Self::SplitAndPrune, Self::Refit];

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Nothing => "no adaptation",
            Self::Ema => "EMA",
            Self::SplitAndPrune => "split and prune",
            Self::Refit => "full refit",
        }
    }
}

/// Holds questions about one domain and the exact answers among what is stored.
#[derive(Debug)]
pub(super) struct Asked {
    vectors: Vectors,
    /// Position of the answer among the stored items; none where texts ask for texts.
    gold: Vec<Option<usize>>,
}

/// Holds what is stored and asked when one domain takes the place of another.
#[derive(Debug)]
pub(super) struct Shift {
    items: Vectors,
    n_old: usize,
    about_old: Asked,
    about_new: Asked,
    /// Questions about the new domain that a memory has seen when it adapts.
    seen: Vectors,
    seed: u64,
}

/// Holds what one domain brings to a shift.
struct Part {
    items: Vectors,
    asked: Asked,
    seen: Vectors,
}

impl Part {
    /// Draws what is stored, asked and seen; answers stand `offset` further on among the stored items.
    fn draw(domain: &Domain, offset: usize, seed: u64, stream: u64, p: &Parameters) -> Self {
        let from_texts = domain.questions.is_empty();
        let pool = if from_texts {
            &domain.texts
        } else {
            &domain.questions
        };
        let order = shuffled(pool.len(), seed, stream);
        let n_stored = if from_texts {
            (pool.len() as f64 * STORED_SHARE) as usize
        } else {
            0
        };
        let (stored, rest) = order.split_at(n_stored);
        let (asked, seen) = rest.split_at(p.recall_questions.min(rest.len() / 2));
        let seen = &seen[..p.seen_questions.min(seen.len())];
        let gold = asked
            .iter()
            .map(|&at| domain.gold.get(at).map(|gold| gold + offset));
        Self {
            items: if from_texts {
                pool.gather(stored)
            } else {
                domain.texts.clone()
            },
            asked: Asked {
                gold: gold.collect(),
                vectors: pool.gather(asked),
            },
            seen: pool.gather(seen),
        }
    }
}

/// Tells what a method did and how long it took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Done {
    pub(super) items_moved: usize,
    pub(super) adapt_ms: f64,
}

impl Shift {
    pub(super) fn new(old: &Domain, new: &Domain, seed: u64, p: &Parameters) -> Result<Self> {
        let old = Part::draw(old, 0, seed, TEXTS, p);
        let n_old = old.items.len();
        let new = Part::draw(new, n_old, seed, TEXTS + 1, p);
        let rows = [old.items.as_slice(), new.items.as_slice()].concat();
        Ok(Self {
            items: Vectors::from_rows(old.items.dim(), rows)?,
            n_old,
            about_old: old.asked,
            about_new: new.asked,
            seen: new.seen,
            seed,
        })
    }

    pub(super) fn n_old(&self) -> usize {
        self.n_old
    }

    pub(super) fn n_items(&self) -> usize {
        self.items.len()
    }

    pub(super) fn asked(&self, about_new: bool) -> &Asked {
        if about_new {
            &self.about_new
        } else {
            &self.about_old
        }
    }

    /// Trains on the old domain and stores it.
    pub(super) fn before(&self) -> Result<Index> {
        let old = self.items.prefix(self.n_old);
        let k = KRule::default().k(self.n_old);
        let codebook = train(&old, k, &Trainer::default(), self.seed)?.codebook;
        let ids: Vec<ItemId> = (0..self.n_old as u64).map(ItemId).collect();
        Ok(Index::build(codebook, &ids, &old)?)
    }

    /// Adds the new domain's items to the index of the old one.
    pub(super) fn during(&self, before: Index) -> Result<Index> {
        let ids: Vec<ItemId> = (0..self.items.len() as u64).map(ItemId).collect();
        let during = Index::build(before.codebook().clone(), &ids, &self.items)?;
        // Every centroid has answered a question once, long before the new domain came.
        during
            .lists()
            .for_each(|(centroid, _)| during.record_use(centroid, 0));
        for signals in during.codebook().route_batch(&self.seen, 1)? {
            during.record_use(signals.0.top_centroid, now_ms());
        }
        Ok(during)
    }

    /// Adapts an index as `method` says.
    pub(super) fn adapt(&self, index: &mut Index, method: Method) -> Result<Done> {
        let started = Instant::now();
        let items_moved = match method {
            Method::Nothing => 0,
            Method::Ema => {
                let mut pending = EmaUpdates::default();
                for x in self.seen.iter() {
                    let nearest = index.codebook().encode(x)?.centroid;
                    pending.record(index.codebook(), nearest, x, EMA_RATE)?;
                }
                let report = index.adapt(&moves_alone(), &mut pending, now_ms(), self.seed)?;
                report.items_moved
            }
            Method::SplitAndPrune => {
                let by_rule = SPLIT_HEADROOM * KRule::default().k(index.len()) as f64;
                let config = AdaptationConfig {
                    max_k: by_rule as usize,
                    ..AdaptationConfig::default()
                };
                let mut pending = EmaUpdates::default();
                let report = index.adapt(&config, &mut pending, now_ms(), self.seed)?;
                report.items_moved
            }
            Method::Refit => {
                let k = KRule::default().k(index.len());
                let (ids, vectors) = index.items()?;
                let codebook = train(&vectors, k, &Trainer::default(), self.seed)?.codebook;
                *index = Index::build(codebook, &ids, &vectors)?;
                ids.len()
            }
        };
        Ok(Done {
            items_moved,
            adapt_ms: started.elapsed().as_secs_f64() * 1e3,
        })
    }

    /// Searches for questions about one domain with each number of probes.
    pub(super) fn search(&self, index: &Index, asked: &Asked, p: &Parameters) -> Result<Searched> {
        let stored = self.items.prefix(index.len());
        let exact = ExactSearch::new(&stored).top_k_batch(&asked.vectors, GOLD_DEPTH)?;
        let exact: Vec<Vec<usize>> = exact
            .iter()
            .map(|hits| hits.iter().map(|hit| hit.row).collect())
            .collect();
        let gold = |found: &[Vec<usize>]| -> Vec<f64> {
            let pairs = found.iter().zip(&asked.gold);
            pairs
                .filter_map(|(found, gold)| gold_recall(found, &[(*gold)?], GOLD_DEPTH))
                .collect()
        };
        let mut depths = Vec::new();
        for &n_probes in &p.n_probes {
            let retriever: Retriever = every_score(n_probes, GOLD_DEPTH);
            let retrievals = retriever.query_batch(index, &asked.vectors)?;
            let found: Vec<Vec<usize>> = retrievals
                .iter()
                .map(|r| r.hits.iter().map(|hit| hit.item.0 as usize).collect())
                .collect();
            let recall = found.iter().zip(&exact);
            let recall = recall.filter_map(|(f, exact)| recall_vs_dense(f, exact, p.top_k));
            let scanned: usize = retrievals.iter().map(|r| r.candidates).sum();
            depths.push(Depth {
                n_probes,
                recall: recall.collect(),
                gold: gold(&found),
                share: scanned as f64 / (retrievals.len().max(1) * index.len().max(1)) as f64,
            });
        }
        Ok(Searched {
            depths,
            dense_gold: gold(&exact),
        })
    }
}

/// Holds what the questions about one domain found.
#[derive(Debug)]
pub(super) struct Searched {
    /// By rising number of probes.
    pub(super) depths: Vec<Depth>,
    /// Gold recall of exact search, one figure a question that has gold.
    pub(super) dense_gold: Vec<f64>,
}

/// Holds what the questions found with one number of probes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Depth {
    pub(super) n_probes: usize,
    /// One figure a question.
    pub(super) recall: Vec<f64>,
    /// One figure a question that has gold.
    pub(super) gold: Vec<f64>,
    /// Share of the stored items that were compared, mean over questions.
    pub(super) share: f64,
}

impl Searched {
    pub(super) fn at(&self, n_probes: usize) -> Option<&Depth> {
        self.depths.iter().find(|depth| depth.n_probes == n_probes)
    }

    /// Returns what is found where `share` of the items are compared, between the nearest two numbers of
    /// probes; at the ends, what the least or the largest number finds.
    pub(super) fn at_share(&self, share: f64) -> Option<Depth> {
        let (first, last) = (self.depths.first()?, self.depths.last()?);
        if share <= first.share {
            return Some(first.clone());
        }
        let pair = self.depths.windows(2).find(|pair| share <= pair[1].share);
        let Some([low, high]) = pair else {
            return Some(last.clone());
        };
        let weight = (share - low.share) / (high.share - low.share);
        let mix = |low: &[f64], high: &[f64]| -> Vec<f64> {
            let pairs = low.iter().zip(high);
            pairs.map(|(l, h)| l + weight * (h - l)).collect()
        };
        Some(Depth {
            n_probes: low.n_probes,
            recall: mix(&low.recall, &high.recall),
            gold: mix(&low.gold, &high.gold),
            share,
        })
    }
}

/// Returns a configuration that applies moving averages and neither splits nor prunes.
fn moves_alone() -> AdaptationConfig {
    AdaptationConfig {
        split_variance: f32::INFINITY,
        split_oversize: f32::INFINITY,
        merge_below: 0,
        prune_undersize: 0.0,
        ..AdaptationConfig::default()
    }
}

/// Returns the time of the adaptation: the old domain's lists have been idle for long enough then.
fn now_ms() -> i64 {
    PRUNE_IDLE_MS + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(n_probes: usize, recall: f64, share: f64) -> Depth {
        Depth {
            n_probes,
            recall: vec![recall],
            gold: Vec::new(),
            share,
        }
    }

    #[test]
    fn recall_between_two_numbers_of_probes() {
        let searched = Searched {
            depths: vec![depth(1, 0.2, 0.1), depth(2, 0.6, 0.3)],
            dense_gold: Vec::new(),
        };
        let at = |share| searched.at_share(share).map(|depth| depth.recall[0]);
        assert_eq!(at(0.05), Some(0.2));
        assert!(at(0.15).is_some_and(|recall| (recall - 0.3).abs() < 1e-12));
        assert_eq!(at(0.3), Some(0.6));
        assert_eq!(at(0.9), Some(0.6));
    }

    /// Four old items near the first axis, four new ones near the second; questions between.
    fn shift() -> Result<(Shift, Parameters)> {
        let p = super::super::tests::parameters()?;
        let around = |x: f32, y: f32| -> Result<Vectors> {
            let rows = (0..40u8).flat_map(|at| [x, y, f32::from(at) / 40.0]);
            Ok(Vectors::from_rows(3, rows.collect())?)
        };
        let domain = |name: &str, texts: Vectors| Domain {
            name: name.to_owned(),
            questions: texts.clone(),
            gold: (0..texts.len()).collect(),
            texts,
        };
        let old = domain("old", around(1.0, 0.0)?);
        let new = domain("new", around(0.0, 1.0)?);
        Ok((Shift::new(&old, &new, 42, &p)?, p))
    }

    #[test]
    fn no_method_loses_an_item() -> Result<()> {
        let (shift, p) = shift()?;
        let before = shift.before()?;
        assert_eq!(before.len(), 40);
        for method in Method::ALL {
            let mut index = shift.during(before.clone())?;
            shift.adapt(&mut index, method)?;
            assert_eq!(index.len(), 80, "{method:?}");
            assert_eq!(index.misplaced()?, [], "{method:?}");
            for about_new in [false, true] {
                let searched = shift.search(&index, shift.asked(about_new), &p)?;
                // Every question is an item's own vector, which is its gold and its nearest.
                assert!(searched.dense_gold.iter().all(|gold| *gold == 1.0));
                let depth = searched.depths.last().expect("some numbers of probes");
                assert_eq!(depth.share, 1.0, "{method:?}");
                assert!(
                    depth.recall.iter().all(|recall| *recall == 1.0),
                    "{method:?}"
                );
            }
        }
        Ok(())
    }
}
