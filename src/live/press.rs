//! Presses of knobs, as entries of a scenario.

use serde::{Deserialize, Serialize};

use crate::kernel::{Fault, Instant, Scope, Span, Unit};
use crate::picture::{Layout, Picture, PlannedDeed};

/// How long a fault lasts that is asked for by a press.
const LASTS: Span = Span::from_secs(10);
/// How often a deed of the script is repeated by a burst or a stampede.
pub(super) const BURST: usize = 50;
/// The press that repeats what a customer did last.
pub(super) const BURST_NAME: &str = "Burst";
/// The press that repeats what was looked at last.
pub(super) const STAMPEDE_NAME: &str = "Stampede";
/// The press that rebuilds a view.
pub(super) const REBUILD_NAME: &str = "Rebuild";

/// A press of a knob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Press {
    /// The name of a fault, `Burst`, `Stampede`, or `Rebuild`.
    pub fault: String,
    /// The node, service or view; any if it is missing.
    #[serde(default)]
    pub place: Option<String>,
    /// How much of a fault that has a size, in its unit; its usual one if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
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
        picture: &Picture,
        deeds: &[String],
    ) -> Result<Vec<Entry>, String> {
        let layout = &picture.layout;
        // What happens in the present moment has happened.
        let from = at + Span::from_micros(1);
        match (&*self.fault, &self.place) {
            (BURST_NAME, _) => repeated(layout, from, deeds, |planned| planned.at <= at)
                .ok_or_else(|| "no customer of the script has done anything yet".to_owned()),
            (STAMPEDE_NAME, _) => {
                let is_look = |planned: &PlannedDeed| planned.at <= at && asks(picture, planned);
                repeated(layout, from, deeds, is_look).ok_or_else(|| {
                    "no customer of the script has looked at anything yet".to_owned()
                })
            }
            (REBUILD_NAME, Some(view)) => {
                let entry = format!("(at: \"{}\", rebuild: \"{view}\")", written(from));
                is_word(view).map(|()| vec![("operations", entry)])
            }
            (REBUILD_NAME, None) => Err("it is not said which view is to be rebuilt".to_owned()),
            (name, place) => {
                let fault = layout.faults.iter().find(|fault| fault.name == name);
                let fault = fault.ok_or_else(|| format!("there is no fault `{name}`"))?;
                place.as_deref().map_or(Ok(()), is_word)?;
                let size = self.size.map_or_else(String::new, |size| sized(fault, size));
                Ok(vec![("faults", scripted(fault, from, place.as_deref(), &size))])
            }
        }
    }
}

/// A scripted fault.
fn scripted(fault: &Fault, from: Instant, place: Option<&str>, size: &str) -> String {
    let (from, until) = (written(from), written(from + LASTS));
    let place = place.map_or_else(String::new, |place| match fault.scope {
        Scope::Link => format!(", to: \"{place}\""),
        Scope::Pair | Scope::AnyNode | Scope::Node(_) | Scope::Service => {
            format!(", node: \"{place}\"")
        }
    });
    format!("(from: \"{from}\", until: \"{until}\", inject: {}{place}{size})", fault.name)
}

/// The size of a fault, as scenarios write it.
fn sized(fault: &Fault, size: u64) -> String {
    match fault.unit {
        Unit::Once => String::new(),
        Unit::Times => format!(", size: {size}"),
        Unit::Span | Unit::Lasting => format!(", by: \"{}\"", Span::from_micros(size).written()),
    }
}

/// The last of these deeds of the script, many times at once, by all its customers in turn.
fn repeated(
    layout: &Layout,
    from: Instant,
    deeds: &[String],
    is_one: impl Fn(&PlannedDeed) -> bool,
) -> Option<Vec<Entry>> {
    let (_, does) = layout.script.iter().zip(deeds).rev().find(|(planned, _)| is_one(planned))?;
    let mut names: Vec<&str> = layout.script.iter().map(|planned| &*planned.who).collect();
    names.sort_unstable();
    names.dedup();
    let at = written(from);
    let line = |who: &&str| ("script", format!("(at: \"{at}\", who: \"{who}\", does: {does})"));
    Some(names.iter().cycle().take(BURST).map(line).collect())
}

/// Whether a deed was a query: its customer asked something at its time.
fn asks(picture: &Picture, planned: &PlannedDeed) -> bool {
    let from = picture.entries.partition_point(|entry| entry.at < planned.at);
    let then = picture.entries[from..].iter().take_while(|entry| entry.at == planned.at);
    let mut asked = then.filter(|entry| entry.kind == "queried");
    asked.any(|entry| picture.sentences.text(entry.who) == planned.who)
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
