//! Explanations from end to end, on the built binary.

#![cfg(unix)]

use crate::enumerate::TWICE;
use crate::shell::Shell;
use crate::shrink::{LATE, captured_twice};
use crate::snapshot::compare;

/// Explains a capsule, twice.
fn explained(shell: &Shell, capsule: &str) -> String {
    let line = format!("jetlag explain {capsule}");
    let seen = shell.types(&line);
    assert_eq!((seen.status, &*seen.stderr), (0, ""), "{}", seen.stdout);
    assert_eq!(shell.types(&line).stdout, seen.stdout);
    seen.stdout
}

#[test]
fn two_faults_that_fail_together_are_told_beside_the_run_without_one() {
    let shell = Shell::with("explain-twice", &[("twice.ron", TWICE)]);
    let found = shell.types(
        "jetlag enumerate twice.ron --about s-1 --no-holds --faults Duplicate,KeysPruned --depth 2",
    );
    assert_eq!(found.status, 1, "{}", found.stderr);
    let [capsule] = &shell.capsules("findings")[..] else { panic!("{}", found.stdout) };
    compare("explain", "twice", &explained(&shell, capsule));
}

#[test]
fn a_scripted_fault_is_kept_from_happening() {
    let shell = Shell::with("explain-scripted", &[("twice.ron", &captured_twice())]);
    let shrunk = shell.types("jetlag shrink twice.ron --fuzz --seed 5");
    assert_eq!(shrunk.status, 0, "{}", shrunk.stderr);
    compare("explain", "scripted", &explained(&shell, "twice.shrunk.ron"));
}

#[test]
fn a_run_without_a_verdict_is_told_beside_one_with() {
    let shell = Shell::with("explain-late", &[("late.ron", LATE)]);
    let found = shell.types("jetlag fuzz late.ron --runs 60");
    assert_eq!(found.status, 3, "{}{}", found.stdout, found.stderr);
    let [capsule] = &shell.capsules("findings")[..] else { panic!("{}", found.stdout) };
    let shrunk = shell.types(&format!("jetlag shrink {capsule} --output small.ron"));
    assert_eq!(shrunk.status, 0, "{}", shrunk.stderr);
    compare("explain", "late", &explained(&shell, "small.ron"));
}

#[test]
fn it_is_shown_from_when_on_a_failure_cannot_be_avoided() {
    let shell = Shell::with("explain-baked", &[("late.ron", LATE)]);
    let found = shell.types("jetlag fuzz late.ron --runs 60");
    assert_eq!(found.status, 3, "{}", found.stderr);
    let [capsule] = &shell.capsules("findings")[..] else { panic!("{}", found.stdout) };
    shell.types(&format!("jetlag shrink {capsule} --output small.ron"));
    let seen = shell.types("jetlag explain small.ron --baked-in");
    assert_eq!(seen.status, 0, "{}", seen.stderr);
    let bars = seen.stdout.split('|').nth(1).expect("bars");
    assert!(bars.starts_with(' ') && bars.ends_with('█'), "{bars}");
    assert!(seen.stdout.contains("it fails in all of them"), "{}", seen.stdout);
}

#[test]
fn what_holds_or_is_too_large_is_not_explained() {
    let shell = Shell::with("explain-not", &[("late.ron", LATE)]);
    let holds = shell.types("jetlag explain late.ron");
    assert_eq!((holds.status, &*holds.stdout), (3, ""));
    assert_eq!(holds.stderr, "late.ron cannot be explained: it holds\n");
    let twice = Shell::with("explain-large", &[("twice.ron", &captured_twice())]);
    let large = twice.types("jetlag explain twice.ron --fuzz --seed 5");
    assert_eq!((large.status, &*large.stdout), (3, ""));
    assert!(large.stderr.contains("shrink it first: jetlag shrink twice.ron"), "{}", large.stderr);
}
