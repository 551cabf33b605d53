//! A writer that is killed loses at most what it had not yet been told was written.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use rm_embed::{EmbeddingCache, Embeddings};

type Outcome = Result<(), Box<dyn std::error::Error>>;

const DIM: usize = 384;
const TEXTS_PER_GROUP: usize = 200;
/// Set in the process that is to be killed; holds the folder of its cache.
const VICTIM: &str = "RM_CACHE_VICTIM";

fn open(folder: &Path) -> rm_embed::Result<EmbeddingCache> {
    EmbeddingCache::open(folder, "toy", DIM)
}

/// A unit vector that depends on the text's number alone.
fn vector(number: usize) -> Vec<f32> {
    let raw: Vec<f32> = (0..DIM)
        .map(|i| ((number * 31 + i * 17) % 101) as f32 - 50.0)
        .collect();
    let norm = raw.iter().map(|x| x * x).sum::<f32>().sqrt();
    raw.iter().map(|x| x / norm).collect()
}

fn insert_group(cache: &mut EmbeddingCache, group: usize) -> Outcome {
    let numbers = group * TEXTS_PER_GROUP..(group + 1) * TEXTS_PER_GROUP;
    let texts: Vec<String> = numbers
        .clone()
        .map(|number| format!("text {number}"))
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let vectors = Embeddings::from_rows(DIM, numbers.flat_map(vector).collect())
        .map_err(|_| "the rows are whole")?;
    Ok(cache.insert(&texts, &vectors)?)
}

fn assert_holds(cache: &EmbeddingCache, n_texts: usize) -> Outcome {
    for number in 0..n_texts {
        let got = cache
            .get(&format!("text {number}"))?
            .ok_or(format!("text {number} is lost"))?;
        let cosine: f32 = got.iter().zip(vector(number)).map(|(a, b)| a * b).sum();
        assert!(cosine > 0.999_999, "text {number}: cosine {cosine}");
    }
    Ok(())
}

fn write_until_killed(folder: &Path) -> Outcome {
    let mut cache = open(folder)?;
    for group in 0.. {
        insert_group(&mut cache, group)?;
        println!("written {}", (group + 1) * TEXTS_PER_GROUP);
        std::io::stdout().flush()?;
    }
    Ok(())
}

#[test]
fn everything_reported_before_a_kill_is_there_after_it() -> Outcome {
    if let Some(folder) = env::var_os(VICTIM) {
        return write_until_killed(Path::new(&folder));
    }
    for lines_before_kill in [1, 7, 40] {
        let folder = tempfile::tempdir()?;
        let mut writer = Command::new(env::current_exe()?)
            .args([
                "--exact",
                "everything_reported_before_a_kill_is_there_after_it",
                "--nocapture",
            ])
            .env(VICTIM, folder.path())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = BufReader::new(writer.stdout.take().ok_or("piped")?);
        let mut n_written = 0;
        for line in output.lines() {
            // the test harness writes its own words on the same line
            if let Some((_, count)) = line?.split_once("written ") {
                n_written = count.parse()?;
                if n_written >= lines_before_kill * TEXTS_PER_GROUP {
                    break;
                }
            }
        }
        writer.kill()?;
        writer.wait()?;
        assert!(
            n_written >= lines_before_kill * TEXTS_PER_GROUP,
            "the writer ended by itself"
        );

        let mut cache = open(folder.path())?;
        assert!(
            cache.len() >= n_written,
            "{} of {n_written} texts",
            cache.len()
        );
        assert_holds(&cache, n_written)?;
        insert_group(&mut cache, 1_000_000)?;
    }
    Ok(())
}

#[test]
fn a_torn_tail_is_cut_off_wherever_it_was_torn() -> Outcome {
    for (extension, torn_bytes) in [
        ("keys", 1),
        ("keys", 23),
        ("keys", 25),
        ("f16", 1),
        ("f16", 769),
    ] {
        let folder = tempfile::tempdir()?;
        let mut cache = open(folder.path())?;
        insert_group(&mut cache, 0)?;
        let path = cache.folder().join("0000").with_extension(extension);
        drop(cache);
        let file = fs::OpenOptions::new().write(true).open(&path)?;
        file.set_len(file.metadata()?.len() - torn_bytes)?;

        let mut cache = open(folder.path())?;
        let n_lost = if torn_bytes == 25 || torn_bytes == 769 {
            2
        } else {
            1
        };
        assert_eq!(
            cache.len(),
            TEXTS_PER_GROUP - n_lost,
            "{torn_bytes} bytes of {extension}"
        );
        assert_holds(&cache, TEXTS_PER_GROUP - n_lost)?;
        insert_group(&mut cache, 0)?;
        drop(cache);
        assert_holds(&open(folder.path())?, TEXTS_PER_GROUP)?;
    }
    Ok(())
}
