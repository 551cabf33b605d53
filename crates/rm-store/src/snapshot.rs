//! The whole stored state as text.

use std::fmt;
use std::ops::ControlFlow;

use crate::checksum::RowChecksum;
use crate::{DEFAULT_IMPORTANCE, Packed, Result, RoutingState, Store, StoredItem, blob};

/// Everything that one namespace of a store holds; its [`Display`](fmt::Display) shows it with vectors shortened to a hash.
///
/// Two stores with equal snapshots hold the same state, keys included.
///
/// ```
/// # use rm_store::{Changes, Item, MemoryStore, Snapshot, Store};
/// let store = MemoryStore::new();
/// let vector = vec![1.0, 0.0];
/// let item = Item {
///     id: "a".into(), text: "tea".into(), vector, created_at_ms: 1, updated_at_ms: 2, ..Item::default()
/// };
/// store.apply(Changes::new().put(item, None))?;
/// let expected = r#"settings: 1
///   dim = "2"
/// items: 1
///   1 "a" "tea" {} created 1 updated 2 centroid - vector 2:a269ef95
/// routing: none
/// "#;
/// assert_eq!(Snapshot::of(&store)?.to_string(), expected);
/// # Ok::<(), rm_store::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    settings: Vec<(String, String)>,
    items: Vec<StoredItem>,
    routing: Option<RoutingState>,
    packed: Option<Packed>,
}

impl Snapshot {
    /// Reads everything that `store` holds.
    ///
    /// # Errors
    /// Those of the store's reading methods.
    pub fn of(store: &dyn Store) -> Result<Self> {
        let mut items = Vec::new();
        store.for_each_item(&mut |stored| {
            items.push(stored);
            ControlFlow::Continue(())
        })?;
        Ok(Self {
            settings: store.settings()?,
            items,
            routing: store.routing()?,
            packed: store.packed()?,
        })
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "settings: {}", self.settings.len())?;
        for (key, value) in &self.settings {
            writeln!(f, "  {key} = {value:?}")?;
        }
        writeln!(f, "items: {}", self.items.len())?;
        for stored in &self.items {
            write_item(f, stored)?;
        }
        match &self.routing {
            None => writeln!(f, "routing: none")?,
            Some(state) => write_routing(f, state)?,
        }
        self.packed
            .as_ref()
            .map_or(Ok(()), |packed| write_packed(f, packed))
    }
}

fn write_item(f: &mut fmt::Formatter<'_>, stored: &StoredItem) -> fmt::Result {
    let StoredItem {
        key,
        centroid,
        item,
    } = stored;
    // Through `Value`, whose alternate-free Display is compact JSON.
    let metadata = serde_json::Value::Object(item.metadata.clone());
    write!(f, "  {key} {:?} {:?} {metadata}", item.id, item.text)?;
    write!(
        f,
        " created {} updated {} centroid ",
        item.created_at_ms, item.updated_at_ms
    )?;
    match centroid {
        Some(centroid) => write!(f, "{centroid}")?,
        None => write!(f, "-")?,
    }
    if let Some(at) = item.expires_at_ms {
        write!(f, " expires {at}")?;
    }
    if item.importance != DEFAULT_IMPORTANCE {
        write!(f, " importance {}", item.importance)?;
    }
    if item.pinned {
        write!(f, " pinned")?;
    }
    writeln!(f, " vector {}", short_hash(&item.vector))
}

fn write_routing(f: &mut fmt::Formatter<'_>, state: &RoutingState) -> fmt::Result {
    let RoutingState {
        dim,
        trained_on,
        seed,
        k_rule,
        ..
    } = state;
    writeln!(
        f,
        "routing: k {} dim {dim} trained_on {trained_on} seed {seed} k_rule {k_rule:?}",
        state.k()
    )?;
    for (id, vector, usage) in state.rows() {
        writeln!(
            f,
            "  {id} hits {} last_used {} vector {}",
            usage.hits,
            usage.last_used_ms,
            short_hash(vector)
        )?;
    }
    Ok(())
}

fn write_packed(f: &mut fmt::Formatter<'_>, packed: &Packed) -> fmt::Result {
    let changed: Vec<String> = packed.changed.iter().map(ToString::to_string).collect();
    writeln!(f, "packed: changed since [{}]", changed.join(", "))?;
    for (at, list) in packed.lists.iter().enumerate() {
        let sum = RowChecksum::default().bytes(list).finish();
        writeln!(f, "  {at} list {}:{sum:08x}", list.len())?;
    }
    Ok(())
}

fn short_hash(vector: &[f32]) -> String {
    let sum = RowChecksum::default()
        .bytes(&blob::from_vector(vector))
        .finish();
    format!("{}:{sum:08x}", vector.len())
}
