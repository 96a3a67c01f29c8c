//! A run as a trace in the [Informal Trace Format](https://apalache-mc.org/docs/adr/015adr-trace.html) of
//! Apalache and Quint: a state for each step, with what is true after it.
//!
//! A state repeats what has not changed, as the format wants it, so a long run is refused.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::course::Occurrence;
use super::{Course, NotExported};
use crate::kernel::{CRASH_AFTER, CRASH_BEFORE, CRASH_BETWEEN, NodeId, Step};
use crate::model::FactKind;
use crate::report::line;
use crate::trace::{EntityKind, Line};

/// The most steps of a trace.
const STEPS_MAX: usize = 10_000;

/// The variables, in the order in which they are listed, each with its type in the notation of Apalache.
const VARIABLES: [(&str, &str); 12] = [
    ("step", "Int"),
    ("at_ns", "Int"),
    ("node", "Str"),
    ("message", "Str"),
    ("class", "Str"),
    ("from", "Str"),
    ("about", "Str"),
    ("events", "Str -> Int"),
    ("applied", "Str -> Int"),
    ("faults", "Int"),
    ("down", "Set(Str)"),
    ("violated", "Set(Str)"),
];

/// The run as a trace, one state a line.
///
/// # Errors
///
/// When it has too many steps.
pub fn itf(course: &Course<'_>) -> Result<String, NotExported> {
    let count = course.outcome.deliveries.len();
    if count > STEPS_MAX {
        let (format, what) = ("a trace of states", "steps");
        return Err(NotExported::TooLong { format, what, count, most: STEPS_MAX });
    }
    let mut truth = Truth::at_start(course);
    let mut states = vec![truth.state(None)];
    for occurrence in course.occurrences() {
        truth.after(&occurrence);
        states.push(truth.state(Some(&occurrence)));
    }
    let meta = line(&Meta::of(course));
    let names: Vec<&str> = VARIABLES.iter().map(|(name, _)| *name).collect();
    let names = line(&names);
    let states: Vec<&str> = states.iter().map(|state| state.trim_end()).collect();
    Ok(format!(
        "{{\"#meta\":{},\"vars\":{},\"states\":[\n{}\n]}}\n",
        meta.trim_end(),
        names.trim_end(),
        states.join(",\n")
    ))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    format: &'static str,
    #[serde(rename = "format-description")]
    format_description: &'static str,
    description: String,
    var_types: BTreeMap<&'static str, &'static str>,
}

impl Meta {
    fn of(course: &Course<'_>) -> Self {
        let subject = &course.outcome.subject;
        let (version, seed) = (env!("CARGO_PKG_VERSION"), course.outcome.request.seed);
        Self {
            format: "ITF",
            format_description: "https://apalache-mc.org/docs/adr/015adr-trace.html",
            description: format!("{}, seed {seed}, by Jetlag {version}", subject.name),
            var_types: VARIABLES.into_iter().collect(),
        }
    }
}

/// An integer of any size.
#[derive(Serialize)]
struct Int {
    #[serde(rename = "#bigint")]
    digits: String,
}

#[derive(Serialize)]
struct Set<'a> {
    #[serde(rename = "#set")]
    items: Vec<&'a str>,
}

#[derive(Serialize)]
struct Map<'a> {
    #[serde(rename = "#map")]
    entries: Vec<(&'a str, Int)>,
}

#[derive(Serialize)]
struct Index {
    index: u64,
}

#[derive(Serialize)]
struct State<'a> {
    #[serde(rename = "#meta")]
    meta: Index,
    step: Int,
    at_ns: Int,
    node: &'a str,
    message: &'a str,
    class: &'a str,
    from: &'a str,
    about: String,
    events: Map<'a>,
    applied: Map<'a>,
    faults: Int,
    down: Set<'a>,
    violated: Set<'a>,
}

/// What is true at some step.
struct Truth<'a> {
    course: &'a Course<'a>,
    /// The number of events of each stream.
    events: BTreeMap<&'a str, u64>,
    /// The number of events that each view has applied.
    applied: BTreeMap<&'a str, u64>,
    faults: u64,
    /// The nodes that have crashed and are not back.
    down: BTreeSet<&'a str>,
    violated: BTreeSet<&'a str>,
    /// The steps in which nodes crash.
    crashes: Vec<(Step, NodeId)>,
}

impl<'a> Truth<'a> {
    fn at_start(course: &'a Course<'a>) -> Self {
        let crashes = [CRASH_BEFORE, CRASH_BETWEEN, CRASH_AFTER].map(|crash| crash.site);
        let crashes = course.decisions.iter().enumerate().filter_map(|(nth, decision)| {
            let is_crash = decision.value > 0 && crashes.contains(&decision.key.site);
            is_crash.then(|| (course.step_of(nth), decision.key.actor.to))
        });
        let mut truth = Self {
            course,
            events: BTreeMap::new(),
            applied: BTreeMap::new(),
            faults: 0,
            down: BTreeSet::new(),
            violated: BTreeSet::new(),
            crashes: crashes.collect(),
        };
        truth.learn(Step(0), course.start());
        truth
    }

    fn after(&mut self, occurrence: &Occurrence<'a>) {
        let node = occurrence.node();
        // It comes back before it handles anything, and may crash in the handling of that.
        self.down.remove(node);
        self.learn(occurrence.step, occurrence.lines());
    }

    fn learn(&mut self, step: Step, lines: &'a [Line]) {
        for line in lines {
            #[expect(
                clippy::wildcard_enum_match_arm,
                reason = "no other kind changes what is counted"
            )]
            match line.kind {
                FactKind::Stored => {
                    let mut about = line.about.iter();
                    let stream = about.find(|entity| entity.kind == EntityKind::Stream);
                    let stream = stream.expect("a stored event is about its stream");
                    *self.events.entry(&stream.name).or_default() += 1;
                }
                FactKind::Applied | FactKind::AppliedInline => {
                    *self.applied.entry(&line.speaker.name).or_default() += 1;
                }
                FactKind::Fault => self.faults += 1,
                _ => {}
            }
        }
        let course = self.course;
        let crashes = self.crashes.iter().filter(|(at, _)| *at == step);
        self.down.extend(crashes.map(|(_, node)| course.node(*node)));
        for violated in course.outcome.violations.iter().filter(|violated| violated.step <= step) {
            self.violated.insert(violated.property);
            self.violated.extend(violated.also.iter().map(|also| also.property));
        }
    }

    /// The state after an occurrence, or at the start.
    fn state(&self, occurrence: Option<&Occurrence<'a>>) -> String {
        let step = occurrence.map_or(0, |occurrence| occurrence.step.0);
        let at = occurrence.map_or(0, |occurrence| occurrence.delivered.at.as_nanos());
        line(&State {
            meta: Index { index: step },
            step: int(step),
            at_ns: int(at),
            node: occurrence.map_or("", Occurrence::node),
            message: occurrence.map_or("", Occurrence::message),
            class: occurrence.map_or("start", |occurrence| occurrence.class().word()),
            from: occurrence.and_then(Occurrence::from).unwrap_or_default(),
            about: occurrence.and_then(Occurrence::about).unwrap_or_default(),
            events: map(&self.events),
            applied: map(&self.applied),
            faults: int(self.faults),
            down: set(&self.down),
            violated: set(&self.violated),
        })
    }
}

fn int(value: u64) -> Int {
    Int { digits: value.to_string() }
}

fn map<'a>(counts: &BTreeMap<&'a str, u64>) -> Map<'a> {
    Map { entries: counts.iter().map(|(name, count)| (*name, int(*count))).collect() }
}

fn set<'a>(names: &BTreeSet<&'a str>) -> Set<'a> {
    Set { items: names.iter().copied().collect() }
}
