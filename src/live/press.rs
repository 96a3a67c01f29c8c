//! Presses of knobs, as entries of a scenario.

use serde::{Deserialize, Serialize};

use crate::kernel::{Fault, Instant, Scope, Span};
use crate::picture::Layout;
use crate::session::RunOutcome;

/// How long a fault lasts that is asked for by a press.
const LASTS: Span = Span::from_secs(10);
/// How often the last deed of the script is repeated by a burst.
const BURST: usize = 50;
/// The name of the knob that repeats what customers do.
const BURST_NAME: &str = "Burst";
/// The name of the knob that rebuilds a view.
const REBUILD_NAME: &str = "Rebuild";

/// A press of a knob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Press {
    /// The name of a fault, `Burst`, or `Rebuild`.
    pub fault: String,
    /// The node, service or view; any if it is missing.
    #[serde(default)]
    pub place: Option<String>,
}

/// A knob with a name of its own.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Knob {
    label: String,
    says: String,
    press: Press,
}

/// An entry of a scenario: the list that it belongs to, and its text.
pub(super) type Entry = (&'static str, String);

impl Press {
    /// The entries that the press adds, from a moment on.
    ///
    /// # Errors
    ///
    /// If there is no such fault, or nothing to repeat.
    pub(super) fn entries(
        &self,
        at: Instant,
        layout: &Layout,
        deeds: &[String],
    ) -> Result<Vec<Entry>, String> {
        // What happens in the present moment has happened.
        let from = at + Span::from_micros(1);
        match (&*self.fault, &self.place) {
            (BURST_NAME, _) => burst(from, at, layout, deeds),
            (REBUILD_NAME, Some(view)) => {
                let entry = format!("(at: \"{}\", rebuild: \"{view}\")", written(from));
                is_word(view).map(|()| vec![("operations", entry)])
            }
            (REBUILD_NAME, None) => Err("it is not said which view is to be rebuilt".to_owned()),
            (name, place) => {
                let fault = layout.faults.iter().find(|fault| fault.name == name);
                let fault = fault.ok_or_else(|| format!("there is no fault `{name}`"))?;
                place.as_deref().map_or(Ok(()), is_word)?;
                Ok(vec![("faults", scripted(fault, from, place.as_deref()))])
            }
        }
    }
}

/// A scripted fault.
fn scripted(fault: &Fault, from: Instant, place: Option<&str>) -> String {
    let (from, until) = (written(from), written(from + LASTS));
    let place = place.map_or_else(String::new, |place| match fault.scope {
        Scope::Link => format!(", to: \"{place}\""),
        Scope::Pair | Scope::AnyNode | Scope::Node(_) | Scope::Service => {
            format!(", node: \"{place}\"")
        }
    });
    format!("(from: \"{from}\", until: \"{until}\", inject: {}{place})", fault.name)
}

/// The last deed of the script, many times at once.
fn burst(
    from: Instant,
    at: Instant,
    layout: &Layout,
    deeds: &[String],
) -> Result<Vec<Entry>, String> {
    let done = layout.script.iter().zip(deeds).rev().find(|(planned, _)| planned.at <= at);
    let (_, does) = done.ok_or("no customer of the script has done anything yet")?;
    let mut names: Vec<&str> = layout.script.iter().map(|planned| &*planned.who).collect();
    names.sort_unstable();
    names.dedup();
    let at = written(from);
    let line = |who: &&str| ("script", format!("(at: \"{at}\", who: \"{who}\", does: {does})"));
    Ok(names.iter().cycle().take(BURST).map(line).collect())
}

/// A moment, as scenarios write it.
fn written(at: Instant) -> String {
    at.since(Instant::ZERO).written()
}

/// Whether a name can stand in a scenario without being taken for something else.
fn is_word(name: &str) -> Result<(), String> {
    match name.chars().any(|c| matches!(c, '"' | '\\') || c.is_control()) {
        true => Err("a name has no quotation marks and no control characters".to_owned()),
        false => Ok(()),
    }
}

/// The knobs that have names of their own, because they are used often.
pub(super) fn knobs(outcome: &RunOutcome, layout: &Layout) -> Vec<Knob> {
    let mut knobs = Vec::new();
    let mut add = |label: String, says: String, fault: &str, place: Option<&str>| {
        let press = Press { fault: fault.to_owned(), place: place.map(str::to_owned) };
        knobs.push(Knob { label, says, press });
    };
    for name in ["ServiceSlow", "ServiceError", "Duplicate", "Drop", "CrashBetween"] {
        let Some(fault) = layout.faults.iter().find(|fault| fault.name == name) else { continue };
        let is_of_service = fault.scope == Scope::Service;
        let place = match is_of_service {
            true => layout.services.last().map(|service| &*service.name),
            false => outcome.nodes.iter().find(|node| *node == "store").map(String::as_str),
        };
        let place = place.filter(|_| fault.scope != Scope::Pair);
        let at = place.map_or_else(String::new, |place| format!(" {place}"));
        add(format!("{}{at}", spaced(name)), fault.says.to_owned(), name, place);
    }
    if !layout.script.is_empty() {
        let says = format!("the last deed of the script, {BURST} times at once");
        add("Burst".to_owned(), says, BURST_NAME, None);
    }
    for view in layout.views.iter().filter(|view| view.queue.is_some()).take(1) {
        let says = format!("{} is rebuilt from position 0, beside the live table", view.name);
        add(format!("Replay {}", view.name), says, REBUILD_NAME, Some(view.name));
    }
    knobs
}

/// `ServiceSlow` as `Service slow`.
fn spaced(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push(' ');
            words.extend(c.to_lowercase());
        } else {
            words.push(c);
        }
    }
    words
}
