//! The number of threads does not move a single bit.

use rm_embed::{Embedder, MiniLm, ModelSource};

#[test]
fn one_text_and_a_batch_are_the_same_on_one_to_eight_threads()
-> Result<(), Box<dyn std::error::Error>> {
    let model = MiniLm::load(&ModelSource::from_env())?;
    let texts: Vec<String> = (0..40)
        .map(|i| format!("note {i}: {}", "tea in the rain ".repeat(i % 13)))
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let run = |n_threads: usize| -> Result<_, Box<dyn std::error::Error>> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()?;
        Ok(pool.install(|| -> rm_embed::Result<_> {
            Ok((model.embed(texts[12])?, model.embed_batch(&texts)?))
        })?)
    };
    let expected = run(1)?;
    for n_threads in [2, 3, 8] {
        assert_eq!(run(n_threads)?, expected, "{n_threads} threads");
    }
    Ok(())
}
