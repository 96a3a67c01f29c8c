//! The scenario files at the paths on the command line.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::trouble::Trouble;
use crate::model::printable;

/// The name of folders with files that must not load. They are skipped.
const INVALID: &str = "invalid";
/// The extension of scenario files.
const EXTENSION: &str = "ron";

/// See [`Harness::files`](super::Harness::files).
/// `home` is the folder that is searched by default.
pub(super) fn scenario_files(
    paths: &[PathBuf],
    home: &str,
    command: &str,
) -> Result<Vec<PathBuf>, Trouble> {
    let mut files = Vec::new();
    for path in paths {
        match std::fs::metadata(path) {
            Ok(found) if found.is_dir() => {
                let before = files.len();
                walk(path, &mut BTreeSet::new(), &mut files)?;
                if files.len() == before {
                    return Err(Trouble::new(format!("there is no scenario in {}", shown(path)))
                        .hint(format!("scenario files end in .{EXTENSION}"))
                        .hint(format!("`{command} new NAME` writes one to start from")));
                }
            }
            Ok(_) => files.push(path.clone()),
            Err(error) if error.kind() == ErrorKind::NotFound && path == Path::new(home) => {
                let message = format!("there is no folder {home} here");
                return Err(Trouble::new(message)
                    .hint("change to the folder of a project, or name files or folders")
                    .hint(format!("`{command} new NAME` writes a scenario to start from")));
            }
            Err(error) => return Err(unusable(path, &error)),
        }
    }
    Ok(files)
}

/// Collects the files of a folder that was not seen before: a link can lead to a folder around it.
fn walk(
    folder: &Path,
    seen: &mut BTreeSet<PathBuf>,
    files: &mut Vec<PathBuf>,
) -> Result<(), Trouble> {
    let real = folder.canonicalize().map_err(|error| Trouble::io("read", folder, &error))?;
    if !seen.insert(real) {
        return Ok(());
    }
    let mut entries = entries_of(folder)?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            if path.file_name().is_none_or(|name| name != INVALID) {
                walk(&path, seen, files)?;
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

/// The file that a capsule names: beside it, in the current folder, or in a folder around it.
pub(super) fn from_capsule(capsule: &Path, wanted: &Path) -> Option<PathBuf> {
    let mut around = capsule.ancestors().skip(1);
    let beside = around.next().map(|folder| folder.join(wanted));
    let here = std::iter::once(wanted.to_owned());
    let around = around.map(|folder| folder.join(wanted));
    beside.into_iter().chain(here).chain(around).find(|path| path.is_file())
}

/// The error that a path cannot be used.
pub(crate) fn unusable(path: &Path, error: &std::io::Error) -> Trouble {
    // A file in the place of a folder on the way is as if nothing was there.
    if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) {
        return Trouble::io("read", path, error);
    }
    if path.symlink_metadata().is_ok() {
        return Trouble::new(format!("the link {} leads to nothing", shown(path)));
    }
    missing(path)
}

/// The error that a path does not exist, with a similar one as a hint.
fn missing(path: &Path) -> Trouble {
    let trouble = Trouble::new(format!("there is no file or folder {}", shown(path)));
    let with_extension = path.with_extension(EXTENSION);
    if with_extension.is_file() {
        return trouble.hint(format!("did you mean {}?", shown(&with_extension)));
    }
    let Some(parent) = path.parent() else { return trouble };
    let folder = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let siblings = match entries_of(folder) {
        Ok(siblings) => siblings,
        Err(_) if !folder.exists() => {
            return trouble.hint(format!("there is no folder {} either", shown(folder)));
        }
        // A folder that cannot be read has nothing to suggest.
        Err(_) => return trouble,
    };
    let name_of = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut known: Vec<String> = siblings.iter().map(|sibling| name_of(sibling)).collect();
    known.sort();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let near = crate::scenario::nearest(&name_of(path), &known);
    trouble.hints(near.map(|near| format!("did you mean {}?", shown(&path.with_file_name(near)))))
}

/// A path as it is printed.
pub(crate) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy()).into_owned()
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
            scenario_files(&paths, "scenarios", "jetlag")
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
    #[cfg(unix)]
    fn a_link_to_a_folder_around_it_is_not_followed_again() {
        let folder = Folder::with("loop", &["deep/a.ron", "elsewhere/b.ron"]);
        std::os::unix::fs::symlink("..", folder.0.join("deep/parent")).unwrap();
        std::os::unix::fs::symlink("../elsewhere", folder.0.join("deep/c")).unwrap();
        // Each folder once, under the first of its names.
        assert_eq!(folder.found(&[""]).unwrap(), ["deep/a.ron", "deep/c/b.ron"]);
    }

    #[test]
    fn files_are_found_at_any_depth() {
        let deep = "d/".repeat(40) + "a.ron";
        assert_eq!(Folder::with("deep", &[&deep]).found(&[""]).unwrap(), [deep]);
    }

    #[test]
    #[cfg(unix)]
    fn a_link_that_leads_nowhere_is_not_called_missing() {
        let folder = Folder::with("nowhere", &["a.ron"]);
        std::os::unix::fs::symlink("nothing", folder.0.join("lost.ron")).unwrap();
        std::os::unix::fs::symlink("circle", folder.0.join("circle")).unwrap();
        assert!(folder.found(&["lost.ron"]).unwrap_err().ends_with("lost.ron leads to nothing"));
        let circle = folder.found(&["circle"]).unwrap_err();
        assert!(circle.starts_with("cannot read ") && !circle.contains("did you mean"), "{circle}");
    }

    #[test]
    fn without_the_default_folder_there_is_a_hint_what_to_do() {
        let trouble = scenario_files(&["no/such/home".into()], "no/such/home", "tables");
        let trouble = trouble.unwrap_err().to_string();
        assert!(trouble.starts_with("there is no folder no/such/home here\n"), "{trouble}");
        assert!(trouble.contains("`tables new NAME`"), "{trouble}");
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
