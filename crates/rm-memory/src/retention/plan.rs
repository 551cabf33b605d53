//! From a policy to what it removes.

use std::cmp::Ordering;

use super::{ForgetReason, Forgotten, RetentionPolicy, RetentionReport};
use crate::Result;
use crate::item_time::age_ms;

/// Is one item, with all that its being forgotten may depend on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetentionItem<'a> {
    /// Its id.
    pub id: &'a str,
    /// When it was first added, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// When it was last changed, in milliseconds since 1970.
    pub updated_at_ms: i64,
    /// From when on it counts as forgotten, in milliseconds since 1970; `None` never.
    pub expires_at_ms: Option<i64>,
    /// How much it matters, from 0 to 1.
    pub importance: f32,
    /// Whether it is never forgotten.
    pub pinned: bool,
}

impl RetentionPolicy {
    /// Returns what the policy removes from `items` at a time, in milliseconds since 1970, as the report of a dry run;
    /// nothing is removed here, and whoever removes it sets [`RetentionReport::dry_run`].
    ///
    /// The report does not depend on the order of the items. Costs a sort of what is forgotten, and a partial one of what
    /// stays where `max_items` is exceeded.
    ///
    /// ```
    /// use rm_memory::{ForgetReason, RetentionItem, RetentionPolicy};
    ///
    /// let item = |id, importance, pinned| RetentionItem {
    ///     id,
    ///     created_at_ms: 0,
    ///     updated_at_ms: 0,
    ///     expires_at_ms: None,
    ///     importance,
    ///     pinned,
    /// };
    /// let items = [item("a", 0.1, true), item("b", 0.2, false), item("c", 0.9, false)];
    /// let report = RetentionPolicy::new().max_items(2).plan(&items, 1_000)?;
    /// assert_eq!(report.ids().collect::<Vec<_>>(), ["b"]);
    /// assert_eq!(report.forgotten[0].reason, ForgetReason::OverCount);
    /// assert_eq!((report.kept, report.pinned), (2, 1));
    /// # Ok::<(), rm_memory::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn plan(&self, items: &[RetentionItem<'_>], now_ms: i64) -> Result<RetentionReport> {
        self.check()?;
        let mut going: Vec<(ForgetReason, &RetentionItem<'_>)> = Vec::new();
        let mut staying: Vec<&RetentionItem<'_>> = Vec::new();
        for item in items.iter().filter(|item| !item.pinned) {
            match self.reason(item, now_ms) {
                Some(reason) => going.push((reason, item)),
                None => staying.push(item),
            }
        }
        let free = staying.len();
        let pinned = items.len() - going.len() - free;
        let most = self.max_items.unwrap_or(usize::MAX);
        let over = (free + pinned).saturating_sub(most).min(free);
        if 0 < over && over < free {
            staying.select_nth_unstable_by(over, |a, b| self.by_value(a, b));
        }
        let over_count = staying[..over].iter();
        going.extend(over_count.map(|item| (ForgetReason::OverCount, *item)));
        going.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| self.by_value(a.1, b.1)));
        let kept = items.len() - going.len();
        let forgotten = going.into_iter().map(|(reason, item)| Forgotten {
            id: item.id.to_owned(),
            reason,
        });
        Ok(RetentionReport {
            forgotten: forgotten.collect(),
            kept,
            pinned,
            dry_run: true,
        })
    }

    /// Returns why an item that is not pinned goes, whatever else there is.
    fn reason(&self, item: &RetentionItem<'_>, now_ms: i64) -> Option<ForgetReason> {
        let age_ms = u128::from(age_ms(self.time(item), now_ms));
        if item.expires_at_ms.is_some_and(|at_ms| at_ms <= now_ms) {
            Some(ForgetReason::Expired)
        } else if self.max_age.is_some_and(|most| age_ms > most.as_millis()) {
            Some(ForgetReason::TooOld)
        } else if self
            .min_importance
            .is_some_and(|least| item.importance < least)
        {
            Some(ForgetReason::Unimportant)
        } else {
            None
        }
    }

    /// Puts the less valuable item first.
    fn by_value(&self, a: &RetentionItem<'_>, b: &RetentionItem<'_>) -> Ordering {
        a.importance
            .total_cmp(&b.importance)
            .then_with(|| self.time(a).cmp(&self.time(b)))
            .then_with(|| a.id.cmp(b.id))
    }

    fn time(&self, item: &RetentionItem<'_>) -> i64 {
        self.age_by.of(item.created_at_ms, item.updated_at_ms)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ItemTime;

    fn item(id: &str, created_at_ms: i64, importance: f32) -> RetentionItem<'_> {
        RetentionItem {
            id,
            created_at_ms,
            updated_at_ms: 1_000,
            expires_at_ms: None,
            importance,
            pinned: false,
        }
    }

    fn forgotten(
        policy: RetentionPolicy,
        items: &[RetentionItem<'_>],
    ) -> Result<Vec<(String, ForgetReason)>> {
        let report = policy.plan(items, 1_000)?;
        assert!(report.dry_run);
        assert_eq!(report.kept + report.forgotten.len(), items.len());
        let forgotten = report.forgotten.into_iter();
        Ok(forgotten.map(|f| (f.id, f.reason)).collect())
    }

    #[test]
    fn without_rules_only_what_expired_goes() -> Result<()> {
        let until = |id, at_ms| RetentionItem {
            expires_at_ms: Some(at_ms),
            ..item(id, 0, 0.0)
        };
        let items = [
            item("a", i64::MIN, 0.0),
            until("b", 1_000),
            until("c", 1_001),
            until("d", i64::MIN),
        ];
        assert_eq!(
            forgotten(RetentionPolicy::new(), &items)?,
            [
                ("b".into(), ForgetReason::Expired),
                ("d".into(), ForgetReason::Expired)
            ]
        );
        Ok(())
    }

    #[test]
    fn age_is_counted_from_the_time_that_is_asked_for() -> Result<()> {
        let items = [
            item("old", 499, 0.5),
            item("just", 500, 0.5),
            item("future", i64::MAX, 0.5),
        ];
        let policy = RetentionPolicy::new().max_age(Duration::from_millis(500));
        assert_eq!(
            forgotten(policy, &items)?,
            [("old".into(), ForgetReason::TooOld)]
        );
        assert!(forgotten(policy.age_by(ItemTime::Updated), &items)?.is_empty());
        assert!(forgotten(policy.max_age(Duration::MAX), &items)?.is_empty());
        Ok(())
    }

    #[test]
    fn the_least_valuable_go_first() -> Result<()> {
        let items = [
            item("d", 3, 0.9),
            item("b", 2, 0.5),
            item("a", 2, 0.5),
            item("c", 1, 0.7),
            item("e", 1, 0.5),
        ];
        let over = |id: &str| (id.to_owned(), ForgetReason::OverCount);
        let policy = RetentionPolicy::new().max_items(2);
        assert_eq!(
            forgotten(policy, &items)?,
            [over("e"), over("a"), over("b")]
        );
        let all = ["e", "a", "b", "c", "d"].map(over);
        assert_eq!(forgotten(policy.max_items(0), &items)?, all);
        assert!(forgotten(policy.max_items(5), &items)?.is_empty());
        Ok(())
    }

    #[test]
    fn the_first_reason_counts_and_pins_hold() -> Result<()> {
        let mut items = [item("a", 0, 0.1), item("b", 0, 0.1), item("c", 900, 0.1)];
        items[0].expires_at_ms = Some(10);
        let policy = RetentionPolicy::new()
            .max_age(Duration::from_millis(500))
            .min_importance(0.2)
            .max_items(0);
        assert_eq!(
            forgotten(policy, &items)?,
            [
                ("a".into(), ForgetReason::Expired),
                ("b".into(), ForgetReason::TooOld),
                ("c".into(), ForgetReason::Unimportant)
            ]
        );
        items.iter_mut().for_each(|item| item.pinned = true);
        assert!(forgotten(policy, &items)?.is_empty());
        assert_eq!(policy.plan(&items, 1_000)?.pinned, 3);
        Ok(())
    }

    #[test]
    fn pinned_items_take_places() -> Result<()> {
        let mut items = [item("a", 0, 0.1), item("b", 0, 0.2), item("c", 0, 0.3)];
        items[0].pinned = true;
        assert_eq!(
            forgotten(RetentionPolicy::new().max_items(2), &items)?,
            [("b".into(), ForgetReason::OverCount)]
        );
        Ok(())
    }

    #[test]
    fn an_importance_that_nothing_has_is_refused() {
        for least in [-0.1, 1.1, f32::NAN] {
            let policy = RetentionPolicy::new().min_importance(least);
            assert!(policy.plan(&[], 0).is_err());
        }
    }
}
