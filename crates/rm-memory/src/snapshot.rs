//! A copy of a memory while it is in use.

use std::path::Path;

use crate::{Result, RoutingMemory};

impl RoutingMemory {
    /// Copies the memory with all its namespaces, as it is at one moment, into one new file.
    ///
    /// Others go on searching and, where the memory is in a file, adding and changing; the copy holds the state after some change and
    /// no half of one. It is written beside `path` and given its name when it is whole. Codebooks are copied; what counts
    /// searches is in it as far as it was [saved](Self::save). A memory in RAM is written to a file that opens as one.
    ///
    /// ```no_run
    /// # use rm_memory::RoutingMemory;
    /// let memory = RoutingMemory::open("agent.db")?;
    /// memory.snapshot_to("backup/agent-monday.db")?;
    /// # Ok::<(), rm_memory::Error>(())
    /// ```
    ///
    /// # Errors
    /// When `path` exists, or its folder does not, or there is no room; nothing is left behind then.
    pub fn snapshot_to(&self, path: impl AsRef<Path>) -> Result<()> {
        Ok(self.store().snapshot_to(path.as_ref())?)
    }
}
