//! Two writers at once, and files that are not what they were.

use std::path::Path;
use std::{fs, io};

use rm_embed::{EmbeddingCache, Embeddings, Error};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn insert(cache: &mut EmbeddingCache, text: &str, vector: [f32; 2]) -> Outcome {
    let vectors = Embeddings::from_rows(2, vector.to_vec()).map_err(|_| "two components")?;
    Ok(cache.insert(&[text], &vectors)?)
}

fn open(folder: &Path) -> rm_embed::Result<EmbeddingCache> {
    EmbeddingCache::open(folder, "toy", 2)
}

#[test]
fn two_writers_keep_apart_and_a_third_sees_both() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut one, mut two) = (open(folder.path())?, open(folder.path())?);
    for round in 0..10 {
        insert(&mut one, &format!("one {round}"), [1.0, 0.0])?;
        insert(&mut two, &format!("two {round}"), [0.0, 1.0])?;
    }
    let third = open(folder.path())?;
    assert_eq!(third.len(), 20);
    assert_eq!(third.get("one 9")?, Some(vec![1.0, 0.0]));
    assert_eq!(third.get("two 0")?, Some(vec![0.0, 1.0]));
    Ok(())
}

#[test]
fn a_released_segment_is_written_on_instead_of_a_new_one() -> Outcome {
    let folder = tempfile::tempdir()?;
    for round in 0..5 {
        insert(
            &mut open(folder.path())?,
            &format!("text {round}"),
            [1.0, 0.0],
        )?;
    }
    let cache = open(folder.path())?;
    let names = fs::read_dir(cache.folder())?.collect::<io::Result<Vec<_>>>()?;
    let n_segments = names
        .iter()
        .filter(|entry| entry.path().extension() == Some("keys".as_ref()))
        .count();
    assert_eq!((cache.len(), n_segments), (5, 1));
    Ok(())
}

#[test]
fn a_vector_that_lost_its_bytes_counts_as_absent_and_can_be_replaced() -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut cache = open(folder.path())?;
    insert(&mut cache, "tea", [1.0, 0.0])?;
    insert(&mut cache, "rain", [0.0, 1.0])?;
    let vectors = cache.folder().join("0000.f16");
    drop(cache);
    let mut bytes = fs::read(&vectors)?;
    bytes[0] ^= 1;
    fs::write(&vectors, bytes)?;

    let mut cache = open(folder.path())?;
    assert_eq!(cache.get("tea")?, None);
    assert_eq!(cache.get("rain")?, Some(vec![0.0, 1.0]));
    insert(&mut cache, "tea", [0.6, 0.8])?;
    drop(cache);
    let tea = open(folder.path())?.get("tea")?.ok_or("replaced")?;
    assert!(
        (tea[0] - 0.6).abs() < 1e-3 && (tea[1] - 0.8).abs() < 1e-3,
        "{tea:?}"
    );
    Ok(())
}

#[test]
fn another_models_file_is_refused_with_both_named() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut here, mut there) = (
        open(folder.path())?,
        EmbeddingCache::open(folder.path(), "other", 2)?,
    );
    insert(&mut here, "tea", [1.0, 0.0])?;
    insert(&mut there, "tea", [0.0, 1.0])?;
    fs::copy(
        there.folder().join("0000.keys"),
        here.folder().join("0000.keys"),
    )?;
    drop(here);
    let error = open(folder.path()).err();
    assert!(
        matches!(error, Some(Error::CacheForeign { .. })),
        "{error:?}"
    );
    Ok(())
}

#[test]
fn vectors_of_another_dimension_are_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let vectors = Embeddings::from_rows(3, vec![1.0, 0.0, 0.0]).map_err(|_| "three components")?;
    let outcome = open(folder.path())?.insert(&["tea"], &vectors);
    assert!(
        matches!(
            outcome,
            Err(Error::WrongDimension {
                expected: 2,
                got: 3
            })
        ),
        "{outcome:?}"
    );
    Ok(())
}
