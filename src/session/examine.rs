//! A run as it is reported: judged, compared with a second one, and explained if it failed.

use std::sync::Arc;

use super::{Finished, Options, run};
use crate::check::{Property, Violation, When};
use crate::kernel::{Digest, FiredAt, NodeId, ScriptedRecord, Step};
use crate::model::{View, Vocabulary};
use crate::platform::Plan;
use crate::report;
use crate::scenario::{Histogram, Scenario, ScenarioDomain, ViewReads, why_it_never_fired};
use crate::trace::{Detail, Line, Narrator, Story, Trace};

/// Runs a scenario with a seed and reports on it; `twice` compares with a second run.
///
/// `plan` is the scenario's own, or that of a campaign, shared so that many runs need not copy it. What
/// an author expects need not be so when other faults are drawn besides, so in a campaign expectations
/// are not judged.
///
/// ```
/// use std::sync::Arc;
/// use jetlag::domains::Flights;
/// use jetlag::report::{Repeat, Verdict};
/// use jetlag::scenario::Scenario;
/// use jetlag::session::examine;
///
/// let text = Scenario::<Flights>::template("last seat").unwrap();
/// let scenario = Scenario::<Flights>::load("last_seat.ron", text.as_bytes()).unwrap();
/// let plan = Arc::new(scenario.plan.clone());
/// let run = examine(&scenario, &plan, scenario.seed(), true);
/// assert_eq!(run.verdict(), Verdict::Held);
/// assert_eq!(run.repeat, Some(Repeat::Same));
/// ```
pub fn examine<D: ScenarioDomain>(
    scenario: &Scenario<D>,
    plan: &Arc<Plan<D>>,
    seed: u64,
    twice: bool,
) -> report::Run {
    let options = Options { seed, ..Options::default() };
    let finished = run(plan, &options);
    let mut report = reported(scenario, plan, &finished);
    if !finished.violations.is_empty() {
        report.violations = explained(plan, &finished, &traced(plan, &options));
    }
    report.repeat = twice.then(|| repeat(plan, &options, finished.digest));
    report
}

/// The report on a finished run, without explanations of what was violated.
pub(super) fn reported<D: ScenarioDomain>(
    scenario: &Scenario<D>,
    plan: &Plan<D>,
    finished: &Finished<D>,
) -> report::Run {
    let fuzz = !plan.faults.fuzz.faults.is_empty();
    let checked = |(property, checks): &(&'static Property, u64)| report::Checked {
        property: property.id,
        says: property.says,
        checks: *checks,
    };
    report::Run {
        subject: subject(scenario),
        seed: finished.seed,
        fuzz,
        digest: finished.digest.value(),
        stop: finished.stop,
        occurrences: finished.occurrences,
        events: finished.events,
        ended_at: finished.ended_at,
        checks: finished.checks.iter().map(checked).collect(),
        violations: Vec::new(),
        must_violate: None,
        // Of a run that was cut short nothing can be expected.
        missed: if finished.stop.is_final() && !fuzz { missed(scenario, finished) } else { vec![] },
        scripted: scripted(finished),
        fired: fired(finished),
        views: views(finished),
        repeat: None,
        took: None,
    }
}

/// How each view was read.
fn views<D: ScenarioDomain>(finished: &Finished<D>) -> Vec<report::ViewRead> {
    let read = |(view, seen): (&View, &ViewReads)| report::ViewRead {
        view: view.name,
        strategy: view.strategy.name(),
        reads: seen.waits.total(),
        not_yet: seen.not_yet,
        waits: times(&seen.waits),
        staleness: times(&seen.staleness),
    };
    D::VIEWS.iter().zip(&finished.observed.reads).map(read).collect()
}

/// The figures of a histogram, if anything was counted.
fn times(counted: &Histogram) -> Option<report::Times> {
    let (p50, p99) = (counted.at_percent(50)?, counted.at_percent(99)?);
    Some(report::Times { p50, p99, max: counted.longest() })
}

/// What was expected in vain, and the scripted faults that never fired, in order of the file.
fn missed<D: ScenarioDomain>(
    scenario: &Scenario<D>,
    finished: &Finished<D>,
) -> Vec<report::Missed> {
    let outcomes = scenario.judge(&finished.observed).into_iter().filter(|outcome| !outcome.met);
    let expected = outcomes.map(|outcome| report::Missed {
        line: outcome.position.line,
        column: outcome.position.column,
        what: report::Awaited::Sight,
        says: format!("{}; seen: {}", outcome.expected, outcome.seen),
    });
    let silent = finished.faults.scripted.iter().filter(|record| record.fired == 0);
    let faults = silent.map(|record| report::Missed {
        line: record.asked.origin.line,
        column: record.asked.origin.column,
        what: report::Awaited::Fault,
        says: why_it_never_fired(record, finished.ended_at, &finished.nodes),
    });
    let mut missed: Vec<_> = expected.chain(faults).collect();
    missed.sort_by_key(|missed| (missed.line, missed.column));
    missed
}

/// The scripted faults and what became of them.
fn scripted<D: ScenarioDomain>(finished: &Finished<D>) -> Vec<report::ScriptedEntry> {
    let name = |node: Option<NodeId>| Some(finished.nodes[node?.index()].clone());
    let entry = |record: &ScriptedRecord| report::ScriptedEntry {
        record: *record,
        node: name(record.asked.node),
        to: name(record.asked.to),
    };
    finished.faults.scripted.iter().map(entry).collect()
}

/// The faults that fired, by fault and node.
fn fired<D: ScenarioDomain>(finished: &Finished<D>) -> Vec<report::FiredEntry> {
    let entry = |at: &FiredAt| report::FiredEntry {
        fault: at.fault,
        node: finished.nodes[at.node.index()].clone(),
        kind: finished.roles[at.node.index()].kind(),
        asked: at.asked,
        fired: at.fired,
        seen: at.seen,
    };
    finished.faults.fired.iter().map(entry).collect()
}

/// Which scenario, in which version of its file.
pub(crate) fn subject<D: ScenarioDomain>(scenario: &Scenario<D>) -> report::Subject {
    let mut digest = Digest::default();
    digest.fold(&scenario.text);
    report::Subject {
        file: scenario.path.clone(),
        name: scenario.name().to_owned(),
        command: D::COMMAND,
        fingerprint: (digest.value() >> 40) as u32,
    }
}

/// What was violated, each with the lines of the trace that led to it.
pub(super) fn explained<D: ScenarioDomain>(
    plan: &Plan<D>,
    finished: &Finished<D>,
    trace: &Trace<D>,
) -> Vec<report::Violated> {
    let vocabulary = Vocabulary { domain: &plan.domain, names: &plan.names };
    let narrator = Narrator { vocabulary, nodes: finished.nodes.as_slice() };
    let story = Story::tell(narrator, trace, Detail::Story);
    let everything = Story::tell(narrator, trace, Detail::Everything);
    finished
        .violations
        .iter()
        .map(|violation| report::Violated {
            property: violation.property.id,
            at: violation.at,
            step: violation.step,
            says: violation.says.clone(),
            why: why(violation, &story, &everything),
        })
        .collect()
}

/// The lines of the steps that a checker named. If it named none, of those that led to the step in
/// which the violation showed; at rest that step is only the last one, and explains nothing.
fn why(violation: &Violation, story: &Story, everything: &Story) -> Vec<report::Why> {
    let mut steps: Vec<Step> = violation.because.clone();
    match violation.property.when {
        When::Always | When::AlwaysAndAtRest if steps.is_empty() => {
            steps = story.path_to(violation.step);
        }
        When::Always | When::AlwaysAndAtRest | When::AtRest => {}
    }
    steps.sort();
    steps.dedup();
    let lines_of = |step: &Step| match story.at(*step) {
        [] => everything.at(*step).to_vec(),
        lines => lines.to_vec(),
    };
    let line = |Line { step, at, who, what, kind: _ }| report::Why { step, at, who, what };
    steps.iter().flat_map(lines_of).map(line).collect()
}

fn repeat<D: ScenarioDomain>(
    plan: &Arc<Plan<D>>,
    options: &Options,
    first: Digest,
) -> report::Repeat {
    let second = run(plan, options);
    if second.digest == first {
        return report::Repeat::Same;
    }
    let vocabulary = Vocabulary { domain: &plan.domain, names: &plan.names };
    let narrator = Narrator { vocabulary, nodes: &second.nodes };
    report::Repeat::Different {
        digest: second.digest.value(),
        first_difference: first_difference(
            narrator,
            &traced(plan, options),
            &traced(plan, options),
        ),
    }
}

/// Where two traces part, in words.
fn first_difference<D: ScenarioDomain>(
    narrator: Narrator<'_, D>,
    one: &Trace<D>,
    other: &Trace<D>,
) -> String {
    let (one, other) = (
        Story::tell(narrator, one, Detail::Everything),
        Story::tell(narrator, other, Detail::Everything),
    );
    let line = |line: Option<&Line>| {
        line.map_or_else(
            || "the end".to_owned(),
            |line| format!("step {} at {}: {} {}", line.step, line.at, line.who, line.what),
        )
    };
    let (one, other) = (one.lines(), other.lines());
    let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    if same == one.len() && same == other.len() {
        return "Two more runs told the same story: they part in something that is not told, or \
                only sometimes."
            .to_owned();
    }
    format!("one    {}\nother  {}", line(one.get(same)), line(other.get(same)))
}

fn traced<D: ScenarioDomain>(plan: &Arc<Plan<D>>, options: &Options) -> Trace<D> {
    run(plan, &Options { trace: true, ..options.clone() }).trace.unwrap_or_default()
}
