//! One file, two memories.

use crate::Outcome;
use crate::memories::{MEMORIES, QUESTIONS, fill, with_minilm};

#[test]
fn a_file_that_is_open_is_refused_until_it_is_closed() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let first = with_minilm().path(&path).open()?;
    fill(&first)?;
    let second = with_minilm().path(&path).open();
    let error = second.err().ok_or("two memories on one file")?;
    assert!(error.to_string().contains("is open already"), "{error}");
    // The first goes on as if nothing had been tried.
    first.delete("1")?;
    assert_eq!(first.search(QUESTIONS[0].0)?[0].id, "0");
    first.close()?;

    let second = with_minilm().path(&path).open()?;
    assert_eq!(second.len(), MEMORIES.len() - 1);
    assert_eq!(second.search(QUESTIONS[0].0)?[0].id, "0");
    Ok(())
}

/// The same file by another name is the same file.
#[cfg(unix)]
#[test]
fn a_link_does_not_let_a_second_memory_in() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let link = folder.path().join("link.db");
    let first = with_minilm().path(&path).open()?;
    std::os::unix::fs::symlink(&path, &link)?;
    let error = with_minilm()
        .path(&link)
        .open()
        .err()
        .ok_or("two memories on one file")?;
    assert!(matches!(error, rm_memory::Error::InUse { .. }), "{error:?}");
    drop(first);
    with_minilm().path(&link).open()?.close()?;
    Ok(())
}

#[test]
fn a_file_in_a_folder_that_is_not_there_is_named() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("no such folder").join("memory.db");
    let error = with_minilm().path(&path).open().err().ok_or("no error")?;
    assert!(
        error
            .to_string()
            .contains("does not exist; create it first"),
        "{error}"
    );
    assert_eq!(std::fs::read_dir(folder.path())?.count(), 0);
    Ok(())
}
