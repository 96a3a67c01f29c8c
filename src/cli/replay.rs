//! `jetlag replay`: tells what happens in a scenario.

use std::path::PathBuf;

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
    /// Let come also those faults that the seed draws from what the file's `fuzz` allows
    ///
    /// As `jetlag fuzz` does. Expectations are not judged then, nor whether scripted faults fired.
    #[arg(long)]
    fuzz: bool,
    /// Tell only what led to a step, and what happened around it
    #[arg(long, value_name = "STEP", value_parser = step, conflicts_with = "brief")]
    around: Option<u64>,
    /// Stop at this time
    ///
    /// Virtual time since the start of the run, with a unit: 250ms, 2.5s, 15m. What happens at that
    /// very time is still told. Nothing is judged, unless something was violated before.
    #[arg(long, value_name = "TIME")]
    until: Option<Span>,
    /// Describe the state of a node
    ///
    /// At the end of the run, at the time given by --until, or after the step given by --around.
    #[arg(long, value_name = "NODE")]
    state: Option<String>,
    /// Tell every fact
    ///
    /// Also what the story leaves out: machinery that did its ordinary duty, such as positions that
    /// were allocated, messages that were routed and acknowledgements.
    #[arg(long)]
    all: bool,
    /// Leave out the middle of a long story, and show how far views were behind
    ///
    /// Many lines of the same sort in a row are told as one. This is the form in which stories are
    /// kept as snapshots.
    #[arg(long)]
    brief: bool,
}

impl Args {
    pub(super) fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
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
        let excerpt = Excerpt { around, brief: self.brief };
        result(replay(&outcome, excerpt, &color.palette()).map_err(trouble)?)?;
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
        ReplayError::NoSuchStep { .. } => trouble,
    }
}
