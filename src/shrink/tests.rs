//! Shrinking runs of the toy domain, one of whose customers adds too much.

use super::*;
use crate::scenario::Scenario;
use crate::session::{AnyScenario, Identity, RunRequest};
use crate::testing::{Counting, TOO_MUCH};

/// Three customers; the last line of the second one is what a property forbids.
fn scenario() -> Scenario<Counting> {
    let text = format!(
        "(name: \"sums\", domain: Counting, script: [
            (at: \"0s\", who: \"ana\", does: Add(counter: 0, amount: 1)),
            (at: \"1s\", who: \"ben\", does: Add(counter: 0, amount: 2)),
            (at: \"2s\", who: \"ana\", does: Add(counter: 1, amount: 3)),
            (at: \"3s\", who: \"ben\", does: Add(counter: 1, amount: {TOO_MUCH})),
            (at: \"4s\", who: \"cat\", does: Add(counter: 0, amount: 4)),
        ], fuzz: (faults: [All], budget: 8))"
    );
    Scenario::load("sums.ron", text.as_bytes()).expect("it is valid")
}

/// A run with faults and in an order that a seed draws, which fails because of `ben`.
fn failing(scenario: &Scenario<Counting>) -> RunRequest {
    let fails = |request: &RunRequest| {
        let outcome = AnyScenario::run(scenario, request);
        let faults = outcome.fired.iter().map(|fired| fired.fired).sum::<u64>();
        faults > 1 && Identity::of(&outcome).is_some_and(|found| found.property == "modest")
    };
    (0..500).map(RunRequest::fuzzed).find(fails).expect("a run with faults that fails")
}

fn shrunk(effort: Effort) -> Shrunk {
    let scenario = scenario();
    shrink(&scenario, &failing(&scenario), effort, &|| false).expect("a failure")
}

#[test]
fn what_is_left_is_the_one_line_that_matters() {
    let found = shrunk(Effort::default());
    let left: Vec<Element> = found.elements.iter().map(|without| without.element).collect();
    assert_eq!(left, [Element::Line(4)]);
    assert_eq!(found.elements[0].ends, Some(WithoutIt::Holds));
    assert_eq!((found.ended, found.sizes().deviations()), (Ended::Minimal, 0));
    assert!(found.before.faults > 0 && found.before.operations > 1, "{:?}", found.before);
    assert!(found.replays < 40, "{} runs", found.replays);
}

#[test]
fn the_number_of_threads_decides_nothing() {
    let of = |jobs| {
        let found = shrunk(Effort { jobs, ..Effort::default() });
        (found.capsule.text(), found.elements, found.replays)
    };
    let one = of(1);
    assert_eq!(of(2), one);
    assert_eq!(of(5), one);
}

#[test]
fn the_best_so_far_is_kept_when_no_more_runs_are_allowed() {
    for replays in 0..8 {
        let found = shrunk(Effort { replays, jobs: 2 });
        assert!(found.replays <= replays);
        let again = AnyScenario::run(&scenario(), &found.outcome.request);
        assert_eq!(again.violations.first().map(|violated| violated.property), Some("modest"));
        if found.ended == Ended::Minimal {
            assert_eq!(found.elements.len(), 1);
        }
    }
}

#[test]
fn an_interruption_keeps_the_best_so_far() {
    let scenario = scenario();
    let found =
        shrink(&scenario, &failing(&scenario), Effort::default(), &|| true).expect("a failure");
    assert_eq!((found.ended, found.replays), (Ended::Interrupted, 0));
    assert_eq!(found.sizes(), found.before);
}

#[test]
fn a_run_that_holds_cannot_be_shrunk() {
    let scenario = scenario();
    let calm = RunRequest { overrides: without_lines(), ..RunRequest::of_seed(1) };
    let refused = shrink(&scenario, &calm, Effort::default(), &|| false).expect_err("it holds");
    assert_eq!(refused.ends, None);
}

/// No line takes place.
fn without_lines() -> crate::kernel::Overrides {
    let [line, _] = crate::capsule::line_sites();
    crate::kernel::Overrides::default().with_others(line, 1)
}
