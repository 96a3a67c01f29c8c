//! A run has a chaos phase and then a recovery phase, in which it must come to rest.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jetlag::domains::Flights;
use jetlag::internals::kernel::{Span, Stop};
use jetlag::internals::platform::Plan;
use jetlag::scenario::Scenario;
use jetlag::session::{Faults, Finished, RunRequest, execute};

const SEEDS: u64 = 6;

fn scenario_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "ron"))
        .collect();
    files.sort();
    files
}

fn load(path: &Path) -> Scenario<Flights> {
    Scenario::load(&path.to_string_lossy(), &std::fs::read(path).unwrap()).unwrap()
}

/// Fuzzed runs of a scenario come to the same end with half the time for recovery.
fn halved(scenario: &Scenario<Flights>) -> u64 {
    if !scenario.allows_faults() {
        return 0;
    }
    let half = Span::from_millis(scenario.plan.quiet.as_micros() / 2_000);
    let fuzzed = Plan { quiet: half, ..Plan::clone(&scenario.fuzzed) };
    let hurried = Scenario { fuzzed: Arc::new(fuzzed), ..scenario.clone() };
    for seed in 0..SEEDS {
        let request = RunRequest { faults: Faults::Fuzzed, ..RunRequest::of_seed(seed) };
        let (whole, half) = (execute(scenario, &request), execute(&hurried, &request));
        let name = scenario.name();
        assert_eq!(whole.stop, Stop::AtRest, "{name} with seed {seed}: {:?}", whole.violations);
        assert_eq!(whole.digest, half.digest, "{name} with seed {seed}");
        assert_eq!(half.stop, Stop::AtRest, "{name} with seed {seed} with half the time");
    }
    SEEDS
}

#[test]
fn half_the_time_for_recovery_changes_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let files = scenario_files(&root.join("flights"));
    let runs: u64 = files.iter().map(|file| halved(&load(file))).sum();
    assert!(runs >= 10 * SEEDS, "campaigns have scenarios to draw from, not only {runs} runs");
}

/// Two bookings with one more line about faults.
fn two_bookings(more: &str) -> Finished<Flights> {
    let text = format!(
        r#"(
            name: "two bookings",
            domain: Flights(vendors: [
                (id: V1, gds: Ndc, flights: [(id: "IB6251", seats: 2, fare: "420.00 EUR")]),
            ]),
            script: [(at: "0s", who: "ana", does: Book), (at: "1s", who: "ben", does: Book)],
            {more}
        )"#
    );
    let scenario = Scenario::<Flights>::load("two.ron", text.as_bytes());
    let scenario = scenario.unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    execute(&scenario, &RunRequest::of_seed(1))
}

#[test]
fn a_scripted_fault_without_an_end_ends_with_the_chaos() {
    for (node, to) in [("api-1", "store"), ("saga", "V1"), ("relay", "broker"), ("saga", "broker")]
    {
        let partition = format!(r#"faults: [(inject: Partition, node: "{node}", to: "{to}")],"#);
        let finished = two_bookings(&partition);
        assert_eq!(finished.stop, Stop::AtRest, "{node}-{to}");
        assert!(finished.violations.is_empty(), "{node}-{to}: {:?}", finished.violations);
        assert!(finished.faults.scripted[0].fired > 0, "{node}-{to}");
    }
}

#[test]
fn a_node_that_cannot_rest_in_time_is_named() {
    let finished = two_bookings(
        r#"faults: [(inject: Drop, node: "saga", to: "V1", until: "3s")],
           phases: (chaos: "3s", quiet: "100ms"),"#,
    );
    assert_eq!(finished.stop, Stop::Restless);
    let drains = finished.violations.iter().find(|violation| violation.property.id == "drains");
    let says = &drains.expect("a run that does not rest does not drain").says;
    assert!(says.contains("saga"), "{says}");
}
