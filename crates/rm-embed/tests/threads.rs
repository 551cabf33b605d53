//! The number of threads does not move a single bit.

use rm_embed::{Embedder, MiniLm, ModelSource, Precision};

#[test]
fn one_text_and_a_batch_are_the_same_on_one_to_eight_threads()
-> Result<(), Box<dyn std::error::Error>> {
    // From one word to more than the model reads: shared within a text as well as between texts.
    let texts: Vec<String> = [0, 3, 12, 40, 90]
        .iter()
        .cycle()
        .take(20)
        .enumerate()
        .map(|(i, n)| format!("note {i}: {}", "tea in the rain ".repeat(*n)))
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for precision in [Precision::F32, Precision::Int8] {
        let model = MiniLm::load_with(&ModelSource::from_env(), precision)?;
        let run = |n_threads: usize| -> Result<_, Box<dyn std::error::Error>> {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(n_threads)
                .build()?;
            Ok(pool.install(|| -> rm_embed::Result<_> {
                let alone = [model.embed(texts[1])?, model.embed(texts[4])?];
                Ok((alone, model.embed_batch(&texts)?))
            })?)
        };
        let expected = run(1)?;
        assert_eq!(expected.1.get(1), Some(expected.0[0].as_slice()));
        for n_threads in 2..=8 {
            let got = run(n_threads)?;
            assert!(got == expected, "{precision} on {n_threads} threads");
        }
    }
    Ok(())
}
