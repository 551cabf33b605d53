//! The machine a figure was measured on.

use std::fmt;
use std::fs;
use std::process::Command;
use std::thread::available_parallelism;

use serde::{Deserialize, Serialize};

/// Describes the machine of a run; what the system does not tell is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hardware {
    /// The processor's own name.
    pub cpu: Option<String>,
    /// Cores this process may use.
    pub cores: Option<usize>,
    /// Main memory in bytes.
    pub memory_bytes: Option<u64>,
}

impl Hardware {
    /// Asks the system: `/proc` on Linux, `sysctl` elsewhere.
    #[must_use]
    pub fn detect() -> Self {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        Self {
            cpu: cpu_model(&cpuinfo).or_else(|| sysctl("machdep.cpu.brand_string")),
            cores: available_parallelism().ok().map(usize::from),
            memory_bytes: memory_bytes(&meminfo)
                .or_else(|| sysctl("hw.memsize").and_then(|bytes| bytes.parse().ok())),
        }
    }
}

impl fmt::Display for Hardware {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cpu = self.cpu.as_deref().unwrap_or("unknown processor");
        write!(formatter, "{cpu}")?;
        if let Some(cores) = self.cores {
            write!(
                formatter,
                ", {cores} {}",
                if cores == 1 { "core" } else { "cores" }
            )?;
        }
        if let Some(bytes) = self.memory_bytes {
            write!(formatter, ", {:.0} GiB", bytes as f64 / f64::from(1 << 30))?;
        }
        Ok(())
    }
}

fn cpu_model(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo
        .lines()
        .find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, name)| name.trim().to_owned())
}

fn memory_bytes(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find(|line| line.starts_with("MemTotal:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

fn sysctl(name: &str) -> Option<String> {
    let output = Command::new("sysctl").args(["-n", name]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linux_files_are_understood() {
        let cpuinfo = "processor\t: 0\nmodel name\t: Some CPU @ 2.10GHz\n";
        assert_eq!(cpu_model(cpuinfo).as_deref(), Some("Some CPU @ 2.10GHz"));
        assert_eq!(memory_bytes("MemTotal:       16384 kB\n"), Some(16_777_216));
        assert_eq!(memory_bytes("MemTotal: many kB\n"), None);
        assert_eq!(cpu_model(""), None);
    }

    #[test]
    fn it_reads_as_a_line() {
        let hardware = Hardware {
            cpu: Some("X".into()),
            cores: Some(2),
            memory_bytes: Some(24 << 30),
        };
        assert_eq!(hardware.to_string(), "X, 2 cores, 24 GiB");
        let unknown = Hardware {
            cpu: None,
            cores: None,
            memory_bytes: None,
        };
        assert_eq!(unknown.to_string(), "unknown processor");
    }
}
