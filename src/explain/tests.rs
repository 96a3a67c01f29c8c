//! Explanations of runs of the toy domain, one of whose customers adds too much.

use super::*;
use crate::kernel::Step;
use crate::scenario::Scenario;
use crate::shrink::{Element, WithoutIt};
use crate::testing::{Counting, TOO_MUCH};

fn scenario() -> Scenario<Counting> {
    let text = format!(
        "(name: \"sums\", domain: Counting, script: [
            (at: \"0s\", who: \"ana\", does: Add(counter: 0, amount: 1)),
            (at: \"1s\", who: \"ben\", does: Add(counter: 1, amount: {TOO_MUCH})),
        ], fuzz: (faults: [Drop], budget: 1))"
    );
    Scenario::load("sums.ron", text.as_bytes()).expect("it is valid")
}

#[test]
fn the_nearest_run_that_holds_lacks_what_matters() {
    let scenario = scenario();
    let request =
        RunRequest { schedule: crate::kernel::Schedule::Benign, ..RunRequest::of_seed(1) };
    let explained = explain(&scenario, &request, &|| false).expect("it fails");
    let parts = &explained.parts.parts;
    let ends: Vec<_> =
        parts.iter().map(|part| (part.without.element, &part.without.ends)).collect();
    let (same, holds) = (Some(WithoutIt::Same), Some(WithoutIt::Holds));
    assert_eq!(ends, [(Element::Line(1), &same), (Element::Line(2), &holds)]);
    let sibling = explained.sibling.expect("a run that holds");
    assert_eq!(sibling.lacks, 1);
    assert!(sibling.outcome.violations.is_empty() && !explained.outcome.violations.is_empty());
    let (step, _) = sibling.differs_at;
    assert!(step > Step(1) && step < explained.outcome.violations[0].step, "{step}");
    let of_ben = |pair: &Pair| pair.fails.as_ref().is_some_and(|line| line.speaker.name == "ben");
    assert!(explained.pairs.iter().any(of_ben), "{:?}", explained.pairs);
    assert!(explained.pairs.iter().all(|pair| pair.holds.is_some() || pair.fails.is_some()));
}

#[test]
fn a_run_that_holds_is_not_explained() {
    let text = "(name: \"one\", domain: Counting, script: [])";
    let scenario: Scenario<Counting> = Scenario::load("one.ron", text.as_bytes()).expect("valid");
    let found = explain(&scenario, &RunRequest::of_seed(1), &|| false);
    assert_eq!(found.err(), Some(Whole::NotAFailure(None)));
}

#[test]
fn somebody_can_interrupt_it() {
    let request =
        RunRequest { schedule: crate::kernel::Schedule::Benign, ..RunRequest::of_seed(1) };
    assert_eq!(explain(&scenario(), &request, &|| true).err(), Some(Whole::Interrupted));
}

#[test]
fn what_nearly_every_continuation_leads_to_is_baked_in_from_the_start() {
    let scenario = scenario();
    let request =
        RunRequest { schedule: crate::kernel::Schedule::Benign, ..RunRequest::of_seed(1) };
    let explained = explain(&scenario, &request, &|| false).expect("it fails");
    let baked = baked_in(&scenario, &explained.parts, &|| false);
    assert!(baked.len() > 10 && baked.len() <= 33, "{}", baked.len());
    // A customer who adds too much does so whatever the latencies, unless the command is refused.
    let violated = explained.outcome.violations[0].step;
    assert!(baked.iter().all(|baked| baked.failed > CONTINUATIONS / 2), "{baked:?}");
    let last = baked.last().expect("there are steps");
    assert_eq!((last.step, last.failed), (violated, CONTINUATIONS), "{baked:?}");
    assert!(baked_in(&scenario, &explained.parts, &|| true).is_empty());
}
