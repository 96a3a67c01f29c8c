//! `jetlag new`: writes a commented scenario to start from.

use std::fs::File;
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

/// Writes a new file. Never overwrites one, and leaves no partial file after an error.
fn write_new(path: &Path, text: &str) -> Result<(), Trouble> {
    let mut file = File::create_new(path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Trouble::new(format!("{} exists already and is not overwritten", path.display()))
                .hint("choose another name, or remove the file first")
        }
        _ => Trouble::io("write", path, &error),
    })?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| {
        let _ = std::fs::remove_file(path);
        Trouble::io("write", path, &error)
    })
}
