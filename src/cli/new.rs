//! `jetlag new`: writes a commented scenario to start from.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::output::{note, result};
use crate::harness::{Harness, Trouble};
use crate::report::quoted;
use crate::scenario::{hint, named};

/// The name and the domain.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The name of the scenario
    ///
    /// The scenario is written to NAME.ron, whose folder must exist. An existing file is never
    /// overwritten.
    name: PathBuf,
    /// The domain of the scenario; by default the first that `list` shows
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
}

impl Args {
    pub(super) fn run(self, harness: &Harness) -> Result<Exit, Trouble> {
        let template = template(harness, self.domain.as_deref())?;
        let path = match self.name.extension() {
            Some(extension) if extension == "ron" => self.name,
            Some(_) | None => {
                let mut name = self.name.into_os_string();
                name.push(".ron");
                PathBuf::from(name)
            }
        };
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().replace(['_', '-'], " "));
        write_new(&path, &named(template, &stem.unwrap_or_default()))?;
        let command = harness.command();
        let shown = quoted(&path.display().to_string());
        result(format_args!("{shown}\n"))?;
        note(format_args!("run      {command} run {shown}\nreplay   {command} replay {shown}"));
        Ok(Exit::Held)
    }
}

/// The template of a domain, by default of the first.
fn template(harness: &Harness, wanted: Option<&str>) -> Result<&'static str, Trouble> {
    let known: Vec<&str> = harness.domains.iter().map(|domain| domain.name).collect();
    let wanted = wanted.or(known.first().copied()).unwrap_or_default();
    let Some(domain) = harness.domains.iter().find(|domain| domain.name == wanted) else {
        let trouble = Trouble::new(format!("there is no domain `{wanted}`"));
        return Err(trouble.hints(hint(wanted, &known)));
    };
    domain.template.ok_or_else(|| {
        Trouble::new(format!("{wanted} has no scenario to start from"))
            .hint(format!("copy one from {}", harness.folder))
    })
}

/// Writes a new file, completely or not at all; never overwrites one.
fn write_new(path: &Path, text: &str) -> Result<(), Trouble> {
    let trouble = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Trouble::new(format!("{} exists already and is not overwritten", path.display()))
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

/// Gives the finished draft its name. Unlike a rename, a hard link never replaces a file. If links are not
/// supported, the path is checked once more before the rename.
fn publish(draft: &Path, path: &Path) -> std::io::Result<()> {
    match std::fs::hard_link(draft, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists && !path.exists() => {
            std::fs::rename(draft, path)
        }
        linked => linked,
    }
}
