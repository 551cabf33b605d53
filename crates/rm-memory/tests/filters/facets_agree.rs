//! The index of metadata lets pass what every item's own fields let pass, whatever came, changed and went before.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rm_core::{Allowed as _, ItemId};
use rm_memory::{Facets, Filter};
use serde_json::json;

use crate::random_filters::{RandomItem, filter, item};

/// Is something that happens to one item.
#[derive(Debug, Clone)]
enum Step {
    /// It comes, or is replaced.
    Put(u64, RandomItem),
    Remove(u64),
}

/// Draws a step; keys are of two namespaces, far apart.
fn step() -> impl Strategy<Value = Step> {
    let key = prop_oneof![0u64..20, (1u64 << 40)..(1 << 40) + 3];
    prop_oneof![
        3 => (key.clone(), item()).prop_map(|(key, item)| Step::Put(key, item)),
        1 => key.prop_map(Step::Remove),
    ]
}

proptest! {
    #[test]
    fn on_every_filter(
        steps in prop::collection::vec(step(), 0..60), filters in prop::collection::vec(filter(), 1..12),
    ) {
        let (mut facets, mut items) = (Facets::new(), BTreeMap::new());
        for step in steps {
            match step {
                Step::Put(key, item) => {
                    // Ids are unique in a memory.
                    let item = item.with_id(key.to_string());
                    facets.insert(ItemId(key), &item.fields());
                    items.insert(ItemId(key), item);
                }
                Step::Remove(key) => {
                    prop_assert_eq!(facets.remove(ItemId(key)), items.remove(&ItemId(key)).is_some());
                }
            }
        }
        prop_assert_eq!(facets.len(), items.len());
        for filter in filters {
            // A store may know items that the index does not hold.
            let passing = facets.passing(&filter, |id| Ok(id.parse().ok().map(ItemId)))?;
            let expected: Vec<ItemId> = items.iter()
                .filter(|(_, item)| filter.matches(&item.fields()))
                .map(|(key, _)| *key).collect();
            prop_assert_eq!(passing.items(), expected, "{}", filter.to_json());
        }
        for key in items.keys() {
            prop_assert!(facets.remove(*key));
        }
        prop_assert!(facets.is_empty());
        let everything = facets.passing(&Filter::all([]), |_| Ok(None))?;
        prop_assert!(everything.is_empty());
    }
}

#[test]
fn values_that_many_items_have() -> crate::Outcome {
    let mut facets = Facets::new();
    for key in 0..3_000u64 {
        let metadata = json!({ "even": key % 2 == 0, "n": key, "tags": [key % 7, "all"] });
        facets.insert(ItemId(key), &crate::fields(&metadata));
    }
    let count = |filter: Filter| {
        facets
            .passing(&filter, |_| Ok(None))
            .map(|passing| passing.len())
    };
    assert_eq!(count(Filter::eq("even", true))?, 1_500);
    assert_eq!(count(Filter::contains("tags", "all"))?, 3_000);
    assert_eq!(
        count(Filter::contains("tags", 3).and(Filter::lt("n", 700)))?,
        100
    );
    assert_eq!(count(Filter::gte("n", 2_990).or(Filter::lt("n", 10)))?, 20);
    assert!(facets.bytes() > 3_000 * 100, "{}", facets.bytes());
    for key in 0..2_999 {
        facets.remove(ItemId(key));
    }
    let left = facets.passing(&Filter::contains("tags", "all"), |_| Ok(None))?;
    assert_eq!(left.items(), [ItemId(2_999)]);
    Ok(())
}
