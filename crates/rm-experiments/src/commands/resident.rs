//! Tells what a memory on a file holds in RAM.

use anyhow::Result;

use super::stdout::print;
use crate::cli::ResidentArgs;
use crate::experiments::open_here;

/// Opens the memory and prints, as JSON, what this process held before and after.
///
/// # Errors
/// When the file is no memory.
pub fn resident(arguments: &ResidentArgs) -> Result<bool> {
    let opened = open_here(&arguments.file, arguments.coding, arguments.seed)?;
    print(&serde_json::to_string(&opened)?)?;
    Ok(true)
}
