//! A run told from beginning to end, or around one of its steps.

use std::sync::Arc;

use thiserror::Error;

use super::examine::{explained, reported};
use super::{Finished, Options, run, until};
use crate::kernel::{Instant, Step};
use crate::model::{Domain, Vocabulary};
use crate::report::{Palette, Verdict, findings, heading, lag_chart};
use crate::scenario::{Scenario, ScenarioDomain};
use crate::trace::{Brevity, Detail, Narrator, Page, Story};

/// How many lines are told before and after the step in question.
const AROUND: usize = 12;

/// What is to be told of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replay {
    /// The seed, if not the scenario's own.
    pub seed: Option<u64>,
    /// Whether also those faults come that the seed draws from what the scenario allows.
    pub fuzz: bool,
    /// Only what led to this step, and what happened shortly before and after it.
    pub around: Option<Step>,
    /// Nothing after this time.
    pub until: Option<Instant>,
    /// The state of this node at the end, or after the step, or at the time.
    pub state: Option<String>,
    /// Which facts.
    pub detail: Detail,
    /// Whether it is to fit a screen or two.
    pub brief: bool,
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

/// Runs a scenario and tells what happened, with what was found out in the end.
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
/// let (story, _) = replay(&scenario, &Replay::default(), &Palette::default()).unwrap();
/// assert!(story.contains("SoldOut: IB6251 has no seat left"));
///
/// let state = Replay { state: Some("stor".to_owned()), ..Replay::default() };
/// let wrong = replay(&scenario, &state, &Palette::default()).unwrap_err();
/// assert_eq!(wrong.to_string(), "there is no node `stor`");
/// ```
pub fn replay<D: ScenarioDomain>(
    scenario: &Scenario<D>,
    asked: &Replay,
    palette: &Palette,
) -> Result<(String, Verdict), ReplayError> {
    let plan = Arc::new(scenario.plan_of(asked.fuzz));
    // A state is that of a moment, so the run has to stop there; a story can go on.
    let stop_after = asked.around.filter(|_| asked.state.is_some());
    let options = Options {
        seed: asked.seed.unwrap_or(scenario.seed()),
        trace: true,
        budget: Some(until(&plan.budget, stop_after, asked.until)),
        describe: asked.state.clone(),
    };
    let finished = run(&plan, &options);
    let last = Step(finished.occurrences);
    if let Some(step) = asked.around.filter(|step| *step > last) {
        return Err(ReplayError::NoSuchStep { step, last });
    }
    if let Some(node) = &asked.state
        && finished.described.is_none()
    {
        return Err(ReplayError::UnknownNode { node: node.clone(), known: finished.nodes });
    }
    let vocabulary = Vocabulary { domain: &plan.domain, names: &plan.names };
    let narrator = Narrator { vocabulary, nodes: finished.nodes.as_slice() };
    let trace = finished.trace.as_ref().expect("a trace was asked for");
    let story = Story::tell(narrator, trace, asked.detail);
    let cut_short = stop_after.is_some() || asked.until.is_some();
    let mut report = reported(scenario, &plan, &finished);
    report.violations = explained(&plan, &finished, trace);

    let mut out = heading(&report, palette);
    match asked.around {
        None => {
            section(
                &mut out,
                "",
                &if asked.brief { story.brief(Brevity::default()) } else { story.page() },
            );
        }
        Some(step) => {
            let path = story.path(step);
            section(&mut out, &format!("what led to step {step}\n"), &path);
            section(&mut out, &format!("around step {step}\n"), &story.around(step, AROUND));
        }
    }
    if let (Some(node), Some(state)) = (&asked.state, &finished.described) {
        let (step, at) = (finished.occurrences, finished.ended_at);
        out += &format!("\n{node} after step {step}, at {at}\n{}\n", state.trim_end());
    }
    if asked.brief {
        out.push('\n');
        out += &lags::<D>(&finished);
        out += &format!("{}\n", finished.left);
    }
    out.push('\n');
    if cut_short && report.violations.is_empty() {
        let (step, at) = (finished.occurrences, finished.ended_at);
        out += &format!("told up to step {step}, at {at}\n");
        return Ok((out, Verdict::Held));
    }
    out += &findings(&report, palette);
    Ok((out, report.verdict()))
}

fn section(out: &mut String, title: &str, page: &Page<'_>) {
    if !page.is_empty() {
        out.push('\n');
        out.push_str(title);
        out.push_str(&page.to_string());
    }
}

fn lags<D: ScenarioDomain>(finished: &Finished<D>) -> String {
    let lags = <D as Domain>::VIEWS.iter().zip(&finished.observed.lags);
    let lags = lags.filter(|(view, _)| view.has_projector());
    lag_chart(lags.map(|(view, lag)| (view.name, lag)))
}
