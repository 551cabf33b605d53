//! Forgetting: what is past its time, too old, of little importance, or too much.

use std::ops::ControlFlow;

use rm_core::ItemId;
use rm_store::{Changes, Item};

use crate::{Result, RetentionItem, RetentionPolicy, RetentionReport, RoutingMemory};

impl RoutingMemory {
    /// Removes what is past its time, and what a policy removes beside, in one transaction; tells what, and why. Text and vector of
    /// what is removed are overwritten in the file. Pinned items stay.
    ///
    /// Nothing is removed by itself: call this as often as it should happen. It reads every text, and others wait to write meanwhile.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use rm_memory::{RetentionPolicy, RoutingMemory};
    ///
    /// let memory = RoutingMemory::open("agent.db")?;
    /// let policy = RetentionPolicy::new()
    ///     .max_age(Duration::from_secs(365 * 86_400))
    ///     .max_items(10_000);
    /// println!("{}", memory.plan_to_forget(&policy)?);
    /// println!("{}", memory.forget(&policy)?);
    /// # Ok::<(), rm_memory::Error>(())
    /// ```
    ///
    /// # Errors
    /// For a policy that means nothing, and when the store cannot be read or written; nothing is removed then.
    pub fn forget(&self, policy: &RetentionPolicy) -> Result<RetentionReport> {
        policy.check()?;
        let turn = self.turn()?;
        let (report, keys) = self.plan(policy)?;
        let mut changes = Changes::new();
        for key in keys {
            changes.delete_key(key);
        }
        if !changes.is_empty() {
            self.delete_in_turn(turn, &changes)?;
        }
        tracing::debug!(forgotten = report.forgotten.len(), "forgot");
        Ok(RetentionReport {
            dry_run: false,
            ..report
        })
    }

    /// Returns what [`forget`](Self::forget) would do now, and does nothing.
    ///
    /// # Errors
    /// As [`forget`](Self::forget).
    pub fn plan_to_forget(&self, policy: &RetentionPolicy) -> Result<RetentionReport> {
        Ok(self.plan(policy)?.0)
    }

    /// Returns what a policy removes, and the keys of it.
    fn plan(&self, policy: &RetentionPolicy) -> Result<(RetentionReport, Vec<ItemId>)> {
        let mut items: Vec<(ItemId, Item)> = Vec::new();
        self.store().for_each_text(&mut |stored| {
            // Texts and metadata are not needed any more.
            let item = Item {
                text: String::new(),
                metadata: serde_json::Map::new(),
                ..stored.item
            };
            items.push((stored.key, item));
            ControlFlow::Continue(())
        })?;
        let now_ms = self.config().clock.now_ms();
        let report = {
            let planned: Vec<RetentionItem<'_>> = items
                .iter()
                .map(|(_, item)| RetentionItem::of_stored(item))
                .collect();
            policy.plan(&planned, now_ms)?
        };
        let gone: std::collections::HashSet<&str> = report.ids().collect();
        let keys = items
            .iter()
            .filter(|(_, item)| gone.contains(item.id.as_str()));
        let keys = keys.map(|(key, _)| *key).collect();
        Ok((report, keys))
    }
}

impl<'a> RetentionItem<'a> {
    fn of_stored(item: &'a Item) -> Self {
        Self {
            id: &item.id,
            created_at_ms: item.created_at_ms,
            updated_at_ms: item.updated_at_ms,
            expires_at_ms: item.expires_at_ms,
            importance: item.importance,
            pinned: item.pinned,
        }
    }
}
