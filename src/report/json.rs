//! The report for programs: one JSON document, versioned.
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
//! `format` is raised when a field changes its meaning or goes away; new fields may appear any time.
//! Hashes are hexadecimal texts, because 64 bits do not fit into every reader's numbers; so are
//! seeds, in decimal. Times are whole nanoseconds of virtual time. Verdicts are `held`, `failed`,
//! `open`, `invalid` and `unrepeatable`. What was missed is of kind `expectation` or `fault`; a fault
//! without `times` fires at every opportunity. `took_ms` is there only if the wall clock was
//! asked for.

use serde::Serialize;

use super::entry::{Entry, Report};
use crate::kernel::ScriptedRecord;
use crate::session::{
    Awaited, Campaign, Checked, Counts, FaultCounts, Faults, FiredEntry, Missed, Repeat,
    RunOutcome, ScriptedEntry, Times, Verdict, ViewRead, Violated,
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
    let document = Document {
        format: JSON_FORMAT,
        jetlag: env!("CARGO_PKG_VERSION"),
        verdict: verdict(report.verdict()),
        entries: report.entries.iter().map(entry).collect(),
    };
    let mut text = serde_json::to_string_pretty(&document)
        .expect("a document of texts and numbers can be written as JSON");
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Document<'a> {
    format: u32,
    jetlag: &'static str,
    verdict: &'static str,
    entries: Vec<EntryDoc<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum EntryDoc<'a> {
    Run(Box<RunDoc<'a>>),
    Sweep(Box<SweepDoc<'a>>),
    Campaign(Box<CampaignDoc<'a>>),
    Invalid { file: &'a str, diagnostics: &'a [String] },
}

#[derive(Serialize)]
struct RunDoc<'a> {
    file: &'a str,
    name: &'a str,
    scenario: String,
    seed: String,
    fuzz: bool,
    verdict: &'static str,
    digest: String,
    stop: String,
    occurrences: u64,
    events: u64,
    ended_at_ns: u64,
    checks: u64,
    properties: Vec<PropertyDoc<'a>>,
    violations: Vec<ViolationDoc<'a>>,
    missed: Vec<MissedDoc<'a>>,
    scripted_faults: Vec<ScriptedDoc<'a>>,
    faults: Vec<FiredDoc<'a>>,
    views: Vec<ViewDoc>,
    repeat: Option<RepeatDoc<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    took_ms: Option<u128>,
}

#[derive(Serialize)]
struct PropertyDoc<'a> {
    property: &'a str,
    checks: u64,
}

#[derive(Serialize)]
struct ViolationDoc<'a> {
    property: &'a str,
    at_ns: u64,
    step: u64,
    says: &'a str,
    why: Vec<WhyDoc<'a>>,
}

#[derive(Serialize)]
struct WhyDoc<'a> {
    step: u64,
    at_ns: u64,
    who: &'a str,
    what: &'a str,
}

#[derive(Serialize)]
struct MissedDoc<'a> {
    kind: &'static str,
    line: usize,
    column: usize,
    says: &'a str,
}

#[derive(Serialize)]
struct ScriptedDoc<'a> {
    fault: &'static str,
    node: Option<&'a str>,
    to: Option<&'a str>,
    times: Option<u64>,
    opportunities: u64,
    fired: u64,
    seen: u64,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct FiredDoc<'a> {
    fault: &'static str,
    node: &'a str,
    node_kind: &'static str,
    fired: u64,
    seen: u64,
}

#[derive(Serialize)]
struct ViewDoc {
    view: &'static str,
    strategy: &'static str,
    reads: u64,
    not_yet: u64,
    waits: Option<TimesDoc>,
    staleness: Option<TimesDoc>,
}

#[derive(Serialize)]
struct TimesDoc {
    p50_ns: u64,
    p99_ns: u64,
    max_ns: u64,
}

#[derive(Serialize)]
struct RepeatDoc<'a> {
    same: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_difference: Option<&'a str>,
}

#[derive(Serialize)]
struct SweepDoc<'a> {
    file: &'a str,
    name: &'a str,
    scenario: String,
    from: String,
    until: String,
    runs: u64,
    verdict: &'static str,
    digest: String,
    occurrences: u64,
    events: u64,
    checks: u64,
    repeated: Option<u64>,
    failure: Option<RunDoc<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    took_ms: Option<u128>,
}

#[derive(Serialize)]
struct CampaignDoc<'a> {
    files: Vec<&'a str>,
    seed: String,
    asked: u64,
    runs: u64,
    verdict: &'static str,
    digest: String,
    occurrences: u64,
    events: u64,
    checks: u64,
    faults: Vec<TallyDoc>,
    failure: Option<RunDoc<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    took_ms: Option<u128>,
}

#[derive(Serialize)]
struct TallyDoc {
    fault: &'static str,
    family: &'static str,
    fired: u64,
    seen: u64,
    runs: u64,
    at: Vec<PlaceDoc>,
    spared: Vec<&'static str>,
}

#[derive(Serialize)]
struct PlaceDoc {
    node_kind: &'static str,
    fired: u64,
    seen: u64,
}

fn entry(entry: &Entry) -> EntryDoc<'_> {
    match entry {
        Entry::Run(found) => EntryDoc::Run(Box::new(run(found))),
        Entry::Sweep(found) => EntryDoc::Sweep(Box::new(sweep(found))),
        Entry::Campaign(found) => EntryDoc::Campaign(Box::new(campaign(found))),
        Entry::Invalid(invalid) => {
            EntryDoc::Invalid { file: &invalid.file, diagnostics: &invalid.diagnostics }
        }
    }
}

fn run(run: &RunOutcome) -> RunDoc<'_> {
    let property =
        |checked: &Checked| PropertyDoc { property: checked.property, checks: checked.checks };
    RunDoc {
        file: &run.subject.file,
        name: &run.subject.name,
        scenario: format!("{:06x}", run.subject.fingerprint),
        seed: run.request.seed.to_string(),
        fuzz: run.request.faults == Faults::Fuzzed,
        verdict: verdict(run.verdict()),
        digest: hash(run.digest),
        stop: run.stop.to_string(),
        occurrences: run.occurrences,
        events: run.events,
        ended_at_ns: run.ended_at.as_nanos(),
        checks: run.checks(),
        properties: run.checks.iter().map(property).collect(),
        violations: run.violations.iter().map(violation).collect(),
        missed: run.missed.iter().map(missed).collect(),
        scripted_faults: run.scripted.iter().map(scripted).collect(),
        faults: run.fired.iter().map(fired).collect(),
        views: run.views.iter().map(view).collect(),
        repeat: run.repeat.as_ref().map(repeat),
        took_ms: run.took.map(|took| took.as_millis()),
    }
}

fn missed(missed: &Missed) -> MissedDoc<'_> {
    MissedDoc {
        kind: match missed.what {
            Awaited::Sight => "expectation",
            Awaited::Fault => "fault",
        },
        line: missed.line,
        column: missed.column,
        says: &missed.says,
    }
}

fn scripted(entry: &ScriptedEntry) -> ScriptedDoc<'_> {
    let ScriptedRecord { asked, opportunities, fired, seen } = entry.record;
    ScriptedDoc {
        fault: asked.fault.name,
        node: entry.node.as_deref(),
        to: entry.to.as_deref(),
        times: Some(asked.times).filter(|times| *times < u64::MAX),
        opportunities,
        fired,
        seen,
        line: asked.origin.line,
        column: asked.origin.column,
    }
}

fn fired(entry: &FiredEntry) -> FiredDoc<'_> {
    FiredDoc {
        fault: entry.fault.name,
        node: &entry.node,
        node_kind: entry.kind,
        fired: entry.fired,
        seen: entry.seen,
    }
}

fn view(read: &ViewRead) -> ViewDoc {
    let times = |times: &Times| TimesDoc {
        p50_ns: times.p50.as_nanos(),
        p99_ns: times.p99.as_nanos(),
        max_ns: times.max.as_nanos(),
    };
    ViewDoc {
        view: read.view,
        strategy: read.strategy,
        reads: read.reads,
        not_yet: read.not_yet,
        waits: read.waits.as_ref().map(times),
        staleness: read.staleness.as_ref().map(times),
    }
}

fn violation(violated: &Violated) -> ViolationDoc<'_> {
    let why = violated.why.iter().map(|line| WhyDoc {
        step: line.step.0,
        at_ns: line.at.as_nanos(),
        who: &line.who,
        what: &line.what,
    });
    ViolationDoc {
        property: violated.property,
        at_ns: violated.at.as_nanos(),
        step: violated.step.0,
        says: &violated.says,
        why: why.collect(),
    }
}

fn repeat(repeat: &Repeat) -> RepeatDoc<'_> {
    match repeat {
        Repeat::Same => RepeatDoc { same: true, digest: None, first_difference: None },
        Repeat::Different { digest, first_difference } => RepeatDoc {
            same: false,
            digest: Some(hash(*digest)),
            first_difference: Some(first_difference),
        },
    }
}

fn sweep(sweep: &Campaign) -> SweepDoc<'_> {
    let (subject, from) = (&sweep.subjects[0], sweep.request.seed);
    SweepDoc {
        file: &subject.file,
        name: &subject.name,
        scenario: format!("{:06x}", subject.fingerprint),
        from: from.to_string(),
        until: from.wrapping_add(sweep.asked).to_string(),
        runs: sweep.runs,
        verdict: verdict(sweep.verdict()),
        digest: hash(sweep.digest),
        occurrences: sweep.occurrences,
        events: sweep.events,
        checks: sweep.checks,
        repeated: sweep.request.repeat.then_some(sweep.repeated),
        failure: sweep.failure.as_ref().map(run),
        took_ms: sweep.took.map(|took| took.as_millis()),
    }
}

fn campaign(campaign: &Campaign) -> CampaignDoc<'_> {
    CampaignDoc {
        files: campaign.subjects.iter().map(|subject| subject.file.as_str()).collect(),
        seed: campaign.request.seed.to_string(),
        asked: campaign.asked,
        runs: campaign.runs,
        verdict: verdict(campaign.verdict()),
        digest: hash(campaign.digest),
        occurrences: campaign.occurrences,
        events: campaign.events,
        checks: campaign.checks,
        faults: campaign.tallies.kinds().map(tally).collect(),
        failure: campaign.failure.as_ref().map(run),
        took_ms: campaign.took.map(|took| took.as_millis()),
    }
}

fn tally(tally: &FaultCounts) -> TallyDoc {
    let Counts { fired, seen } = tally.total();
    let place = |(node_kind, counts): (&&'static str, &Counts)| PlaceDoc {
        node_kind,
        fired: counts.fired,
        seen: counts.seen,
    };
    TallyDoc {
        fault: tally.fault.name,
        family: tally.fault.family,
        fired,
        seen,
        runs: tally.runs,
        at: tally.at.iter().map(place).collect(),
        spared: tally.not_exercised_at(),
    }
}

/// The word for a verdict in documents.
pub(crate) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Held => "held",
        Verdict::Failed => "failed",
        Verdict::Open => "open",
        Verdict::Invalid => "invalid",
        Verdict::Unrepeatable => "unrepeatable",
    }
}

fn hash(digest: u64) -> String {
    format!("{digest:016x}")
}
