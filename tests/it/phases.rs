//! A run has a chaos phase and then a recovery phase, in which it must come to rest.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jetlag::domains::Flights;
use jetlag::internals::kernel::{Instant, Span, Stop};
use jetlag::internals::platform::Plan;
use jetlag::model::FactKind;
use jetlag::scenario::Scenario;
use jetlag::session::{
    Faults, Finished, RunOutcome, RunRequest, UnrestKind, Verdict, execute, run,
};

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

/// A run with this much time to come to rest.
fn hurried(quiet: Span, script: &str, faults: &str) -> RunOutcome {
    let text = format!(
        r#"(
            name: "hurried",
            domain: Flights(vendors: [
                (id: V1, gds: Ndc, flights: [(id: "IB6251", seats: 2, fare: "420.00 EUR")]),
            ]),
            script: [{script}],
            faults: [{faults}],
            phases: (chaos: "3s"),
        )"#
    );
    let scenario = Scenario::<Flights>::load("hurried.ron", text.as_bytes()).unwrap();
    let plan = Arc::new(Plan { quiet, ..Plan::clone(&scenario.plan) });
    run(&Scenario { plan, ..scenario }, &RunRequest::of_seed(1))
}

#[test]
fn a_run_that_is_cut_short_has_no_verdict_and_names_what_is_pending() {
    let drop = r#"(inject: Drop, node: "saga", to: "V1", until: "3s")"#;
    let run = hurried(Span::from_millis(100), r#"(who: "ana", does: Book)"#, drop);
    assert_eq!((run.stop, run.verdict()), (Stop::Restless, Verdict::Open));
    assert_eq!(run.violations, [], "nothing is judged at rest before rest");
    let unrest = run.unrest.expect("it did not come to rest");
    assert_eq!(unrest.kind, UnrestKind::Unfinished);
    assert_eq!(unrest.says, "the run did not come to rest within 100ms of quiet");
    assert!(unrest.pending.busy.iter().any(|busy| busy.node == "saga"), "{:?}", unrest.pending);
    assert!(unrest.change[0].contains(r#"`phases: (quiet: "1s")`"#), "{:?}", unrest.change);
}

#[test]
fn a_run_that_waits_for_a_timer_names_it_and_the_quiet_phase_that_it_needs() {
    let hold = r#"(who: "ana", does: Hold(flight: "IB6251"))"#;
    let run = hurried(Span::from_secs(300), hold, "");
    assert_eq!((run.stop, run.verdict()), (Stop::Restless, Verdict::Open));
    let unrest = run.unrest.expect("it did not come to rest");
    assert_eq!(unrest.kind, UnrestKind::WaitsForTimer);
    let timer = &unrest.pending.timers[0];
    assert_eq!((timer.who.as_str(), unrest.pending.timer_count), ("s-1", 1), "{timer:?}");
    assert!(timer.due.since(Instant::ZERO) > Span::from_secs(900));
    assert_eq!(unrest.change[0], r#"`phases: (quiet: "2h")`"#);
}

/// Relays whose leases end before they can mark a batch. Another one has taken over by then: each publishes
/// what the others publish.
#[test]
fn a_livelock_is_named_with_what_repeats() {
    let text = r#"(
        name: "short lease",
        domain: Flights(vendors: [
            (id: V1, gds: Ndc, flights: [(id: "IB6251", seats: 2, fare: "420.00 EUR")]),
        ]),
        network: (base: "97ms", jitter: "1ms"),
        platform: (relay: (instances: 8, poll: "20ms", poll_max: "20ms")),
        script: [(who: "ana", does: Book)],
    )"#;
    let scenario = Scenario::<Flights>::load("short_lease.ron", text.as_bytes()).unwrap();
    let mut plan = Plan::clone(&scenario.plan);
    plan.settings.relay.lease = Span::from_millis(10);
    plan.quiet = Span::from_secs(600);
    let (scenario, request) =
        (Scenario { plan: Arc::new(plan), ..scenario }, RunRequest::of_seed(1));
    let facts = execute(&scenario, &request).observed.facts;
    let count = |kind: FactKind| facts[kind.index()];
    let (stored, published) = (count(FactKind::Stored), count(FactKind::Published));
    assert!(published > 10 * stored, "{stored} events are published {published} times");
    let run = run(&scenario, &request);
    assert_eq!((run.stop, run.verdict()), (Stop::Restless, Verdict::Open));
    assert_eq!(run.violations, []);
    let unrest = run.unrest.expect("it did not come to rest");
    assert_eq!(unrest.kind, UnrestKind::Livelock);
    let recent = &unrest.pending.recent;
    assert_eq!(recent.iter().map(|recent| recent.count).sum::<u64>(), 100);
    let broker = recent.iter().filter(|recent| recent.from == "broker" || recent.to == "broker");
    let broker: u64 = broker.map(|recent| recent.count).sum();
    assert!(broker > 50, "what is published is delivered again: {recent:?}");
}

#[test]
fn the_quiet_phase_is_by_default_long_enough_for_what_the_file_sets() {
    let quiet = |fields: &str| {
        let text = format!(r#"(name: "quiet", domain: Flights({fields}"#);
        let scenario = Scenario::<Flights>::load("quiet.ron", text.as_bytes());
        scenario.unwrap_or_else(|wrong| panic!("{}", wrong[0])).plan.quiet
    };
    let hours = |hours: u64| Span::from_secs(3600 * hours);
    assert_eq!(quiet("))"), hours(2));
    assert!(quiet(r#"hold: "24h"))"#) >= hours(25));
    assert_eq!(quiet(r#"hold: "1m"), phases: (quiet: "90m"))"#), Span::from_secs(5400));
    let poison = |limit: u32| {
        format!(
            "), platform: (broker: (delivery_limit: {limit})), fuzz: (faults: [Poison], budget: 2))"
        )
    };
    assert!(quiet(&poison(1)) > hours(8), "an operator retries 2 × 25 times, every ten minutes");
    assert!(quiet(&poison(20)) <= hours(3));
    let late = r#"), faults: [(inject: Delay, by: "30h", times: 1)])"#;
    assert!(quiet(late) > hours(30));
}

#[test]
fn a_quiet_phase_that_is_too_short_is_a_diagnostic_with_the_one_to_write() {
    let wrong = |fields: &str| {
        let text = format!(r#"(name: "quiet", domain: Flights({fields}"#);
        Scenario::<Flights>::load("quiet.ron", text.as_bytes()).unwrap_err()[0].to_string()
    };
    let says = wrong(r#"hold: "24h"), phases: (quiet: "2h"))"#);
    assert!(says.contains("within 2h: `domain.hold` takes 24h"), "{says}");
    assert!(says.contains(r#"write `quiet: "25h"` or more"#), "{says}");
    let says =
        wrong(r#"), phases: (quiet: "2h"), faults: [(inject: ReplyLate, by: "3h", node: "PSP")])"#);
    assert!(says.contains("`faults.by` takes 3h"), "{says}");
}

#[test]
fn a_lease_that_no_relay_can_use_is_a_diagnostic() {
    let load = |instances: u32, lease: &str| {
        let text = format!(
            r#"(name: "lease", domain: Flights(), network: (base: "100ms"),
                platform: (relay: (instances: {instances}, lease: "{lease}")))"#
        );
        Scenario::<Flights>::load("lease.ron", text.as_bytes()).map(|_| ())
    };
    let wrong = load(2, "400ms").unwrap_err()[0].to_string();
    assert!(wrong.contains("takes 4 messages of at least 100ms"), "{wrong}");
    assert!(load(2, "401ms").is_ok() && load(1, "400ms").is_ok());
}

#[test]
fn a_legal_quiet_phase_is_not_cut_by_the_budget_of_virtual_time() {
    let text = r#"(
        name: "ten days",
        domain: Flights(vendors: [
            (id: V1, gds: Ndc, flights: [(id: "IB6251", seats: 2, fare: "420.00 EUR")]),
        ], hold: "240h"),
        script: [(who: "ana", does: Hold(flight: "IB6251"))],
    )"#;
    let scenario = Scenario::<Flights>::load("ten_days.ron", text.as_bytes()).unwrap();
    let run = run(&scenario, &RunRequest::of_seed(1));
    assert_eq!((run.stop, run.verdict()), (Stop::AtRest, Verdict::Held));
}
