//! A filtered search finds what dropping the rest from a search for everything leaves.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rm_core::{CodeBits, Codebook, Coding, Index, ItemId, Retriever, Vectors};
use rm_memory::Facets;

use crate::random_filters::{filter, item};

const DIM: usize = 4;

fn rows(len: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vectors> {
    let row = prop::collection::vec((-2i8..=2).prop_map(f32::from), DIM);
    let row = row.prop_filter("a zero vector has no direction", |row| {
        row.iter().any(|x| *x != 0.0)
    });
    prop::collection::vec(row, len)
        .prop_map(|rows| Vectors::from_rows(DIM, rows.concat()).expect("whole rows"))
}

proptest! {
    #[test]
    fn however_few_lists_are_probed_where_fewer_pass_than_are_to_be_compared(
        centroids in rows(1..8), vectors in rows(1..60), query in rows(1), filter in filter(),
        items in prop::collection::vec(item(), 60), coded in any::<bool>(), top_k in 0usize..20,
    ) {
        let ids: Vec<ItemId> = (1..=vectors.len() as u64).map(ItemId).collect();
        let mut index = Index::build(Codebook::new(&centroids)?, &ids, &vectors)?;
        if coded {
            index = index.with_coding(Coding::RaBitQ {
                bits: CodeBits::ONE,
                seed: 1,
                spill: true,
            });
        }
        let items: BTreeMap<ItemId, _> = ids.iter().zip(items)
            .map(|(id, item)| (*id, item.with_id(id.0.to_string()))).collect();
        let mut facets = Facets::new();
        for (id, item) in &items {
            facets.insert(*id, &item.fields());
        }
        let passing = facets.passing(&filter, |id| Ok(id.parse().ok().map(ItemId)))?;
        let x = &query.as_slice()[..DIM];
        let everything = Retriever::default().n_probes(index.k()).top_k(60).score_threshold(-1.0)
            .rerank_errors(f32::INFINITY);
        let mut expected = everything.query(&index, x)?.hits;
        expected.retain(|hit| filter.matches(&items[&hit.item].fields()));
        expected.truncate(top_k);
        let search = everything.n_probes(1).min_candidates(60).top_k(top_k);
        let found = search.query_among(&index, x, &passing)?;
        let pairs = |hits: &[rm_core::Hit]| hits.iter().map(|hit| (hit.item, hit.score)).collect::<Vec<_>>();
        prop_assert_eq!(pairs(&found.hits), pairs(&expected));
    }
}
