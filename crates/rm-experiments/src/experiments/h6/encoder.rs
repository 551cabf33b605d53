//! The encoders that are compared, and how each turns a corpus into vectors.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use rm_core::Vectors;
use rm_embed::{CachedEmbedder, MiniLm, ModelSource, Pooling, Readout};
use serde::Deserialize;

use super::blocks::{Blocks, Encoded, Part};
use super::principal::{Moments, Principal};
use super::static_average::{StaticAverage, remove_common_direction};
use super::words::{Semantics, Vocabulary, WordVector};
use crate::corpora::{Corpus, embed, embed_with};
use crate::suite::{Context, Options};

/// Environment variable that names a folder whose subfolders each hold another model.
pub(super) const OTHER_MODELS: &str = Options::ENCODERS;

/// Names an encoder and says how it works.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Encoder {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// Says where an encoder's vectors come from.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Kind {
    /// MiniLM, read after one of its layers.
    Readout { layer: usize, pooling: PoolingName },
    /// The first components of the shipped vectors.
    Truncated { dim: usize },
    /// The shipped vectors on their principal axes, those of the items.
    Principal { dim: usize, whitened: bool },
    /// MiniLM's word vectors alone, averaged with rare ones first.
    StaticAverage { smoothing: f64 },
    /// TF-IDF of whole words on their strongest directions.
    TfIdf { dim: usize },
}

/// Names a pooling in definitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PoolingName {
    Mean,
    Cls,
    Max,
}

impl Kind {
    /// Returns where it reads MiniLM, unless that is where the shipped encoder reads it or it does not.
    fn readout(self) -> Option<Readout> {
        let Self::Readout { layer, pooling } = self else {
            return None;
        };
        let pooling = match pooling {
            PoolingName::Mean => Pooling::Mean,
            PoolingName::Cls => Pooling::Cls,
            PoolingName::Max => Pooling::Max,
        };
        Some(Readout { layer, pooling }).filter(|readout| *readout != Readout::TRAINED)
    }
}

/// Holds what the encoders share: MiniLM with all the readouts that any of them needs.
#[derive(Debug)]
pub(super) struct Sources {
    model: CachedEmbedder<MiniLm>,
    readouts: Vec<Readout>,
    /// Models that the user named, by name.
    others: Vec<(String, CachedEmbedder<MiniLm>)>,
}

impl Sources {
    /// Loads the model for `encoders`.
    pub(super) fn load(context: &Context<'_>, encoders: &[Encoder]) -> Result<Self> {
        let mut readouts: Vec<Readout> = encoders.iter().filter_map(|e| e.kind.readout()).collect();
        if readouts.is_empty() {
            // Its tokenizer and word vectors are needed all the same.
            readouts.push(Readout::TRAINED);
        }
        let model =
            MiniLm::load_readouts(&ModelSource::from_env(), context.precision(), &readouts)?;
        Ok(Self {
            model: CachedEmbedder::open(model, context.vectors())?,
            readouts,
            others: other_models(context)?,
        })
    }

    /// Returns the names of the models that the user named.
    pub(super) fn other_names(&self) -> Vec<String> {
        self.others.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Embeds a corpus with all `encoders`, in their order, and then with the models that the user named.
    pub(super) fn encode(
        &self,
        context: &Context<'_>,
        encoders: &[Encoder],
        corpus: Corpus,
    ) -> Result<Vec<Encoded>> {
        let shipped = embed(context, corpus)?;
        let read = self.read(context, encoders, &shipped.corpus)?;
        let moments = Moments::of(&shipped.items)?;
        let texts = Texts::of(&shipped.corpus);
        let task = context.progress().task(
            &format!("H6 {}: other encoders", shipped.corpus.dataset),
            encoders.len() as u64,
            "encoders",
        );
        let mut all = Vec::new();
        for encoder in encoders {
            let encoded = match encoder.kind {
                Kind::Readout { .. } => match encoder.kind.readout() {
                    Some(readout) => Blocks::new(&read.0, &read.1).part(self.place(readout)?),
                    None => Blocks::new(&shipped.items, &shipped.queries),
                },
                Kind::Truncated { dim } => Blocks::new(&shipped.items, &shipped.queries).first(dim),
                Kind::Principal { dim, whitened } => {
                    let axes = Principal::of(&moments, dim, whitened)?;
                    Blocks {
                        dim: axes.dim(),
                        items: axes.map(&shipped.items),
                        queries: axes.map(&shipped.queries),
                    }
                }
                Kind::StaticAverage { smoothing } => self.average(&texts, smoothing)?,
                Kind::TfIdf { dim } => count_words(&texts, dim, context.seed())?,
            };
            let encoded = encoded.encoded(&encoder.name, &shipped.corpus);
            all.push(encoded.with_context(|| format!("cannot embed with {}", encoder.name))?);
            task.advance(1);
        }
        for (name, model) in &self.others {
            let label = |what: &str| format!("embed {what}{} with {name}", shipped.corpus.dataset);
            let items = embed_with(context, model, &label(""), &texts.items)?;
            let queries = embed_with(context, model, &label("queries of "), &texts.queries)?;
            all.push(Blocks::new(&items, &queries).encoded(name, &shipped.corpus)?);
        }
        Ok(all)
    }

    /// Embeds the items and the queries for all readouts at once.
    fn read(
        &self,
        context: &Context<'_>,
        encoders: &[Encoder],
        corpus: &Corpus,
    ) -> Result<(Vectors, Vectors)> {
        let texts = Texts::of(corpus);
        if encoders
            .iter()
            .all(|encoder| encoder.kind.readout().is_none())
        {
            let none = Vectors::empty(1)?;
            return Ok((none.clone(), none));
        }
        let names: Vec<String> = self.readouts.iter().map(Readout::to_string).collect();
        let label = |what: &str| format!("embed {what}{} as {}", corpus.dataset, names.join(", "));
        Ok((
            embed_with(context, &self.model, &label(""), &texts.items)?,
            embed_with(context, &self.model, &label("queries of "), &texts.queries)?,
        ))
    }

    fn place(&self, readout: Readout) -> Result<Part> {
        let at = self.readouts.iter().position(|known| *known == readout);
        Ok(Part {
            at: at.context("the model was loaded without this readout")?,
            of: self.readouts.len(),
        })
    }

    fn average(&self, texts: &Texts<'_>, smoothing: f64) -> Result<Blocks> {
        let model = self.model.inner();
        let average = StaticAverage::of(model, &texts.items, smoothing)?;
        let (mut items, mut queries) = (
            average.average(&texts.items)?,
            average.average(&texts.queries)?,
        );
        let dim = items.len() / texts.items.len();
        remove_common_direction(dim, &mut items, &mut queries)?;
        Ok(Blocks {
            dim,
            items,
            queries,
        })
    }
}

/// Loads every model in the folder that the environment names, in the order of their names.
fn other_models(context: &Context<'_>) -> Result<Vec<(String, CachedEmbedder<MiniLm>)>> {
    let Some(folder) = context.encoders() else {
        return Ok(Vec::new());
    };
    let cannot = || format!("{OTHER_MODELS}: cannot read {}", folder.display());
    let mut models = Vec::new();
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let path = entry.with_context(cannot)?.path();
        if path.join("config.json").is_file() {
            let model = MiniLm::load_folder(&path, pooling_of(&path)?, context.precision())?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let model = CachedEmbedder::open(model, context.vectors())?;
            models.push((name.into_owned(), model));
        }
    }
    models.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(models)
}

/// Reads how a model was trained to pool its tokens, where its folder says so as sentence-transformers write it.
fn pooling_of(folder: &Path) -> Result<Pooling> {
    #[derive(Deserialize)]
    struct Modes {
        #[serde(default)]
        pooling_mode_cls_token: bool,
        #[serde(default)]
        pooling_mode_max_tokens: bool,
    }
    let path = folder.join("1_Pooling/config.json");
    if !path.is_file() {
        return Ok(Pooling::Mean);
    }
    let cannot = || format!("cannot read {}", path.display());
    let modes: Modes =
        serde_json::from_slice(&fs::read(&path).with_context(cannot)?).with_context(cannot)?;
    Ok(match modes {
        Modes {
            pooling_mode_cls_token: true,
            ..
        } => Pooling::Cls,
        Modes {
            pooling_mode_max_tokens: true,
            ..
        } => Pooling::Max,
        _ => Pooling::Mean,
    })
}

fn count_words(texts: &Texts<'_>, dim: usize, seed: u64) -> Result<Blocks> {
    let vocabulary = Vocabulary::of(&texts.items);
    let weigh = |texts: &[&str]| -> Vec<WordVector> {
        texts.iter().map(|text| vocabulary.weigh(text)).collect()
    };
    let items = weigh(&texts.items);
    let semantics = Semantics::of(&items, vocabulary.len(), dim, seed)?;
    Ok(Blocks {
        dim: semantics.dim(),
        items: semantics.map(&items),
        queries: semantics.map(&weigh(&texts.queries)),
    })
}

/// Borrows the texts of a corpus.
struct Texts<'a> {
    items: Vec<&'a str>,
    queries: Vec<&'a str>,
}

impl<'a> Texts<'a> {
    fn of(corpus: &'a Corpus) -> Self {
        let queries = corpus.queries.iter().map(|query| query.text.as_str());
        Self {
            items: corpus.items.iter().map(String::as_str).collect(),
            queries: queries.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pooling_is_what_the_folder_says_and_else_the_mean() -> Result<()> {
        let folder = tempfile::tempdir()?;
        assert_eq!(pooling_of(folder.path())?, Pooling::Mean);
        fs::create_dir(folder.path().join("1_Pooling"))?;
        let path = folder.path().join("1_Pooling/config.json");
        let modes = r#"{"word_embedding_dimension": 384, "pooling_mode_cls_token": true}"#;
        fs::write(&path, modes)?;
        assert_eq!(pooling_of(folder.path())?, Pooling::Cls);
        fs::write(&path, "{")?;
        assert!(pooling_of(folder.path()).is_err());
        Ok(())
    }

    #[test]
    fn only_other_readouts_need_a_pass_of_their_own() {
        let kind = |layer, pooling| Kind::Readout { layer, pooling };
        assert_eq!(kind(6, PoolingName::Mean).readout(), None);
        let early = kind(3, PoolingName::Mean).readout();
        assert_eq!(
            early.map(|readout| readout.to_string()),
            Some("mean3".to_owned())
        );
        assert_eq!(Kind::Truncated { dim: 64 }.readout(), None);
    }
}
