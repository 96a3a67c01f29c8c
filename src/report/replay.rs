//! A run told from beginning to end, or around one of its steps.

use std::fmt::Write;

use thiserror::Error;

use super::lag::lag_chart;
use super::palette::Palette;
use super::text::{findings, heading};
use crate::kernel::Step;
use crate::session::RunOutcome;
use crate::trace::{Brevity, Page};

/// How many lines are told before and after the step in question.
const AROUND: usize = 12;

/// Which part of a story is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// Only what led to this step, and what happened shortly before and after it.
    pub around: Option<Step>,
    /// Without the middle of a long story, and with the lags of the views.
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

/// Renders the story of a run as text, with what was found. Of an outcome without a story, only that.
///
/// # Errors
///
/// When a step or a node is asked for that the run does not have.
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
/// let tell = |request| replay(&run(&scenario, &request), Excerpt::default(), &Palette::default());
/// assert!(tell(request.clone()).unwrap().contains("SoldOut: IB6251 has no seat left"));
///
/// let wrong = tell(RunRequest { describe: Some("stor".to_owned()), ..request }).unwrap_err();
/// assert_eq!(wrong.to_string(), "there is no node `stor`");
/// ```
pub fn replay(
    outcome: &RunOutcome,
    excerpt: Excerpt,
    palette: &Palette,
) -> Result<String, ReplayError> {
    let last = Step(outcome.occurrences);
    if let Some(step) = excerpt.around.filter(|step| *step > last) {
        return Err(ReplayError::NoSuchStep { step, last });
    }
    let mut out = heading(outcome, palette);
    if let Some(story) = &outcome.story {
        match excerpt.around {
            None if excerpt.brief => section(&mut out, "", &story.brief(Brevity::default())),
            None => section(&mut out, "", &story.page()),
            Some(step) => {
                let path = story.path(step);
                section(&mut out, &format!("what led to step {step}\n"), &path);
                section(&mut out, &format!("around step {step}\n"), &story.around(step, AROUND));
            }
        }
    }
    let end = format!("step {}, at {}", outcome.occurrences, outcome.ended_at);
    if let Some(node) = &outcome.request.describe {
        let Some(state) = &outcome.described else {
            let (node, known) = (node.clone(), outcome.nodes.clone());
            return Err(ReplayError::UnknownNode { node, known });
        };
        let _ = writeln!(out, "\n{node} after {end}\n{}", state.trim_end());
    }
    if excerpt.brief {
        out.push('\n');
        let views = outcome.views.iter();
        out += &lag_chart(views.filter_map(|view| Some((view.view, view.lag.as_ref()?))));
        let _ = writeln!(out, "{}", outcome.left);
    }
    out.push('\n');
    if outcome.request.stop_at.is_set() && outcome.violations.is_empty() {
        let _ = writeln!(out, "told up to {end}");
    } else {
        out += &findings(outcome, palette);
    }
    Ok(out)
}

fn section(out: &mut String, title: &str, page: &Page<'_>) {
    if !page.is_empty() {
        out.push('\n');
        out.push_str(title);
        out.push_str(&page.to_string());
    }
}
