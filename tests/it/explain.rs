//! Explanations from end to end, on the built binary.

#![cfg(unix)]

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
fn a_scripted_fault_is_kept_from_happening() {
    let shell = Shell::with("explain-scripted", &[("twice.ron", &captured_twice())]);
    let shrunk = shell.types("jetlag shrink twice.ron --fuzz --seed 5");
    assert_eq!(shrunk.status, 0, "{}", shrunk.stderr);
    compare("explain", "scripted", &explained(&shell, "twice.shrunk.ron"));
}

#[test]
fn a_run_without_a_verdict_is_told_beside_one_with() {
    let shell = Shell::with("explain-late", &[("late.ron", LATE)]);
    let found = shell.types("jetlag fuzz late.ron --runs 60 --shrink");
    assert_eq!(found.status, 3, "{}{}", found.stdout, found.stderr);
    let capsules = shell.capsules("findings");
    let [_, small] = &capsules[..] else { panic!("{capsules:?}") };
    assert!(small.ends_with(".shrunk.ron") && found.stdout.contains("\nSHRUNK  no-verdict"));
    compare("explain", "late", &explained(&shell, small));
    let seen = shell.types(&format!("jetlag explain {small} --baked-in"));
    assert_eq!(seen.status, 0, "{}", seen.stderr);
    let (_, bars) = seen.stdout.split_once("\n  baked in  ").expect("bars");
    assert!(bars.starts_with("| ") && bars.contains("█|  steps "), "{bars}");
    assert!(bars.contains("it fails in all of them"), "{bars}");
    json(&shell.types(&format!("jetlag explain {small} --baked-in --format json")).stdout);
    let page = include_str!("../../docs/explaining.md");
    assert!(page.contains(bars), "docs/explaining.md does not show\n{bars}");
}

/// The document says the same as the text: every part is needed, the run that holds parts before the failure, and
/// the continuations fail from some step on.
fn json(text: &str) {
    let document: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
    assert_eq!((&document["version"], &document["failure"]), (&1.into(), &"no-verdict".into()));
    let parts = document["parts"].as_array().expect("parts");
    let kinds: Vec<&str> = parts.iter().filter_map(|part| part["kind"].as_str()).collect();
    assert_eq!(kinds, ["given", "given", "fault"]);
    assert!(parts.iter().all(|part| part["without_it"]["holds"] == true), "{text}");
    assert_eq!(document["sibling"]["lacks"], 2, "the fault");
    let differs_at = document["sibling"]["differs_at"].as_u64().expect("a step");
    let pairs = document["pairs"].as_array().expect("pairs");
    let early = |pair: &serde_json::Value| {
        pair["fails"]["step"].as_u64().is_none_or(|step| step >= differs_at)
            || pair["holds"]["text"] == pair["fails"]["text"]
    };
    assert!(!pairs.is_empty() && pairs.iter().all(early), "{text}");
    assert_eq!(document["baked_in"]["runs"], 64);
    let steps = document["baked_in"]["steps"].as_array().expect("steps");
    let failed: Vec<u64> = steps.iter().filter_map(|step| step["failed"].as_u64()).collect();
    assert!(failed.len() > 20 && failed[0] < 64 && failed.ends_with(&[64]), "{failed:?}");
    let page = include_str!("../../docs/explaining.md");
    for key in document.as_object().expect("an object").keys() {
        assert!(page.contains(&format!("`{key}`")), "docs/explaining.md does not describe {key}");
    }
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
