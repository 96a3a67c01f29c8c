//! Each kind of broker under the scenarios that ship: no property is violated, or the file is refused with the reason.

use std::path::Path;

use jetlag::domains::harness;
use jetlag::session::{Faults, RunRequest, Verdict};

/// The kinds, also with settings that make rare things frequent.
const KINDS: &[&str] = &[
    "RabbitMq(version: 4, queues: Quorum)",
    "RabbitMq(version: 3, queues: Quorum)",
    "RabbitMq(queues: Classic)",
    "Sqs(queues: Standard, visibility: \"3s\")",
    "Sqs(queues: Fifo)",
    "Kafka(partitions: 1, session: \"6s\", commit: \"100ms\")",
    "Kafka(producer: AtLeastOnce)",
];

/// Small scenarios, which run fast.
const FOLDER: &str = "scenarios/small";
/// Why a file can be refused.
const REASONS: &[&str] = &[
    "cannot happen with `kind: ",
    "these queues have no delivery limit",
    "a message is visible again after",
    "a queue of RabbitMQ is not divided by stream",
    "several receivers of an SQS queue compete for each message",
    "the segments of a topic are its ",
];
/// How many seeds of each scenario run with each kind.
const SEEDS: u64 = 6;

#[test]
fn scenarios_that_ship_hold_with_each_kind_of_broker() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = harness().files(&[root.join(FOLDER)]).expect("the folder is there");
    let (mut runs, mut refused) = (0, 0);
    for kind in KINDS {
        for file in &files {
            let mut scenario = harness().read(file).expect("it loads");
            if let Err(wrong) = scenario.with_broker(kind) {
                let wrong = wrong[0].to_string();
                let is_told = REASONS.iter().any(|reason| wrong.contains(reason));
                assert!(is_told, "{kind}: {wrong}");
                refused += 1;
                continue;
            }
            if !scenario.allows_faults() {
                continue;
            }
            for seed in 0..SEEDS {
                let faults = Faults::Fuzzed;
                let schedule = faults.usual_schedule();
                let request = RunRequest { seed, faults, schedule, ..scenario.request() };
                let outcome = scenario.run(&request);
                let says = (&outcome.violations, &outcome.unrest);
                let (file, verdict) = (file.display(), outcome.verdict());
                assert_eq!(verdict, Verdict::Held, "{file}, seed {seed}, {kind}: {says:?}");
                runs += 1;
            }
        }
    }
    assert!(runs > 1_000, "only {runs} runs were made, {refused} refused");
}

#[test]
fn a_fault_that_a_kind_of_broker_does_not_have_is_refused_with_the_reason() {
    let text = r#"(
        name: "refused",
        domain: Accounts(accounts: ["a-42"]),
        platform: (broker: (kind: Kafka())),
        faults: [(inject: BindingLost, times: 1)],
        fuzz: (faults: [Overtaken], budget: 2),
    )"#;
    let wrong = harness().load("refused.ron", text.as_bytes()).expect_err("it cannot happen");
    let wrong: Vec<String> = wrong.iter().map(|wrong| wrong.message.clone()).collect();
    assert_eq!(
        wrong,
        [
            "BindingLost cannot happen with `kind: Kafka`",
            "Overtaken cannot happen with `kind: Kafka`",
        ]
    );
}

#[test]
fn the_defects_of_one_kind_are_not_found_with_the_generic_broker() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for id in ["cancel-not-heard", "content-deduplicated", "offset-committed-first"] {
        for file in ["balance_in_cache", "out_of_order", "view_with_a_bug"] {
            let file = root.join(format!("scenarios/small/{file}.ron"));
            let mut scenario = harness().read(&file).expect("it loads");
            scenario.plant(id).expect("there is such a defect");
            for seed in 0..50 {
                let request = RunRequest { seed, faults: Faults::Fuzzed, ..scenario.request() };
                assert_eq!(scenario.run(&request).verdict(), Verdict::Held, "{id}, seed {seed}");
            }
        }
    }
}
