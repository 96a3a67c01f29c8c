//! A run told from beginning to end, or around one of its steps.

#[cfg(feature = "cli")]
mod json;
mod text;

use thiserror::Error;

use crate::kernel::Step;
use crate::session::RunOutcome;
use crate::trace::Story;

/// How many lines are told before and after the step in question.
const AROUND: usize = 12;

/// Which part of a run is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// Only what led to this step, and what happened shortly before and after it.
    pub around: Option<Step>,
    /// Whether a long story is shortened, and the lag of views shown.
    pub brief: bool,
    /// Whether all properties are listed, not only counted.
    pub properties: bool,
}

/// Why a run cannot be told as asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReplayError {
    /// The run was requested without a detail.
    #[error("the run has no story")]
    NoStory,
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

/// A run that can be told: text and JSON are made of it.
#[derive(Clone, Copy, Debug)]
pub struct Replayed<'a> {
    outcome: &'a RunOutcome,
    story: &'a Story,
    excerpt: Excerpt,
}

/// The run as it is told.
///
/// # Errors
///
/// When the outcome has no story, or a step or a node is asked for that the run does not have.
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
/// let outcome = run(&scenario, &RunRequest { describe: Some("stor".to_owned()), ..request });
/// let wrong = replay(&outcome, Excerpt::default()).unwrap_err();
/// assert_eq!(wrong.to_string(), "there is no node `stor`");
/// ```
pub fn replay(outcome: &RunOutcome, excerpt: Excerpt) -> Result<Replayed<'_>, ReplayError> {
    let story = outcome.story.as_ref().ok_or(ReplayError::NoStory)?;
    let last = Step(outcome.occurrences);
    if let Some(step) = excerpt.around.filter(|step| *step > last) {
        return Err(ReplayError::NoSuchStep { step, last });
    }
    match &outcome.request.describe {
        Some(node) if outcome.described.is_none() => {
            let (node, known) = (node.clone(), outcome.nodes.clone());
            Err(ReplayError::UnknownNode { node, known })
        }
        Some(_) | None => Ok(Replayed { outcome, story, excerpt }),
    }
}
