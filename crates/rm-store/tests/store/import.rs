//! A database of the Python original becomes a store.

use std::fs;
use std::path::{Path, PathBuf};

use rm_store::{CentroidId, Options, RoutingState, Snapshot, SqliteStore, Store, legacy, settings};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::files::files_in;
use crate::refusal::leave_log;
use crate::samples::Outcome;

/// The original's tables, as its code makes them.
pub(crate) const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS rm_items (
        id TEXT PRIMARY KEY,
        text TEXT NOT NULL,
        embedding BLOB NOT NULL,
        metadata TEXT DEFAULT '{}',
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
    );
    CREATE TABLE IF NOT EXISTS rm_codebook (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        centroids BLOB NOT NULL,
        assignments TEXT NOT NULL,
        updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
    );";

#[test]
fn a_file_the_original_wrote_is_imported_in_place() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = copy_of_real_file(folder.path())?;
    let untouched = fs::read(&path)?;
    assert!(legacy::is_python_original(&path)?);
    assert_eq!(
        (fs::read(&path)? == untouched, files_in(folder.path())?),
        (true, vec!["memory.db".to_owned()])
    );

    let store = SqliteStore::open(&path)?;
    store.check()?;
    let report = store.import_report().ok_or("no report")?;
    assert_eq!((report.items, report.centroids), (12, 2));
    assert_eq!(
        report.repairs,
        [
            r#"item "late" was assigned to no centroid, left without one"#,
            r#"item "note-3" was assigned but is not there, left out"#,
        ]
    );
    let backup = report.backup.clone().ok_or("no backup")?;
    assert_eq!(
        store.setting(settings::IMPORTED_FROM)?.as_deref(),
        Some(settings::PYTHON_ORIGINAL)
    );
    check_real_items(&store)?;
    let imported = Snapshot::of(&store)?;
    store.close()?;

    assert_eq!(
        files_in(folder.path())?,
        ["memory.db", "memory.db.python-backup"]
    );
    let again = SqliteStore::open(&path)?;
    assert_eq!(
        (again.import_report(), Snapshot::of(&again)?),
        (None, imported.clone())
    );
    assert!(!legacy::is_python_original(&path)?);

    // The backup is the original's still: it can be imported once more, to the same result.
    let second = legacy::import_python_original(
        &backup,
        folder.path().join("second.db"),
        &Options::default(),
    )?;
    assert_eq!(Snapshot::of(&second)?, imported);
    Ok(())
}

fn check_real_items(store: &dyn Store) -> Outcome {
    assert_eq!(store.count()?, 12);
    let ids: Vec<String> = store.ids()?.into_iter().map(|(_, id)| id).collect();
    assert_eq!(
        (ids[0].as_str(), ids[10].as_str(), ids[11].as_str()),
        ("meeting", "ui", "late")
    );
    let ui = store.get("ui")?.ok_or("not found")?;
    assert_eq!(ui.item.text, "User prefers light mode after all");
    assert_eq!(Value::Object(ui.item.metadata), json!({"source": "chat"}));
    let meeting = store.get("meeting")?.ok_or("not found")?;
    assert_eq!(
        Value::Object(meeting.item.metadata),
        json!({"people": ["Alice", "Zoë"]})
    );
    assert!(meeting.centroid.is_some());
    assert_eq!(store.get("late")?.ok_or("not found")?.centroid, None);
    let norm: f32 = ui.item.vector.iter().map(|value| value * value).sum();
    assert!(
        (norm - 1.0).abs() < 1e-6 && ui.item.vector.len() == 16,
        "{norm}"
    );
    // Written in 2026 or later, by the clock of the machine that made the fixture.
    assert!(ui.item.created_at_ms > 1_767_225_600_000 && ui.item.created_at_ms % 1_000 == 0);
    let routing = store.routing()?.ok_or("no codebook")?;
    assert_eq!(
        (routing.k(), routing.dim, routing.trained_on, routing.seed),
        (2, 16, 11, legacy::SEED)
    );
    Ok(())
}

#[test]
fn importing_elsewhere_leaves_the_original_untouched() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = copy_of_real_file(folder.path())?;
    let untouched = fs::read(&path)?;
    let target = folder.path().join("ours.db");
    let store = legacy::import_python_original(&path, &target, &Options::default())?;
    check_real_items(&store)?;
    assert_eq!(store.import_report().ok_or("no report")?.backup, None);
    store.close()?;
    assert_eq!(files_in(folder.path())?, ["memory.db", "ours.db"]);
    assert!(fs::read(&path)? == untouched);
    let again = legacy::import_python_original(&path, &target, &Options::default())
        .expect_err("the target is taken");
    assert!(
        again.to_string().contains("already holds a database"),
        "{again}"
    );
    Ok(())
}

#[test]
fn what_is_still_in_the_log_is_imported() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = copy_of_real_file(folder.path())?;
    leave_log(
        &path,
        "UPDATE rm_items SET text = 'from the log' WHERE id = 'ui'",
    )?;
    let (file, log) = (
        fs::read(&path)?,
        fs::read(folder.path().join("memory.db-wal"))?,
    );
    assert!(legacy::is_python_original(&path)?);
    legacy::read_python_original(&path)?;
    assert_eq!(files_in(folder.path())?, ["memory.db", "memory.db-wal"]);
    assert!(fs::read(&path)? == file && fs::read(folder.path().join("memory.db-wal"))? == log);
    let store = SqliteStore::open(&path)?;
    assert_eq!(
        store.get("ui")?.ok_or("not found")?.item.text,
        "from the log"
    );
    let backup = store
        .import_report()
        .and_then(|report| report.backup.clone())
        .ok_or("no backup")?;
    let text: String = Connection::open(backup)?.query_row(
        "SELECT text FROM rm_items WHERE id = 'ui'",
        [],
        |row| row.get(0),
    )?;
    assert_eq!(text, "from the log");
    Ok(())
}

#[test]
fn an_earlier_backup_is_never_overwritten() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = copy_of_real_file(folder.path())?;
    fs::write(folder.path().join("memory.db.python-backup"), "precious")?;
    SqliteStore::open(&path)?.close()?;
    let expected = [
        "memory.db",
        "memory.db.python-backup",
        "memory.db.python-backup-2",
    ];
    assert_eq!(files_in(folder.path())?, expected);
    assert_eq!(fs::read(folder.path().join(expected[1]))?, b"precious");
    Ok(())
}

#[test]
fn what_has_a_plain_meaning_is_repaired() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = original(
        folder.path(),
        "INSERT INTO rm_items VALUES ('b', 'second', x'0000803f00000000', NULL, '2026-01-02 03:04:05.678');
         INSERT INTO rm_items VALUES ('a', 'first', x'000000000000803f', '', '2026-01-02 03:04:05');
         INSERT INTO rm_items VALUES (7, '', x'000000bf0000803f', '{\"n\": 0.1}', '2026-01-02 03:04:06');
         INSERT INTO rm_codebook VALUES (1, x'0000803f00000000000000000000803f',
             '{\"0\": [\"a\", 7, 7], \"1\": [\"a\", \"gone\"]}', '2026-02-02 00:00:00');",
    )?;
    let original = legacy::read_python_original(&path)?;
    let items: Vec<_> = original
        .items
        .iter()
        .map(|(item, centroid)| {
            (
                item.id.as_str(),
                item.created_at_ms,
                item.metadata.len(),
                *centroid,
            )
        })
        .collect();
    assert_eq!(
        items,
        [
            ("a", 1_767_323_045_000, 0, None),
            ("b", 1_767_323_045_678, 0, None),
            ("7", 1_767_323_046_000, 1, Some(CentroidId(0))),
        ]
    );
    assert_eq!(
        original.repairs,
        [
            r#"item "a" had no metadata, taken as {}"#,
            r#"item "b" had no metadata, taken as {}"#,
            r#"item "a" was assigned to 2 centroids, left without one"#,
            r#"item "b" was assigned to no centroid, left without one"#,
            r#"item "gone" was assigned but is not there, left out"#,
        ]
    );
    let routing: RoutingState = original.routing.ok_or("no codebook")?;
    assert_eq!(routing.centroids, [1.0, 0.0, 0.0, 1.0]);
    assert_eq!(routing.usage[0].last_used_ms, 1_769_990_400_000);
    SqliteStore::open(&path)?.check()?;
    Ok(())
}

#[test]
fn an_original_without_items_or_codebook_becomes_an_empty_store() -> Outcome {
    for sql in [
        "",
        "DROP TABLE rm_codebook;",
        "INSERT INTO rm_codebook VALUES (1, x'0000803f', '{\"0\": []}', '2026-02-02 00:00:00');",
    ] {
        let folder = tempfile::tempdir()?;
        let store = SqliteStore::open(original(folder.path(), sql)?)?;
        store.check()?;
        assert_eq!((store.count()?, store.routing()?), (0, None), "{sql}");
    }
    Ok(())
}

/// Makes a database of the original with `rows` in it.
pub(crate) fn original(folder: &Path, rows: &str) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let path = folder.join("memory.db");
    let connection = Connection::open(&path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.execute_batch(TABLES)?;
    connection.execute_batch(rows)?;
    Ok(path)
}

fn copy_of_real_file(folder: &Path) -> std::io::Result<PathBuf> {
    let path = folder.join("memory.db");
    let fixture =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/python-original.sqlite");
    fs::copy(fixture, &path)?;
    Ok(path)
}
