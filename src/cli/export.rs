//! `jetlag export`: writes a run in the format of another tool.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::exit::Exit;
use super::load::load_one;
use super::output::{note, result};

use super::pages::why;
use super::seeds::Chance;
use super::written::{can_be_replaced, write_whole};
use crate::explain::Explained;
use crate::export::{self, Course, NotExported};
use crate::harness::{Harness, Trouble, shown};
use crate::page::{self, Page};
use crate::session::{Reproduced, RunRequest};

/// Which run, and in which format.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The scenario file, or a capsule: a recorded run
    file: PathBuf,
    /// The format
    #[arg(long = "as", value_name = "FORMAT")]
    format: Format,
    /// Where to write it, instead of to standard output
    ///
    /// A file that is there is replaced, unless it is a scenario or a capsule.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    chance: Chance,
}

/// The formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A test in Rust that makes the run again and fails if it fails
    RustTest,
    /// The run as steps for the tests of another platform, in JSON
    Plan,
    /// A sequence diagram
    Mermaid,
    /// One JSON object for each step, with its facts
    Jsonl,
    /// A timeline for Perfetto or chrome://tracing
    Chrome,
    /// A state for each step, for the tools of Apalache and Quint
    Itf,
    /// What happened in words that any platform has, one JSON object a line, for `check`
    History,
    /// The data of the page that `report` writes, in JSON
    Page,
}

impl Args {
    pub(super) fn run(self, harness: &Harness) -> Result<Exit, Trouble> {
        let mut scenario = load_one(harness, &self.file)?;
        let request = export::logged(self.chance.request(harness, &mut *scenario)?);
        let picture = self.format == Format::Page;
        let history = self.format == Format::History;
        let request = RunRequest { picture, history, ..request };
        if let Some(output) = &self.output {
            can_be_replaced(output, "run.json")?;
        }
        let outcome = scenario.run(&request);
        if outcome.is_interrupted() {
            return Ok(Exit::Interrupted);
        }
        if let Some(found) = outcome.reproduction.as_ref()
            && found.result == Reproduced::Not
            && self.format.is_about_the_end()
        {
            let file = shown(&self.file);
            note(format_args!("{file} cannot be exported: it is not reproduced"));
            note(format_args!("  expected: {}", found.expected));
            return Ok(Exit::NoVerdict);
        }
        let course =
            Course::of(&*scenario, &outcome).map_err(|error| trouble(error, &self.file))?;
        let why = match self.format {
            Format::Page => why(&*scenario, &outcome),
            _ => None,
        };
        let text = self.format.text(&course, why.as_ref());
        let text = text.map_err(|error| trouble(error, &self.file))?;
        match &self.output {
            Some(output) => write_whole(output, &text)?,
            None => result(text)?,
        }
        Ok(Exit::Held)
    }
}

impl Format {
    fn text(self, course: &Course<'_>, why: Option<&Explained>) -> Result<String, NotExported> {
        Ok(match self {
            Self::RustTest => export::rust_test(course),
            Self::Plan => export::plan(course),
            Self::Mermaid => export::mermaid(course)?,
            Self::Jsonl => export::records(course),
            Self::Chrome => export::chrome(course),
            Self::Itf => export::itf(course)?,
            Self::History => export::history(course.outcome)?,
            Self::Page => page::data(&Page::of(course, why)?),
        })
    }

    /// Whether it says how the run is to end: nobody can rely on that if the run of a capsule ends otherwise.
    const fn is_about_the_end(self) -> bool {
        match self {
            Self::RustTest | Self::Plan => true,
            Self::Mermaid | Self::Jsonl | Self::Chrome | Self::Itf | Self::History | Self::Page => {
                false
            }
        }
    }
}

fn trouble(error: NotExported, file: &Path) -> Trouble {
    let trouble = Trouble::new(format!("{} cannot be exported: {error}", shown(file)));
    match error {
        NotExported::NoLog => trouble,
        NotExported::TooLong { .. } => trouble.hint(
            "`shrink` leaves out of a failure whatever it does not need; --as jsonl and --as chrome have no limit",
        ),
    }
}
