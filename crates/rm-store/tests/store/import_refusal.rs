//! A database of the original with a row that cannot be taken over is left as it was, and the row is named.

use std::time::Duration;

use rm_store::{Error, Options, SqliteStore, Store, legacy};

use crate::files::files_in;
use crate::import::original;
use crate::refusal::refused;
use crate::samples::Outcome;

/// Two items and a codebook of one centroid, of two values each, that could be imported.
const SOUND: &str = "
    INSERT INTO rm_items VALUES ('a', 'first', x'0000803f00000000', '{}', '2026-01-02 03:04:05');
    INSERT INTO rm_items VALUES ('b', 'second', x'000000000000803f', '{}', '2026-01-02 03:04:06');
    INSERT INTO rm_codebook VALUES (1, x'0000803f00000000', '{\"0\": [\"a\", \"b\"]}', '2026-02-02 00:00:00');";

/// What is done to a sound database, and what is then said of it.
const FAULTS: [(&str, &str); 17] = [
    (
        "UPDATE rm_items SET embedding = x'0000803f' WHERE id = 'b'",
        r#"item "b" in rm_items: expected an embedding of 2 values, as in item "a", got 1;"#,
    ),
    (
        "UPDATE rm_items SET embedding = x'0000c07f00000000' WHERE id = 'a'",
        r#"item "a" in rm_items: expected finite values, not all zero, as embedding, got NaN at position 0;"#,
    ),
    (
        "UPDATE rm_items SET embedding = x'0000807f00000000' WHERE id = 'a'",
        "got inf at position 0;",
    ),
    (
        "UPDATE rm_items SET embedding = zeroblob(8) WHERE id = 'a'",
        "got all zeros;",
    ),
    (
        "UPDATE rm_items SET embedding = x'' WHERE id = 'a'",
        "got no values;",
    ),
    (
        "UPDATE rm_items SET embedding = x'0000803f00' WHERE id = 'a'",
        r#"item "a" in rm_items: expected a blob of 4-byte floats, got 5 bytes;"#,
    ),
    (
        "UPDATE rm_items SET embedding = '[1, 0]' WHERE id = 'a'",
        r#"expected a blob of 4-byte floats, got "[1, 0]";"#,
    ),
    (
        "UPDATE rm_items SET metadata = '{oops' WHERE id = 'b'",
        r#"item "b" in rm_items: expected JSON as metadata, got {oops"#,
    ),
    (
        "UPDATE rm_items SET metadata = '{\"x\": NaN}' WHERE id = 'b'",
        r#"expected JSON as metadata, got {"x": NaN}"#,
    ),
    (
        "UPDATE rm_items SET metadata = '[1]' WHERE id = 'b'",
        r#"expected a JSON object as metadata, got [1];"#,
    ),
    (
        "UPDATE rm_items SET created_at = 'yesterday' WHERE id = 'b'",
        r#"expected a date and time in UTC as created_at, got "yesterday";"#,
    ),
    (
        "UPDATE rm_items SET created_at = NULL WHERE id = 'b'",
        "as created_at, got NULL;",
    ),
    (
        "UPDATE rm_items SET id = NULL WHERE id = 'b'",
        "a row of rm_items: expected a text as id, got NULL;",
    ),
    (
        "UPDATE rm_items SET text = x'ff' WHERE id = 'b'",
        r#"item "b" in rm_items: expected a text, got Blob of 1 bytes;"#,
    ),
    (
        "UPDATE rm_codebook SET centroids = x'0000803f0000000000000000'",
        "rm_codebook: expected centroids in rows of 2 values, got 3 values;",
    ),
    (
        "UPDATE rm_codebook SET assignments = '{\"1\": [\"a\"]}'",
        r#"rm_codebook: expected assignments to the centroids 0 to 0, got centroid "1";"#,
    ),
    (
        "UPDATE rm_codebook SET assignments = 'none'",
        "rm_codebook: expected a JSON object as assignments, got ",
    ),
];

#[test]
fn a_sound_database_is_imported() -> Outcome {
    let folder = tempfile::tempdir()?;
    let original = legacy::read_python_original(original(folder.path(), SOUND)?)?;
    assert_eq!((original.items.len(), original.repairs.len()), (2, 0));
    Ok(())
}

#[test]
fn every_bad_row_is_named_before_anything_is_written() -> Outcome {
    for (fault, said) in FAULTS {
        let folder = tempfile::tempdir()?;
        let path = original(folder.path(), &format!("{SOUND} {fault};"))?;
        let error = refused(&path)?;
        assert!(matches!(error, Error::Legacy { .. }), "{fault}: {error:?}");
        assert!(error.to_string().contains(said), "{fault}: {error}");
        let read = legacy::read_python_original(&path).expect_err("reading refuses it too");
        assert_eq!(read.to_string(), error.to_string());
    }
    Ok(())
}

#[test]
fn an_original_in_use_is_left_alone() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = original(folder.path(), SOUND)?;
    let python = rusqlite::Connection::open(&path)?;
    python.execute_batch("BEGIN IMMEDIATE; DELETE FROM rm_items WHERE id = 'b'")?;
    let options = Options {
        busy_timeout: Duration::from_millis(20),
        ..Options::default()
    };
    let error = SqliteStore::open_with(&path, &options).expect_err("in use");
    assert!(matches!(error, Error::Busy { .. }), "{error:?}");
    python.execute_batch("ROLLBACK")?;
    drop(python);
    assert_eq!(
        files_in(folder.path())?,
        ["memory.db"],
        "an attempt that failed leaves no backup"
    );
    assert_eq!(legacy::read_python_original(&path)?.items.len(), 2);
    assert_eq!(SqliteStore::open_with(&path, &options)?.count()?, 2);
    Ok(())
}

#[test]
fn an_id_that_stands_twice_is_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    // Only a table that has lost its primary key, say by being copied, can hold an id twice.
    let path = original(
        folder.path(),
        &format!(
            "{SOUND} CREATE TABLE copied AS SELECT * FROM rm_items UNION ALL SELECT * FROM rm_items WHERE id = 'a';
             DROP TABLE rm_items; ALTER TABLE copied RENAME TO rm_items;"
        ),
    )?;
    let error = refused(&path)?;
    let said = r#"item "a" in rm_items: expected each id once, got it as number 1 and number 2 of the items;"#;
    assert!(error.to_string().contains(said), "{error}");
    Ok(())
}

#[test]
fn what_is_not_the_originals_is_not_read() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("photos.db");
    rusqlite::Connection::open(&path)?.execute_batch("CREATE TABLE photos (id)")?;
    assert!(!legacy::is_python_original(&path)?);
    assert!(matches!(
        legacy::read_python_original(&path),
        Err(Error::Foreign { .. })
    ));
    assert!(!legacy::is_python_original(
        folder.path().join("missing.db")
    )?);
    Ok(())
}
