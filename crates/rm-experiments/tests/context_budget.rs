//! A context of real text never has more tokens than it may, by the real tokenizer.

use rm_embed::{Embedder, MiniLm, ModelSource};
use rm_experiments::corpora::{Dataset, DatasetTexts};
use rm_experiments::datasets::DatasetError;
use rm_experiments::suite::DataChoice;
use rm_memory::{ContextFormat, ContextItem, ContextOrder, EmbedderTokens, assemble};

type Outcome = Result<(), Box<dyn std::error::Error>>;

const N_TEXTS: usize = 400;
const N_ITEMS: usize = 40;

/// Reads real texts, or the generated ones that stand for them where there are none.
fn texts(dataset: Dataset) -> anyhow::Result<Vec<String>> {
    let find = |dataset| DatasetTexts::find(&DataChoice::Auto, dataset, Some(N_TEXTS), 42);
    let found = match find(dataset) {
        Err(error) if error.is::<DatasetError>() => find(dataset.counterpart())?,
        other => other?,
    };
    found.items()?.collect()
}

#[test]
fn real_text_stays_within_any_budget() -> Outcome {
    let model = MiniLm::load(&ModelSource::from_env())?;
    let counter = EmbedderTokens(&model);
    let formats = [
        ContextFormat::new(),
        ContextFormat::new()
            .header("What you remember, oldest first:")
            .footer("Answer from this alone.")
            .dates(true)
            .order(ContextOrder::OldestFirst),
        ContextFormat::new().prefix("").separator(""),
    ];
    for dataset in [Dataset::Msmarco, Dataset::Locomo, Dataset::Reddit] {
        let texts = texts(dataset)?;
        for (number, texts) in texts.chunks(N_ITEMS).enumerate() {
            let ids: Vec<String> = (0..texts.len()).map(|at| at.to_string()).collect();
            let items = texts.iter().zip(&ids).map(|(text, id)| ContextItem {
                id,
                text,
                created_at_ms: text.len() as i64 * 86_400_000,
            });
            let items: Vec<ContextItem<'_>> = items.collect();
            let max_tokens = [0, 7, 40, 150, 333, 1_000, 4_000, 100_000][number % 8];
            for format in &formats {
                let context = assemble(&items, max_tokens, &counter, format)?;
                assert!(context.tokens <= max_tokens, "{dataset}, {max_tokens}");
                assert_eq!(context.tokens, model.count_tokens(&context.text)?);
                let n_items = context.used.len() + context.left_out.len();
                assert_eq!(n_items, items.len());
                assert!(max_tokens < 100_000 || context.left_out.is_empty());
            }
        }
    }
    Ok(())
}
