//! `rmem update`: changes one item.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use clap::Args;
use rm_memory::Update;
use serde_json::{Map, Value};

use super::get::{unknown, write_item};
use crate::arguments::{Entry, Shared, period, share, text_or_stdin};
use crate::error::NotUnderstood;
use crate::open::{open_with_model, open_without_model};
use crate::output::{ItemJson, Out};

const AFTER: &str = "\
Examples:
  rmem update ui-theme --text \"The user prefers light mode\"
  rmem update ui-theme --meta topic=ui --unset source
  rmem update door-code --ttl 7d --importance 0.9
  rmem update door-code --no-ttl --pin

What is not named stays as it is. Prints the item as it is now.";

/// Holds the arguments of `update`.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct UpdateArgs {
    /// Id of the item.
    #[arg(value_name = "ID")]
    id: String,

    /// Another text; - takes standard input.
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,

    /// Entry of the metadata to set; the others stay. May be given more than once.
    #[arg(long, value_name = "KEY=VALUE")]
    meta: Vec<Entry>,

    /// Entry of the metadata to take away. May be given more than once.
    #[arg(long, value_name = "KEY")]
    unset: Vec<String>,

    /// Forget it after this time from now: 45s, 90m, 12h, 30d, 2w.
    #[arg(long, value_name = "PERIOD", value_parser = period, conflicts_with = "no_ttl")]
    ttl: Option<Duration>,

    /// Keep it until it is deleted.
    #[arg(long)]
    no_ttl: bool,

    /// How much it matters, from 0 to 1.
    #[arg(long, value_name = "NUMBER", value_parser = share)]
    importance: Option<f32>,

    /// Keep it until it is deleted, whatever its time to live, age and importance.
    #[arg(long, conflicts_with = "unpin")]
    pin: bool,

    /// Let it be forgotten again.
    #[arg(long)]
    unpin: bool,
}

/// Changes the item.
pub(crate) fn run(shared: &Shared, arguments: &UpdateArgs) -> Result<()> {
    if arguments.is_empty() {
        let told = "nothing to change; say what, see `rmem update --help`";
        return Err(NotUnderstood(told.into()).into());
    }
    let text = arguments.text.as_deref().map(text_or_stdin).transpose()?;
    let memory = match text {
        Some(_) => open_with_model(shared)?,
        None => open_without_model(shared)?,
    };
    let id = &arguments.id;
    let item = memory.get(id)?.with_context(|| unknown(id))?;
    memory.update(id, arguments.update(text, item.metadata))?;
    let item = memory.get(id)?.with_context(|| unknown(id))?;
    let item = ItemJson::from(item);
    if shared.json {
        return Out::json(&item);
    }
    write_item(&item)
}

impl UpdateArgs {
    fn is_empty(&self) -> bool {
        let flags = [self.no_ttl, self.pin, self.unpin];
        self.text.is_none()
            && self.meta.is_empty()
            && self.unset.is_empty()
            && self.ttl.is_none()
            && self.importance.is_none()
            && flags == [false; 3]
    }

    fn update(&self, text: Option<String>, metadata: Map<String, Value>) -> Update {
        let mut update = Update::new();
        if let Some(text) = text {
            update = update.text(text);
        }
        if !(self.meta.is_empty() && self.unset.is_empty()) {
            update = update.metadata(self.changed(metadata));
        }
        if self.no_ttl {
            update = update.expires_at_ms(None);
        }
        if let Some(ttl) = self.ttl {
            update = update.expires_at_ms(Some(from_now_ms(ttl)));
        }
        if let Some(importance) = self.importance {
            update = update.importance(importance);
        }
        if self.pin || self.unpin {
            update = update.pinned(self.pin);
        }
        update
    }

    fn changed(&self, mut metadata: Map<String, Value>) -> Map<String, Value> {
        for key in &self.unset {
            metadata.remove(key);
        }
        for Entry { key, value } in &self.meta {
            metadata.insert(key.clone(), value.clone());
        }
        metadata
    }
}

/// Returns the time after a period from now, in milliseconds since 1970.
fn from_now_ms(period: Duration) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let then = now.unwrap_or_default().saturating_add(period);
    i64::try_from(then.as_millis()).unwrap_or(i64::MAX)
}
