//! A run is the sum of its decisions: forced over the default order, those that were not benign repeat it
//! exactly, however they were drawn.

use std::path::Path;

use jetlag::domains::harness;
use jetlag::internals::kernel::{Branch, Decision, Overrides, Schedule, Step};
use jetlag::session::{AnyScenario, Faults, RunOutcome, RunRequest};

/// Files of every domain, with links, services and faults of many kinds.
const FILES: &[&str] = &["scenarios/accounts/chaos.ron", "scenarios/flights/troubled_services.ron"];

fn read(path: &Path) -> Box<dyn AnyScenario> {
    harness().read(path).unwrap_or_else(|wrong| panic!("{}: {wrong:?}", path.display()))
}

/// The same run without its seed: the default order, in which every decision that was not benign is forced.
fn repeated(request: &RunRequest, decisions: &[Decision]) -> RunRequest {
    let forced = decisions.iter().filter(|decision| decision.value > 0);
    RunRequest {
        schedule: Schedule::Benign,
        branches: Vec::new(),
        overrides: forced.map(|decision| (decision.key, decision.value)).collect::<Overrides>(),
        ..request.clone()
    }
}

fn assert_repeats(scenario: &dyn AnyScenario, request: &RunRequest) -> RunOutcome {
    let run = scenario.run(request);
    let logged = scenario.run(&RunRequest { decisions: true, ..request.clone() });
    let place = format!("{} {request:?}", scenario.path());
    assert_eq!(run.digest, logged.digest, "the log changes the run: {place}");
    let decisions = logged.decisions.expect("the request asks for them");
    let again = scenario.run(&repeated(request, &decisions));
    assert_eq!(again.digest, run.digest, "the decisions are not the run: {place}");
    assert_eq!(again.ended_at, run.ended_at, "{place}");
    assert_eq!(again.fired, run.fired, "{place}");
    run
}

/// The requests of one seed: with and without faults, on its own and with two departures.
fn requests(schedule: Schedule, seed: u64) -> Vec<RunRequest> {
    let branches = [
        Branch { step: Step(20 + seed % 50), seed: seed + 1_000 },
        Branch { step: Step(150 + seed % 100), seed: seed + 2_000 },
    ];
    let request = |faults, branches: &[Branch]| RunRequest {
        schedule,
        faults,
        branches: branches.to_vec(),
        ..RunRequest::of_seed(seed)
    };
    let both = [Faults::Scripted, Faults::Fuzzed];
    both.into_iter().flat_map(|faults| [request(faults, &[]), request(faults, &branches)]).collect()
}

/// Runs a scenario with every schedule, each with another seed.
fn assert_repeats_with_all_schedules(path: &Path) {
    let scenario = read(path);
    for (seed, schedule) in (1..).zip(Schedule::all()) {
        for request in requests(schedule, seed) {
            assert_repeats(&*scenario, &request);
        }
    }
}

#[test]
fn the_decisions_that_are_not_benign_are_the_whole_run() {
    FILES.iter().for_each(|file| assert_repeats_with_all_schedules(file.as_ref()));
}

#[test]
#[ignore = "takes minutes; run it with --release"]
fn the_decisions_are_the_whole_run_of_every_shipped_scenario() {
    let folders =
        ["accounts", "flights", "orders"].map(|domain| Path::new("scenarios").join(domain));
    let files = harness().files(&folders).expect("the scenarios are there");
    // A campaign of its own: a million occurrences.
    let files = files.iter().filter(|file| !file.ends_with("accounts/long_stream.ron"));
    files.for_each(|file| assert_repeats_with_all_schedules(file));
}

#[test]
fn a_branch_leaves_what_was_before_it_and_changes_what_follows() {
    let scenario = read(FILES[0].as_ref());
    let request = RunRequest { faults: Faults::Fuzzed, ..RunRequest::of_seed(3) };
    let digest_at = |branches: &[Branch], step: Option<u64>| {
        let mut request = RunRequest { branches: branches.to_vec(), ..request.clone() };
        request.stop_at.step = step.map(Step);
        scenario.run(&request).digest
    };
    let at = |step, seed| Branch { step: Step(step), seed };
    let (none, one, two) = (vec![], vec![at(100, 50)], vec![at(100, 50), at(300, 60)]);
    assert_eq!(digest_at(&none, Some(99)), digest_at(&two, Some(99)));
    assert_eq!(digest_at(&one, Some(299)), digest_at(&two, Some(299)));
    let ends = [&none, &one, &two].map(|branches| digest_at(branches, None));
    assert!(ends[0] != ends[1] && ends[1] != ends[2], "{ends:?}");
    let same = [at(100, 3)];
    assert_eq!(digest_at(&same, Some(99)), digest_at(&none, Some(99)));
}
