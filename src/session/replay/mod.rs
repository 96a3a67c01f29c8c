//! A run told from beginning to end, or around one of its steps.
//!
//! [`replay`] gives a [`Replayed`]: the story and what was found out, as data. Text and JSON are made of
//! that and of nothing else.

#[cfg(feature = "cli")]
mod json;
mod text;

use std::sync::Arc;

use thiserror::Error;

use super::examine::{explained, reported};
use super::{Left, Options, run, until};
use crate::kernel::{Instant, Step};
use crate::model::Vocabulary;
use crate::report::{self, Verdict};
use crate::scenario::{Lag, Scenario, ScenarioDomain};
use crate::trace::{Detail, Narrator, Story};

/// How many lines are told before and after the step in question.
const AROUND: usize = 12;

/// What is to be told of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replay {
    /// The seed, if not the scenario's own.
    pub seed: Option<u64>,
    /// Whether the seed also draws faults from those that the scenario allows.
    pub fuzz: bool,
    /// Only what led to this step, and what happened shortly before and after it.
    pub around: Option<Step>,
    /// Stop after the last occurrence at this time.
    pub until: Option<Instant>,
    /// The state of this node at the end, or after the step, or at the time.
    pub state: Option<String>,
    /// Which facts.
    pub detail: Detail,
    /// Whether a long story is shortened, and the lag of views shown.
    pub brief: bool,
    /// Whether all properties are listed, not only counted.
    pub properties: bool,
}

/// Why a run cannot be told as asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReplayError {
    /// There is no node of that name.
    #[error("there is no node `{node}`")]
    UnknownNode {
        /// The name.
        node: String,
        /// The names of all nodes.
        known: Vec<String>,
    },
    /// The run is shorter than that.
    #[error("there is no step {step}: the run ended with step {last}")]
    NoSuchStep {
        /// The step.
        step: Step,
        /// The last step there is.
        last: Step,
    },
}

/// A run, told.
#[derive(Clone, Debug)]
pub struct Replayed {
    asked: Replay,
    run: report::Run,
    story: Story,
    /// The state of the node that was asked for, at the end of the run.
    state: Option<String>,
    /// How far each view with a projector was behind.
    lags: Vec<(&'static str, Lag)>,
    left: Left,
    /// Whether the run was stopped before its end, because only its beginning was asked for.
    cut_short: bool,
}

impl Replayed {
    /// The story.
    pub fn story(&self) -> &Story {
        &self.story
    }

    /// What was found out about the run.
    pub fn run(&self) -> &report::Run {
        &self.run
    }

    /// The judgement on the run; `None` if it was stopped before its end and nothing was violated.
    pub fn verdict(&self) -> Option<Verdict> {
        let is_open = self.cut_short && self.run.violations.is_empty();
        (!is_open).then(|| self.run.verdict())
    }
}

/// Runs a scenario and tells what happened.
///
/// # Errors
///
/// When a step or a node is asked for that the run does not have.
///
/// ```
/// use jetlag::domains::Flights;
/// use jetlag::report::Palette;
/// use jetlag::scenario::Scenario;
/// use jetlag::session::{Replay, replay};
///
/// let text = Scenario::<Flights>::template("last seat").unwrap();
/// let scenario = Scenario::<Flights>::load("last_seat.ron", text.as_bytes()).unwrap();
/// let replayed = replay(&scenario, &Replay::default()).unwrap();
/// assert!(replayed.text(&Palette::default()).contains("SoldOut: IB6251 has no seat left"));
///
/// let state = Replay { state: Some("stor".to_owned()), ..Replay::default() };
/// assert_eq!(replay(&scenario, &state).unwrap_err().to_string(), "there is no node `stor`");
/// ```
pub fn replay<D: ScenarioDomain>(
    scenario: &Scenario<D>,
    asked: &Replay,
) -> Result<Replayed, ReplayError> {
    let plan = Arc::new(scenario.plan_of(asked.fuzz));
    // A state is that of a moment, so the run has to stop there; a story can go on.
    let stop_after = asked.around.filter(|_| asked.state.is_some());
    let options = Options {
        seed: asked.seed.unwrap_or(scenario.seed()),
        trace: true,
        budget: Some(until(&plan.budget, stop_after, asked.until)),
        describe: asked.state.clone(),
    };
    let mut finished = run(&plan, &options);
    let last = Step(finished.occurrences);
    if let Some(step) = asked.around.filter(|step| *step > last) {
        return Err(ReplayError::NoSuchStep { step, last });
    }
    let state = finished.described.take();
    if let Some(node) = &asked.state
        && state.is_none()
    {
        return Err(ReplayError::UnknownNode { node: node.clone(), known: finished.nodes });
    }
    let vocabulary = Vocabulary { domain: &plan.domain, names: &plan.names };
    let narrator = Narrator { vocabulary, nodes: &finished.nodes, roles: &finished.roles };
    let trace = finished.trace.as_ref().expect("a trace was asked for");
    let story = Story::tell(narrator, trace, asked.detail);
    let mut run = reported(scenario, &plan, &finished);
    run.violations = explained(&plan, &finished, trace);
    let lags = D::VIEWS.iter().zip(finished.observed.lags);
    let lags = lags.filter(|(view, _)| view.has_projector());
    Ok(Replayed {
        run,
        story,
        state,
        lags: lags.map(|(view, lag)| (view.name, lag)).collect(),
        left: finished.left,
        cut_short: stop_after.is_some() || asked.until.is_some(),
        asked: asked.clone(),
    })
}
