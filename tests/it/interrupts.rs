//! An interruption by Ctrl-C: what was found until then is printed.
#![cfg(unix)]

use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

fn jetlag(words: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jetlag"));
    command.args(words).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the binary was built")
}

/// Interrupts a command once it has had the time for some runs.
fn interrupted(child: Child) -> (Option<i32>, String, String) {
    #[expect(clippy::disallowed_methods, reason = "another process takes its time")]
    std::thread::sleep(Duration::from_secs(3));
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("every system has it").success());
    let Output { status, stdout, stderr } = child.wait_with_output().expect("it ends");
    let text = |bytes| String::from_utf8(bytes).expect("output is text");
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn an_interrupted_campaign_says_what_it_found_and_how_to_go_on() {
    let findings = std::env::temp_dir().join(format!("jetlag-interrupts-{}", std::process::id()));
    let findings = findings.to_str().expect("a plain path");
    let words = ["fuzz", "scenarios/flights/burst_load.ron", "scenarios/flights/boot.ron"];
    let more = ["--runs", "1000000000", "--block", "8", "--findings", findings];
    let child = jetlag(&[&words[..], &more[..]].concat());
    let (status, stdout, stderr) = interrupted(child);
    assert_eq!(status, Some(75), "{stdout}{stderr}");
    assert!(stdout.contains("  interrupted  "), "{stdout}");
    assert!(stdout.contains(" of 1,000,000,000 runs · digest "), "{stdout}");
    let line = stderr.lines().last().expect("how to go on");
    let command = format!("continue jetlag {} --runs ", words.join(" "));
    assert!(line.starts_with(&command) && line.contains(" --block 8 --findings "), "{line}");
    let state =
        std::fs::read_to_string(format!("{findings}/campaign.json")).expect("the state is kept");
    assert!(state.contains("\"done\":{\"ranges\":[[0,"), "{}", &state[..200]);
    std::fs::remove_dir_all(findings).expect("it was just made");
}

#[test]
fn an_interrupted_run_ends_the_command_with_a_report() {
    let child = jetlag(&["run", "scenarios/flights", "--seeds", "0..1000000000"]);
    let (status, stdout, stderr) = interrupted(child);
    assert_eq!((status, stderr.as_str()), (Some(75), ""), "{stdout}");
    assert!(stdout.contains("interrupted"), "{stdout}");
}
