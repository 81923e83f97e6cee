//! The processor share of a function with 256 MB: a control group whose quota lets it run 2.9 of every 20 ms.

use std::fs;
use std::path::{Path, PathBuf};

/// Microseconds of Lambda's accounting period.
const PERIOD_US: u64 = 20_000;
/// A function has a whole processor at 1,769 MB.
const QUOTA_US: u64 = PERIOD_US * 256 / 1_769;

/// A control group. Removed when dropped.
pub(crate) struct Share {
    folder: PathBuf,
}

impl Share {
    /// The share of 256 MB, if this machine allows control groups (version 2, or version 1's `cpu`).
    pub(crate) fn of_256_mb() -> std::io::Result<Self> {
        let name = format!("millrun-bench-{}", std::process::id());
        let is_v2 = Path::new("/sys/fs/cgroup/cgroup.controllers").exists();
        let folder = Path::new(if is_v2 { "/sys/fs/cgroup" } else { "/sys/fs/cgroup/cpu" }).join(name);
        fs::create_dir(&folder)?;
        let share = Self { folder };
        if is_v2 {
            share.write("cpu.max", &format!("{QUOTA_US} {PERIOD_US}"))?;
        } else {
            share.write("cpu.cfs_period_us", &PERIOD_US.to_string())?;
            share.write("cpu.cfs_quota_us", &QUOTA_US.to_string())?;
        }
        Ok(share)
    }

    /// Moves a process with all its threads into the group.
    pub(crate) fn add(&self, process: u32) -> std::io::Result<()> {
        self.write("cgroup.procs", &process.to_string())
    }

    fn write(&self, file: &str, text: &str) -> std::io::Result<()> {
        fs::write(self.folder.join(file), text)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        drop(fs::remove_dir(&self.folder));
    }
}
