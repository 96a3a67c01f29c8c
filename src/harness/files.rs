//! Scenario files on disk.
//!
//! At most the size of the largest scenario is read, so a file of 100 MB, or a device without an end, is
//! rejected at once.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use super::trouble::reason;
use crate::capsule::CAPSULE;
use crate::scenario::{Diagnostic, SIZE_MAX, is_named};

/// The size of the largest capsule that is read, in bytes.
const CAPSULE_MAX: u64 = 64 << 20;

/// The bytes of a file, at most one more than a scenario may have, or a capsule if it is one.
pub(super) fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let mut bytes = Vec::new();
    let mut file = file.take(SIZE_MAX as u64 + 1);
    file.read_to_end(&mut bytes)?;
    if is_named(&bytes, CAPSULE) {
        file.set_limit(CAPSULE_MAX);
        file.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// The diagnostic for a file that cannot be read.
pub(super) fn unreadable(path: &Path, error: &std::io::Error, command: &str) -> Diagnostic {
    let shown = &*path.to_string_lossy();
    let (message, hint) = match error.kind() {
        ErrorKind::NotFound if path.symlink_metadata().is_ok() => {
            ("this link leads to nothing", "change the link, or remove it".to_owned())
        }
        ErrorKind::NotFound => {
            ("there is no such file", format!("`{command} new NAME` writes one"))
        }
        ErrorKind::IsADirectory => (
            "this is a folder, not a file",
            format!("`{command} run FOLDER` runs every scenario in it"),
        ),
        ErrorKind::PermissionDenied => {
            ("permission denied", "check the permissions of the file".to_owned())
        }
        _ => {
            let message = format!("this file cannot be read: {}", reason(error));
            return Diagnostic::of_file(shown, message, "check that it is a regular file");
        }
    };
    Diagnostic::of_file(shown, message, hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::Harness;
    use crate::testing::Counting;

    fn diagnostics(path: &Path) -> String {
        let harness = Harness::of::<Counting>("scenarios");
        let diagnostics = harness.read(path).expect_err("it is not a scenario");
        diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_folder_and_a_missing_file_have_their_own_messages() {
        assert!(diagnostics(Path::new("src")).starts_with("src: this is a folder, not a file\n"));
        assert!(
            diagnostics(Path::new("no/such.ron"))
                .starts_with("no/such.ron: there is no such file\n")
        );
    }

    #[test]
    fn a_huge_file_is_rejected_without_being_read() {
        let path = std::env::temp_dir().join(format!("jetlag-huge-{}.ron", std::process::id()));
        // A sparse file needs no space on disk, but would need the memory if it were read.
        File::create(&path).and_then(|file| file.set_len(100 << 20)).expect("a sparse file");
        let found = diagnostics(&path);
        std::fs::remove_file(&path).expect("it was just made");
        assert!(found.contains("larger than 1 MiB"), "{found}");
    }

    #[test]
    #[cfg(unix)]
    fn a_device_without_an_end_is_rejected() {
        assert!(diagnostics(Path::new("/dev/zero")).contains("larger than 1 MiB"));
    }
}
