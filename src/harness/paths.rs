//! The scenario files at the paths on the command line.

use std::path::{Path, PathBuf};

use super::trouble::Trouble;

/// The name of folders with files that must not load. They are skipped.
const INVALID: &str = "invalid";
/// The extension of scenario files.
const EXTENSION: &str = "ron";
/// The most nested folders that are searched, because a link can lead to a parent.
const DEPTH_MAX: usize = 16;

/// See [`Harness::files`](super::Harness::files).
pub(super) fn scenario_files(paths: &[PathBuf], command: &str) -> Result<Vec<PathBuf>, Trouble> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            walk(path, DEPTH_MAX, &mut files)?;
            if files.len() == before {
                return Err(Trouble::new(format!("there is no scenario in {}", path.display()))
                    .hint(format!("scenario files end in .{EXTENSION}"))
                    .hint(format!("`{command} new NAME` writes one to start from")));
            }
        } else if path.exists() {
            files.push(path.clone());
        } else {
            return Err(missing(path));
        }
    }
    Ok(files)
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Trouble> {
    let mut entries = entries_of(folder)?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            if depth > 0 && path.file_name().is_none_or(|name| name != INVALID) {
                walk(&path, depth - 1, files)?;
            }
        } else if path.extension().is_some_and(|extension| extension == EXTENSION)
            && (path.is_file() || !path.exists())
        {
            // Pipes and devices are skipped, because reading them might never end. A broken link is
            // included, so that it is reported.
            files.push(path);
        }
    }
    Ok(())
}

fn entries_of(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let trouble = |error: std::io::Error| Trouble::io("read", folder, &error);
    let entries = std::fs::read_dir(folder).map_err(trouble)?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(trouble)).collect()
}

/// The error that a path does not exist, with a similar one as a hint.
pub(crate) fn missing(path: &Path) -> Trouble {
    let trouble = Trouble::new(format!("there is no file or folder {}", path.display()));
    let with_extension = path.with_extension(EXTENSION);
    if with_extension.is_file() {
        return trouble.hint(format!("did you mean {}?", with_extension.display()));
    }
    let Some(parent) = path.parent() else { return trouble };
    let folder = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let Ok(siblings) = entries_of(folder) else {
        return trouble.hint(format!("there is no folder {} either", folder.display()));
    };
    let name_of = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut known: Vec<String> = siblings.iter().map(|sibling| name_of(sibling)).collect();
    known.sort();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let near = crate::scenario::nearest(&name_of(path), &known);
    trouble.hints(near.map(|near| format!("did you mean {}?", path.with_file_name(near).display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A temporary folder of a test, removed at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn with(test: &str, files: &[&str]) -> Self {
            let name = format!("jetlag-paths-{}-{test}", std::process::id());
            let folder = Self(std::env::temp_dir().join(name));
            for file in files {
                let file = folder.0.join(file);
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(file, "()").unwrap();
            }
            folder
        }

        fn found(&self, paths: &[&str]) -> Result<Vec<String>, String> {
            let paths: Vec<PathBuf> = paths.iter().map(|path| self.0.join(path)).collect();
            let relative = |path: PathBuf| {
                path.strip_prefix(&self.0).unwrap().to_string_lossy().replace('\\', "/")
            };
            scenario_files(&paths, "jetlag")
                .map(|files| files.into_iter().map(relative).collect())
                .map_err(|trouble| trouble.to_string())
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_folder_stands_for_its_scenarios_in_order_without_the_invalid_ones() {
        let files = ["b.ron", "a/z.ron", "a/y.ron", "invalid/no.ron", "a/notes.txt"];
        let folder = Folder::with("walk", &files);
        assert_eq!(folder.found(&[""]).unwrap(), ["a/y.ron", "a/z.ron", "b.ron"]);
        assert_eq!(folder.found(&["invalid/no.ron"]).unwrap(), ["invalid/no.ron"]);
    }

    #[test]
    #[cfg(unix)]
    fn in_a_folder_only_files_are_scenarios_and_links_that_lead_nowhere_are_not_hidden() {
        let folder = Folder::with("links", &["a.ron"]);
        std::os::unix::fs::symlink("/dev/zero", folder.0.join("device.ron")).unwrap();
        std::os::unix::fs::symlink("nowhere", folder.0.join("lost.ron")).unwrap();
        assert_eq!(folder.found(&[""]).unwrap(), ["a.ron", "lost.ron"]);
    }

    #[test]
    fn a_misspelt_path_is_answered_with_the_nearest() {
        let folder = Folder::with("near", &["hold_seat.ron", "boot.ron"]);
        assert!(folder.found(&["hold_seet.ron"]).unwrap_err().ends_with("hold_seat.ron?"));
        assert!(folder.found(&["boot"]).unwrap_err().ends_with("boot.ron?"));
        assert!(folder.found(&["x/boot.ron"]).unwrap_err().contains("there is no folder"));
    }

    #[test]
    fn an_empty_folder_is_an_error() {
        let folder = Folder::with("empty", &["notes.txt"]);
        assert!(folder.found(&[""]).unwrap_err().starts_with("there is no scenario in"));
    }
}
