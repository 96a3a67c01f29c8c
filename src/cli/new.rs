//! `jetlag new`: a commented scenario to start from.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::output::{note, result};
use super::trouble::Trouble;
use crate::report::quoted;
use crate::scenario::template;

/// What to call it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to call the scenario
    ///
    /// It is written to NAME.ron; a folder before the name must exist. A file that is already there
    /// is never overwritten.
    name: PathBuf,
}

impl Args {
    pub(super) fn run(self) -> Result<Exit, Trouble> {
        let path = match self.name.extension() {
            Some(extension) if extension == "ron" => self.name,
            Some(_) | None => {
                let mut name = self.name.into_os_string();
                name.push(".ron");
                PathBuf::from(name)
            }
        };
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().replace(['_', '-'], " "));
        write_new(&path, &template(&stem.unwrap_or_default()))?;
        let shown = quoted(&path.display().to_string());
        result(format_args!("{shown}\n"))?;
        note(format_args!("try    jetlag run {shown}\nlook   jetlag replay {shown}"));
        Ok(Exit::Held)
    }
}

/// Writes a file that is not there yet: whole or not at all, and never over another.
fn write_new(path: &Path, text: &str) -> Result<(), Trouble> {
    let trouble = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Trouble::new(format!("{} is already there, and is not overwritten", path.display()))
                .hint("choose another name, or remove the file first")
        }
        _ => Trouble::io("write", path, &error),
    };
    if path.exists() {
        return Err(trouble(ErrorKind::AlreadyExists.into()));
    }
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}.draft", std::process::id()));
    let draft = PathBuf::from(draft);
    let written = write_draft(&draft, text).and_then(|()| publish(&draft, path));
    let _ = std::fs::remove_file(&draft);
    written.map_err(trouble)
}

fn write_draft(draft: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::File::create_new(draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Gives the finished draft its name. Unlike a renaming, a link never replaces what has that name; where
/// there are no links, looking once more just before the renaming is the best there is.
fn publish(draft: &Path, path: &Path) -> std::io::Result<()> {
    match std::fs::hard_link(draft, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists && !path.exists() => {
            std::fs::rename(draft, path)
        }
        linked => linked,
    }
}
