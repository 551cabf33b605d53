//! From candidates with their texts to results in their order.

use rm_core::{Fusion, Index, ItemId, dot};
use rm_store::StoredItem;

use crate::candidates::Candidates;
use crate::confined::Confined;
use crate::{
    Explanation, Found, Neighbour, Query, Ranking, RankingCandidate, RankingRequest, Result,
    RoutingMemory,
};

/// Candidates that a ranking chooses from at least, where it may change their order.
const RANKED_AMONG: usize = 100;

/// Is what a search works on: the index under its lock, the query's vector, and what it is confined to.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'s> {
    pub(crate) index: &'s Index,
    pub(crate) vector: &'s [f32],
    pub(crate) confined: &'s Confined,
    pub(crate) now_ms: i64,
}

impl RoutingMemory {
    pub(crate) fn ranking(&self, query: &Query) -> Ranking {
        query.ranking.unwrap_or(self.config().ranking)
    }

    /// Returns how many candidates a query needs.
    pub(crate) fn depth(&self, query: &Query) -> usize {
        if self.ranking(query).changes_order() {
            query.wanted().max(RANKED_AMONG)
        } else {
            query.wanted()
        }
    }

    /// Puts what was found in order, and what stands beside it behind it.
    pub(crate) fn rank_found(
        &self,
        query: &Query,
        scene: Scene<'_>,
        found: &Candidates,
        stored: Vec<Option<StoredItem>>,
    ) -> Result<Vec<Found>> {
        let ranking = self.ranking(query);
        // What another process has deleted meanwhile is not there.
        let pairs = found.hits.iter().zip(stored);
        let there: Vec<_> = pairs
            .filter_map(|(hit, stored)| {
                let stored = stored.filter(|stored| !stored.item.is_expired(scene.now_ms))?;
                Some((*hit, stored))
            })
            .collect();
        let mut vectors = Vec::new();
        if ranking.needs_vectors() {
            for (hit, _) in &there {
                vectors.push(scene.index.vector(hit.item)?.into_owned());
            }
        }
        let candidates = there.iter().enumerate().map(|(at, (hit, stored))| {
            let item = &stored.item;
            RankingCandidate {
                id: &item.id,
                cosine: hit.cosine,
                lexical: hit.lexical,
                fused: hit.score,
                created_at_ms: item.created_at_ms,
                updated_at_ms: item.updated_at_ms,
                importance: item.importance,
                vector: vectors.get(at).map_or(&[], Vec::as_slice),
            }
        });
        let candidates: Vec<RankingCandidate<'_>> = candidates.collect();
        let request = RankingRequest {
            now_ms: scene.now_ms,
            top_k: query.wanted(),
            // The candidates have reached it.
            threshold: -1.0,
            unit: Fusion::default().unit(),
        };
        let ranked = ranking.rank(&candidates, &request)?;
        let mut results = Vec::with_capacity(ranked.len());
        let mut keys = Vec::with_capacity(ranked.len());
        for ranked in ranked {
            let (hit, stored) = &there[ranked.at];
            keys.push(hit.item);
            let centroid = scene.index.centroid_of(hit.item)?;
            results.push(Found::new(stored.clone(), centroid, ranked.explanation));
        }
        if ranking.wanted_neighbours().is_wanted() {
            self.add_neighbours(&ranking, scene, &keys, &mut results)?;
        }
        Ok(results)
    }

    /// Adds what was remembered just before and just after the results.
    fn add_neighbours(
        &self,
        ranking: &Ranking,
        scene: Scene<'_>,
        keys: &[ItemId],
        results: &mut Vec<Found>,
    ) -> Result<()> {
        let wanted = ranking.wanted_neighbours();
        let line = self.space.time_line.up_to_date(self.store())?;
        let Some(line) = line.get() else {
            return Ok(());
        };
        let allowed = scene.confined.among(scene.index);
        let allows = |item: ItemId| {
            scene.index.contains(item) && allowed.as_ref().is_none_or(|only| only.allows(item))
        };
        let around: Vec<_> = keys
            .iter()
            .map(|key| line.around(*key, wanted, allows))
            .collect();
        let neighbours: Vec<Neighbour<ItemId>> = wanted.of(keys, &around)?;
        let items: Vec<ItemId> = neighbours.iter().map(|neighbour| neighbour.item).collect();
        for (neighbour, stored) in neighbours.iter().zip(self.store().get_texts(&items)?) {
            let living = stored.filter(|stored| !stored.item.is_expired(scene.now_ms));
            let (Some(stored), Some(at)) = (living, keys.iter().position(|k| *k == neighbour.of))
            else {
                continue;
            };
            let cosine = dot(scene.vector, &scene.index.vector(neighbour.item)?);
            let explanation = Explanation::of_neighbour(results[at].id.clone(), cosine);
            let centroid = scene.index.centroid_of(neighbour.item)?;
            results.push(Found::new(stored, centroid, explanation));
        }
        Ok(())
    }
}
