//! `jetlag replay`: tells what happens in a scenario.

use std::path::PathBuf;

use clap::ValueEnum;

use super::exit::Exit;
use super::load::{load_one, must_allow_faults};
use super::output::{Color, result};
use super::seeds::{seed, step};
use crate::harness::{Harness, Trouble};
use crate::kernel::{Instant, Span, Step};
use crate::report::{Excerpt, ReplayError, replay};
use crate::session::{Faults, RunRequest, StopAt};
use crate::trace::Detail;

/// Which scenario, and how much of it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The scenario file
    file: PathBuf,
    /// Replay with this seed instead of the scenario's own
    ///
    /// Decimal, or hexadecimal after 0x.
    #[arg(long, value_name = "N", value_parser = seed)]
    seed: Option<u64>,
    /// Also inject faults that the seed draws from those that the file's `fuzz` allows
    ///
    /// As `jetlag fuzz` does. Expectations are not judged then, nor whether scripted faults fired.
    #[arg(long)]
    fuzz: bool,
    /// Tell only what led to a step, and what happened shortly before and after it
    #[arg(long, value_name = "STEP", value_parser = step, conflicts_with = "brief")]
    around: Option<u64>,
    /// Stop at this time
    ///
    /// Virtual time since the start of the run, with a unit: 250ms, 2.5s, 15m. What happens at exactly
    /// that time is still told. Nothing is judged, unless a property was violated before.
    #[arg(long, value_name = "TIME")]
    until: Option<Span>,
    /// Describe the state of a node
    ///
    /// At the end of the run, at the time given by --until, or after the step given by --around.
    #[arg(long, value_name = "NODE")]
    state: Option<String>,
    /// Tell every fact
    ///
    /// Also routine that the story leaves out: services that are available, subscriptions, allocated
    /// positions, routed and acknowledged messages, views that apply events, timers that are set.
    #[arg(long)]
    all: bool,
    /// Leave out the middle of a long story, and show which views were far behind
    ///
    /// Repetitions of a line are counted instead of told. Cannot be used with --format json.
    #[arg(long)]
    brief: bool,
    /// List all properties, with how often each was checked
    #[arg(long)]
    properties: bool,
    /// How to print the run
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
}

/// How a run is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One versioned JSON document, described in docs/replay-json.md
    Json,
}

impl Args {
    pub(super) fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
        if self.brief && self.format == Format::Json {
            return Err(Trouble::new("--brief cannot be used with --format json")
                .hint("leave out --brief: the document has all lines"));
        }
        let scenario = load_one(harness, &self.file)?;
        if self.fuzz {
            must_allow_faults(harness, &*scenario)?;
        }
        let around = self.around.map(Step);
        let stop_at = StopAt {
            // A state is that of a moment, so the run has to stop there; a story can go on.
            step: around.filter(|_| self.state.is_some()),
            time: self.until.map(|span| Instant::ZERO + span),
        };
        let outcome = scenario.run(&RunRequest {
            seed: self.seed.unwrap_or(scenario.request().seed),
            faults: Faults::fuzzed_if(self.fuzz),
            stop_at,
            detail: Some(if self.all { Detail::Everything } else { Detail::Story }),
            describe: self.state,
            ..RunRequest::default()
        });
        let excerpt = Excerpt { around, brief: self.brief, properties: self.properties };
        let replayed = replay(&outcome, excerpt).map_err(trouble)?;
        result(match self.format {
            Format::Human => replayed.text(&color.palette()),
            Format::Json => replayed.json(),
        })?;
        Ok(outcome.verdict().into())
    }
}

fn trouble(error: ReplayError) -> Trouble {
    let trouble = Trouble::new(error.to_string());
    match error {
        ReplayError::UnknownNode { node, known } => {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            match crate::scenario::hint(&node, &known) {
                Some(hint) => trouble.hint(hint),
                None => trouble,
            }
        }
        ReplayError::NoStory | ReplayError::NoSuchStep { .. } => trouble,
    }
}
