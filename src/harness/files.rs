//! Scenario files on disk.
//!
//! No more of a file is read than the largest scenario takes, so a file of 100 MB, or a device that never
//! ends, is refused at once.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::scenario::{Diagnostic, SIZE_MAX};

/// The bytes of a file, but only one more than a scenario may have.
pub(super) fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let mut bytes = Vec::new();
    file.take(SIZE_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Says why a file cannot be read.
pub(super) fn unreadable(shown: &str, error: &std::io::Error, command: &str) -> Diagnostic {
    let (message, hint) = match error.kind() {
        ErrorKind::NotFound => {
            ("there is no such file", format!("`{command} new NAME` writes one"))
        }
        ErrorKind::IsADirectory => (
            "this is a folder, not a file",
            format!("`{command} run FOLDER` runs every scenario in it"),
        ),
        ErrorKind::PermissionDenied => {
            ("this file may not be read", "ask its owner, or look at its rights".to_owned())
        }
        _ => {
            let message = format!("this file cannot be read: {error}");
            return Diagnostic::of_file(shown, message, "is it a file?");
        }
    };
    Diagnostic::of_file(shown, message, hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::Harness;
    use crate::testing::Counting;

    fn told(path: &Path) -> String {
        let harness = Harness::of::<Counting>("scenarios");
        let diagnostics = harness.read(path).expect_err("it is no scenario");
        diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_is_no_readable_file_is_named_as_such() {
        assert!(told(Path::new("src")).starts_with("src: this is a folder, not a file\n"));
        assert!(told(Path::new("no/such.ron")).starts_with("no/such.ron: there is no such file\n"));
    }

    #[test]
    fn a_huge_file_is_refused_without_being_read() {
        let path = std::env::temp_dir().join(format!("jetlag-huge-{}.ron", std::process::id()));
        // A hole in a file takes no room on the disk, and would take the memory if it were read.
        File::create(&path).and_then(|file| file.set_len(100 << 20)).expect("a file with a hole");
        let told = told(&path);
        std::fs::remove_file(&path).expect("it was just made");
        assert!(told.contains("larger than 1 MiB"), "{told}");
    }

    #[test]
    #[cfg(unix)]
    fn a_device_that_never_ends_is_refused_too() {
        assert!(told(Path::new("/dev/zero")).contains("larger than 1 MiB"));
    }
}
