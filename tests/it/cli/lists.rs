//! `jetlag list`, `show`, `new` and `completions`.

use std::path::Path;

use super::{Folder, jetlag};
use crate::snapshot::compare;

#[test]
fn everything_there_is_can_be_listed() {
    let some = Folder::with_some_scenarios("list");
    let mut list = jetlag(&["list"]).within(&some.0);
    compare("cli", "list", &list.seen());
    assert!(list.stdout().lines().all(|line| line.chars().count() <= 100));
}

#[test]
fn what_show_prints_is_the_same_scenario() {
    let shown = jetlag(&["show", "scenarios/flights/hold_seat.ron"]).stdout();
    let folder = Folder::with("show", &[("shown.ron", &shown)]);
    assert_eq!(jetlag(&["show", "shown.ron"]).within(&folder.0).stdout(), shown);
    compare("cli", "show", &jetlag(&["show", "scenarios/flights/boot.ron"]).seen());
}

#[test]
fn a_new_scenario_runs_and_is_not_overwritten() {
    let folder = Folder::with("new", &[]);
    let run = |words: &[&str]| jetlag(words).within(&folder.0).seen();
    compare("cli", "new", &run(&["new", "my_trip"]));
    compare("cli", "new_again", &run(&["new", "my_trip.ron"]));
    assert_eq!(jetlag(&["run", "my_trip.ron"]).within(&folder.0).status(), 0);
    let left: Vec<_> = std::fs::read_dir(&folder.0).expect("the folder").collect();
    assert_eq!(left.len(), 1, "no draft is left behind: {left:?}");
}

#[test]
fn there_is_a_scenario_to_start_from_in_each_domain() {
    let folder = Folder::with("new_domain", &[]);
    let within = |words: &[&str]| jetlag(words).within(&folder.0).status();
    for domain in ["Flights", "Orders"] {
        assert_eq!(within(&["new", domain, "--domain", domain]), 0, "{domain}");
        assert_eq!(within(&["run", &format!("{domain}.ron"), "--twice"]), 0, "{domain}");
    }
    let words = ["new", "my_shop", "--domain", "Order"];
    compare("cli", "new_unknown_domain", &jetlag(&words).within(&folder.0).seen());
}

#[test]
fn scenarios_are_listed_under_their_domains() {
    let listed = jetlag(&["list", "scenarios"]).stdout();
    let (mut domain, mut files) = ("", 0);
    for line in listed.lines() {
        if let Some(title) = line.strip_prefix("scenarios of ") {
            domain = title;
        } else if let Some(file) = line.trim_start().strip_prefix("scenarios/") {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
            let text = std::fs::read_to_string(root.join(file)).expect("it was listed");
            // A capsule names its scenario.
            let named =
                text.split_once("scenario: File(\"").and_then(|(_, rest)| rest.split_once('"'));
            let text = named.map_or(text.clone(), |(path, _)| {
                let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
                std::fs::read_to_string(path).expect("the scenario of a capsule")
            });
            assert!(text.contains(&format!("domain: {domain}(")), "{file} is not of {domain}");
            files += 1;
        }
    }
    assert!(files > 50, "only {files} files");
    assert_eq!(listed.matches("scenarios of ").count(), 5, "each domain has one group");
}

#[test]
fn shells_complete_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let script = jetlag(&["completions", shell]).stdout();
        for command in ["run", "replay", "fuzz", "list", "show", "new"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
}
