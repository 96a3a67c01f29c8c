//! `jetlag new`: writes a commented scenario to start from.

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::output::{note, result};
use crate::harness::{Harness, Trouble, shown};
use crate::model::is_unprintable;
use crate::model::quoted;
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
        check_name(&self.name)?;
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
        let shown = quoted(&path.to_string_lossy());
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

/// Refuses what is not the name of a file.
fn check_name(name: &Path) -> Result<(), Trouble> {
    let text = name.to_string_lossy();
    let is_folder = text.ends_with(std::path::is_separator) || name.file_name().is_none();
    let message = if text.is_empty() {
        "the name is empty".to_owned()
    } else if is_folder || text.ends_with("/.") {
        format!("{} is not the name of a file", shown(name))
    } else if text.contains(is_unprintable) {
        format!("{} contains a character that cannot be printed", shown(name))
    } else {
        return Ok(());
    };
    Err(Trouble::new(message)
        .hint("write a name like `my_scenario`, with its folder if it has one"))
}

/// Writes a new file. Never overwrites one, and leaves no partial file: the text is written to a file beside
/// it, which gets its name when it is complete.
fn write_new(path: &Path, text: &str) -> Result<(), Trouble> {
    let trouble = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Trouble::new(format!("{} exists already and is not overwritten", shown(path)))
                .hint("choose another name, or remove the file first")
        }
        _ => Trouble::io("write", path, &error),
    };
    if path.symlink_metadata().is_ok() {
        return Err(trouble(ErrorKind::AlreadyExists.into()));
    }
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    let written = written_to(&part, text).and_then(|()| named_once(&part, path, text));
    let removed = std::fs::remove_file(&part);
    written.map_err(trouble)?;
    removed.map_err(|error| Trouble::io("remove", &part, &error))
}

fn written_to(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all())
}

/// Gives a complete file its name, unless that is taken. Where a file cannot have two names, it is copied.
fn named_once(part: &Path, path: &Path, text: &str) -> std::io::Result<()> {
    match std::fs::hard_link(part, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => written_to(path, text),
        linked => linked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_of_a_file_is_one() {
        for wrong in ["", ".", "..", "/", "a/", "a/..", "a/.", "a\u{1b}", "\u{202e}"] {
            assert!(check_name(Path::new(wrong)).is_err(), "{wrong:?}");
        }
        for right in ["a", "a.ron", "./a", "../a", "/tmp/a b", ".hidden", "naïve"] {
            assert!(check_name(Path::new(right)).is_ok(), "{right:?}");
        }
    }

    #[test]
    fn a_new_file_is_complete_or_absent_and_never_overwrites() {
        let folder = std::env::temp_dir().join(format!("jetlag-new-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("a.ron");
        write_new(&path, "one").unwrap();
        assert!(write_new(&path, "two").unwrap_err().to_string().contains("exists already"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one");
        let missing = folder.join("no/a.ron");
        assert!(write_new(&missing, "one").unwrap_err().to_string().starts_with("cannot write"));
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "nothing else is left");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
