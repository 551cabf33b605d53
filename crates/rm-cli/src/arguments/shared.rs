//! What every command takes.

use std::env;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;

/// Variable that names the file of the memory.
const DB: &str = "RMEM_DB";

/// Variable that names the namespace.
const NAMESPACE: &str = "RMEM_NAMESPACE";

/// Folder in the platform's data folder, and the file in it.
const DEFAULT: [&str; 2] = ["routing-memory", "memory.db"];

/// Holds what every command takes.
#[derive(Debug, Args)]
pub(crate) struct Shared {
    /// File of the memory [default: $RMEM_DB, or routing-memory/memory.db in the platform's data folder].
    #[arg(long, value_name = "FILE", global = true)]
    db: Option<PathBuf>,

    /// Namespace in the file, such as a tenant, an agent or a session; each sees its own items alone [default:
    /// $RMEM_NAMESPACE, or the one without a name].
    #[arg(long, value_name = "NAME", global = true)]
    namespace: Option<String>,

    /// Print one JSON object.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl Shared {
    /// Returns the file of the memory.
    ///
    /// # Errors
    /// Where none is named and the platform names no data folder.
    pub(crate) fn database(&self) -> Result<PathBuf> {
        if let Some(path) = self.named_database() {
            return Ok(path);
        }
        let folder = dirs::data_dir().with_context(|| {
            format!("this system names no folder for data; name a file with --db or in {DB}")
        })?;
        Ok(DEFAULT
            .iter()
            .fold(folder, |folder, name| folder.join(name)))
    }

    /// Returns whether the file is where nobody said that it should be, so that its folder may be made.
    pub(crate) fn is_default_database(&self) -> bool {
        self.named_database().is_none()
    }

    /// Returns the name of the namespace, `None` for the default one.
    pub(crate) fn namespace(&self) -> Option<String> {
        let named = self.namespace.clone().or_else(|| env::var(NAMESPACE).ok());
        named.filter(|name| !name.is_empty())
    }

    fn named_database(&self) -> Option<PathBuf> {
        let from_environment = || env::var_os(DB).map(PathBuf::from);
        let named = self.db.clone().or_else(from_environment);
        named.filter(|path| !path.as_os_str().is_empty())
    }
}
