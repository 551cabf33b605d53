//! The codebooks of a memory that moves to another model: trained beside the old ones, and made good when the move ends.

use std::collections::HashMap;
use std::ops::ControlFlow;

use rm_core::{
    CentroidId, Codebook, DriftMonitor, ItemId, Vectors, check_unit, train, training_sample,
};
use rm_store::{CentroidUsage, Changes, LastState, NextVectors, RoutingState};

use crate::config::Config;
use crate::load::ROUTED;
use crate::vectors_in_store::AT_ONCE;
use crate::{Result, drift_state};

/// Is the plan of every namespace.
#[derive(Default)]
pub(crate) struct Plans(HashMap<String, Plan>);

/// Is the new codebook of one namespace, and the list of each item as of a revision.
struct Plan {
    revision: u64,
    codebook: Codebook,
    lists: HashMap<ItemId, CentroidId>,
}

impl Plans {
    /// Trains a codebook for every namespace that has items, and routes them.
    pub(crate) fn make(next: &NextVectors<'_>, config: &Config) -> Result<Self> {
        let mut plans = HashMap::new();
        for name in next.namespaces()? {
            if let Some(plan) = Plan::make(next, &name, config)? {
                plans.insert(name, plan);
            }
        }
        Ok(Self(plans))
    }

    /// Describes what is to change in each namespace, in the state that is the last of the old model.
    pub(crate) fn changes(
        &mut self,
        last: &LastState<'_>,
        config: &Config,
    ) -> Result<Vec<(String, Changes)>> {
        let drift = DriftMonitor::new(config.drift.clone())?;
        let fresh = drift_state::to_json(&drift.state());
        let mut all = Vec::new();
        for name in last.namespaces()? {
            let plan = match self.0.remove(&name) {
                Some(plan) => plan.caught_up(last, &name)?,
                None => None,
            };
            let plan = match plan {
                Some(plan) => Some(plan),
                None => Plan::make(last, &name, config)?,
            };
            let mut changes = Changes::new();
            match plan {
                Some(plan) => {
                    let (routing, lists) = plan.into_routing(config);
                    changes.replace_routing(routing, lists);
                }
                None => {
                    changes.clear_routing();
                }
            }
            // Errors under the old model say nothing of those under the new one.
            changes.set(drift_state::KEY, fresh.as_str());
            if name.is_empty() {
                changes.set(ROUTED, "true");
            }
            all.push((name, changes));
        }
        Ok(all)
    }
}

impl Plan {
    /// `None` for a namespace without items.
    fn make(next: &NextVectors<'_>, name: &str, config: &Config) -> Result<Option<Self>> {
        let mut keys: Vec<ItemId> = Vec::new();
        next.for_each(name, &mut |key, _| {
            keys.push(key);
            ControlFlow::Continue(())
        })?;
        if keys.is_empty() {
            return Ok(None);
        }
        let k = config.k_rule.k(keys.len());
        let sample = training_sample(keys.len(), k, &config.trainer, config.seed);
        let codebook = {
            let vectors = read_sample(next, name, &sample)?;
            train(&vectors, k, &config.trainer, config.seed)?.codebook
        };
        let mut plan = Self {
            revision: next.revision(name)?,
            lists: HashMap::with_capacity(keys.len()),
            codebook,
        };
        plan.route_all(next, name)?;
        Ok(Some(plan))
    }

    fn route_all(&mut self, next: &NextVectors<'_>, name: &str) -> Result<()> {
        let (mut keys, mut rows) = (Vec::new(), Vec::new());
        let mut outcome = Ok(());
        next.for_each(name, &mut |key, vector| {
            keys.push(key);
            rows.extend_from_slice(vector);
            if keys.len() < AT_ONCE {
                return ControlFlow::Continue(());
            }
            outcome = self.route(&mut keys, &mut rows);
            match outcome {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        })?;
        outcome?;
        self.route(&mut keys, &mut rows)
    }

    fn route(&mut self, keys: &mut Vec<ItemId>, rows: &mut Vec<f32>) -> Result<()> {
        let vectors = Vectors::from_rows(self.codebook.dim(), std::mem::take(rows))?;
        let routed = self.codebook.encode_batch(&vectors)?;
        let routed = routed.iter().map(|encoding| encoding.centroid);
        self.lists.extend(keys.drain(..).zip(routed));
        Ok(())
    }

    /// Returns the plan as it is for the last state, `None` where it is to be made anew.
    fn caught_up(mut self, last: &LastState<'_>, name: &str) -> Result<Option<Self>> {
        let Some(since) = last.changes_since(name, self.revision)? else {
            return Ok(None);
        };
        for key in since.items {
            self.lists.remove(&key);
        }
        if self.lists.len() as u64 != last.count(name)? {
            self.route_missing(last, name)?;
        }
        Ok((!self.lists.is_empty()).then_some(self))
    }

    /// Routes what has changed, and what had no vector yet when the plan was made.
    fn route_missing(&mut self, last: &LastState<'_>, name: &str) -> Result<()> {
        let mut outcome = Ok(());
        last.for_each(name, &mut |key, vector| {
            if self.lists.contains_key(&key) {
                return ControlFlow::Continue(());
            }
            outcome = self.route_one(key, vector);
            match outcome {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        })?;
        outcome
    }

    fn route_one(&mut self, key: ItemId, vector: &[f32]) -> Result<()> {
        let vector = check_unit(self.codebook.dim(), vector)?;
        let list = self.codebook.encode(&vector)?.centroid;
        self.lists.insert(key, list);
        Ok(())
    }

    fn into_routing(self, config: &Config) -> (RoutingState, Vec<(ItemId, CentroidId)>) {
        let routing = RoutingState {
            dim: self.codebook.dim(),
            usage: vec![CentroidUsage::default(); self.codebook.k()],
            centroids: self.codebook.as_slice().to_vec(),
            trained_on: self.lists.len() as u64,
            seed: config.seed,
            k_rule: config.k_rule.to_string(),
        };
        let mut lists: Vec<(ItemId, CentroidId)> = self.lists.into_iter().collect();
        lists.sort_unstable_by_key(|(key, _)| *key);
        (routing, lists)
    }
}

/// Reads the vectors at ascending places in the order of a namespace.
fn read_sample(next: &NextVectors<'_>, name: &str, sample: &[usize]) -> Result<Vectors> {
    let mut rows = Vec::new();
    let mut wanted = sample.iter().peekable();
    let (mut at, mut dim) = (0, 1);
    next.for_each(name, &mut |_, vector| {
        if wanted.next_if(|wanted| **wanted == at).is_some() {
            dim = vector.len();
            rows.extend_from_slice(vector);
        }
        at += 1;
        ControlFlow::Continue(())
    })?;
    Ok(Vectors::from_rows(dim, rows)?)
}
