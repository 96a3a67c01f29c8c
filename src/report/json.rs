//! The report for programs: one versioned JSON document.
//!
//! ```json
//! {
//!   "format": 1,
//!   "jetlag": "0.1.0",
//!   "verdict": "held",
//!   "entries": [{ "kind": "run", "file": "…", "name": "…", "seed": 7, "verdict": "held", … }]
//! }
//! ```
//!
//! `docs/json.md` describes it field by field.

use serde::Serialize;

use super::broken::BrokenDoc;
use super::campaign_json::CampaignDoc;
use super::entry::{Entry, Report};
use super::object::{document, hash, list, object};
use super::reproduction::ReproductionDoc;
use super::unrest;
use crate::session::{
    Also, Awaited, Checked, Faults, FiredEntry, Missed, Repeat, RunOutcome, ScriptedEntry, Sweep,
    Times, Verdict, ViewRead, Violated, Why,
};

/// The version of the document.
pub(crate) const JSON_FORMAT: u32 = 1;

/// Renders a report as JSON, with a line feed at the end.
///
/// ```
/// let document = jetlag::report::json(&jetlag::report::Report::default());
/// assert!(document.starts_with("{\n  \"format\": 1,\n"));
/// ```
pub fn json(report: &Report) -> String {
    document(&Document(report))
}

/// The word for a verdict in documents.
pub(crate) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Held => "held",
        Verdict::Interrupted => "interrupted",
        Verdict::Failed => "failed",
        Verdict::Open => "open",
        Verdict::Invalid => "invalid",
        Verdict::Unrepeatable => "unrepeatable",
        Verdict::Bug => "bug",
    }
}

/// A run as an object.
pub(super) fn run(run: &RunOutcome) -> impl Serialize {
    RunDoc(run)
}

/// One entry as an object.
pub(super) fn entry(entry: &Entry) -> impl Serialize {
    EntryDoc::of(entry)
}

object!(Document(report: Report) {
    format: JSON_FORMAT,
    jetlag: env!("CARGO_PKG_VERSION"),
    verdict: verdict(report.verdict()),
    entries: list(&report.entries, EntryDoc::of),
});

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum EntryDoc<'a> {
    Run(RunDoc<'a>),
    Sweep(SweepDoc<'a>),
    Campaign(CampaignDoc<'a>),
    Invalid { file: &'a str, diagnostics: &'a [String] },
}

impl<'a> EntryDoc<'a> {
    fn of(entry: &'a Entry) -> Self {
        match entry {
            Entry::Run(run) => Self::Run(RunDoc(run)),
            Entry::Sweep(sweep) => Self::Sweep(SweepDoc(sweep)),
            Entry::Campaign(campaign) => Self::Campaign(CampaignDoc(campaign)),
            Entry::Invalid(invalid) => {
                Self::Invalid { file: &invalid.file, diagnostics: &invalid.diagnostics }
            }
        }
    }
}

object!(RunDoc(run: RunOutcome) {
    file: run.subject.file,
    name: run.subject.name,
    scenario: format!("{:06x}", run.subject.fingerprint),
    seed: run.request.seed.to_string(),
    fuzz: run.request.faults == Faults::Fuzzed,
    policy: run.request.schedule.to_string(),
    verdict: verdict(run.verdict()),
    digest: hash(run.digest),
    stop: run.stop.to_string(),
    occurrences: run.occurrences,
    events: run.events,
    ended_at_ns: run.ended_at.as_nanos(),
    checks: run.checks(),
    properties: list(&run.checks, PropertyDoc),
    violations: list(&run.violations, ViolationDoc),
    missed: list(&run.missed, MissedDoc),
    scripted_faults: list(&run.scripted, ScriptedDoc),
    faults: list(&run.fired, FiredDoc),
    views: list(&run.views, ViewDoc),
    repeat: run.repeat.as_ref().map(RepeatDoc),
} {
    reproduction: run.reproduction.as_ref().map(ReproductionDoc),
    unrest: run.unrest.as_ref().map(unrest::json),
    fails: run.fails.as_deref(),
    broken: run.broken.as_ref().map(BrokenDoc),
    took_ms: run.took.map(|took| took.as_millis()),
});

object!(PropertyDoc(checked: Checked) {
    property: checked.property,
    checks: checked.checks,
} {
    undecided: (checked.undecided > 0).then_some(checked.undecided),
});

object!(ViolationDoc(violated: Violated) {
    property: violated.property,
    at_ns: violated.at.as_nanos(),
    step: violated.step.0,
    says: violated.says,
    last_seen: violated.last_seen,
    why: list(&violated.why, WhyDoc),
    others: violated.others,
    like_it: violated.like_it,
    also: consequences(violated),
});

/// What follows from a violation.
pub(super) fn consequences(violated: &Violated) -> Vec<impl Serialize> {
    list(&violated.also, AlsoDoc)
}

object!(AlsoDoc(also: Also) {
    property: also.property,
    count: also.count,
    says: also.says,
});

object!(WhyDoc(line: Why) {
    step: line.step.0,
    at_ns: line.at.as_nanos(),
    who: line.who,
    what: line.what,
});

object!(MissedDoc(missed: Missed) {
    kind: match missed.what {
        Awaited::Sight => "expectation",
        Awaited::Fault => "fault",
    },
    line: missed.line,
    column: missed.column,
    says: missed.says,
    instead: missed.instead,
});

object!(ScriptedDoc(entry: ScriptedEntry) {
    fault: entry.record.asked.fault.name,
    node: entry.node,
    to: entry.to,
    times: Some(entry.record.asked.times).filter(|times| *times < u64::MAX),
    opportunities: entry.record.opportunities,
    fired: entry.record.fired,
    seen: entry.record.seen,
    line: entry.record.asked.origin.line,
    column: entry.record.asked.origin.column,
});

object!(FiredDoc(entry: FiredEntry) {
    fault: entry.fault.name,
    node: entry.node,
    node_kind: entry.kind,
    fired: entry.fired,
    seen: entry.seen,
});

object!(ViewDoc(read: ViewRead) {
    view: read.view,
    strategy: read.strategy,
    reads: read.reads,
    not_yet: read.not_yet,
    waits: read.waits.as_ref().map(TimesDoc),
    staleness: read.staleness.as_ref().map(TimesDoc),
});

object!(TimesDoc(times: Times) {
    p50_ns: times.p50.as_nanos(),
    p99_ns: times.p99.as_nanos(),
    max_ns: times.max.as_nanos(),
});

object!(RepeatDoc(repeat: Repeat) {
    same: *repeat == Repeat::Same,
} {
    digest: different(repeat).map(|(digest, _)| hash(digest)),
    first_difference: different(repeat).map(|(_, first)| first),
});

fn different(repeat: &Repeat) -> Option<(u64, &str)> {
    match repeat {
        Repeat::Same => None,
        Repeat::Different { digest, first_difference } => Some((*digest, first_difference)),
    }
}

object!(SweepDoc(sweep: Sweep) {
    file: sweep.subject.file,
    name: sweep.subject.name,
    scenario: format!("{:06x}", sweep.subject.fingerprint),
    from: sweep.request.seed.to_string(),
    until: sweep.request.seed.wrapping_add(sweep.asked).to_string(),
    runs: sweep.runs,
    verdict: verdict(sweep.verdict()),
    digest: hash(sweep.digest),
    occurrences: sweep.occurrences,
    events: sweep.events,
    checks: sweep.checks,
    repeated: sweep.request.repeat.then_some(sweep.repeated),
    failure: sweep.failure.as_ref().map(RunDoc),
} {
    broken: (!sweep.broken.is_empty()).then(|| list(&sweep.broken, RunDoc)),
    took_ms: sweep.took.map(|took| took.as_millis()),
});
