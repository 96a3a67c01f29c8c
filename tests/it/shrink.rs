//! Shrinking from end to end, on the built binary.

#![cfg(unix)]

use crate::shell::Shell;
use crate::snapshot::compare;

/// Fails in each of its runs, with two faults that it scripts; seeds draw others.
const CAPTURED_TWICE: &str = include_str!("../../examples/captured_twice.ron");

pub(crate) fn captured_twice() -> String {
    let fuzz = "    fuzz: (faults: [Delay, Reorder, Drop], budget: 6),\n    faults: [";
    CAPTURED_TWICE.replacen("    faults: [", fuzz, 1)
}

/// Does not come to rest in time if a node is down for long while money is moved.
pub(crate) const LATE: &str = r#"(
    name: "late",
    domain: Accounts(accounts: ["a-42", "a-43"]),
    script: [
        (at: "0s", who: "alice", does: Open(account: "a-42", deposit: "100.00 EUR")),
        (at: "0s", who: "ben", does: Open(account: "a-43")),
        (at: "1s", who: "alice", does: Transfer(to: "a-43", amount: "40.00 EUR")),
        (at: "4s", who: "ben", does: CheckBalance()),
    ],
    fuzz: (faults: [CrashBefore, Delay, Reorder], budget: 6),
    budget: (until: "13s"),
)"#;

#[test]
fn a_failure_is_shrunk_to_a_capsule_that_fails_in_the_same_way() {
    let shell = Shell::with("shrink-twice", &[("twice.ron", &captured_twice())]);
    let seen = shell.types("jetlag shrink twice.ron --fuzz --seed 5");
    assert_eq!(seen.status, 0, "{}", seen.stderr);
    compare("shrink", "captured_twice", &seen.stdout);
    let again = shell.types(seen.command_after("replay"));
    assert_eq!(again.status, 1, "{}", again.stderr);
    assert!(again.stdout.contains("\nREPRODUCED  expected: single-capture"), "{}", again.stdout);
    // What is minimal already stays as it is.
    let twice = shell.types("jetlag shrink twice.shrunk.ron --output again.ron");
    let fields =
        |name: &str| shell.read(name).split_once("Capsule(").expect("a capsule").1.to_owned();
    assert_eq!((twice.status, fields("again.ron")), (0, fields("twice.shrunk.ron")));
}

#[test]
fn only_the_fault_and_the_lines_that_matter_are_left() {
    let shell = Shell::with("shrink-late", &[("late.ron", LATE)]);
    let found = shell.types("jetlag fuzz late.ron --runs 60");
    assert_eq!(found.status, 3, "{}{}", found.stdout, found.stderr);
    let [capsule] = &shell.capsules("findings")[..] else { panic!("{}", found.stdout) };
    let shrink = |jobs: &str| {
        let seen =
            shell.types(&format!("jetlag shrink {capsule} --output small.ron --jobs {jobs}"));
        assert_eq!(seen.status, 0, "{}", seen.stderr);
        (seen.stdout, shell.read("small.ron"))
    };
    let one = shrink("1");
    compare("shrink", "late", &one.0);
    assert_eq!(shrink("3"), one, "the number of threads decides nothing");
    assert_eq!(one.1.matches("(fault: ").count(), 1, "{}", one.1);
    let again = shell.types("jetlag replay small.ron");
    assert!(again.stdout.contains("\nREPRODUCED  "), "{}", again.stdout);
}

#[test]
fn what_holds_is_not_shrunk_and_what_is_no_capsule_is_not_replaced() {
    let shell = Shell::with("shrink-not", &[("late.ron", LATE), ("kept.ron", "(name: \"kept\")")]);
    let holds = shell.types("jetlag shrink late.ron");
    assert_eq!(holds.status, 3, "{}", holds.stdout);
    assert_eq!(holds.stderr, "late.ron cannot be shrunk: it holds\n");
    assert!(!shell.path("late.shrunk.ron").exists());
    let kept = shell.types("jetlag shrink late.ron --output kept.ron");
    assert_eq!(kept.status, 2);
    assert!(kept.stderr.contains("kept.ron exists and is not a capsule"), "{}", kept.stderr);
    let bounded = shell.types("jetlag shrink late.ron --replays 0");
    assert_eq!(bounded.status, 2, "{}", bounded.stderr);
}

#[test]
fn a_capsule_that_contains_its_scenario_is_shrunk_to_one_that_does() {
    let open = r#"(
        name: "open",
        domain: Accounts(accounts: ["a-42"]),
        script: [(who: "alice", does: Open(account: "a-42", deposit: "5.00 EUR"))],
        fuzz: (faults: [All], budget: 4),
    )"#;
    let shell = Shell::with("shrink-inline", &[("open.ron", open)]);
    let found = shell.types("jetlag enumerate open.ron --depth 1 --defect unacked-lost");
    assert_eq!(found.status, 1, "{}{}", found.stdout, found.stderr);
    let capsules = shell.capsules("findings");
    let shrunk = shell.types(&format!("jetlag shrink {} --output small.ron", capsules[0]));
    assert_eq!(shrunk.status, 0, "{}", shrunk.stderr);
    // Neither the first capsule nor the scenario is needed any more.
    shell.write("open.ron", "");
    shell.write(&capsules[0], "");
    let again = shell.types("jetlag replay small.ron");
    assert_eq!(again.status, 1, "{}", again.stderr);
    assert!(again.stdout.contains("\nREPRODUCED  expected: no-lost-event"), "{}", again.stdout);
}
