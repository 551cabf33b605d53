//! How items become one text.

use super::ContextItem;
use super::date::iso_date;

/// Says in which order the items of a context stand; which of them are in it does not depend on that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ContextOrder {
    /// The best first, as they came.
    #[default]
    BestFirst,
    /// The oldest first, by when they were first added; of one time, the better first.
    OldestFirst,
}

/// Says how items become one text: `header`, the items, `footer`, with a separator between each two of them. A header or
/// footer that is empty is not there, and neither is one where no item is.
///
/// ```
/// use rm_memory::{ContextFormat, ContextItem, assemble};
///
/// let items = [ContextItem { id: "1", text: "Alice moved to Lisbon", created_at_ms: 1_773_532_800_000 }];
/// let words = |text: &str| text.split_whitespace().count();
/// let format = ContextFormat::new().header("What is known:").dates(true);
/// let context = assemble(&items, 100, &words, &format)?;
/// assert_eq!(context.text, "What is known:\n- [2026-03-15] Alice moved to Lisbon");
/// # Ok::<(), rm_memory::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextFormat {
    header: String,
    footer: String,
    prefix: String,
    suffix: String,
    separator: String,
    dates: bool,
    order: ContextOrder,
    pub(super) truncates: bool,
}

impl Default for ContextFormat {
    /// Makes a list: each item after `"- "`, on lines of their own, best first, without dates.
    fn default() -> Self {
        Self {
            header: String::new(),
            footer: String::new(),
            prefix: "- ".to_owned(),
            suffix: String::new(),
            separator: "\n".to_owned(),
            dates: false,
            order: ContextOrder::default(),
            truncates: true,
        }
    }
}

impl ContextFormat {
    /// Makes a list, as by default.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what stands before all items (default nothing).
    #[must_use]
    pub fn header(mut self, header: impl Into<String>) -> Self {
        self.header = header.into();
        self
    }

    /// Sets what stands after all items (default nothing).
    #[must_use]
    pub fn footer(mut self, footer: impl Into<String>) -> Self {
        self.footer = footer.into();
        self
    }

    /// Sets what stands before each item (default `"- "`).
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets what stands after each item (default nothing).
    #[must_use]
    pub fn suffix(mut self, suffix: impl Into<String>) -> Self {
        self.suffix = suffix.into();
        self
    }

    /// Sets what stands between two items (default a line break).
    #[must_use]
    pub fn separator(mut self, separator: impl Into<String>) -> Self {
        self.separator = separator.into();
        self
    }

    /// Sets whether each text follows the day it was first added on, in UTC: `[2026-03-15] ` (default not).
    #[must_use]
    pub fn dates(mut self, dates: bool) -> Self {
        self.dates = dates;
        self
    }

    /// Sets the order of the items in the text (default best first).
    #[must_use]
    pub fn order(mut self, order: ContextOrder) -> Self {
        self.order = order;
        self
    }

    /// Sets whether the best item is cut where no item fits as a whole (default it is: a part of what is known is more than
    /// nothing). The cut is after a word and marked with `" …"`, or after a character where not even a word fits.
    #[must_use]
    pub fn truncate(mut self, truncates: bool) -> Self {
        self.truncates = truncates;
        self
    }

    /// Returns one item as it stands in the text.
    fn line(&self, item: &ContextItem<'_>) -> String {
        let (prefix, suffix) = (&self.prefix, &self.suffix);
        match self.dates {
            false => format!("{prefix}{}{suffix}", item.text),
            true => {
                let date = iso_date(item.created_at_ms);
                format!("{prefix}[{date}] {}{suffix}", item.text)
            }
        }
    }

    /// Returns what one more item adds to a text.
    pub(super) fn addition(&self, item: &ContextItem<'_>) -> String {
        format!("{}{}", self.separator, self.line(item))
    }

    /// Returns positions of items in the order of the text.
    pub(super) fn sorted(&self, items: &[ContextItem<'_>], kept: &[usize]) -> Vec<usize> {
        let mut kept = kept.to_vec();
        if self.order == ContextOrder::OldestFirst {
            kept.sort_by_key(|&at| items[at].created_at_ms);
        }
        kept
    }

    /// Returns the whole text.
    pub(super) fn render<'a>(&self, items: impl Iterator<Item = ContextItem<'a>>) -> String {
        let some = |part: &String| (!part.is_empty()).then(|| part.clone());
        let lines = items.map(|item| self.line(&item));
        let parts = some(&self.header)
            .into_iter()
            .chain(lines)
            .chain(some(&self.footer));
        parts.collect::<Vec<String>>().join(&self.separator)
    }
}
