//! `jetlag shrink`: leaves out of a failure whatever it does not need.

use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::load::load_one;
use super::output::{Color, note, result};
use super::pages::Pages;
use super::record::can_be_written;
use super::seeds::Chance;
use super::watched::{Watched, is_interrupted};
use super::written::{beside, write_whole};
use crate::harness::{AnyScenario, Harness, Trouble, shown};
use crate::model::quoted;
use crate::report::shrunk;
use crate::session::RunRequest;
use crate::shrink::{Effort, Ended, NotAFailure, indifferent, shrink};

/// Which failure, and how much may be spent on it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The capsule of a failure, or a scenario that fails
    file: PathBuf,
    #[command(flatten)]
    chance: Chance,
    /// Where to write the shrunk capsule [default: FILE.shrunk.ron]
    ///
    /// An existing capsule is replaced, and no other file.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The most runs that are made
    #[arg(long, value_name = "N", default_value_t = Effort::default().replays)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    replays: u32,
    /// The number of runs at a time [default: the number of cores]
    ///
    /// Has no influence on the result.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    #[command(flatten)]
    pages: Pages,
}

impl Args {
    pub(super) fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
        let mut scenario = load_one(harness, &self.file)?;
        let request = self.chance.request(harness, &mut *scenario)?;
        let output = self.output.unwrap_or_else(|| beside(&self.file, "shrunk.ron"));
        can_be_written(&output, "--output")?;
        self.pages.prepare()?;
        let jobs = self.jobs.map_or_else(super::fuzz::cores, usize::from);
        let effort = Effort { replays: self.replays, jobs };
        let failure = Failure { harness, scenario: &*scenario, request: &request };
        let Some((ended, text)) = failure.shrink((&self.file, &output), effort, color)? else {
            return Ok(if is_interrupted() { Exit::Interrupted } else { Exit::NoVerdict });
        };
        result(text)?;
        self.pages.write_all(harness, std::slice::from_ref(&output))?;
        Ok(if ended == Ended::Interrupted { Exit::Interrupted } else { Exit::Held })
    }
}

/// A run that is to be shrunk.
struct Failure<'a> {
    harness: &'a Harness,
    scenario: &'a dyn AnyScenario,
    request: &'a RunRequest,
}

impl Failure<'_> {
    /// Writes the smallest run to a capsule, and other failures that were met beside it; why it ended, and what is
    /// left, as text. `None`, with a note, if it is no failure.
    fn shrink(
        &self,
        (file, output): (&Path, &Path),
        effort: Effort,
        color: Color,
    ) -> Result<Option<(Ended, String)>, Trouble> {
        let found = match shrink(self.scenario, self.request, effort, &is_interrupted) {
            Ok(found) => found,
            Err(NotAFailure { ends }) => {
                let ends = ends.map_or("it holds".to_owned(), |ends| format!("it ends in {ends}"));
                note(format_args!("{} cannot be shrunk: {ends}", shown(file)));
                return Ok(None);
            }
        };
        let path = output.to_string_lossy().into_owned();
        write_whole(output, &found.capsule.text_at(&path))?;
        for (nth, (other, capsule)) in (1..).zip(&found.others) {
            let file = beside(file, &format!("other-{nth}.ron"));
            write_whole(&file, &capsule.text_at(&file.to_string_lossy()))?;
            note(format_args!("note: met another failure, {other}: {}", shown(&file)));
        }
        let scenario = self.scenario.recorded().unwrap_or(self.scenario);
        let load = |text: &str| -> Option<Box<dyn AnyScenario>> {
            let scenario = self.harness.load(scenario.path(), text.as_bytes()).ok()?;
            Some(Box::new(Watched::new(scenario)))
        };
        let any = indifferent(scenario, &found, &load, &is_interrupted);
        let place = (self.harness.command(), &*quoted(&path));
        let text = shrunk((&found, &any), scenario.lexicon(), place, &color.palette());
        Ok(Some((found.ended, text)))
    }
}

/// Shrinks the capsules that a campaign has written; what is left of each, as text.
pub(super) fn shrink_all(
    harness: &Harness,
    capsules: &[PathBuf],
    jobs: usize,
    color: Color,
) -> Result<Vec<String>, Trouble> {
    let mut texts = Vec::new();
    for file in capsules {
        if is_interrupted() {
            break;
        }
        let scenario = load_one(harness, file)?;
        let request = scenario.request();
        let failure = Failure { harness, scenario: &*scenario, request: &request };
        let effort = Effort { jobs, ..Effort::default() };
        let output = beside(file, "shrunk.ron");
        texts.extend(failure.shrink((file, &output), effort, color)?.map(|(_, text)| text));
    }
    Ok(texts)
}
