//! A hybrid search over all lists, deep enough, orders all items as fusing all their scores does.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rm_core::{
    Analyser, Bm25, Candidate, ExactSearch, Fusion, HybridRetriever, Index, ItemId, LexicalIndex,
    Retriever,
};

use crate::support::{codebook, ids, vector, vectors};

fn fusion() -> impl Strategy<Value = Fusion> {
    let weight = 0.0f32..3.0;
    prop_oneof![
        weight
            .clone()
            .prop_map(|weight| Fusion::MaxNormalised { weight }),
        weight.clone().prop_map(|weight| Fusion::ZScore { weight }),
        weight.prop_map(|weight| Fusion::MinMax { weight }),
        (0.0f32..100.0).prop_map(|k| Fusion::ReciprocalRank { k }),
    ]
}

proptest! {
    #[test]
    fn over_all_lists(
        codebook in codebook(1..10), items in vectors(1..40), query in vector(),
        texts in prop::collection::vec("[a-c]( [a-c]){0,3}", 40), asked in "[a-e]( [a-e]){0,3}",
        fusion in fusion(), top_k in 0usize..45,
    ) {
        let k = codebook.k();
        let index = Index::build(codebook, &ids(items.len()), &items)?;
        let analyser = Analyser::default().stop_words(true);
        let mut words = LexicalIndex::new(analyser);
        for (id, text) in ids(items.len()).into_iter().zip(&texts) {
            words.add(id, text)?;
        }
        let every_list = Retriever::default().n_probes(k).top_k(1).score_threshold(0.9);
        let search = HybridRetriever::default().retriever(every_list).top_k(top_k);
        let search = search.depth(items.len()).fusion(fusion);
        let found = search.query(&index, &words, &query, &asked)?;

        let scores = words.query(&asked, Bm25::default());
        let all: Vec<Candidate> = ExactSearch::new(&items).top_k(&query, items.len())?.iter()
            .map(|hit| {
                let item = ItemId(hit.row as u64 + 1);
                Candidate { item, cosine: hit.score, lexical: scores.score(item) }
            })
            .collect();
        prop_assert_eq!(&found.hits, &fusion.top_k(&all, top_k)?);
        prop_assert_eq!(found.candidates, items.len());
    }

    #[test]
    fn over_all_lists_among_some_items(
        codebook in codebook(1..10), items in vectors(1..40), query in vector(),
        texts in prop::collection::vec("[a-c]( [a-c]){0,3}", 40), asked in "[a-e]( [a-e]){0,3}",
        fusion in fusion(), top_k in 0usize..45, drawn in prop::collection::vec(any::<bool>(), 40),
    ) {
        let k = codebook.k();
        let index = Index::build(codebook, &ids(items.len()), &items)?;
        let mut words = LexicalIndex::new(Analyser::default());
        for (id, text) in ids(items.len()).into_iter().zip(&texts) {
            words.add(id, text)?;
        }
        let allowed: BTreeSet<ItemId> = ids(items.len()).into_iter().zip(drawn)
            .filter(|(_, is)| *is).map(|(item, _)| item).collect();
        let search = HybridRetriever::default().n_probes(k).top_k(top_k).depth(items.len()).fusion(fusion);
        let found = search.query_among(&index, &words, &query, &asked, &allowed)?;

        let scores = words.query(&asked, Bm25::default());
        let all: Vec<Candidate> = ExactSearch::new(&items).top_k(&query, items.len())?.iter()
            .map(|hit| (ItemId(hit.row as u64 + 1), hit.score))
            .filter(|(item, _)| allowed.contains(item))
            .map(|(item, cosine)| Candidate { item, cosine, lexical: scores.score(item) })
            .collect();
        prop_assert_eq!(&found.hits, &fusion.top_k(&all, top_k)?);
        prop_assert_eq!(found.candidates, allowed.len());

        let mut by_words = scores.top_k(items.len());
        by_words.retain(|hit| allowed.contains(&hit.item));
        by_words.truncate(top_k);
        prop_assert_eq!(scores.top_k_among(top_k, &allowed), by_words);
    }

    #[test]
    fn words_are_found_however_few_lists_are_probed(
        codebook in codebook(1..10), items in vectors(2..40), query in vector(), place in 0usize..40,
    ) {
        let index = Index::build(codebook, &ids(items.len()), &items)?;
        let mut words = LexicalIndex::new(Analyser::default());
        let place = place % items.len();
        for (at, id) in ids(items.len()).into_iter().enumerate() {
            words.add(id, if at == place { "scones" } else { "tea" })?;
        }
        let fusion = Fusion::MaxNormalised { weight: 2.5 };
        let search = HybridRetriever::default().n_probes(1).top_k(1).depth(1).fusion(fusion);
        let found = search.query(&index, &words, &query, "scones?")?;
        prop_assert_eq!(found.hits[0].item, ItemId(place as u64 + 1));
    }
}
