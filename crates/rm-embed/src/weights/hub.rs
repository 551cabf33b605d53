//! The Hugging Face hub, through its own client.

use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use hf_hub::Cache;
use hf_hub::api::Progress;
use hf_hub::api::sync::ApiBuilder;

use super::folder::read_checked;
use super::install::install;
use super::pinned::{HUB_MODEL, ModelFile};

/// The hub, unless `HF_ENDPOINT` names another.
pub(crate) const DEFAULT_ENDPOINT: &str = "https://huggingface.co";
/// How long the hub may take to answer at all.
const PROBE_TIMEOUT: Duration = Duration::from_secs(4);
/// How long a download may stand still.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// Fetches the model's files from a hub and installs them into a folder.
#[derive(Debug, Clone)]
pub(crate) struct Hub {
    pub(crate) endpoint: String,
    pub(crate) probe_timeout: Duration,
    pub(crate) stall_timeout: Duration,
}

impl Hub {
    pub(crate) fn new(endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            probe_timeout: PROBE_TIMEOUT,
            stall_timeout: STALL_TIMEOUT,
        }
    }

    /// Downloads and installs all files, or says what stood in the way.
    pub(crate) fn fetch_into(&self, folder: &Path) -> Result<(), String> {
        self.probe()?;
        // A cache of our own for the client: what it leaves half done must not get into the user's.
        let scratch =
            tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
        for file in ModelFile::ALL {
            let path = self.download(file, scratch.path())?;
            install(folder, file, &read_checked(&path, file)?)?;
        }
        Ok(())
    }

    /// Asks for the smallest file's headers: the client itself has no timeout at all.
    fn probe(&self) -> Result<(), String> {
        let url = format!(
            "{}/{HUB_MODEL}/resolve/main/{}",
            self.endpoint,
            ModelFile::Config.name()
        );
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .timeout_global(Some(self.probe_timeout))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .build()
            .into();
        let response = agent
            .head(&url)
            .call()
            .map_err(|error| format!("cannot be reached: {error}"))?;
        let status = response.status();
        if status.is_success() || status.is_redirection() {
            Ok(())
        } else {
            Err(format!(
                "answered {status} for {}",
                ModelFile::Config.name()
            ))
        }
    }

    /// Runs the client on a thread of its own and gives up on it when no byte comes.
    fn download(&self, file: ModelFile, cache: &Path) -> Result<std::path::PathBuf, String> {
        let builder = ApiBuilder::from_cache(Cache::new(cache.to_owned()))
            .with_endpoint(self.endpoint.clone())
            .with_progress(false);
        let (sender, receiver) = mpsc::channel();
        let heartbeat = Heartbeat(sender.clone());
        thread::spawn(move || {
            let outcome = builder
                .build()
                .and_then(|api| {
                    api.model(HUB_MODEL.to_owned())
                        .download_with_progress(file.name(), heartbeat)
                })
                .map_err(|error| error.to_string());
            // Nobody listens any more when the download was given up.
            let _ = sender.send(Event::Ended(outcome));
        });
        let name = file.name();
        loop {
            match receiver.recv_timeout(self.stall_timeout) {
                Ok(Event::Moved) => {}
                Ok(Event::Ended(outcome)) => {
                    return outcome
                        .map_err(|error| format!("{name} cannot be downloaded: {error}"));
                }
                Err(RecvTimeoutError::Timeout) => {
                    let seconds = self.stall_timeout.as_secs_f32();
                    return Err(format!("no byte of {name} came for {seconds} s"));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(format!("the client broke down over {name}"));
                }
            }
        }
    }
}

enum Event {
    Moved,
    Ended(Result<std::path::PathBuf, String>),
}

struct Heartbeat(Sender<Event>);

impl Progress for Heartbeat {
    fn init(&mut self, _size: usize, _filename: &str) {}

    fn update(&mut self, _size: usize) {
        let _ = self.0.send(Event::Moved);
    }

    fn finish(&mut self) {}
}
