//! A replayed run as a JSON document, described in `docs/replay-json.md`.

use serde::Serialize;

use super::{AROUND, Replayed};
use crate::report::json::{consequences, verdict};
use crate::report::object::{document, hash, list, object};
use crate::report::reproduction::ReproductionDoc;
use crate::report::unrest;
use crate::session::{Faults, Missed, RunOutcome, Standing, Subject, Violated};
use crate::trace::Line;

/// The version of the document. It is raised when a field changes its meaning or is removed.
const VERSION: u32 = 1;

impl Replayed<'_> {
    /// The run as JSON, with a line feed at the end.
    pub fn json(&self) -> String {
        document(&Document(self))
    }

    fn path(&self) -> Option<Vec<u64>> {
        let step = self.excerpt.around?;
        Some(self.story.path_to(step).iter().map(|step| step.0).collect())
    }

    /// The same lines as in the text: all, or those that led to a step and those around it.
    fn lines(&self) -> Vec<&Line> {
        let Some(step) = self.excerpt.around else { return self.story.lines().iter().collect() };
        let near = self.story.neighbourhood(step, AROUND);
        let first = near.first().map_or(step, |line| line.step);
        let path = self.story.led_to(step).take_while(|line| line.step < first);
        path.chain(near).collect()
    }

    fn states(&self) -> Vec<StateDoc<'_>> {
        let states = self.outcome.states();
        states.map(|(node, state)| StateDoc { node, text: state.trim_end() }).collect()
    }
}

object!(Document(replayed: Replayed<'a>) {
    version: VERSION,
    jetlag: env!("CARGO_PKG_VERSION"),
    scenario: ScenarioDoc(&replayed.outcome.subject),
    seed: replayed.outcome.request.seed.to_string(),
    fuzzed: replayed.outcome.request.faults == Faults::Fuzzed,
    policy: replayed.outcome.request.schedule.to_string(),
    digest: hash(replayed.outcome.digest),
    stop: StopDoc(replayed.outcome),
    verdict: replayed.outcome.is_judged().then(|| verdict(replayed.outcome.verdict())),
    events: replayed.outcome.events,
    checks: replayed.outcome.checks(),
    properties: properties(replayed.outcome),
    violations: list(&replayed.outcome.violations, ViolationDoc),
    missed: list(&replayed.outcome.missed, MissedDoc),
    detail: replayed.outcome.request.detail.unwrap_or_default(),
    path: replayed.path(),
    lines: list(&replayed.lines(), |line| LineDoc(line)),
    state: replayed.states().into_iter().next(),
    states: replayed.states(),
} {
    reproduction: replayed.outcome.reproduction.as_ref().map(ReproductionDoc),
    unrest: replayed.outcome.unrest.as_ref().map(unrest::json),
});

object!(pub(crate) ScenarioDoc(subject: Subject) {
    file: subject.file,
    name: subject.name,
    fingerprint: format!("{:06x}", subject.fingerprint),
});

object!(pub(crate) StopDoc(run: RunOutcome) {
    reason: run.stop.to_string(),
    step: run.occurrences,
    at_ns: run.ended_at.as_nanos(),
});

#[derive(Serialize)]
struct PropertyDoc {
    property: &'static str,
    result: &'static str,
    checks: u64,
}

fn properties(run: &RunOutcome) -> Vec<PropertyDoc> {
    list(&run.checks, |checked| {
        let result = standing(run.standing(checked));
        PropertyDoc { property: checked.property, result, checks: checked.checks }
    })
}

/// What became of a property, in a word.
pub(crate) const fn standing(standing: Standing<'_>) -> &'static str {
    match standing {
        Standing::Violated(_) | Standing::Follows(..) => "violated",
        Standing::NotExercised => "not_exercised",
        Standing::NotDecided(_) => "not_decided",
        Standing::Held => "held",
    }
}

object!(pub(crate) ViolationDoc(violated: Violated) {
    property: violated.property,
    step: violated.step.0,
    at_ns: violated.at.as_nanos(),
    says: violated.says,
    because: because(violated),
    last_seen: violated.last_seen,
    others: violated.others,
    like_it: violated.like_it,
    also: consequences(violated),
});

fn because(violated: &Violated) -> Vec<u64> {
    let mut steps = list(&violated.why, |line| line.step.0);
    steps.dedup();
    steps
}

object!(pub(crate) MissedDoc(missed: Missed) {
    line: missed.line,
    column: missed.column,
    says: missed.says,
    instead: missed.instead,
});

object!(pub(crate) LineDoc(line: Line) {
    step: line.step.0,
    at_ns: line.at.as_nanos(),
    speaker: line.speaker,
    about: line.about,
    cause: line.cause.map(|cause| cause.0),
    correlation: line.correlation,
    importance: line.importance,
    fact: line.kind,
    text: line.text,
});

#[derive(Serialize)]
struct StateDoc<'a> {
    node: &'a str,
    text: &'a str,
}
