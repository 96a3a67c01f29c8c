//! `jetlag replay`: prints the story of a run.

use std::path::PathBuf;

use super::exit::Exit;
use super::format::Document;
use super::load::load_one;
use super::output::{Color, result};
use super::record::Record;
use super::seeds::{Chance, step};
use crate::harness::{Harness, Trouble};
use crate::kernel::{Instant, Span, Step};
use crate::report::{Excerpt, Filter, ReplayError, replay};
use crate::session::{RunRequest, StopAt};
use crate::trace::Detail;

/// Which scenario, and how much of it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The scenario file, or a capsule: a recorded run
    file: PathBuf,
    #[command(flatten)]
    chance: Chance,
    #[command(flatten)]
    record: Record,
    /// Print only the lines that led to a step, and those shortly before and after it
    #[arg(long, value_name = "STEP", value_parser = step, conflicts_with = "brief")]
    around: Option<u64>,
    /// Stop at this time
    ///
    /// Virtual time since the start of the run, with a unit: 250ms, 2.5s, 15m. Occurrences at exactly
    /// that time are included. The run is judged only if a property was violated before.
    #[arg(long, value_name = "TIME")]
    until: Option<Span>,
    /// Print only the lines about this
    ///
    /// A booking, another stream, a saga, a view, a customer or an event type, as the story prints it. Can be
    /// given several times: lines about any of them. Filters of different kinds are combined: a line must
    /// match each.
    #[arg(long, value_name = "NAME")]
    about: Vec<String>,
    /// Print only the lines of this customer, and those that concern them
    #[arg(long, value_name = "CUSTOMER")]
    who: Vec<String>,
    /// Print only the lines of this node, such as `store`, `api` or `api-1`
    #[arg(long, value_name = "NODE")]
    node: Vec<String>,
    /// Print the state of a node; can be given several times
    ///
    /// At the end of the run, at the time given by --until, or after the step given by --around. The state of
    /// `store` has every event with its metadata and the views that have applied it.
    #[arg(long, value_name = "NODE")]
    state: Vec<String>,
    /// Print every fact
    ///
    /// Repetitions are printed, too, instead of counted. Includes routine that the story leaves out: services that become available, subscriptions,
    /// allocated positions, routed and acknowledged messages, views that apply events, timers that are
    /// set.
    #[arg(long)]
    all: bool,
    /// Leave out the middle of a long story, and print which views were far behind
    ///
    /// Repetitions of a line are counted and not printed. Cannot be used with --format json.
    #[arg(long)]
    brief: bool,
    /// List all properties, with how often each was checked
    #[arg(long)]
    properties: bool,
    /// Print with each line the request that the conversation began with
    ///
    /// That is the correlation id of the events: everything that a request of a customer led to, through
    /// sagas, services and timers, has the same. In JSON each line has it.
    #[arg(long)]
    correlation: bool,
    /// The output format; docs/replay-json.md describes the JSON
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Document,
}

impl Args {
    pub(super) fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
        if self.brief && self.format == Document::Json {
            return Err(Trouble::new("--brief cannot be used with --format json")
                .hint("omit --brief: the document contains all lines"));
        }
        let mut scenario = load_one(harness, &self.file)?;
        let around = self.around.map(Step);
        let stop_at = StopAt {
            // A state belongs to a moment, so the run stops there; a story can continue.
            step: around.filter(|_| !self.state.is_empty()),
            time: self.until.map(|span| Instant::ZERO + span),
        };
        if self.record.is_asked() && stop_at.is_set() {
            return Err(Trouble::new("--record is for a whole run")
                .hint("omit --until, and --around if --state is given"));
        }
        self.record.check()?;
        let request = self.chance.request(harness, &mut *scenario)?;
        let outcome = scenario.run(&RunRequest {
            stop_at,
            detail: Some(if self.all { Detail::Everything } else { Detail::Story }),
            describe: self.state,
            ..request
        });
        self.record.write(&*scenario, &outcome)?;
        let domain = harness.domains.iter().find(|domain| domain.name == scenario.domain());
        let event_types = domain.map_or(vec![], |domain| domain.events.to_vec());
        let filter = Filter { about: self.about, who: self.who, node: self.node, event_types };
        let (properties, correlation) = (self.properties.into(), self.correlation);
        let excerpt = Excerpt { around, filter, brief: self.brief, properties, correlation };
        let replayed = replay(&outcome, excerpt).map_err(trouble)?;
        result(match self.format {
            Document::Human => replayed.text(&color.palette()),
            Document::Json => replayed.json(),
        })?;
        Ok(outcome.verdict().into())
    }
}

fn trouble(error: ReplayError) -> Trouble {
    let trouble = Trouble::new(error.to_string());
    match error {
        ReplayError::UnknownNode { node: name, known }
        | ReplayError::UnknownName { name, known, .. } => {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            trouble.hints(crate::scenario::hint(&name, &known))
        }
        ReplayError::NoStory | ReplayError::NoSuchStep { .. } => trouble,
    }
}
