//! `jetlag explain`: why a run fails, told by the nearest run that holds.

use std::path::PathBuf;

use super::exit::Exit;
use super::format::Document;
use super::load::load_one;
use super::output::{Color, note, result};
use super::seeds::Chance;
use super::watched::is_interrupted;
use crate::explain::{baked_in, explain};
use crate::harness::{Harness, Trouble, shown};
use crate::model::{counted, quoted};
use crate::report::{explained, explained_json};
use crate::shrink::{PARTS_MAX, Whole};

/// Which failure, and how much of it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The capsule of a failure, or a scenario that fails
    file: PathBuf,
    #[command(flatten)]
    chance: Chance,
    /// Also show when the failure was baked in
    ///
    /// Goes on from up to 32 steps of the run, 64 times from each, with other latencies and no other faults,
    /// and shows how many of these runs fail in the same way.
    #[arg(long)]
    baked_in: bool,
    /// The output format; docs/explaining.md describes the JSON
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Document,
}

impl Args {
    pub(super) fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
        let mut scenario = load_one(harness, &self.file)?;
        let request = self.chance.request(harness, &mut *scenario)?;
        let file = shown(&self.file);
        let mut found = match explain(&*scenario, &request, &is_interrupted) {
            Ok(found) => found,
            Err(Whole::Interrupted) => return Ok(Exit::Interrupted),
            Err(_) if is_interrupted() => return Ok(Exit::Interrupted),
            Err(Whole::NotAFailure(ends)) => {
                let ends = ends.map_or("it holds".to_owned(), |ends| format!("it ends in {ends}"));
                note(format_args!("{file} cannot be explained: {ends}"));
                return Ok(Exit::NoVerdict);
            }
            Err(Whole::TooLarge(parts)) => {
                let parts = counted(parts as u64, "part");
                note(format_args!("{file} has {parts}, and at most {PARTS_MAX} are taken apart"));
                let command = harness.command();
                note(format_args!("shrink it first: {command} shrink {}", quoted(&file)));
                return Ok(Exit::NoVerdict);
            }
        };
        if self.baked_in {
            found.baked = baked_in(&*scenario, &found.parts, &is_interrupted);
        }
        let names = scenario.recorded().unwrap_or(&*scenario).lexicon();
        result(match self.format {
            Document::Human => explained(&found, names, &color.palette()),
            Document::Json => explained_json(&found, names),
        })?;
        Ok(if is_interrupted() { Exit::Interrupted } else { Exit::Held })
    }
}
