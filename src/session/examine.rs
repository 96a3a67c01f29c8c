//! A run as it is reported: judged, compared with a second one, and explained if it failed.

use std::sync::Arc;

use super::{Finished, Options, run};
use crate::check::{Violation, When};
use crate::kernel::{Digest, Step};
use crate::platform::Plan;
use crate::report;
use crate::scenario::{Scenario, ScenarioDomain};
use crate::trace::{Detail, Line, Speaker, Story, Trace};

/// Runs a scenario with a seed and reports on it; `twice` compares with a second run.
///
/// `plan` is the scenario's own, shared so that many runs need not copy it.
pub fn examine<D: ScenarioDomain>(
    scenario: &Scenario<D>,
    plan: &Arc<Plan<D>>,
    seed: u64,
    twice: bool,
) -> report::Run {
    let options = Options { seed, ..Options::default() };
    let finished = run(plan, &options);
    let missed = scenario.judge(&finished.observed).into_iter().filter(|outcome| !outcome.met);
    report::Run {
        subject: subject(scenario),
        seed,
        digest: finished.digest.value(),
        stop: finished.stop,
        occurrences: finished.occurrences,
        events: finished.events,
        ended_at: finished.ended_at,
        checks: finished
            .checks
            .iter()
            .map(|(property, checks)| report::Checked {
                property: property.id,
                says: property.says,
                checks: *checks,
            })
            .collect(),
        violations: explain(plan, &options, &finished),
        must_violate: None,
        missed: missed
            .map(|outcome| report::Missed {
                line: outcome.position.line,
                column: outcome.position.column,
                says: format!("{}; seen: {}", outcome.expected, outcome.seen),
            })
            .collect(),
        repeat: twice.then(|| repeat(plan, &options, finished.digest)),
        took: None,
    }
}

/// Which scenario, in which version of its file.
pub fn subject<D: ScenarioDomain>(scenario: &Scenario<D>) -> report::Subject {
    let mut digest = Digest::default();
    digest.fold(&scenario.text);
    report::Subject {
        file: scenario.path.clone(),
        name: scenario.name().to_owned(),
        fingerprint: (digest.value() >> 40) as u32,
    }
}

fn explain<D: ScenarioDomain>(
    plan: &Arc<Plan<D>>,
    options: &Options,
    finished: &Finished<D>,
) -> Vec<report::Violated> {
    if finished.violations.is_empty() {
        return Vec::new();
    }
    let traced = traced(plan, options);
    let speaker =
        Speaker { domain: &plan.domain, names: &plan.names, nodes: finished.nodes.as_slice() };
    let story = Story::tell(speaker, &traced, Detail::Story);
    let everything = Story::tell(speaker, &traced, Detail::Everything);
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
    let speaker = Speaker { domain: &plan.domain, names: &plan.names, nodes: &second.nodes };
    report::Repeat::Different {
        digest: second.digest.value(),
        first_difference: first_difference(speaker, &traced(plan, options), &traced(plan, options)),
    }
}

/// Where two traces part, in words.
fn first_difference<D: ScenarioDomain>(
    speaker: Speaker<'_, D>,
    one: &Trace<D>,
    other: &Trace<D>,
) -> String {
    let (one, other) = (
        Story::tell(speaker, one, Detail::Everything),
        Story::tell(speaker, other, Detail::Everything),
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
