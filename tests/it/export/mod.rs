//! `jetlag export`: every format is read by something that knows it, and compared with the run.

mod chrome;
mod itf;
mod mermaid;
mod plan;
mod records;
mod rust_test;
mod usage;

use std::path::Path;

use jetlag::capsule::record;
use jetlag::domains::harness;
use jetlag::export::{Course, logged};
use jetlag::internals::kernel::{Delivered, Step};
use jetlag::model::FactKind;
use jetlag::session::{AnyScenario, RunOutcome, RunRequest, StopAt, kind_name};

/// A run that is exported.
struct Run {
    file: String,
    scenario: Box<dyn AnyScenario>,
    outcome: RunOutcome,
}

impl Run {
    fn course(&self) -> Course<'_> {
        Course::of(&*self.scenario, &self.outcome).expect("the run was logged")
    }

    /// Whether the store goes back to an earlier state.
    fn goes_back(&self) -> bool {
        let story = self.outcome.story.as_ref().expect("a story").lines();
        story.iter().any(|line| line.kind == FactKind::Rewound)
    }

    fn node(&self, delivered: &Delivered) -> &str {
        &self.outcome.nodes[delivered.key.actor.to.index()]
    }

    /// The sender of a message; `None` for what a node sends itself.
    fn from(&self, delivered: &Delivered) -> Option<&str> {
        let actor = delivered.key.actor;
        (!actor.is_own()).then(|| self.outcome.nodes[actor.from.index()].as_str())
    }
}

fn message(delivered: &Delivered) -> &'static str {
    kind_name(delivered.key.actor.kind)
}

/// Whether a delivery is a message from another node, and not the notice that a connection is broken.
fn is_message(delivered: &Delivered) -> bool {
    !delivered.key.actor.is_own() && message(delivered) != "Disconnected"
}

fn read(file: &str) -> Box<dyn AnyScenario> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let wrong = |wrong: Vec<_>| panic!("{file}: {wrong:?}");
    harness().read(&path).unwrap_or_else(wrong)
}

fn run(file: &str) -> Run {
    let scenario = read(file);
    let outcome = scenario.run(&logged(scenario.request()));
    Run { file: file.to_owned(), scenario, outcome }
}

/// Files of each domain, with all kinds of faults, with a workload, and with a violation.
const FILES: &[&str] = &[
    "scenarios/flights/boot.ron",
    "scenarios/flights/gdpr_erasure.ron",
    "scenarios/flights/partition_api_from_store.ron",
    "scenarios/flights/saga_orchestrator_crash_at_every_step.ron",
    "scenarios/flights/vendor_timeout.ron",
    "scenarios/orders/payment_reply_lost.ron",
    "scenarios/orders/carrier_down.ron",
    "scenarios/accounts/chaos.ron",
    "scenarios/accounts/transfer.ron",
    "examples/captured_twice.ron",
    "examples/captured_twice.shrunk.ron",
];

/// The runs of these files and of all regressions.
fn shipped() -> Vec<Run> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/regressions");
    let entries = std::fs::read_dir(folder).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut files: Vec<String> = names
        .map(|name| format!("scenarios/regressions/{}", name.to_str().expect("UTF-8")))
        .chain(FILES.iter().map(|file| (*file).to_owned()))
        .collect();
    files.sort();
    assert!(files.len() > 20, "{files:?}");
    files.iter().map(|file| run(file)).collect()
}

/// Files whose runs are varied by seeds.
const VARIED: &[&str] = &[
    "scenarios/flights/hold_seat.ron",
    "scenarios/flights/troubled_services.ron",
    "scenarios/orders/place_pay_ship.ron",
    "scenarios/accounts/transfer.ron",
    "scenarios/accounts/concurrent_withdrawals.ron",
];
const SEEDS: u64 = 50;

/// Fuzzed runs, with the faults and in the order that a seed draws. Every third is stopped early.
fn fuzzed() -> impl Iterator<Item = Run> {
    (0..SEEDS).map(|seed| {
        let file = VARIED[seed as usize % VARIED.len()];
        let scenario = read(file);
        let step = seed.is_multiple_of(3).then_some(Step(150 + seed));
        let stop_at = StopAt { step, time: None };
        let outcome = scenario.run(&logged(RunRequest { stop_at, ..RunRequest::fuzzed(seed) }));
        Run { file: format!("{file} with seed {seed}"), scenario, outcome }
    })
}

/// Fuzzed runs as capsules in which messages wait.
fn with_holds() -> Vec<Run> {
    let recorded = (0..40).filter_map(|seed| {
        let scenario = read("scenarios/flights/boot.ron");
        let scenario =
            if seed % 2 == 0 { read("scenarios/flights/hold_seat.ron") } else { scenario };
        let outcome = scenario.run(&RunRequest::fuzzed(seed));
        let capsule = record(&*scenario, &outcome).text();
        let path = format!("{}/capsule.ron", env!("CARGO_MANIFEST_DIR"));
        let scenario = harness().load(&path, capsule.as_bytes()).expect("a capsule");
        let outcome = scenario.run(&logged(scenario.request()));
        let file = format!("a capsule of seed {seed}");
        (!outcome.request.holds.is_empty()).then_some(Run { file, scenario, outcome })
    });
    let found: Vec<Run> = recorded.collect();
    assert!(found.len() > 3, "only {} capsules have holds", found.len());
    found
}

/// The number of messages that a run asks to wait and that were delivered.
fn waited(run: &Run) -> usize {
    let keys: Vec<_> = run.outcome.deliveries.iter().map(|delivered| delivered.key).collect();
    run.outcome.request.holds.iter().filter(|hold| keys.contains(&hold.delivery)).count()
}

#[test]
fn runs_of_any_seed_can_be_exported_in_every_format() {
    let (mut drawn, mut diagrams) = (0, 0);
    for run in fuzzed() {
        records::check(&run);
        chrome::check(&run);
        plan::check(&run);
        itf::check(&run);
        diagrams += u64::from(mermaid::check(&run));
        rust_test::check(&run);
        drawn += run.outcome.fired.iter().map(|fired| fired.fired).sum::<u64>();
    }
    assert!(drawn > SEEDS && diagrams > SEEDS / 4, "{drawn} faults, {diagrams} diagrams");
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    use jetlag::export::{chrome, itf, mermaid, plan, records, rust_test};
    let file = "scenarios/flights/saga_orchestrator_crash_at_every_step.ron";
    let text = |run: &Run| {
        let course = run.course();
        let diagram = mermaid(&course).map_err(|error| error.to_string());
        let trace = itf(&course).map_err(|error| error.to_string());
        let texts = [records(&course), chrome(&course), plan(&course), rust_test(&course)];
        (texts, diagram, trace)
    };
    assert_eq!(text(&run(file)), text(&run(file)));
}

#[test]
fn the_sender_of_a_message_handled_the_step_in_which_it_was_sent() {
    for run in shipped().into_iter().chain(fuzzed()) {
        let records = jetlag::export::records(&run.course());
        let mut known = 0;
        for line in records.lines() {
            let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let Some(sent) = line["sent"].as_u64().filter(|sent| *sent > 0) else { continue };
            let sender = &run.outcome.deliveries[sent as usize - 1];
            assert_eq!(line["from"], run.node(sender), "{}: {line}", run.file);
            assert!(sender.at.as_nanos() <= line["at_ns"].as_u64().expect("a time"), "{line}");
            known += 1;
        }
        let sent_later =
            |delivered: &&Delivered| is_message(delivered) && delivered.cause > Step(0);
        let messages = run.outcome.deliveries.iter().filter(sent_later).count();
        assert!(known >= messages, "{}: {known} of {messages}", run.file);
    }
}
