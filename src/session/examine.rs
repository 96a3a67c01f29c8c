//! A run as an outcome: judged, compared with a second run, and explained if it failed.

use super::explain::explained;
use super::panics::caught;
use super::{
    Awaited, Broken, Cause, Checked, Faults, Finished, FiredEntry, Missed, Repeat, RunOutcome,
    RunRequest, ScriptedEntry, Subject, Times, ViewRead, execute,
};
use crate::check::Judged;
use crate::kernel::{Digest, FiredAt, NodeId, ScriptedRecord, Stop};
use crate::metrics::{Histogram, Lag, ViewReads};
use crate::model::{View, Vocabulary};
use crate::picture::Picture;
use crate::scenario::{Scenario, ScenarioDomain, why_it_never_fired};
use crate::trace::{Detail, Line, Narrator, Story, Trace};

/// Runs a scenario as requested.
///
/// ```
/// use jetlag::domains::Flights;
/// use jetlag::scenario::Scenario;
/// use jetlag::session::{Repeat, RunRequest, Verdict, run};
///
/// let text = Scenario::<Flights>::template("last seat").unwrap();
/// let scenario = Scenario::<Flights>::load("last_seat.ron", text.as_bytes()).unwrap();
/// let outcome = run(&scenario, &RunRequest { repeat: true, ..scenario.request() });
/// assert_eq!(outcome.verdict(), Verdict::Held);
/// assert_eq!(outcome.repeat, Some(Repeat::Same));
/// ```
pub fn run<D: ScenarioDomain>(scenario: &Scenario<D>, request: &RunRequest) -> RunOutcome {
    caught(|| outcome(scenario, request)).unwrap_or_else(|panic| {
        let broken = Broken { cause: Cause::Panicked(panic), handled: None };
        RunOutcome::broken_off(subject(scenario), request, broken)
    })
}

fn outcome<D: ScenarioDomain>(scenario: &Scenario<D>, request: &RunRequest) -> RunOutcome {
    let mut finished = execute(scenario, request);
    let mut trace = finished.trace.take();
    if trace.is_none() && !finished.violations.is_empty() {
        trace = Some(if request.bare { Trace::default() } else { traced(scenario, request) });
    }
    let narrator = narrator(scenario, &finished);
    let tell = |detail| trace.as_ref().map(|trace| Story::tell(narrator, trace, detail));
    let found = (finished.violations.as_slice(), finished.stop != Stop::Halted);
    let violations = trace.as_ref().filter(|_| !found.0.is_empty());
    let violations = violations.map_or_else(Vec::new, |trace| explained(narrator, found, trace));
    let judged = finished.stop.is_final() && request.faults == Faults::Scripted;
    let mut outcome = RunOutcome {
        subject: subject(scenario),
        digest: finished.digest.value(),
        stop: finished.stop,
        occurrences: finished.occurrences,
        events: finished.events,
        ended_at: finished.ended_at,
        left: finished.left,
        checks: finished.checks.iter().map(checked).collect(),
        violations,
        // A run that stopped early can miss anything.
        missed: if judged { missed(scenario, &finished) } else { vec![] },
        scripted: scripted(&finished.faults.scripted, &finished.nodes),
        fired: finished.faults.fired.iter().map(|at| fired(at, &finished)).collect(),
        story: request.detail.and_then(tell),
        picture: trace.as_ref().filter(|_| request.picture).map(|trace| {
            Picture::of(narrator, scenario.plan_with(request.faults), trace, &finished.ledgers)
        }),
        repeat: (request.repeat && finished.broken.is_none())
            .then(|| repeat(scenario, request, finished.digest)),
        request: request.clone(),
        views: if request.is_measured() { views(&finished) } else { vec![] },
        decisions: finished.decisions,
        deliveries: finished.deliveries,
        unused: finished.unused,
        reproduction: None,
        described: finished.described,
        unrest: finished.unrest,
        kinds: finished.roles.iter().map(|role| role.kind()).collect(),
        nodes: finished.nodes,
        met: if request.reached {
            scenario.met(&finished.observed, &finished.reached)
        } else {
            vec![]
        },
        reached: finished.reached,
        order: finished.order,
        state: finished.state,
        fails: fails(scenario, request),
        broken: finished.broken,
        took: None,
    };
    if outcome.fails.is_some() && outcome.fails_by().is_none() {
        outcome.missed.extend(held(scenario));
    }
    outcome
}

/// The property that the run of the file is meant to violate.
fn fails<D: ScenarioDomain>(scenario: &Scenario<D>, request: &RunRequest) -> Option<String> {
    let is_own = request.faults == Faults::Scripted && request.seed == scenario.seed();
    let (property, _) = scenario.fails.as_ref().filter(|_| is_own && !request.stop_at.is_set())?;
    Some(property.clone())
}

/// What is missed if a run that is meant to fail does not.
fn held<D: ScenarioDomain>(scenario: &Scenario<D>) -> Option<Missed> {
    let (property, position) = scenario.fails.as_ref()?;
    Some(Missed {
        line: position.line,
        column: position.column,
        what: Awaited::Sight,
        says: format!("expected a violation of {property}, and it holds"),
        instead: vec![],
    })
}

fn narrator<'a, D: ScenarioDomain>(
    scenario: &'a Scenario<D>,
    finished: &'a Finished<D>,
) -> Narrator<'a, D> {
    let (plan, Finished { nodes, roles, .. }) = (&scenario.plan, finished);
    let vocabulary = Vocabulary { domain: &plan.domain, names: &plan.names };
    Narrator { vocabulary, nodes, roles }
}

fn checked(judged: &Judged) -> Checked {
    let Judged { property, checks, undecided } = *judged;
    Checked { property: property.id, says: property.says, checks, undecided }
}

fn views<D: ScenarioDomain>(finished: &Finished<D>) -> Vec<ViewRead> {
    let views = D::VIEWS.iter().zip(&finished.observed.reads);
    views.zip(&finished.observed.lags).map(|((view, seen), lag)| read(view, seen, lag)).collect()
}

fn read(view: &View, seen: &ViewReads, lag: &Lag) -> ViewRead {
    ViewRead {
        view: view.name,
        strategy: view.strategy.name(),
        reads: seen.waits.total(),
        not_yet: seen.not_yet,
        waits: times(&seen.waits),
        staleness: times(&seen.staleness),
        lag: view.has_projector().then(|| lag.clone()),
    }
}

/// The percentiles of a histogram, unless it is empty.
fn times(counted: &Histogram) -> Option<Times> {
    let (p50, p99) = (counted.at_percent(50)?, counted.at_percent(99)?);
    Some(Times { p50, p99, max: counted.longest() })
}

/// The expectations that were not met and the scripted faults that never fired, in order of the file.
fn missed<D: ScenarioDomain>(scenario: &Scenario<D>, finished: &Finished<D>) -> Vec<Missed> {
    let outcomes = scenario
        .judge(&finished.observed, &finished.last)
        .into_iter()
        .filter(|outcome| !outcome.met);
    let expected = outcomes.map(|outcome| Missed {
        line: outcome.position.line,
        column: outcome.position.column,
        what: Awaited::Sight,
        says: format!("expected {}, saw {}", outcome.expected, outcome.seen),
        instead: outcome.instead,
    });
    let silent = finished.faults.scripted.iter().filter(|record| record.fired == 0);
    let faults = silent.map(|record| Missed {
        line: record.asked.origin.line,
        column: record.asked.origin.column,
        what: Awaited::Fault,
        says: {
            let why = why_it_never_fired(record, finished.ended_at, &finished.nodes);
            format!("{}: {why}", record.asked.fault.name)
        },
        instead: vec![],
    });
    let mut missed: Vec<_> = expected.chain(faults).collect();
    missed.sort_by_key(|missed| (missed.line, missed.column));
    missed
}

fn scripted(records: &[ScriptedRecord], nodes: &[String]) -> Vec<ScriptedEntry> {
    let name = |node: Option<NodeId>| Some(nodes[node?.index()].clone());
    let entry = |record: &ScriptedRecord| {
        let (node, to) = (name(record.asked.node), name(record.asked.to));
        ScriptedEntry { record: *record, node, to }
    };
    records.iter().map(entry).collect()
}

fn fired<D: ScenarioDomain>(at: &FiredAt, finished: &Finished<D>) -> FiredEntry {
    let FiredAt { fault, node, asked, fired, seen } = *at;
    let kind = finished.roles[node.index()].kind();
    FiredEntry { fault, node: finished.nodes[node.index()].clone(), kind, asked, fired, seen }
}

pub(super) fn subject<D: ScenarioDomain>(scenario: &Scenario<D>) -> Subject {
    let mut digest = Digest::default();
    digest.fold(&scenario.text);
    if !scenario.planted.is_empty() {
        digest.fold(&scenario.planted);
    }
    Subject {
        file: scenario.path.clone(),
        name: scenario.name().to_owned(),
        command: D::COMMAND,
        fingerprint: (digest.value() >> 40) as u32,
        injected: scenario.injected.clone(),
        planted: scenario.planted.clone(),
        is_embedded: scenario.is_embedded,
    }
}

fn repeat<D: ScenarioDomain>(
    scenario: &Scenario<D>,
    request: &RunRequest,
    first: Digest,
) -> Repeat {
    let request = &RunRequest { detail: None, ..request.clone() };
    let second = execute(scenario, request);
    if second.digest == first {
        return Repeat::Same;
    }
    let narrator = narrator(scenario, &second);
    let tell = || Story::tell(narrator, &traced(scenario, request), Detail::Everything);
    let digest = second.digest.value();
    Repeat::Different { digest, first_difference: first_difference(&tell(), &tell()) }
}

/// How many lines are told before the first difference of two stories, and from there on.
const LINES_AROUND: usize = 3;

/// The first lines in which two stories differ, and those before and after them.
fn first_difference(one: &Story, other: &Story) -> String {
    let (one, other) = (one.lines(), other.lines());
    let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    if same == one.len() && same == other.len() {
        return "Two more runs have the same story: runs differ only sometimes, or in a fact that \
                the story does not show."
            .to_owned();
    }
    let tell = |word: &str, Line { step, at, speaker, text, .. }: &Line| {
        format!("{word:5}  step {step} at {at}: {} {text}", speaker.name)
    };
    let from = |word: &str, lines: &[Line]| {
        let lines = &lines[same..];
        let told = lines.iter().take(LINES_AROUND).map(|line| tell(word, line));
        let end = (lines.len() < LINES_AROUND).then(|| format!("{word:5}  the end"));
        told.chain(end).collect::<Vec<_>>()
    };
    let before = one[same.saturating_sub(LINES_AROUND)..same].iter().map(|line| tell("both", line));
    before.chain(from("one", one)).chain(from("other", other)).collect::<Vec<_>>().join("\n")
}

/// The trace of a run.
fn traced<D: ScenarioDomain>(scenario: &Scenario<D>, request: &RunRequest) -> Trace<D> {
    let request = RunRequest { detail: Some(Detail::Everything), ..request.clone() };
    execute(scenario, &request).trace.unwrap_or_default()
}
