//! The exported tests: those in `tests/it/exported` are what the command writes, and are run as they are.

use std::fs;
use std::path::Path;

use jetlag::domains::harness;
use jetlag::session::{Identity, RunRequest, Verdict};

use super::{Run, run};

/// The exported runs, by the names of their files in `tests/it/exported`.
const EXPORTED: &[(&str, &str)] = &[
    ("concurrent_withdrawals", "scenarios/accounts/concurrent_withdrawals.ron"),
    ("in_order_apply", "scenarios/regressions/in_order_apply_of_a_redelivered_event.ron"),
    ("captured_twice", "examples/captured_twice.ron"),
    ("captured_twice_shrunk", "examples/captured_twice.shrunk.ron"),
];

#[test]
fn the_exported_tests_that_are_run_are_those_that_the_command_writes() {
    #[expect(clippy::disallowed_methods, reason = "it makes this test write the files")]
    let update = std::env::var("UPDATE_DOCS").is_ok();
    for (name, file) in EXPORTED {
        let path = format!("tests/it/exported/{name}.rs");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let text = jetlag::export::rust_test(&run(file).course());
        if update {
            fs::write(&path, &text).expect("the file can be written");
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == text, "{}: run with UPDATE_DOCS=1:\n{text}", path.display());
    }
}

/// The text of the run in a test.
fn embedded(test: &str) -> &str {
    let from =
        test.find("\nconst RUN: &str = r").expect("a raw text") + "\nconst RUN: &str = r".len();
    let hashes = test[from..].chars().take_while(|c| *c == '#').count();
    let end = format!("\"{};\n\n#[test]\n", "#".repeat(hashes));
    let body = &test[from + hashes + 1..];
    &body[..body.find(&end).expect("the text ends")]
}

/// Runs what is in the test of a run: it ends as the run did.
pub(super) fn check(run: &Run) {
    let test = jetlag::export::rust_test(&run.course());
    assert_eq!(test.matches("\n#[test]\n").count(), 1);
    if run.outcome.request.stop_at.is_set() {
        // A test makes the whole run.
        return;
    }
    let scenario = harness().load("embedded.ron", embedded(&test).as_bytes());
    let scenario = scenario.unwrap_or_else(|wrong| panic!("{}: {}", run.file, wrong[0]));
    let again = scenario.run(&scenario.request());
    assert_eq!(again.verdict(), run.outcome.verdict(), "{}", run.file);
    assert_eq!(Identity::of(&again), Identity::of(&run.outcome), "{}", run.file);
}

#[test]
fn the_run_of_a_file_is_exported_as_that_file_and_a_varied_one_as_a_capsule() {
    let file = "examples/captured_twice.ron";
    let own = run(file);
    assert_eq!(own.outcome.verdict(), Verdict::Failed);
    let test = jetlag::export::rust_test(&own.course());
    assert_eq!(embedded(&test), own.scenario.text());
    check(&own);

    let request = RunRequest { seed: 99, ..own.scenario.request() };
    let outcome = own.scenario.run(&jetlag::export::logged(request));
    let varied = Run { outcome, ..own };
    let test = jetlag::export::rust_test(&varied.course());
    assert!(embedded(&test).contains("\nCapsule(\n"), "{test}");
    check(&varied);
}

#[test]
fn a_capsule_is_exported_with_its_scenario_and_is_the_same_run() {
    let capsule = run("examples/captured_twice.shrunk.ron");
    let test = jetlag::export::rust_test(&capsule.course());
    let scenario = harness().load("elsewhere/embedded.ron", embedded(&test).as_bytes());
    let again = scenario.expect("it needs no other file");
    let again = again.run(&again.request());
    assert_eq!(again.digest, capsule.outcome.digest);
}
