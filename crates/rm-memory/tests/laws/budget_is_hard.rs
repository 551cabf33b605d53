//! No context ever has more tokens than it may, whatever the texts, the format and the tokenizer.

use std::cell::Cell;
use std::sync::OnceLock;

use proptest::prelude::*;
use rm_memory::{
    Context, ContextFormat, ContextItem, ContextOrder, EmbedderTokens, LeftOutReason, MiniLm,
    ModelSource, TokenCounter, assemble,
};

/// What people write, and what breaks tokenizers.
const TEXTS: [&str; 14] = [
    "User prefers dark mode for all applications",
    "Meeting with Alice scheduled for March 15 at 2pm, in room 4.12",
    "User's dog is called Biscuit and is nine years old; he is afraid of thunder, vacuum cleaners and men with hats",
    "The staging server listens on port 8443",
    "antidisestablishmentarianism Donaudampfschifffahrtsgesellschaft",
    "tea",
    "ok 👍🏽 👩‍👩‍👧‍👦",
    "猫が好きです。東京に住んでいます。",
    "e\u{301}te\u{301} naïve ﬁnance ½ Ⅷ",
    "multiple\n\nlines\twith\ttabs  and   spaces",
    "[CLS] [SEP] [MASK] [UNK] [PAD]",
    "https://example.org/a/very/long/path?with=parameters&and=values#fragment-4711",
    "\u{200b}\u{200d}",
    "supercalifragilisticexpialidocioussupercalifragilisticexpialidocioussupercalifragilisticexpialidociousx",
];

fn minilm() -> &'static MiniLm {
    static MODEL: OnceLock<MiniLm> = OnceLock::new();
    MODEL.get_or_init(|| match MiniLm::load(&ModelSource::from_env()) {
        Ok(model) => model,
        Err(error) => panic!("these tests need the model: {error}"),
    })
}

/// Counts as a greedy tokenizer does that has pieces with line breaks in them, so that joining texts saves tokens.
fn pieces(text: &str) -> usize {
    let (mut tokens, mut rest) = (0, text);
    while let Some(first) = rest.chars().next() {
        let piece = ["b\n- ", "ab", "ba", "\n-", "aaaa"]
            .into_iter()
            .find(|piece| rest.starts_with(piece));
        rest = &rest[piece.map_or(first.len_utf8(), str::len)..];
        tokens += 1;
    }
    tokens
}

/// Counts a text with an even number of words as far longer than it is: no tokenizer is as bad.
fn unruly(text: &str) -> usize {
    let words = text.split_whitespace().count();
    words + 10 * usize::from(words > 0 && words.is_multiple_of(2))
}

fn items<'a>(texts: &[&'a str]) -> Vec<ContextItem<'a>> {
    const IDS: [&str; 14] = [
        "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13",
    ];
    let items = texts.iter().zip(IDS).enumerate();
    let items = items.map(|(at, (text, id))| ContextItem {
        id,
        text,
        created_at_ms: 86_400_000 * (at as i64 * 7 % 5),
    });
    items.collect()
}

fn format() -> impl Strategy<Value = ContextFormat> {
    let affix = || prop::sample::select(vec!["", "- ", "<m>", "What is known:", " …"]);
    let separator = prop::sample::select(vec!["\n", "", " ", "\n\n---\n\n"]);
    let switches = any::<[bool; 3]>();
    let parts = (affix(), affix(), affix(), affix(), separator, switches);
    parts.prop_map(|(header, footer, prefix, suffix, separator, switches)| {
        let [dates, sorted, truncate] = switches;
        let order = match sorted {
            true => ContextOrder::OldestFirst,
            false => ContextOrder::BestFirst,
        };
        ContextFormat::new()
            .header(header)
            .footer(footer)
            .prefix(prefix)
            .suffix(suffix)
            .separator(separator)
            .dates(dates)
            .order(order)
            .truncate(truncate)
    })
}

/// Checks what holds of every context.
fn check(
    context: &Context,
    items: &[ContextItem<'_>],
    max_tokens: usize,
    counter: &dyn TokenCounter,
) -> Result<(), TestCaseError> {
    prop_assert_eq!(context.tokens, counter.count_tokens(&context.text)?);
    prop_assert!(context.tokens <= max_tokens, "{context:?}");
    let mut ids: Vec<&str> = context.used.iter().map(String::as_str).collect();
    ids.extend(context.left_out.iter().map(|left| left.id.as_str()));
    ids.sort_unstable();
    let mut all: Vec<&str> = items.iter().map(|item| item.id).collect();
    all.sort_unstable();
    prop_assert_eq!(ids, all, "every item is in or out");
    prop_assert_eq!(context.used.is_empty(), context.text.is_empty());
    prop_assert!(!context.truncated || context.used.len() == 1);
    for item in items
        .iter()
        .filter(|item| context.used.iter().any(|id| id == item.id))
    {
        prop_assert!(context.truncated || context.text.contains(item.text));
    }
    for left in &context.left_out {
        let is_too_long = left.reason == LeftOutReason::TooLong;
        prop_assert_eq!(is_too_long, left.tokens > max_tokens);
    }
    Ok(())
}

/// Takes item after item and counts the whole text each time.
fn one_by_one(
    items: &[ContextItem<'_>],
    max_tokens: usize,
    counter: &dyn TokenCounter,
    format: &ContextFormat,
) -> rm_memory::Result<Vec<String>> {
    let mut kept: Vec<ContextItem<'_>> = Vec::new();
    for item in items {
        kept.push(*item);
        // With no bound on the budget this is nothing but the text.
        if assemble(&kept, usize::MAX, counter, format)?.tokens > max_tokens {
            kept.pop();
        }
    }
    Ok(assemble(&kept, usize::MAX, counter, format)?.used)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn with_the_real_tokenizer(
        texts in prop::sample::subsequence(TEXTS.to_vec(), 0..=TEXTS.len()).prop_shuffle(),
        max_tokens in 0usize..160, format in format(),
    ) {
        let (items, counter) = (items(&texts), EmbedderTokens(minilm()));
        let context = assemble(&items, max_tokens, &counter, &format)?;
        check(&context, &items, max_tokens, &counter)?;
        if !context.truncated {
            prop_assert_eq!(context.used, one_by_one(&items, max_tokens, &counter, &format)?);
        }
    }

    #[test]
    fn with_a_tokenizer_that_joins_over_the_seams(
        texts in prop::collection::vec("[ab]{1,9}", 0..12), max_tokens in 0usize..60,
    ) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let (items, format) = (items(&texts), ContextFormat::new());
        let context = assemble(&items, max_tokens, &pieces, &format)?;
        check(&context, &items, max_tokens, &pieces)?;
        if !context.truncated {
            prop_assert_eq!(context.used, one_by_one(&items, max_tokens, &pieces, &format)?);
        }
    }

    #[test]
    fn with_a_tokenizer_that_keeps_no_rules(
        texts in prop::sample::subsequence(TEXTS.to_vec(), 0..=TEXTS.len()).prop_shuffle(),
        max_tokens in 0usize..60, format in format(),
    ) {
        let items = items(&texts);
        let context = assemble(&items, max_tokens, &unruly, &format)?;
        check(&context, &items, max_tokens, &unruly)?;
    }
}

#[test]
fn the_whole_text_is_counted_a_few_times_and_not_for_each_item() -> rm_memory::Result<()> {
    let texts: Vec<String> = (0..500).map(|n| format!("fact number {n}")).collect();
    let items: Vec<ContextItem<'_>> = texts
        .iter()
        .map(|text| ContextItem {
            id: text,
            text,
            created_at_ms: 0,
        })
        .collect();
    let counted = Cell::new(0);
    let counter = |text: &str| {
        counted.set(counted.get() + usize::from(text.lines().count() > 2));
        text.split_whitespace().count()
    };
    let context = assemble(&items, 1_000, &counter, &ContextFormat::new())?;
    assert_eq!((context.tokens, context.used.len()), (1_000, 250));
    assert!(counted.get() <= 260, "{}", counted.get());
    Ok(())
}

#[test]
fn a_tokenizer_that_counts_nothing_as_something_is_told() {
    let counter = |text: &str| 2 + text.len();
    let error = assemble(&[], 1, &counter, &ContextFormat::new()).err();
    let said = error.map(|error| error.to_string()).unwrap_or_default();
    assert!(said.starts_with("max_tokens"), "{said}");
}
