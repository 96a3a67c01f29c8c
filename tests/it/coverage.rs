//! What runs reach, on files that ship.

use std::collections::BTreeSet;
use std::path::Path;

use jetlag::domains;
use jetlag::session::{AnyScenario, Faults, Feature, FeatureKind, RunOutcome, RunRequest};

fn scenario(path: &str) -> Box<dyn AnyScenario> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(path);
    domains::harness().read(&path).expect("a valid scenario")
}

/// A fuzzed run of which coverage is collected.
fn covered(seed: u64) -> RunRequest {
    RunRequest { faults: Faults::Fuzzed, reached: true, ..RunRequest::of_seed(seed) }
}

fn features(outcome: &RunOutcome) -> BTreeSet<Feature> {
    outcome.reached.iter().map(|reached| reached.feature).collect()
}

#[test]
fn runs_reach_only_what_can_be_reached() {
    for path in
        ["flights/troubled_services.ron", "orders/carrier_down.ron", "accounts/returned.ron"]
    {
        let scenario = scenario(path);
        let reachable: BTreeSet<Feature> = scenario.reachable().into_iter().collect();
        let mut met = BTreeSet::new();
        for seed in 1..=12 {
            met.extend(features(&scenario.run(&covered(seed))));
        }
        let others: Vec<String> = met.difference(&reachable).map(ToString::to_string).collect();
        assert!(others.is_empty(), "{path}: {others:?}");
        let kinds: BTreeSet<FeatureKind> = met.iter().map(|feature| feature.kind).collect();
        let without = FeatureKind::ALL.into_iter().filter(|kind| !kinds.contains(kind));
        let without: Vec<_> = without.filter(|kind| *kind != FeatureKind::Rejection).collect();
        assert!(without.is_empty(), "{path}: {without:?}");
    }
}

#[test]
fn what_is_collected_changes_nothing_and_repeats() {
    let scenario = scenario("flights/pay_capture_issue.ron");
    let (first, again) = (scenario.run(&covered(3)), scenario.run(&covered(3)));
    let plain = scenario.run(&RunRequest { reached: false, ..covered(3) });
    assert_eq!((plain.digest, plain.occurrences), (first.digest, first.occurrences));
    assert!(plain.reached.is_empty() && (plain.order, plain.state) == (0, 0));
    assert_eq!(first.reached, again.reached);
    assert_eq!((first.order, first.state), (again.order, again.state));
    assert!(first.order != 0 && first.state != 0);
    let other = scenario.run(&covered(4));
    assert!(other.order != first.order && other.state != first.state);
    let steps = first.reached.iter().map(|reached| reached.step.0);
    assert!(steps.clone().all(|step| step <= first.occurrences) && steps.max() > Some(0));
}

#[test]
fn a_run_meets_the_claims_of_its_file_that_it_reaches() {
    let text = r#"(
    name: "claims",
    domain: Flights(vendors: [(id: V1, gds: Ndc, flights: [(id: "IB1", seats: 1, fare: "1.00 EUR")])]),
    script: [
        (at: "0s", who: "ana", does: Hold(flight: "IB1")),
        (at: "1s", who: "ben", does: Hold(flight: "IB1")),
    ],
    faults: [(inject: SlowCommit, times: 1)],
    reaches: [
        Happens(fact: CacheWait),
        Stores(event: SeatHeld),
        Stores(event: "TicketIssued"),
        Rejects(rejection: "SoldOut"),
        Rejects(rejection: "NotYours"),
        Receives(state: "NotStarted", stimulus: "SeatHeld"),
        Receives(state: "LegHoldRequested", stimulus: "ReplyReceived"),
        Receives(state: "LegHoldRequested", stimulus: "ReplyMissed"),
        Fires(fault: SlowCommit, node: "store"),
        Fires(fault: SlowCommit, state: "LegHeld"),
        Happens(fact: Fault),
    ],
)"#;
    let scenario = domains::harness().load("a.ron", text.as_bytes()).expect("it is valid");
    let run = scenario.run(&RunRequest { reached: true, ..scenario.request() });
    assert_eq!(run.met, [1, 3, 5, 6, 8, 10]);
    assert!(scenario.run(&scenario.request()).met.is_empty());
    let claims: Vec<String> = scenario.claims().iter().map(ToString::to_string).collect();
    assert_eq!(claims[0], "the fact CacheWait");
    assert_eq!(claims[7], "a saga in LegHoldRequested receives ReplyMissed");
    assert_eq!(claims[8..10], ["SlowCommit at store", "SlowCommit while a saga is in LegHeld"]);
    assert_eq!(scenario.claims()[7].position.line, 17);
    assert!(scenario.show().contains("stimulus: \"ReplyMissed\""));
}
