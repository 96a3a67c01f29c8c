//! Recorded runs: what is recorded replays as the same run, in any process.

use std::path::Path;

use jetlag::capsule::{Encoding, record};
use jetlag::domains;
use jetlag::harness::AnyScenario;
use jetlag::session::{Faults, Reproduced, RunRequest, Verdict};

fn shipped(file: &str) -> Box<dyn AnyScenario> {
    let path = format!("scenarios/{file}.ron");
    domains::harness().read(Path::new(&path)).expect("a shipped scenario")
}

fn fuzzed(seed: u64) -> RunRequest {
    RunRequest { faults: Faults::Fuzzed, ..RunRequest::of_seed(seed) }
}

/// Records a run, reads its text as another process would, and runs that.
fn replayed(scenario: &dyn AnyScenario, request: &RunRequest) -> Encoding {
    let outcome = scenario.run(request);
    let recorded = record(scenario, &outcome);
    let text = recorded.text("findings/x.ron");
    let replay = domains::harness().load("x.ron", text.as_bytes()).unwrap_or_else(|wrong| {
        panic!("{}\n{text}", wrong.iter().map(ToString::to_string).collect::<String>())
    });
    let again = replay.run(&replay.request());
    let found = again.reproduction.expect("it replays a capsule");
    assert_eq!(found.result, Reproduced::Exactly, "{:?}\n{text}", found.differs);
    assert_eq!(found.differs, Vec::<String>::new(), "{text}");
    assert!(recorded.is_verified);
    assert_eq!(again.verdict(), outcome.verdict());
    recorded.encoding
}

#[test]
fn a_recorded_run_replays_exactly() {
    let mut encodings = [0; 3];
    for file in [
        "flights/hold_seat",
        "flights/pay_capture_issue",
        "orders/place_pay_ship",
        "accounts/chaos",
    ] {
        let scenario = shipped(file);
        for seed in 0..4 {
            encodings[replayed(&*scenario, &fuzzed(seed)) as usize] += 1;
        }
    }
    eprintln!("{encodings:?}");
}
