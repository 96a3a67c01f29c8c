//! What does not matter to a failure: values of the scenario's file for which others can stand.

use super::Element;
use super::passes::Shrunk;
use crate::scenario::{Scalar, scalars};
use crate::session::{AnyScenario, Identity, RunRequest};

/// The most values that are tried.
const VALUES_MAX: usize = 64;

/// A value of the scenario's file that does not matter: the run fails in the same way with each of the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indifferent {
    /// The way to it in the file.
    pub way: String,
    /// The value.
    pub value: String,
    /// The others that were tried.
    pub others: Vec<String>,
}

/// The values of the file of `scenario` that do not matter to what is left of its failure. `load` loads a text as
/// the file of the same scenario; `stop` is asked between runs.
pub fn indifferent(
    scenario: &dyn AnyScenario,
    shrunk: &Shrunk,
    load: &dyn Fn(&str) -> Option<Box<dyn AnyScenario>>,
    stop: &(dyn Fn() -> bool + Sync),
) -> Vec<Indifferent> {
    let (text, wanted) = (scenario.text(), Identity::of(&shrunk.outcome));
    let request = RunRequest { decisions: false, ..shrunk.outcome.request.clone() };
    let lines = scenario.lexicon().line_places();
    let is_left = |element: &Element| match element {
        Element::Line(number) => lines.get(*number as usize - 1).copied(),
        _ => None,
    };
    let lines: Vec<usize> =
        shrunk.elements.iter().filter_map(|without| is_left(&without.element)).collect();
    let fails = |scalar: &Scalar, other: &String| {
        let other = load(&scalar.replaced(text, other));
        other.is_some_and(|other| !stop() && Identity::of(&other.run(&request)) == wanted)
    };
    let values = scalars(text, &lines).into_iter().take(VALUES_MAX);
    let values = values.filter(|scalar| {
        !scalar.others.is_empty() && scalar.others.iter().all(|other| fails(scalar, other))
    });
    values.map(|Scalar { way, value, others, .. }| Indifferent { way, value, others }).collect()
}
