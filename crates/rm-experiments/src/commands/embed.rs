//! Embeds the texts of one data set into the cache that experiments read.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Error, Result};
use clap::CommandFactory as _;
use clap::error::ErrorKind;
use rm_embed::{CachedEmbedder, Embedder, Precision};

use super::interrupt::on_interrupt;
use super::stdout::print;
use super::threads;
use crate::bench::write_npy;
use crate::cli::{Cli, EmbedArgs};
use crate::corpora::{DatasetTexts, EndlessText, Tally, Texts, fill_cache, next_chunk};
use crate::datasets::DatasetError;
use crate::output::text::{grouped, pluralised};
use crate::suite::{
    Meter, MeteredModel, Options, Progress, human_duration, load_model, vector_cache,
};

/// Embeds what the command line asks for and says what it cost.
///
/// Ends the process with status 2 where generated text is asked for without a limit.
///
/// # Errors
/// When the texts, the model or the cache cannot be had.
pub fn embed(arguments: &EmbedArgs) -> Result<bool> {
    let started = Instant::now();
    let texts = find(arguments)?;
    let cache = arguments.vectors.cache.clone().unwrap_or_else(vector_cache);
    check_writable(&cache)?;
    if let Some(folder) = &arguments.npy {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    threads::start(arguments.vectors.threads)?;
    let progress = Progress::on_stderr();
    let (meter, tally) = (Meter::default(), Tally::default());
    say_what_is_kept(&progress, &cache, &meter, &tally)?;

    let dataset = texts.dataset();
    progress.message(&format!("{dataset}: reading from {}", texts.source()));
    // Reading everything once first finds a damaged line before hours of work and not after them.
    let n_items = count(texts.items()?)?;
    let n_queries = if arguments.queries {
        count(texts.queries()?)?
    } else {
        0
    };
    let model = load_model(&progress, arguments.vectors.precision)?;
    let model = MeteredModel::new(model, meter.clone());
    let embedder = CachedEmbedder::open(model, &cache)?;
    let fill = |texts: Texts, total: u64, label: &str| {
        fill_cache(&embedder, texts, total, label, &progress, &tally)
    };
    fill(texts.items()?, n_items, &format!("embed {dataset}"))?;
    if arguments.queries {
        let label = format!("embed queries of {dataset}");
        fill(texts.queries()?, n_queries, &label)?;
    }
    let mut written = Vec::new();
    if let Some(folder) = &arguments.npy {
        let sets = [
            ("base", texts.items()?, n_items),
            ("queries", texts.queries()?, n_queries),
        ];
        for (name, texts, total) in sets.into_iter().take(1 + usize::from(arguments.queries)) {
            let file = folder.join(format!("{name}.npy"));
            export(&embedder, texts, total, &file)?;
            written.push(format!("wrote {}", file.display()));
        }
    }
    let mut lines = vec![wanted(arguments, &texts, n_items, n_queries)];
    lines.extend(done(n_items + n_queries, &meter));
    lines.push(kept(
        &cache,
        embedder.n_cached(),
        arguments.vectors.precision,
    )?);
    lines.extend(written);
    lines.push(format!("took {}", human_duration(started.elapsed())));
    print(&format!("{}\n", lines.join("\n")))?;
    Ok(true)
}

/// Writes the vectors of `total` texts, all of which the embedder has, as a NumPy file.
fn export(embedder: &dyn Embedder, mut texts: Texts, total: u64, file: &Path) -> Result<()> {
    let blocks = std::iter::from_fn(|| {
        let chunk = next_chunk(&mut texts);
        let is_end = chunk.as_ref().is_ok_and(Vec::is_empty);
        (!is_end).then(|| {
            let chunk = chunk?;
            let chunk: Vec<&str> = chunk.iter().map(String::as_str).collect();
            Ok::<_, Error>(embedder.embed_batch(&chunk)?.into_vec())
        })
    });
    write_npy(file, total, embedder.dim(), blocks)
}

/// Finds the data set; a command that lacks a limit is a usage error.
fn find(arguments: &EmbedArgs) -> Result<DatasetTexts> {
    let limit = arguments.limit.map(std::num::NonZeroUsize::get);
    let found = DatasetTexts::find(
        &arguments.data,
        arguments.dataset,
        limit,
        Options::DEFAULT_SEED,
    );
    found.map_err(|error| {
        if let Some(endless) = error.downcast_ref::<EndlessText>() {
            usage_error(endless);
        }
        let missing = error.downcast_ref::<DatasetError>();
        if missing.is_some_and(DatasetError::is_missing) {
            return anyhow::anyhow!(
                "{error}; --data generated --limit N embeds generated text instead"
            );
        }
        error
    })
}

/// Ends the process as clap does when it refuses arguments of `embed`.
fn usage_error(message: &EndlessText) -> ! {
    let mut cli = Cli::command();
    cli.build();
    let command = match cli.find_subcommand_mut("embed") {
        Some(embed) => embed,
        None => &mut cli,
    };
    command
        .error(ErrorKind::MissingRequiredArgument, message)
        .exit()
}

/// Checks that vectors can be written, before anything is fetched or read.
fn check_writable(cache: &Path) -> Result<()> {
    fs::create_dir_all(cache)
        .and_then(|()| tempfile::tempfile_in(cache))
        .map(drop)
        .with_context(|| {
            let folder = cache.display();
            format!("expected a folder that vectors can be written to, got {folder}; name another with --cache")
        })
}

/// Makes Ctrl-C say what was embedded; it is on disk already.
fn say_what_is_kept(progress: &Progress, cache: &Path, meter: &Meter, tally: &Tally) -> Result<()> {
    let (cache, meter, tally) = (cache.to_path_buf(), meter.clone(), tally.clone());
    on_interrupt(progress, move || {
        format!(
            "{} done, {} of them embedded by this run; their vectors are kept in {}, and the same command goes on \
             from there",
            pluralised(tally.done(), "text", "texts"),
            grouped(meter.texts().min(tally.done())),
            cache.display()
        )
    })
}

fn count(mut texts: Texts) -> Result<u64> {
    texts.try_fold(0, |count, text| text.map(|_| count + 1))
}

/// Says what the texts are.
fn wanted(arguments: &EmbedArgs, texts: &DatasetTexts, n_items: u64, n_queries: u64) -> String {
    let mut line = format!(
        "{}: {} from {}",
        texts.dataset(),
        pluralised(n_items, "item", "items"),
        texts.source()
    );
    if arguments
        .limit
        .is_some_and(|limit| limit.get() as u64 > n_items)
    {
        line.push_str(", which are all it has");
    }
    if arguments.queries {
        line.push_str(&format!(", {}", pluralised(n_queries, "query", "queries")));
    }
    line
}

/// Says what had to be embedded and how fast that went.
fn done(total: u64, meter: &Meter) -> Vec<String> {
    let fresh = meter.texts();
    let cached = pluralised(total.saturating_sub(fresh), "text was", "texts were");
    if fresh == 0 {
        return vec![format!(
            "nothing had to be embedded: {cached} in the cache already"
        )];
    }
    let elapsed = meter.elapsed();
    let mut lines = vec![format!(
        "embedded {}, {}, in {}: {} texts/s, {} tokens/s",
        pluralised(fresh, "text", "texts"),
        pluralised(meter.tokens(), "token", "tokens"),
        human_duration(elapsed),
        per_second(fresh, elapsed),
        per_second(meter.tokens(), elapsed),
    )];
    if fresh < total {
        lines.push(format!("{cached} in the cache already"));
    }
    lines
}

/// Says where the vectors of a precision lie, how many they are, and what all of the folder takes.
fn kept(cache: &Path, n_vectors: usize, precision: Precision) -> Result<String> {
    let bytes = size_of(cache).with_context(|| format!("cannot look into {}", cache.display()))?;
    Ok(format!(
        "{} in {}, computed in {precision}, {:.1} MB in all",
        pluralised(n_vectors as u64, "vector is kept", "vectors are kept"),
        cache.display(),
        bytes as f64 / 1e6
    ))
}

fn per_second(count: u64, elapsed: Duration) -> String {
    // Rates fit: a float that is too large or no number at all becomes the nearest whole number.
    grouped((count as f64 / elapsed.as_secs_f64()).round() as u64)
}

/// Returns the bytes of all files under a folder.
fn size_of(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() {
            size_of(&entry.path())?
        } else {
            metadata.len()
        };
    }
    Ok(bytes)
}
