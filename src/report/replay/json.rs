//! A replayed run as a JSON document, described in `docs/replay-json.md`.

use serde::Serialize;

use super::{AROUND, Replayed};
use crate::model::FactKind;
use crate::report::json::verdict;
use crate::session::{Checked, Faults, Missed, RunOutcome, Violated};
use crate::trace::{Detail, Entity, Importance, Line, Speaker};

/// The version of the document. It is raised when a field changes its meaning or goes away.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    jetlag: &'static str,
    scenario: ScenarioDoc<'a>,
    seed: String,
    fuzzed: bool,
    digest: String,
    stop: StopDoc,
    verdict: Option<&'static str>,
    events: u64,
    checks: u64,
    properties: Vec<PropertyDoc>,
    violations: Vec<ViolationDoc<'a>>,
    missed: Vec<MissedDoc<'a>>,
    detail: Detail,
    path: Option<Vec<u64>>,
    lines: Vec<LineDoc<'a>>,
    state: Option<StateDoc<'a>>,
}

#[derive(Serialize)]
struct ScenarioDoc<'a> {
    file: &'a str,
    name: &'a str,
    fingerprint: String,
}

#[derive(Serialize)]
struct StopDoc {
    reason: String,
    step: u64,
    at_ns: u64,
}

#[derive(Serialize)]
struct PropertyDoc {
    property: &'static str,
    result: &'static str,
    checks: u64,
}

#[derive(Serialize)]
struct ViolationDoc<'a> {
    property: &'static str,
    step: u64,
    at_ns: u64,
    says: &'a str,
    because: Vec<u64>,
}

#[derive(Serialize)]
struct MissedDoc<'a> {
    line: usize,
    column: usize,
    says: &'a str,
}

#[derive(Serialize)]
struct LineDoc<'a> {
    step: u64,
    at_ns: u64,
    speaker: &'a Speaker,
    about: &'a [Entity],
    cause: Option<u64>,
    importance: Importance,
    fact: FactKind,
    text: &'a str,
}

#[derive(Serialize)]
struct StateDoc<'a> {
    node: &'a str,
    text: &'a str,
}

impl Replayed<'_> {
    /// The run as JSON, with a line feed at the end.
    pub fn json(&self) -> String {
        let run = self.outcome;
        let document = Document {
            version: VERSION,
            jetlag: env!("CARGO_PKG_VERSION"),
            scenario: ScenarioDoc {
                file: &run.subject.file,
                name: &run.subject.name,
                fingerprint: format!("{:06x}", run.subject.fingerprint),
            },
            seed: run.request.seed.to_string(),
            fuzzed: run.request.faults == Faults::Fuzzed,
            digest: format!("{:016x}", run.digest),
            stop: StopDoc {
                reason: run.stop.to_string(),
                step: run.occurrences,
                at_ns: run.ended_at.as_nanos(),
            },
            verdict: run.is_judged().then(|| verdict(run.verdict())),
            events: run.events,
            checks: run.checks(),
            properties: run.checks.iter().map(|checked| property(checked, run)).collect(),
            violations: run.violations.iter().map(violation).collect(),
            missed: run.missed.iter().map(missed).collect(),
            detail: run.request.detail.unwrap_or_default(),
            path: self.path(),
            lines: self.lines().into_iter().map(line).collect(),
            state: run.request.describe.as_deref().zip(run.described.as_deref()).map(state),
        };
        let mut text = serde_json::to_string_pretty(&document)
            .expect("a document of texts and numbers can be written as JSON");
        text.push('\n');
        text
    }

    fn path(&self) -> Option<Vec<u64>> {
        let step = self.excerpt.around?;
        Some(self.story.path_to(step).iter().map(|step| step.0).collect())
    }

    /// The lines that the text shows too: all of them, or those that led to a step and those around it.
    fn lines(&self) -> Vec<&Line> {
        let Some(step) = self.excerpt.around else { return self.story.lines().iter().collect() };
        let near = self.story.neighbourhood(step, AROUND);
        let first = near.first().map_or(step, |line| line.step);
        let path = self.story.path_to(step).into_iter().take_while(|step| *step < first);
        path.flat_map(|step| self.story.at(step)).chain(near).collect()
    }
}

fn property(checked: &Checked, run: &RunOutcome) -> PropertyDoc {
    let is_violated = run.violations.iter().any(|found| found.property == checked.property);
    let result = match checked.checks {
        _ if is_violated => "violated",
        0 => "not_exercised",
        _ => "held",
    };
    PropertyDoc { property: checked.property, result, checks: checked.checks }
}

fn violation(violated: &Violated) -> ViolationDoc<'_> {
    let mut because: Vec<u64> = violated.why.iter().map(|line| line.step.0).collect();
    because.dedup();
    ViolationDoc {
        property: violated.property,
        step: violated.step.0,
        at_ns: violated.at.as_nanos(),
        says: &violated.says,
        because,
    }
}

fn missed(missed: &Missed) -> MissedDoc<'_> {
    MissedDoc { line: missed.line, column: missed.column, says: &missed.says }
}

fn line(line: &Line) -> LineDoc<'_> {
    let Line { step, at, speaker, about, cause, importance, kind, text } = line;
    LineDoc {
        step: step.0,
        at_ns: at.as_nanos(),
        speaker,
        about,
        cause: cause.map(|cause| cause.0),
        importance: *importance,
        fact: *kind,
        text,
    }
}

fn state<'a>((node, text): (&'a str, &'a str)) -> StateDoc<'a> {
    StateDoc { node, text: text.trim_end() }
}
