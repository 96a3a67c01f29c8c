//! A run as lines of JSON: the run itself, then what each node handled and stated, then what was violated.
//!
//! ```json
//! {"kind":"run","format":"jetlag.records","version":1,"scenario":{…},"seed":"7",…}
//! {"kind":"start","node":"relay","at_ns":0,"facts":[…]}
//! {"kind":"occurrence","step":1,"at_ns":0,"node":"customers","message":"Cue",…,"facts":[…]}
//! {"kind":"violation","property":"single-capture","step":87,…}
//! ```

use serde::Serialize;

use super::Course;
use super::course::Occurrence;
use crate::report::{
    LineDoc, MissedDoc, ReproductionDoc, ScenarioDoc, StopDoc, ViolationDoc, hash, line, list,
    object, unrest, verdict,
};
use crate::session::Faults;
use crate::trace::Line;

/// The version of the format. It is raised when a field changes its meaning or is removed.
const VERSION: u32 = 1;

/// The run as lines of JSON.
pub fn records(course: &Course<'_>) -> String {
    let outcome = course.outcome;
    let mut out = line(&RunDoc(course));
    for started in course.start().chunk_by(|one, other| one.node == other.node) {
        let (node, facts) = (course.node(started[0].node), facts(started));
        out += &line(&Record::Start { node, at_ns: 0, facts });
    }
    for occurrence in course.occurrences() {
        out += &line(&Record::Occurrence(OccurrenceDoc(&occurrence)));
    }
    for violated in &outcome.violations {
        out += &line(&Record::Violation(ViolationDoc(violated)));
    }
    for missed in &outcome.missed {
        out += &line(&Record::Missed(MissedDoc(missed)));
    }
    out
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Record<'a> {
    Start { node: &'a str, at_ns: u64, facts: Vec<LineDoc<'a>> },
    Occurrence(OccurrenceDoc<'a>),
    Violation(ViolationDoc<'a>),
    Missed(MissedDoc<'a>),
}

object!(RunDoc(course: Course<'a>) {
    kind: "run",
    format: "jetlag.records",
    version: VERSION,
    jetlag: env!("CARGO_PKG_VERSION"),
    scenario: ScenarioDoc(&course.outcome.subject),
    seed: course.outcome.request.seed.to_string(),
    fuzzed: course.outcome.request.faults == Faults::Fuzzed,
    policy: course.outcome.request.schedule.to_string(),
    digest: hash(course.outcome.digest),
    verdict: verdict(course.outcome.verdict()),
    stop: StopDoc(course.outcome),
    occurrences: course.outcome.occurrences,
    events: course.outcome.events,
    violations: course.outcome.violations.len(),
    nodes: course.nodes().map(|(name, kind)| NodeDoc { name, kind }).collect::<Vec<_>>(),
} {
    reproduction: course.outcome.reproduction.as_ref().map(ReproductionDoc),
    unrest: course.outcome.unrest.as_ref().map(unrest),
});

/// A node.
#[derive(Serialize)]
pub(super) struct NodeDoc<'a> {
    pub(super) name: &'a str,
    pub(super) kind: &'static str,
}

object!(OccurrenceDoc(it: Occurrence<'a>) {
    step: it.step.0,
    at_ns: it.delivered.at.as_nanos(),
    node: it.node(),
    message: it.message(),
    class: it.class().word(),
    poll: it.delivered.is_poll,
    from: it.from(),
    about: it.about(),
    nth: it.delivered.key.nth,
    cause: it.delivered.cause.0,
    sent: it.sent.map(|step| step.0),
    facts: facts(it.lines()),
});

fn facts(lines: &[Line]) -> Vec<LineDoc<'_>> {
    list(lines, LineDoc)
}
