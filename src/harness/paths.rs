//! Which scenario files are meant by the paths on the command line.

use std::path::{Path, PathBuf};

use super::trouble::Trouble;

/// The folder of files that must not load; it is passed over when a folder is walked.
const INVALID: &str = "invalid";
/// How scenario files end.
const EXTENSION: &str = "ron";
/// How deep folders may lie within each other, so that a link to a parent ends somewhere.
const DEPTH_MAX: usize = 16;

/// The files behind `paths`: files as they are, folders as all scenario files in them and in their
/// folders, in order of their names.
///
/// # Errors
///
/// When a path does not exist or a folder cannot be read, or holds no scenario.
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
            let passed_over = path.file_name().is_some_and(|name| name == INVALID);
            if !passed_over && depth > 0 {
                walk(&path, depth - 1, files)?;
            }
        } else if path.extension().is_some_and(|extension| extension == EXTENSION)
            && (path.is_file() || !path.exists())
        {
            // A pipe or a device in a folder is no scenario, and reading it might never end; a link
            // that leads nowhere is worth a complaint.
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

/// Says that there is no such path, and which one near it there is.
pub(crate) fn missing(path: &Path) -> Trouble {
    let trouble = Trouble::new(format!("there is no file or folder {}", path.display()));
    let with_extension = path.with_extension(EXTENSION);
    if with_extension.is_file() {
        return trouble.hint(format!("did you mean {}?", with_extension.display()));
    }
    let folder = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return trouble,
    };
    let Ok(siblings) = entries_of(folder) else {
        return trouble.hint(format!("there is no folder {} either", folder.display()));
    };
    let name_of = |path: &Path| {
        path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    };
    let mut known: Vec<String> = siblings.iter().map(|sibling| name_of(sibling)).collect();
    known.sort();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    match crate::scenario::nearest(&name_of(path), &known) {
        Some(near) => {
            let near = path.with_file_name(near);
            trouble.hint(format!("did you mean {}?", near.display()))
        }
        None => trouble,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own for each test, removed at the end.
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
