//! A search over all lists returns exactly what comparing with every item returns.

use crate::support::{codebook, ids, vector, vectors};
use proptest::prelude::*;
use rm_core::{Codebook, ExactSearch, Index, ItemId, Retriever};

/// CI drew this pair: its dot product rounds to -1.0000001.
#[test]
fn a_threshold_of_minus_one_keeps_the_very_opposite() -> rm_core::Result<()> {
    let mut index = Index::new(Codebook::from_rows(6, vec![0.0, 0.0, 0.0, 0.0, 0.0, -1.0])?);
    index.add(ItemId(0), &[1.0, 2.0, 0.0, 2.0, 0.0, -2.0])?;
    let everything = Retriever::default().score_threshold(-1.0);
    let found = everything.query(&index, &[-1.0, -2.0, 0.0, -2.0, 0.0, 2.0])?;
    assert_eq!(found.hits.len(), 1);
    assert!(found.hits[0].score < -0.999_999, "{}", found.hits[0].score);
    Ok(())
}

proptest! {
    #[test]
    fn with_all_probes(
        codebook in codebook(1..20), items in vectors(0..120), query in vector(),
        top_k in 0usize..130, threshold in -1.0f32..1.0,
    ) {
        let k = codebook.k();
        let index = Index::build(codebook, &ids(items.len()), &items)?;
        let retriever = Retriever::default().n_probes(k).top_k(top_k).score_threshold(threshold);
        let found = retriever.query(&index, &query)?;
        let exact = ExactSearch::new(&items).top_k(&query, top_k)?;
        let exact: Vec<(u64, f32)> = exact.iter().filter(|hit| hit.score >= threshold)
            .map(|hit| (hit.row as u64 + 1, hit.score)).collect();
        let hits: Vec<(u64, f32)> = found.hits.iter().map(|h| (h.item.0, h.score)).collect();
        prop_assert_eq!(hits, exact);
        prop_assert_eq!(found.candidates, items.len());
    }

    #[test]
    fn within_the_probed_lists(
        codebook in codebook(1..20), items in vectors(1..120), query in vector(), n in 1usize..8,
    ) {
        let index = Index::build(codebook, &ids(items.len()), &items)?;
        let found = Retriever::default().n_probes(n).top_k(7).score_threshold(-1.0)
            .query(&index, &query)?;
        let ranked = index.codebook().top_centroids(&query, index.k())?;
        let filled = ranked.iter().filter(|p| !index.list(p.centroid).expect("known").is_empty());
        let expected: Vec<_> = filled.map(|probe| probe.centroid).take(n).collect();
        prop_assert_eq!(&found.probed, &expected);
        let mut naive: Vec<(f32, u64)> = ids(items.len()).into_iter()
            .filter(|id| expected.contains(&index.centroid_of(*id).expect("stored")))
            .map(|id| {
                let unit = rm_core::check_unit(query.len(), &query).expect("a direction");
                (rm_core::dot(&unit, &index.vector(id).expect("stored")), id.0)
            })
            .collect();
        prop_assert_eq!(found.candidates, naive.len());
        naive.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        naive.truncate(7);
        let hits: Vec<(f32, u64)> = found.hits.iter().map(|h| (h.score, h.item.0)).collect();
        prop_assert_eq!(hits, naive);
    }

    #[test]
    fn min_candidates_reaches_further_lists(
        codebook in codebook(1..20), items in vectors(1..60), query in vector(), least in 0usize..80,
    ) {
        let index = Index::build(codebook, &ids(items.len()), &items)?;
        let retriever = Retriever::default().n_probes(1).top_k(99).score_threshold(-1.0);
        let nearest = retriever.query(&index, &query)?;
        let found = retriever.min_candidates(least).query(&index, &query)?;
        prop_assert!(found.candidates >= least.min(items.len()));
        prop_assert!(found.probed.starts_with(&nearest.probed));
        let last = index.list(found.probed[found.probed.len() - 1])?.len();
        prop_assert!(found.probed.len() == 1 || found.candidates - last < least);
    }
}
