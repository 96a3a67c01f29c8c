//! The document of a simulation that is running: what has not happened yet is not said.

use serde::Serialize;
use serde_json::{Value, json};

use super::document::{FoundDoc, Page, PropertyDoc, property};
use super::layout::{DeedDoc, PhaseDoc, phases, script};
use super::part::Told;
use crate::kernel::{Instant, Step};
use crate::report::{BrokenDoc, ScenarioDoc, hash, list, verdict};
use crate::session::Faults;

/// What is known of a run at a step.
#[derive(Serialize)]
pub(crate) struct LiveRunDoc<'a> {
    scenario: ScenarioDoc<'a>,
    about: &'a str,
    domain: &'a str,
    seed: String,
    fuzzed: bool,
    policy: String,
    digest: String,
    verdict: &'static str,
    stop: Value,
    is_at_rest: bool,
    occurrences: u64,
    events: u64,
    checks: u64,
    properties: Vec<PropertyDoc>,
    violations: Vec<FoundDoc<'a>>,
    missed: Vec<Value>,
    phases: Vec<PhaseDoc>,
    script: Vec<DeedDoc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    broken: Option<BrokenDoc<'a>>,
}

impl<'a> LiveRunDoc<'a> {
    /// At a step, which is the last one if the run is over.
    pub(crate) fn of(page: &'a Page<'_>, step: Step, is_over: bool) -> Self {
        let (outcome, picture) = (page.outcome, &page.picture);
        let seen = &picture.entries[..picture.entries.partition_point(|it| it.step <= step)];
        let now = seen.last().map_or(Instant::ZERO, |entry| entry.at);
        let next = usize::try_from(step.0).ok().and_then(|next| outcome.deliveries.get(next));
        let digest = next.filter(|_| !is_over).map_or(outcome.digest, |next| next.digest.value());
        let found = outcome.violations.iter().filter(|found| is_over || found.step <= step);
        let end = if is_over { outcome.ended_at } else { now };
        Self {
            scenario: ScenarioDoc(&outcome.subject),
            about: page.scenario.about(),
            domain: page.scenario.domain(),
            seed: outcome.request.seed.to_string(),
            fuzzed: outcome.request.faults == Faults::Fuzzed,
            policy: outcome.request.schedule.to_string(),
            digest: hash(digest),
            verdict: if is_over { verdict(outcome.verdict()) } else { "running" },
            stop: match is_over {
                true => {
                    json!({ "reason": outcome.stop.to_string(), "step": outcome.occurrences, "at_ns": end.as_nanos() })
                }
                false => json!({ "reason": "running", "step": step.0, "at_ns": end.as_nanos() }),
            },
            is_at_rest: is_over && outcome.stop == crate::kernel::Stop::AtRest,
            occurrences: if is_over { outcome.occurrences } else { step.0 },
            events: seen.iter().filter(|entry| entry.kind == "stored").count() as u64,
            checks: if is_over { outcome.checks() } else { 0 },
            properties: match is_over {
                true => list(&outcome.checks, |checked| property(outcome, checked)),
                false => Vec::new(),
            },
            violations: found.map(|found| FoundDoc::of(found, picture)).collect(),
            missed: Vec::new(),
            phases: phases(&picture.layout, end),
            script: script(&picture.layout, &page.scenario.lexicon().deeds()),
            broken: outcome.broken.as_ref().filter(|_| is_over).map(BrokenDoc),
        }
    }
}

/// The document of a run up to a record, for a reader who is told it from the beginning.
pub(crate) fn live_document(
    page: &Page<'_>,
    told: &mut Told,
    upto: usize,
    run: LiveRunDoc<'_>,
) -> Value {
    let part = told.part(page, upto);
    let mut document = value(&page.head_of(run));
    if let (Some(document), Value::Object(body)) =
        (document.as_object_mut(), value(&page.body_of(part)))
    {
        document.extend(body);
    }
    document
}

/// What a reader has not been told yet, up to a record.
pub(crate) fn live_part(
    page: &Page<'_>,
    told: &mut Told,
    upto: usize,
    run: LiveRunDoc<'_>,
) -> Value {
    let mut part = value(&told.part(page, upto));
    if let Some(part) = part.as_object_mut() {
        part.insert("strings".to_owned(), Value::Array(Vec::new()));
        part.insert("run".to_owned(), value(&run));
    }
    part
}

fn value(document: &impl Serialize) -> Value {
    serde_json::to_value(document).expect("a document of texts and numbers can be written as JSON")
}
