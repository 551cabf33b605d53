//! One file, two memories.

use rm_memory::{NewItem, Update};

use crate::Outcome;
use crate::memories::{MEMORIES, QUESTIONS, fill, with_minilm};

#[test]
fn two_memories_on_one_file_see_what_the_other_does() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let first = with_minilm().path(&path).open()?;
    let second = with_minilm().path(&path).open()?;
    fill(&first)?;
    assert_eq!(second.search(QUESTIONS[0].0)?[0].id, "0");
    assert_eq!(second.len(), MEMORIES.len());
    second.delete("0")?;
    assert!(
        first
            .search(QUESTIONS[0].0)?
            .iter()
            .all(|found| found.id != "0")
    );
    first.add(NewItem::new(MEMORIES[0]).id("again"))?;
    second.update(
        "again",
        Update::new().text("Grandmother's apple pie needs cinnamon"),
    )?;
    let found = first.search("what goes into the pie?")?;
    assert_eq!(found[0].id, "again");
    assert_eq!(found[0].text, "Grandmother's apple pie needs cinnamon");
    first.close()?;
    assert_eq!(second.search("what goes into the pie?")?[0].id, "again");
    assert_eq!(second.index().ok_or("no index")?.misplaced()?, []);
    Ok(())
}

/// The same file by another name is the same file.
#[cfg(unix)]
#[test]
fn a_link_leads_to_the_same_memory() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let link = folder.path().join("link.db");
    let first = with_minilm().path(&path).open()?;
    std::os::unix::fs::symlink(&path, &link)?;
    let second = with_minilm().path(&link).open()?;
    let id = second.add("The spare key is under the flowerpot")?;
    assert_eq!(first.search("where is the key?")?[0].id, id);
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
