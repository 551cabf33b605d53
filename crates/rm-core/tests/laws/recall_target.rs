//! A recall target decides how many lists a query scans and nothing else, and keeps what it promises.

use crate::support::{codebook, ids, vector, vectors};
use proptest::prelude::*;
use rm_core::{
    Allowed, CodeBits, Codebook, Coding, Error, Index, ItemId, RecallCalibration, Result,
    Retrieval, Retriever, Vectors,
};

fn every_list(index: &Index, top_k: usize) -> Retriever {
    Retriever::default()
        .n_probes(index.k())
        .top_k(top_k)
        .score_threshold(-1.0)
}

fn items(found: &[Retrieval]) -> Vec<Vec<ItemId>> {
    let hits = found.iter().map(|retrieval| &retrieval.hits);
    hits.map(|hits| hits.iter().map(|hit| hit.item).collect())
        .collect()
}

fn calibrate(index: &Index, queries: &Vectors, top_k: usize) -> Result<RecallCalibration> {
    let calibration = RecallCalibration::fit_to_queries(index, queries, top_k)?;
    let exact = every_list(index, top_k).query_batch(index, queries)?;
    let fitted = RecallCalibration::fit(index, queries, &items(&exact))?;
    assert_eq!(fitted, calibration);
    Ok(calibration)
}

/// Allows every item but one.
struct AllBut(ItemId);

impl Allowed for AllBut {
    fn allows(&self, item: ItemId) -> bool {
        item != self.0
    }

    fn count(&self) -> usize {
        usize::MAX
    }

    fn items(&self) -> Vec<ItemId> {
        unreachable!("so many are not listed")
    }
}

#[test]
fn items_without_others_calibrate_nothing() -> Result<()> {
    let mut index = Index::new(Codebook::from_rows(2, vec![1.0, 0.0])?);
    assert!(RecallCalibration::fit_to_items(&index, &[], 5).is_err());
    index.add(ItemId(1), &[1.0, 0.0])?;
    assert!(RecallCalibration::fit_to_items(&index, &[ItemId(1)], 5).is_err());
    index.add(ItemId(2), &[0.0, 1.0])?;
    assert_eq!(
        RecallCalibration::fit_to_items(&index, &[ItemId(1)], 5)?.top_k(),
        1
    );
    let unknown = RecallCalibration::fit_to_items(&index, &[ItemId(3)], 1);
    assert_eq!(unknown, Err(Error::UnknownItem(ItemId(3))));
    Ok(())
}

proptest! {
    #[test]
    fn it_holds_on_the_sample(
        codebook in codebook(1..20), x in vectors(1..120), queries in vectors(1..40),
        top_k in 1usize..8, target in 0.01f64..1.0,
    ) {
        let index = Index::build(codebook, &ids(x.len()), &x)?;
        let calibration = calibrate(&index, &queries, top_k)?;
        let retriever = every_list(&index, top_k).recall_target(target, &calibration);
        let found = items(&retriever.query_batch(&index, &queries)?);
        let exact = items(&every_list(&index, top_k).query_batch(&index, &queries)?);
        let kept = found.iter().zip(&exact);
        let kept: usize = kept.map(|(f, e)| e.iter().filter(|item| f.contains(item)).count()).sum();
        let all: usize = exact.iter().map(Vec::len).sum();
        prop_assert!(kept as f64 >= target * all as f64, "{kept} of {all} for {target}");
        let every_list_needed = calibration.max_lag(target)? == f32::INFINITY;
        prop_assert_eq!(every_list_needed, target > calibration.highest_target());
    }

    #[test]
    fn items_ask_for_each_other_and_not_for_themselves(
        codebook in codebook(1..20), x in vectors(2..80), top_k in 1usize..8, target in 0.01f64..1.0,
    ) {
        let index = Index::build(codebook, &ids(x.len()), &x)?;
        let calibration = RecallCalibration::fit_to_items(&index, &ids(x.len()), top_k)?;
        let top_k = top_k.min(x.len() - 1);
        prop_assert_eq!((calibration.top_k(), calibration.n_queries()), (top_k, x.len()));
        let every_list = every_list(&index, top_k);
        let retriever = every_list.clone().recall_target(target, &calibration);
        let (mut kept, mut all) = (0, 0);
        for (item, vector) in ids(x.len()).iter().zip(x.iter()) {
            let others = AllBut(*item);
            let exact = items(&[every_list.query_among(&index, vector, &others)?]).concat();
            let found = items(&[retriever.query_among(&index, vector, &others)?]).concat();
            kept += exact.iter().filter(|item| found.contains(item)).count();
            all += exact.len();
        }
        // Equal scores may be cut off at another item.
        prop_assert!((kept + top_k) as f64 >= target * all as f64, "{kept} of {all} for {target}");
    }

    #[test]
    fn all_of_it_is_brute_force(
        codebook in codebook(1..20), x in vectors(1..120), queries in vectors(1..20), top_k in 1usize..8,
    ) {
        let index = Index::build(codebook, &ids(x.len()), &x)?;
        let calibration = calibrate(&index, &queries, top_k)?;
        let wanted = Retriever::default().top_k(top_k).score_threshold(-1.0).recall_target(1.0, &calibration);
        let exact = every_list(&index, top_k).query_batch(&index, &queries)?;
        prop_assert_eq!(wanted.query_batch(&index, &queries)?, exact);
    }

    #[test]
    fn it_is_a_number_of_probes(
        codebook in codebook(1..20), x in vectors(1..120), sample in vectors(1..40), query in vector(),
        sample_k in 1usize..8, top_k in 0usize..9, target in 0.01f64..=1.0, threshold in -1.0f32..0.9,
        least in 0usize..60, most in 1usize..25,
    ) {
        let index = Index::build(codebook, &ids(x.len()), &x)?;
        let calibration = calibrate(&index, &sample, sample_k)?;
        let plain = Retriever::default().top_k(top_k).score_threshold(threshold);
        let found = plain.clone().recall_target(target, &calibration).query(&index, &query)?;
        let n_probes = found.probed.len();
        prop_assert!(n_probes <= index.k());
        prop_assert_eq!(&plain.clone().n_probes(n_probes.max(1)).query(&index, &query)?, &found);

        let further = plain.clone().min_candidates(least).recall_target(target, &calibration);
        let same = plain.clone().min_candidates(least).n_probes(n_probes.max(1));
        let further = further.query(&index, &query)?;
        prop_assert_eq!(&same.query(&index, &query)?, &further);

        let capped = plain.clone().min_candidates(least).recall_target(target, &calibration);
        let capped = capped.max_probes(most).query(&index, &query)?;
        prop_assert_eq!(&capped.probed, &further.probed[..most.min(further.probed.len())]);
    }

    #[test]
    fn a_higher_target_never_scans_less(
        codebook in codebook(1..20), x in vectors(1..120), sample in vectors(1..40), query in vector(),
        a in 0.01f64..=1.0, b in 0.01f64..=1.0,
    ) {
        let index = Index::build(codebook, &ids(x.len()), &x)?;
        let calibration = calibrate(&index, &sample, 3)?;
        let probed = |target: f64| -> Result<_> {
            Ok(Retriever::default().recall_target(target, &calibration).query(&index, &query)?.probed)
        };
        prop_assert!(probed(a.max(b))?.starts_with(&probed(a.min(b))?));
    }

    #[test]
    fn a_batch_gives_what_single_queries_give(
        codebook in codebook(1..20), x in vectors(1..200), queries in vectors(1..60), target in 0.01f64..=1.0,
    ) {
        let index = Index::build(codebook, &ids(x.len()), &x)?;
        let calibration = calibrate(&index, &queries, 4)?;
        prop_assert_eq!(&calibrate(&index, &queries, 4)?, &calibration);
        let retriever = Retriever::default().recall_target(target, &calibration);
        let single: Result<Vec<_>> = queries.iter().map(|x| retriever.query(&index, x)).collect();
        prop_assert_eq!(retriever.query_batch(&index, &queries)?, single?);
    }
}

proptest! {
    #[test]
    fn codes_go_as_far_where_any_error_is_allowed_for(
        codebook in codebook(1..20), x in vectors(1..120), sample in vectors(1..40), query in vector(),
        sample_k in 1usize..8, top_k in 0usize..9, target in 0.01f64..=1.0, threshold in -1.0f32..0.9,
        bits in 1u8..=8, seed in any::<u64>(),
    ) {
        let index = Index::build(codebook, &ids(x.len()), &x)?;
        let coded = index.clone().with_coding(Coding::rabitq(CodeBits::new(bits)?, seed));
        let calibration = calibrate(&index, &sample, sample_k)?;
        let retriever = Retriever::default().top_k(top_k).score_threshold(threshold)
            .recall_target(target, &calibration).rerank_errors(f32::INFINITY);
        let (found, exact) = (retriever.query(&coded, &query)?, retriever.query(&index, &query)?);
        // An item on its centroid has no error, so that even then its score need not be computed.
        prop_assert!(found.reranked <= exact.reranked);
        let reranked = exact.reranked;
        prop_assert_eq!(Retrieval { reranked, ..found }, exact);
    }

    #[test]
    fn it_holds_on_the_sample_where_items_have_a_second_list(
        codebook in codebook(1..20), x in vectors(1..120), queries in vectors(1..40),
        top_k in 1usize..8, target in 0.01f64..1.0, bits in 1u8..=8, seed in any::<u64>(),
    ) {
        let index = Index::build(codebook, &ids(x.len()), &x)?;
        let exact = items(&every_list(&index, top_k).query_batch(&index, &queries)?);
        let bits = CodeBits::new(bits)?;
        let index = index.with_coding(Coding::RaBitQ { bits, seed, spill: true });
        let calibration = RecallCalibration::fit(&index, &queries, &exact)?;
        let retriever = every_list(&index, top_k).recall_target(target, &calibration)
            .rerank_errors(f32::INFINITY);
        let found = items(&retriever.query_batch(&index, &queries)?);
        let kept = found.iter().zip(&exact);
        let kept: usize = kept.map(|(f, e)| e.iter().filter(|item| f.contains(item)).count()).sum();
        let all: usize = exact.iter().map(Vec::len).sum();
        prop_assert!(kept as f64 >= target * all as f64, "{kept} of {all} for {target}");
    }
}

fn two_lists() -> Result<Index> {
    let mut index = Index::new(Codebook::from_rows(2, vec![1.0, 0.0, 0.0, 1.0])?);
    for (item, vector) in [(1, [0.9, 0.1]), (2, [0.8, 0.3]), (3, [0.1, 0.9])] {
        index.add(ItemId(item), &vector)?;
    }
    Ok(index)
}

#[test]
fn it_stops_where_the_next_list_has_nothing_to_add() -> Result<()> {
    // Both answers to (1, 0) are in the first list; of (1, 1)'s three nearest one is in the second.
    let index = two_lists()?;
    let queries = Vectors::from_rows(2, [[1.0, 0.0]; 30].concat())?;
    let calibration = calibrate(&index, &queries, 2)?;
    let retriever = Retriever::default().recall_target(0.95, &calibration);
    assert_eq!(retriever.query(&index, &[1.0, 0.0])?.probed.len(), 1);
    // 30 queries cannot vouch for 0.99.
    let retriever = Retriever::default().recall_target(0.99, &calibration);
    assert_eq!(retriever.query(&index, &[1.0, 0.0])?.probed.len(), 2);
    Ok(())
}

#[test]
fn what_makes_no_sense_is_refused() -> Result<()> {
    let index = two_lists()?;
    let query = Vectors::from_rows(2, vec![1.0, 0.0])?;
    let calibration = RecallCalibration::fit(&index, &query, &[vec![ItemId(1)]])?;
    for target in [0.0, -1.0, 1.5, f64::NAN] {
        let refused = Retriever::default().recall_target(target, &calibration);
        let refused = refused.query(&index, &[1.0, 0.0]);
        assert!(matches!(
            refused,
            Err(Error::InvalidParameter {
                name: "recall_target",
                ..
            })
        ));
    }
    let uncapped = Retriever::default().max_probes(0).check();
    assert_eq!(
        uncapped.map_err(|e| e.to_string()),
        Err("max_probes must be at least 1, got 0".to_owned())
    );

    let fit = |answers: &[Vec<ItemId>]| RecallCalibration::fit(&index, &query, answers);
    let unknown = fit(&[vec![ItemId(7)]]);
    assert_eq!(unknown, Err(Error::UnknownItem(ItemId(7))));
    assert!(matches!(fit(&[]), Err(Error::LengthMismatch { .. })));
    assert!(matches!(fit(&[vec![]]), Err(Error::NoVectors { .. })));
    let other_dim = Vectors::from_rows(3, vec![1.0, 0.0, 0.0])?;
    let wrong = RecallCalibration::fit(&index, &other_dim, &[vec![ItemId(1)]]);
    assert!(matches!(wrong, Err(Error::WrongDimension { .. })));
    let two = Vectors::from_rows(2, vec![1.0, 0.0, 0.0, 1.0])?;
    let uneven = [vec![ItemId(1)], vec![ItemId(1), ItemId(2)]];
    let uneven = RecallCalibration::fit(&index, &two, &uneven);
    assert!(matches!(uneven, Err(Error::LengthMismatch { .. })));
    Ok(())
}
