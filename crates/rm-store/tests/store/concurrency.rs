//! Several connections on one file.

use std::time::{Duration, Instant};

use rm_store::{Changes, CodebookChange, Error, Options, SqliteStore, Store};
use rusqlite::Connection;

use crate::samples::{Outcome, item, put_all};

#[test]
fn a_store_can_go_to_another_thread() -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut store: Box<dyn Store> = Box::new(SqliteStore::open(folder.path().join("memory.db"))?);
    let count = std::thread::spawn(move || {
        put_all(store.as_mut(), &[item("a", 1)])?;
        store.count()
    });
    assert_eq!(count.join().map_err(|_| "the thread panicked")??, 1);
    Ok(())
}

#[test]
fn a_file_in_use_is_waited_for_and_then_reported() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let options = Options {
        busy_timeout: Duration::from_millis(60),
        ..Options::default()
    };
    let store = SqliteStore::open_with(&path, &options)?;
    let other = Connection::open(&path)?;
    other.execute_batch("BEGIN IMMEDIATE")?;
    let start = Instant::now();
    let busy = put_all(&store, &[item("a", 1)]);
    assert!(
        matches!(busy, Err(Error::Busy { waited_ms: 60, .. })),
        "{busy:?}"
    );
    assert!(start.elapsed() >= options.busy_timeout);
    assert_eq!(store.count()?, 0, "reading goes on meanwhile");
    other.execute_batch("COMMIT")?;
    put_all(&store, &[item("a", 1)])?;
    assert_eq!(store.count()?, 1);
    Ok(())
}

#[test]
fn a_change_is_seen_by_the_other_connection() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let (one, other) = (SqliteStore::open(&path)?, SqliteStore::open(&path)?);
    let own = put_all(&other, &[item("own", 1)])?;
    let seen = other.revision()?;
    let keys = put_all(&one, &[item("a", 1), item("b", 1)])?;
    assert_eq!(other.revision()?, seen + 2);
    let since = other.changes_since(seen)?.ok_or("the log reaches back")?;
    assert_eq!((since.items, since.codebook), (keys, CodebookChange::None));
    let all = other.changes_since(0)?.ok_or("the log reaches back")?;
    assert!(all.items.contains(&own[0]) && all.revision == seen + 2);
    assert_eq!(
        other.changes_since(seen + 3)?,
        None,
        "the future is of another file"
    );
    assert!(other.contains("a")? && one.contains("own")?);
    Ok(())
}

#[test]
fn opening_sees_what_another_connection_has_yet_to_fold_in() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let first = SqliteStore::open(&path)?;
    for number in 0..20 {
        put_all(&first, &[item(&format!("item-{number}"), 1)])?;
        let second = SqliteStore::open(&path)?;
        assert_eq!(second.count()?, number + 1);
        // Closing one must not take the other's locks or log away.
        second.close()?;
    }
    drop(first);
    assert_eq!(SqliteStore::open(&path)?.count()?, 20);
    Ok(())
}

#[test]
fn many_can_create_and_write_the_same_file() -> Outcome {
    const THREADS: u64 = 6;
    const ITEMS: u64 = 15;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let write = |thread: u64| -> rm_store::Result<()> {
        for number in 0..ITEMS {
            let store = SqliteStore::open(&path)?;
            store.apply(Changes::new().put(item(&format!("{thread}-{number}"), 1), None))?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| scope.spawn(move || write(thread)))
            .collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().expect("no thread panics"))
    })?;
    let store = SqliteStore::open(&path)?;
    store.check()?;
    assert_eq!(store.count()?, THREADS * ITEMS);
    Ok(())
}
