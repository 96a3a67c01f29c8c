//! `jetlag replay`.

use std::process::{Output, Stdio};

use super::jetlag;
use crate::snapshot::compare;

#[test]
fn a_replay_tells_the_race_in_order() {
    let words = ["replay", "scenarios/flights/concurrent_buyer_race.ron"];
    let story = jetlag(&words).stdout();
    let mut rest = story.as_str();
    for part in ["sends HoldSeat", "sends HoldSeat", "conflict", "(attempt 2)", "rejected"] {
        let found = rest.find(part);
        assert!(found.is_some(), "{part} is missing or too early in\n{story}");
        rest = &rest[found.unwrap_or(0) + part.len()..];
    }
}

#[test]
fn a_replay_can_look_closely() {
    let race = "scenarios/flights/concurrent_buyer_race.ron";
    let conflict = jetlag(&["replay", race]).stdout();
    let line = conflict.lines().find(|line| line.contains("conflict")).expect("a conflict");
    let step = line.split_whitespace().next().expect("a step");
    compare("cli", "replay_around", &jetlag(&["replay", race, "--around", step]).seen());
    let words = ["replay", race, "--until", "20ms", "--state", "store"];
    compare("cli", "replay_state", &jetlag(&words).seen());
    let words = ["replay", race, "--until", "10ms", "--all"];
    compare("cli", "replay_all", &jetlag(&words).seen());
}

#[test]
fn what_a_run_does_not_have_is_answered_with_what_it_has() {
    let boot = "scenarios/flights/boot.ron";
    compare("cli", "replay_unknown_node", &jetlag(&["replay", boot, "--state", "stroe"]).seen());
    compare("cli", "replay_unknown_step", &jetlag(&["replay", boot, "--around", "5000"]).seen());
}

#[test]
fn a_replay_can_be_limited_to_lines_about_something() {
    let race = "scenarios/flights/concurrent_buyer_race.ron";
    let of = |words: &[&str]| jetlag(&[&["replay", race], words].concat()).stdout();
    compare(
        "cli",
        "replay_about",
        &jetlag(&["replay", race, "--about", "b-2", "--node", "api"]).seen(),
    );
    let lines = |text: &str| text.lines().filter(|line| line.contains("s  ")).count();
    // Names of one kind are alternatives, kinds are combined.
    let (ana, ben) = (of(&["--who", "ana"]), of(&["--who", "ben"]));
    let both = of(&["--who", "ana", "--who", "ben"]);
    assert!(lines(&both) > lines(&ana) && lines(&both) > lines(&ben), "{both}");
    assert!(lines(&of(&["--who", "ana", "--node", "store"])) < lines(&ana));
    let held = of(&["--about", "SeatHeld", "--node", "store"]);
    assert!(held.contains("1 of ") && held.contains("SeatHeld IB6251"), "{held}");
    // A booking is not a part of the name of another one.
    assert!(!of(&["--about", "b-1"]).contains("b-2"));
    let nothing = of(&["--who", "ana", "--node", "timers"]);
    assert!(nothing.contains("\nnone of 30 lines: --who ana --node timers\n"), "{nothing}");
    let around = of(&["--around", "24", "--about", "b-1"]);
    assert!(around.contains("what led to step 24") && !around.contains("ben"), "{around}");
    // The step that is asked for is shown even if no name fits it.
    let around = of(&["--around", "72", "--who", "ben"]);
    assert_eq!(around.matches("asks V1: OrderCreateRQ").count(), 2, "{around}");
    assert!(!around.contains("sends HoldSeat b-1"), "{around}");
}

#[test]
fn a_name_that_does_not_occur_is_status_2() {
    let race = "scenarios/flights/concurrent_buyer_race.ron";
    compare("cli", "replay_unknown_name", &jetlag(&["replay", race, "--who", "anna"]).seen());
    for (option, name) in [("--about", "b-9"), ("--who", "store"), ("--node", "stroe")] {
        let words = ["replay", race, option, name];
        assert_eq!(jetlag(&words).status(), 2, "{option} {name}");
    }
}

#[test]
fn repetitions_are_counted_unless_all_lines_are_asked_for() {
    let words = ["replay", "scenarios/flights/cache_stampede.ron"];
    compare("cli", "replay_repetitions", &jetlag(&words).seen());
    let all = jetlag(&[&words[..], &["--all"]].concat()).stdout();
    assert!(!all.contains("more like it") && all.matches("asks for all flights").count() == 200);
}

#[test]
fn several_states_are_printed_and_that_of_the_store_is_complete() {
    let race = "scenarios/flights/concurrent_buyer_race.ron";
    // One transaction waits for the lock of the other.
    let words = ["replay", race, "--until", "11.9ms", "--state", "store", "--state", "saga"];
    compare("cli", "replay_states", &jetlag(&words).seen());
    let words = ["replay", "scenarios/accounts/three_strategies.ron", "--state", "store"];
    let store = jetlag(&words).stdout();
    let (_, state) = store.split_once("\nstore after").expect("the state");
    assert!(state.contains("\n201 events, "), "{state}");
    for position in 1..=201 {
        assert_eq!(state.matches(&format!("\n@{position} ")).count(), 1, "{position}");
    }
}

#[test]
fn a_time_can_be_given_as_a_story_prints_it() {
    let race = "scenarios/flights/concurrent_buyer_race.ron";
    let story = jetlag(&["replay", race, "--until", "15m00.018555s"]).stdout();
    let (_, end) = story.split_once("stopped after step 213, at ").expect("it stops there");
    assert_eq!(end, "15m00.018555s\n");
}

#[test]
fn another_seed_is_another_run() {
    let race = "scenarios/flights/concurrent_buyer_race.ron";
    let with = |seed: &str| jetlag(&["replay", race, "--seed", seed]).stdout();
    assert_eq!(with("0x10"), with("16"));
    assert_ne!(with("16"), with("17"));
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let mut jetlag = jetlag(&["replay", "scenarios/flights/burst_load.ron"]);
    let command = jetlag.command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary was built");
    drop(child.stdout.take());
    let Output { status, stderr, .. } = child.wait_with_output().expect("it ends");
    assert_eq!((status.code(), String::from_utf8_lossy(&stderr).as_ref()), (Some(0), ""));
}
