//! The memory that the process uses, where the system says it in files: on Linux.

use std::fs::read_to_string;

/// The share of the machine's memory that the process may use, in percent.
const SHARE: u64 = 80;

/// The memory that the process uses, in MiB, if it is more than it should. `None` also if it is not known.
pub(super) fn short_of() -> Option<u64> {
    let used = field("/proc/self/status", "VmRSS:")?;
    let whole = field("/proc/meminfo", "MemTotal:")?;
    let whole = limit().map_or(whole, |limit| limit.min(whole));
    (used > whole / 100 * SHARE).then_some(used / 1024)
}

/// The limit of the control group, in KiB.
fn limit() -> Option<u64> {
    let bytes: u64 = read_to_string("/sys/fs/cgroup/memory.max").ok()?.trim().parse().ok()?;
    Some(bytes / 1024)
}

/// A field of such a file, in KiB.
fn field(path: &str, name: &str) -> Option<u64> {
    let text = read_to_string(path).ok()?;
    of(&text, name)
}

fn of(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_name() {
        let text = "VmPeak:\t  10624 kB\nVmRSS:\t    1860 kB\nThreads:\t1\n";
        assert_eq!(of(text, "VmRSS:"), Some(1860));
        assert_eq!(of(text, "VmSwap:"), None);
        assert_eq!(of(text, "Threads:"), None);
    }

    #[test]
    fn this_test_does_not_use_all_memory() {
        assert_eq!(short_of(), None);
    }
}
