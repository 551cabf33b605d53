//! A retention plan is what its rules say when items are taken out one by one.

use std::time::Duration;

use proptest::prelude::*;
use rm_memory::{ForgetReason, RetentionItem, RetentionPolicy};

const NOW_MS: i64 = 10;

fn items() -> impl Strategy<Value = Vec<RetentionItem<'static>>> {
    const IDS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let one = (0i64..14, 0u8..=4, any::<bool>(), prop::option::of(8i64..13));
    prop::collection::vec(one, 0..12).prop_map(|drawn| {
        let drawn = drawn.into_iter().zip(IDS);
        let items = drawn.map(
            |((at_ms, importance, pinned, expires_at_ms), id)| RetentionItem {
                id,
                created_at_ms: at_ms,
                updated_at_ms: at_ms,
                expires_at_ms,
                importance: f32::from(importance) / 4.0,
                pinned,
            },
        );
        items.collect()
    })
}

/// Takes out one item at a time, by the first rule that asks for one.
fn one_by_one(
    mut items: Vec<RetentionItem<'_>>,
    max_age_ms: i64,
    least: f32,
    most: usize,
) -> Vec<(String, ForgetReason)> {
    items.sort_by(|a, b| {
        let by_age = a.created_at_ms.cmp(&b.created_at_ms);
        let by_value = a.importance.total_cmp(&b.importance).then(by_age);
        by_value.then(a.id.cmp(b.id))
    });
    let mut gone = Vec::new();
    for reason in ForgetReason::ALL {
        loop {
            let n_items = items.len();
            let next = items.iter().position(|item| {
                !item.pinned
                    && match reason {
                        ForgetReason::Expired => item.expires_at_ms.is_some_and(|at| at <= NOW_MS),
                        ForgetReason::TooOld => NOW_MS - item.created_at_ms > max_age_ms,
                        ForgetReason::Unimportant => item.importance < least,
                        _ => n_items > most,
                    }
            });
            let Some(next) = next else { break };
            gone.push((items.remove(next).id.to_owned(), reason));
        }
    }
    gone
}

proptest! {
    #[test]
    fn a_plan_is_its_rules(
        items in items(), max_age_ms in 0u8..12, quarters in 0u8..=4, most in 0usize..12,
    ) {
        let least = f32::from(quarters) / 4.0;
        let policy = RetentionPolicy::new()
            .max_age(Duration::from_millis(max_age_ms.into()))
            .min_importance(least)
            .max_items(most);
        let report = policy.plan(&items, NOW_MS)?;
        let planned: Vec<_> = report.forgotten.iter().map(|f| (f.id.clone(), f.reason)).collect();
        let expected = one_by_one(items.clone(), max_age_ms.into(), least, most);
        prop_assert_eq!(&planned, &expected);
        prop_assert_eq!(report.kept, items.len() - planned.len());
        prop_assert_eq!(report.pinned, items.iter().filter(|item| item.pinned).count());

        let mut reversed = items.clone();
        reversed.reverse();
        prop_assert_eq!(policy.plan(&reversed, NOW_MS)?, report);
        let gone = |item: &RetentionItem<'_>| planned.iter().any(|(id, _)| id == item.id);
        let left: Vec<_> = items.into_iter().filter(|item| !gone(item)).collect();
        prop_assert!(policy.plan(&left, NOW_MS)?.forgotten.is_empty(), "once is enough");
    }
}
