//! Moving a memory to another model.

use rm_core::{ItemId, Vectors};
use rm_embed::Embedder;
use rm_store::{LastState, ModelMove, settings};

use crate::builder::Opened;
use crate::config::Config;
use crate::reembed_plan::Plans;
use crate::{Error, MemoryBuilder, Result, RoutingMemory};

/// Texts that are embedded and stored at once: so much is lost at most when the process is killed.
const TEXTS_AT_ONCE: usize = 512;

/// How often to look for texts that others have added or changed meanwhile, before they have to wait.
const PASSES: usize = 4;

/// Tells how far a move to another model has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReembedProgress {
    /// Items that have their new vector, those of earlier attempts included.
    pub done: u64,
    /// Items in all namespaces.
    pub items: u64,
}

/// Tells what a move to another model did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReembedReport {
    /// Fingerprint of the model before, `None` where the memory did not say.
    pub from: Option<String>,
    /// Fingerprint of the model now.
    pub to: String,
    /// Items that have new vectors; 0 where the memory was of this model already.
    pub items: u64,
    /// Texts that this call embedded; earlier attempts had embedded the others.
    pub embedded: u64,
}

impl MemoryBuilder {
    /// Moves a memory in a file to this builder's model, and opens it; one that is of this model already is only opened.
    ///
    /// Every text is embedded by the new model and every codebook trained anew. The new vectors are kept in the file beside the old ones,
    /// 512 to a transaction, and take their place in one commit: until then the file is a memory of the old model, which others
    /// search and change, and a process that is killed, or an error, leaves it so; calling this again goes on where it ended. After it,
    /// handles of the old model are refused with [`rm_store::Error::ModelMismatch`], so no vectors are mixed. What others add or change
    /// meanwhile comes along; they wait only for the last of it.
    ///
    /// The file grows by the size of the vectors, and uses that room again.
    ///
    /// ```no_run
    /// use std::sync::Arc;
    ///
    /// use rm_memory::{MiniLm, ModelSource, RoutingMemory};
    ///
    /// let model = Arc::new(MiniLm::load(&ModelSource::from_env())?);
    /// let (memory, report) = RoutingMemory::builder()
    ///     .path("agent.db")
    ///     .embedder(model)
    ///     .reembed(&mut |progress| eprintln!("{} of {}", progress.done, progress.items))?;
    /// println!("{} items are of {} now", report.items, report.to);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// - [`Error::Reembed`] for an item that the model takes no text of;
    /// - [`Error::ReembedNoFile`] for a store of another model that is no file;
    /// - [`rm_store::Error::MoveOver`] where another process has begun to move the file to a third model;
    /// - as [`open`](Self::open).
    pub fn reembed(
        self,
        report: &mut dyn FnMut(ReembedProgress),
    ) -> Result<(RoutingMemory, ReembedReport)> {
        let (config, embedder, opened) = self.prepare()?;
        config.check()?;
        let from = opened.store().setting(settings::MODEL_FINGERPRINT)?;
        let mut done = ReembedReport {
            to: embedder.fingerprint().to_owned(),
            from,
            ..ReembedReport::default()
        };
        let is_other = settings::check_model(
            opened.store().as_ref(),
            embedder.fingerprint(),
            embedder.dim(),
        )
        .is_err()
            || done.from.is_none() && !opened.store().namespaces()?.is_empty();
        match (&opened, is_other) {
            (Opened::File(file), true) => {
                let mut move_ = Reembedding {
                    config: &config,
                    embedder: embedder.as_ref(),
                    moving: file.move_to_model(embedder.fingerprint(), embedder.dim())?,
                    embedded: 0,
                    report,
                };
                done.items = move_.run()?;
                done.embedded = move_.embedded;
            }
            (Opened::Store(_), true) => {
                return Err(Error::ReembedNoFile {
                    from: done.from.unwrap_or_default(),
                    to: done.to,
                });
            }
            (_, false) => {}
        }
        if let Opened::File(file) = &opened {
            // What is left is read by nobody; the next move drops it, too.
            let _ = file.drop_left_vectors();
        }
        let memory = RoutingMemory::load(config, embedder, opened.store())?;
        Ok((memory, done))
    }
}

/// Is a move under way.
struct Reembedding<'r> {
    config: &'r Config,
    embedder: &'r dyn Embedder,
    moving: ModelMove<'r>,
    embedded: u64,
    report: &'r mut dyn FnMut(ReembedProgress),
}

impl Reembedding<'_> {
    /// Carries out the move, and returns the number of items.
    fn run(&mut self) -> Result<u64> {
        self.tell()?;
        for _ in 0..PASSES {
            if self.embed_missing()? < TEXTS_AT_ONCE {
                break;
            }
        }
        let mut plans = self.moving.look(|next| Plans::make(next, self.config))?;
        let mut items = 0;
        let (embedder, config) = (self.embedder, self.config);
        let mut late = 0;
        self.moving.switch(|last| {
            late = embed_last(last, embedder)?;
            items = last.progress()?.0;
            plans.changes(last, config)
        })?;
        self.embedded += late as u64;
        (self.report)(ReembedProgress { done: items, items });
        Ok(items)
    }

    /// Gives all items that have no new vector theirs, and returns how many that were.
    fn embed_missing(&mut self) -> Result<usize> {
        let (mut after, mut embedded) = (ItemId(0), 0);
        loop {
            let texts = self
                .moving
                .look(|next| next.missing_after(after, TEXTS_AT_ONCE))?;
            let Some((last, _)) = texts.last() else {
                return Ok(embedded);
            };
            after = *last;
            let rows = self
                .moving
                .look(|next| embed(self.embedder, &texts, |key| Ok(next.id_of(key)?)))?;
            self.moving.put(&texts, &rows)?;
            embedded += texts.len();
            self.embedded += texts.len() as u64;
            self.tell()?;
        }
    }

    fn tell(&mut self) -> Result<()> {
        let (items, done) = self.moving.look(|next| next.progress())?;
        (self.report)(ReembedProgress { done, items });
        Ok(())
    }
}

/// Gives what others have added or changed since the last pass its new vectors, while nobody can add more.
fn embed_last(last: &LastState<'_>, embedder: &dyn Embedder) -> Result<usize> {
    let mut embedded = 0;
    loop {
        let texts = last.missing_after(ItemId(0), TEXTS_AT_ONCE)?;
        if texts.is_empty() {
            return Ok(embedded);
        }
        let rows = embed(embedder, &texts, |key| Ok(last.id_of(key)?))?;
        last.put(&texts, &rows)?;
        embedded += texts.len();
    }
}

/// Embeds texts and returns their vectors, row-major and of unit norm.
fn embed(
    embedder: &dyn Embedder,
    texts: &[(ItemId, String)],
    id_of: impl FnOnce(ItemId) -> Result<Option<String>>,
) -> Result<Vec<f32>> {
    let plain: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
    let embedded = match embedder.embed_batch(&plain) {
        Ok(embedded) => embedded,
        Err(source) => {
            // One after the other, to find out whose it is.
            let mut alone = texts.iter().map(|(key, text)| (key, embedder.embed(text)));
            return Err(match alone.find(|(_, embedded)| embedded.is_err()) {
                Some((key, Err(source))) => Error::Reembed {
                    id: id_of(*key)?.unwrap_or_default(),
                    source,
                },
                _ => source.into(),
            });
        }
    };
    let vectors = Vectors::from_rows(embedder.dim(), embedded.into_vec())?;
    if vectors.len() != texts.len() {
        return Err(Error::VectorCount {
            fingerprint: embedder.fingerprint().to_owned(),
            expected: texts.len(),
            got: vectors.len(),
        });
    }
    Ok(vectors.as_slice().to_vec())
}
