//! What a memory on a file holds in RAM once it is open, measured in a process of its own.
//!
//! A process that has measured other things holds memory that its allocator has not given back, so what it
//! grows by says little. The experiment therefore starts this program once more, with the hidden command
//! `resident`, which opens the file, reads its own resident memory before and after, and prints both.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use rm_memory::{RoutingMemory, SqliteStore, Store};
use rm_store::settings;
use serde::{Deserialize, Serialize};

use super::memory_file::VectorsGiven;
use super::resident::resident_bytes;
use crate::ListCoding;

/// Name of the hidden command.
pub(crate) const COMMAND: &str = "resident";

/// Holds what a process held before and after it opened a memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Opened {
    /// Items of the memory.
    pub(crate) items: usize,
    /// Resident bytes before.
    pub(crate) before_bytes: u64,
    /// Resident bytes while it is open.
    pub(crate) open_bytes: u64,
    /// Most that was ever resident, where the system tells.
    pub(crate) peak_bytes: Option<u64>,
}

/// Opens the memory at `path` with lists of `coding`, without a model, and tells what this process holds before and after.
///
/// # Errors
/// When the file is no memory, or the system does not tell what is resident.
pub(crate) fn open_here(path: &Path, coding: ListCoding, seed: u64) -> Result<Opened> {
    let embedder = {
        let store = SqliteStore::open(path)?;
        let fingerprint = store.setting(settings::MODEL_FINGERPRINT)?;
        VectorsGiven {
            dim: settings::dim(&store)?.context("the memory is empty")?,
            fingerprint: fingerprint.context("the memory names no model")?,
        }
    };
    let unknown = "the system does not tell what is resident";
    let before_bytes = resident_bytes().context(unknown)?;
    let memory = RoutingMemory::builder()
        .path(path)
        .embedder(Arc::new(embedder))
        .layout(coding.layout())
        .seed(seed)
        .open()?;
    Ok(Opened {
        items: memory.len(),
        before_bytes,
        open_bytes: resident_bytes().context(unknown)?,
        peak_bytes: peak_bytes(),
    })
}

/// Does as [`open_here`] in a new process of this program; `None` where that does not work.
pub(super) fn open_in_own_process(path: &Path, coding: ListCoding, seed: u64) -> Option<Opened> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new(program)
        .arg(COMMAND)
        .arg(path)
        .args(["--coding", &coding.to_string()])
        .args(["--seed", &seed.to_string()])
        .output()
        .ok()?;
    serde_json::from_slice(&output.stdout).ok()
}

pub(crate) fn peak_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib * 1024)
}
