//! The story of a run, whole or around one of its steps.

mod filter;
#[cfg(feature = "cli")]
mod json;
mod text;

use std::borrow::Cow;

pub use filter::Filter;
#[cfg(feature = "cli")]
pub(crate) use json::{LineDoc, MissedDoc, ScenarioDoc, StopDoc, ViolationDoc, standing};
use thiserror::Error;

use super::Properties;
use crate::kernel::Step;
use crate::session::RunOutcome;
use crate::trace::Story;

/// How many lines are shown before and after the step of an excerpt.
const AROUND: usize = 12;

/// Which part of a run is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// Only the steps that led to this one, and the lines shortly before and after it.
    pub around: Option<Step>,
    /// Which lines are shown.
    pub filter: Filter,
    /// Whether a long story is shortened, and the lag of views added.
    pub brief: bool,
    /// Whether each line has the correlation id of its conversation.
    pub correlation: bool,
    /// How the properties are printed as text.
    pub properties: Properties,
}

/// Why an excerpt of a run cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReplayError {
    /// The run was requested without `detail`.
    #[error("the run has no story")]
    NoStory,
    /// There is no such node.
    #[error("there is no node `{node}`")]
    UnknownNode {
        /// The requested name.
        node: String,
        /// The names of all nodes.
        known: Vec<String>,
    },
    /// No line has this name.
    #[error("{option}: there is no `{name}` in this run")]
    UnknownName {
        /// The option that names it.
        option: &'static str,
        /// The requested name.
        name: String,
        /// The names that occur.
        known: Vec<String>,
    },
    /// The run has fewer steps.
    #[error("there is no step {step}: the run ended with step {last}")]
    NoSuchStep {
        /// The requested step.
        step: Step,
        /// The last step.
        last: Step,
    },
}

/// A run with its story, for output as text or as JSON.
#[derive(Clone, Debug)]
pub struct Replayed<'a> {
    outcome: &'a RunOutcome,
    /// The lines that the filter admits.
    story: Cow<'a, Story>,
    /// The number of all lines.
    lines: usize,
    excerpt: Excerpt,
}

/// Prepares a run for output.
///
/// # Errors
///
/// When the outcome has no story, or the run has no such step or node.
///
/// ```
/// use jetlag::domains::Flights;
/// use jetlag::report::{Excerpt, Palette, replay};
/// use jetlag::scenario::Scenario;
/// use jetlag::session::{RunRequest, run};
/// use jetlag::trace::Detail;
///
/// let text = Scenario::<Flights>::template("last seat").unwrap();
/// let scenario = Scenario::<Flights>::load("last_seat.ron", text.as_bytes()).unwrap();
/// let request = RunRequest { detail: Some(Detail::Story), ..scenario.request() };
/// let outcome = run(&scenario, &request);
/// let replayed = replay(&outcome, Excerpt::default()).unwrap();
/// assert!(replayed.text(&Palette::default()).contains("SoldOut: IB6251 has no seat left"));
///
/// let outcome = run(&scenario, &RunRequest { describe: vec!["stor".to_owned()], ..request });
/// let wrong = replay(&outcome, Excerpt::default()).unwrap_err();
/// assert_eq!(wrong.to_string(), "there is no node `stor`");
/// ```
pub fn replay(outcome: &RunOutcome, excerpt: Excerpt) -> Result<Replayed<'_>, ReplayError> {
    let story = outcome.story.as_ref().ok_or(ReplayError::NoStory)?;
    let last = Step(outcome.occurrences);
    if let Some(step) = excerpt.around.filter(|step| *step > last) {
        return Err(ReplayError::NoSuchStep { step, last });
    }
    let described = outcome.request.describe.iter().zip(&outcome.described);
    if let Some((node, _)) = described.into_iter().find(|(_, state)| state.is_none()) {
        return Err(ReplayError::UnknownNode { node: node.clone(), known: outcome.nodes.clone() });
    }
    excerpt.filter.check(story, outcome)?;
    let lines = story.lines().len();
    let story = match excerpt.filter.is_empty() {
        true => Cow::Borrowed(story),
        // The step that is asked for is shown in any case.
        false => Cow::Owned(
            story.only(|line| excerpt.around == Some(line.step) || excerpt.filter.admits(line)),
        ),
    };
    Ok(Replayed { outcome, story, lines, excerpt })
}
