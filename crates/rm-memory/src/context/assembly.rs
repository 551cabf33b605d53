//! Which items fit.

use super::truncate::cut_to_fit;
use super::{Context, ContextFormat, ContextItem, LeftOut, LeftOutReason};
use crate::parameter::check;
use crate::{Result, TokenCounter};

/// Tokens that a text may have less than its parts have by themselves: an item that by itself exceeds what is left by more
/// than this is left out without another look.
const JOINING_SAVES: usize = 8;

/// Puts the best items into one text of at most `max_tokens` tokens.
///
/// Items come best first. One after the other goes in if the text still fits the budget with it, and is left out
/// otherwise, so that shorter ones after it may still go in. What counts is the whole text as it is returned, with all that
/// stands before, between and after the items: the tokens of a text are not the sum of those of its parts. Where no item
/// fits as a whole, the first is cut ([`ContextFormat::truncate`]).
///
/// Counts each item once, and the whole text a few times near the end of the budget, not once for each item. For that it
/// takes for granted that a text with one item more has at most 8 tokens less than the text and the item by themselves;
/// with a tokenizer that saves more, an item that would just have fitted may be left out, but the budget holds.
///
/// ```
/// use rm_memory::{ContextFormat, ContextItem, LeftOutReason, assemble};
///
/// let item = |id, text| ContextItem { id, text, created_at_ms: 0 };
/// let items = [item("a", "one two three"), item("b", "one two three four"), item("c", "one")];
/// let words = |text: &str| text.split_whitespace().count();
/// let context = assemble(&items, 6, &words, &ContextFormat::new())?;
/// assert_eq!(context.text, "- one two three\n- one");
/// assert_eq!((context.tokens, context.used), (6, vec!["a".to_owned(), "c".to_owned()]));
/// assert_eq!(context.left_out[0].reason, LeftOutReason::NoRoom);
/// # Ok::<(), rm_memory::Error>(())
/// ```
///
/// # Errors
/// When tokens cannot be counted, and [`rm_core::Error::InvalidParameter`] where even the empty text has more than
/// `max_tokens`.
pub fn assemble(
    items: &[ContextItem<'_>],
    max_tokens: usize,
    counter: &(impl TokenCounter + ?Sized),
    format: &ContextFormat,
) -> Result<Context> {
    let budget = Budget {
        items,
        max_tokens,
        counter,
        format,
    };
    let mut assembly = Assembly::new(&budget)?;
    for at in 0..items.len() {
        assembly.offer(at)?;
    }
    assembly.settle()?;
    let Assembly {
        mut kept, mut left, ..
    } = assembly;
    let mut truncated = false;
    let text = if !kept.is_empty() {
        budget.text(&kept)
    } else if let Some(text) = budget.first_item_cut()? {
        truncated = true;
        kept.push(0);
        left.retain(|at| *at != 0);
        text
    } else {
        String::new()
    };
    let tokens = counter.count_tokens(&text)?;
    let expected = "at least as many as the empty text has";
    check("max_tokens", expected, max_tokens, tokens <= max_tokens)?;
    left.sort_unstable();
    Ok(Context {
        text,
        tokens,
        used: budget.ids(&kept),
        truncated,
        left_out: budget.reasons(&left)?,
    })
}

/// Holds what is given.
struct Budget<'a, C: ?Sized> {
    items: &'a [ContextItem<'a>],
    max_tokens: usize,
    counter: &'a C,
    format: &'a ContextFormat,
}

impl<C: TokenCounter + ?Sized> Budget<'_, C> {
    fn text(&self, kept: &[usize]) -> String {
        let sorted = self.format.sorted(self.items, kept);
        self.format
            .render(sorted.into_iter().map(|at| self.items[at]))
    }

    fn tokens(&self, kept: &[usize]) -> Result<usize> {
        self.counter.count_tokens(&self.text(kept))
    }

    /// Cuts the first item until it fits.
    fn first_item_cut(&self) -> Result<Option<String>> {
        let Some(&item) = self.items.first().filter(|_| self.format.truncates) else {
            return Ok(None);
        };
        cut_to_fit(item.text, |text| {
            let rendered = self
                .format
                .render([ContextItem { text, ..item }].into_iter());
            let tokens = self.counter.count_tokens(&rendered)?;
            Ok((tokens <= self.max_tokens).then_some(rendered))
        })
    }

    fn ids(&self, kept: &[usize]) -> Vec<String> {
        let sorted = self.format.sorted(self.items, kept).into_iter();
        sorted.map(|at| self.items[at].id.to_owned()).collect()
    }

    fn reasons(&self, left: &[usize]) -> Result<Vec<LeftOut>> {
        let left_out = left.iter().map(|&at| {
            let tokens = self.tokens(&[at])?;
            let reason = if tokens > self.max_tokens {
                LeftOutReason::TooLong
            } else {
                LeftOutReason::NoRoom
            };
            let id = self.items[at].id.to_owned();
            Ok(LeftOut { id, tokens, reason })
        });
        left_out.collect()
    }
}

/// Holds what is in and what is not.
struct Assembly<'a, C: ?Sized> {
    budget: &'a Budget<'a, C>,
    /// Items that are known to fit together.
    kept: Vec<usize>,
    /// Tokens of the text with them.
    tokens: usize,
    /// Items that should fit as well, by the sum of their parts.
    pending: Vec<usize>,
    pending_tokens: usize,
    left: Vec<usize>,
}

impl<'a, C: TokenCounter + ?Sized> Assembly<'a, C> {
    fn new(budget: &'a Budget<'a, C>) -> Result<Self> {
        Ok(Self {
            budget,
            kept: Vec::new(),
            tokens: budget.tokens(&[])?,
            pending: Vec::new(),
            pending_tokens: 0,
            left: Vec::new(),
        })
    }

    /// Takes an item in or leaves it out.
    fn offer(&mut self, at: usize) -> Result<()> {
        let Budget {
            items,
            counter,
            format,
            max_tokens,
            ..
        } = *self.budget;
        let by_itself = counter.count_tokens(&format.addition(&items[at]))?;
        if self.tokens + self.pending_tokens + by_itself <= max_tokens {
            self.pending.push(at);
            self.pending_tokens += by_itself;
            return Ok(());
        }
        self.settle()?;
        if self.tokens + by_itself <= max_tokens + JOINING_SAVES {
            self.kept.push(at);
            let tokens = self.budget.tokens(&self.kept)?;
            if tokens <= max_tokens {
                self.tokens = tokens;
                return Ok(());
            }
            self.kept.pop();
        }
        self.left.push(at);
        Ok(())
    }

    /// Counts what should fit, and leaves out the last of it as long as it does not.
    fn settle(&mut self) -> Result<()> {
        let n_settled = self.kept.len();
        self.kept.append(&mut self.pending);
        self.pending_tokens = 0;
        while self.kept.len() > n_settled {
            let tokens = self.budget.tokens(&self.kept)?;
            if tokens <= self.budget.max_tokens {
                self.tokens = tokens;
                break;
            }
            self.left.extend(self.kept.pop());
        }
        Ok(())
    }
}
