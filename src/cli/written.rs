//! Files that a command writes: each as a whole or not at all.

use std::path::{Path, PathBuf};

use crate::harness::{Trouble, shown};

/// Checks whether what is made of a run can be written to the file that `--output` names; `example` is the name of
/// one, for a hint. A scenario or a capsule is not replaced: its like is not made again.
///
/// # Errors
///
/// When the file is a folder, is in a folder that does not exist, or is a scenario or a capsule.
pub(super) fn can_be_replaced(file: &Path, example: &str) -> Result<(), Trouble> {
    has_a_place(file, "--output", example)?;
    if file.exists() && file.extension().is_some_and(|extension| extension == "ron") {
        let message = format!("{} is a scenario or a capsule", shown(file));
        return Err(Trouble::new(message).hint("name another file: this is not written in RON"));
    }
    Ok(())
}

/// Checks whether there can be a file of this name, which an option gives; `example` is one for a hint.
///
/// # Errors
///
/// When the file is a folder, or is in a folder that does not exist.
pub(super) fn has_a_place(file: &Path, option: &str, example: &str) -> Result<(), Trouble> {
    let name = shown(file);
    if file.is_dir() {
        let message = format!("{option} needs a file, and {name} is a folder");
        return Err(Trouble::new(message).hint(format!("name a file in it: {name}/{example}")));
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => {
            let message = format!("there is no folder {}", shown(folder));
            Err(Trouble::new(message).hint(format!("{option} makes the file, but no folder")))
        }
        _ => Ok(()),
    }
}

/// Writes a file under another name and renames it, so that it is never seen half written.
pub(super) fn write_whole(file: &Path, text: &str) -> Result<(), Trouble> {
    let trouble = |error: std::io::Error| Trouble::io("write", file, &error);
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = file.with_file_name(name);
    std::fs::write(&part, text).map_err(trouble)?;
    std::fs::rename(&part, file).map_err(trouble)
}

/// The name of another file in the same folder: `X.ron` becomes `X.WORD`.
pub(super) fn beside(file: &Path, word: &str) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!("{stem}.{word}"))
}
