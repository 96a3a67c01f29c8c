//! Personal data is gone after an erasure request, also under faults.

use std::sync::Arc;

use jetlag::check::Judged;
use jetlag::domains::flights::Flights;
use jetlag::internals::kernel::Stop;
use jetlag::model::FactKind;
use jetlag::scenario::Scenario;
use jetlag::session::{Faults, RunRequest, execute};

fn scenario() -> Scenario<Flights> {
    let text = include_str!("../../scenarios/flights/gdpr_erasure.ron");
    match Scenario::load("gdpr_erasure.ron", text.as_bytes()) {
        Ok(scenario) => scenario,
        Err(wrong) => panic!("{}", wrong[0]),
    }
}

fn erased(checks: &[Judged]) -> u64 {
    let judged = checks.iter().find(|judged| judged.property.id == "erased");
    judged.map_or(0, |judged| judged.checks)
}

#[test]
fn whatever_goes_wrong_the_erased_stay_erased_and_everybody_else_can_be_read() {
    let scenario = scenario();
    let (mut faults, mut erasures) = (0, 0);
    for seed in 0..40 {
        let request = RunRequest { faults: Faults::Fuzzed, ..RunRequest::of_seed(seed) };
        let run = execute(&scenario, &request);
        assert_eq!(run.violations, [], "seed {seed}");
        assert_eq!(run.stop, Stop::AtRest, "seed {seed}");
        assert!(erased(&run.checks) > 0, "seed {seed}");
        faults += run.observed.facts[FactKind::Fault.index()];
        erasures += run.observed.facts[FactKind::Erased.index()];
    }
    assert!(faults > 40 && erasures >= 38, "{faults} faults, {erasures} erasures");
}

#[test]
fn nobody_pays_for_a_search_where_nobody_asks_to_be_forgotten() {
    let mut scenario = scenario();
    let is_wish =
        |cue: &jetlag::internals::platform::Cue<Flights>| format!("{:?}", cue.action) == "EraseMe";
    Arc::make_mut(&mut scenario.plan).script.retain(|cue| !is_wish(cue));
    let recovery = execute(&scenario, &RunRequest::of_seed(1));
    assert_eq!((recovery.stop, recovery.violations.len()), (Stop::AtRest, 0));
    assert_eq!(recovery.observed.facts[FactKind::Forgotten.index()], 0);
    assert_eq!(
        recovery.observed.facts[FactKind::Unsealed.index()],
        4,
        "three looks of ana, one of ben"
    );
}
