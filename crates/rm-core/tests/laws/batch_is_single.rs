//! Every batch form gives, bit for bit, what the single form gives, on any number of threads.

use crate::support::{codebook, ids, vectors};
use proptest::prelude::*;
use rm_core::{ExactSearch, Index, Retriever};

fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("a thread pool")
        .install(work)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn for_a_codebook(
        codebook in codebook(1..40), x in vectors(0..400), n in 0usize..45, threads in 1usize..5,
    ) {
        let (encoded, routed) = on_threads(threads, || {
            (codebook.encode_batch(&x), codebook.route_batch(&x, n))
        });
        let single: Result<Vec<_>, _> = x.iter().map(|x| codebook.encode(x)).collect();
        prop_assert_eq!(encoded?, single?);
        let single: Result<Vec<_>, _> = x.iter().map(|x| codebook.route(x, n)).collect();
        prop_assert_eq!(routed?, single?);
        let single: Result<Vec<_>, _> = x.iter().map(|x| codebook.margin(x)).collect();
        prop_assert_eq!(codebook.margin_batch(&x)?, single?);
        let single: Result<Vec<_>, _> = x.iter().map(|x| codebook.qerr(x)).collect();
        prop_assert_eq!(codebook.qerr_batch(&x)?, single?);
        let single: Result<Vec<_>, _> = x.iter().map(|x| codebook.conf(x)).collect();
        prop_assert_eq!(codebook.conf_batch(&x)?, single?);
        let single: Result<Vec<_>, _> = x.iter().map(|x| codebook.top_centroids(x, n)).collect();
        prop_assert_eq!(codebook.top_centroids_batch(&x, n)?, single?);
    }

    #[test]
    fn for_searches(
        codebook in codebook(1..20), items in vectors(0..300), x in vectors(0..90),
        k in 0usize..12, threads in 1usize..5,
    ) {
        let index = Index::build(codebook, &ids(items.len()), &items)?;
        let retriever = Retriever::default().top_k(k);
        let exact = ExactSearch::new(&items);
        let (found, nearest) = on_threads(threads, || {
            (retriever.query_batch(&index, &x), exact.top_k_batch(&x, k))
        });
        let single: Result<Vec<_>, _> = x.iter().map(|x| retriever.query(&index, x)).collect();
        prop_assert_eq!(found?, single?);
        let single: Result<Vec<_>, _> = x.iter().map(|x| exact.top_k(x, k)).collect();
        prop_assert_eq!(nearest?, single?);
    }
}
