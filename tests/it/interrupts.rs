//! An interruption by Ctrl-C or SIGTERM: what was found until then is printed and kept.
#![cfg(unix)]

use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use crate::shell::{Seen, Shell};

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

/// Two customers and one seat. No run is at rest after five seconds, so that each is a finding.
const RESTLESS: &str = r#"(
    name: "race",
    domain: Flights(
        vendors: [(id: V1, gds: Ndc, flights: [(id: "IB1", seats: 1, fare: "10.00 EUR")])],
    ),
    script: [
        (at: "0s", who: "ana", does: Hold(flight: "IB1")),
        (at: "0s", who: "ben", does: Hold(flight: "IB1")),
    ],
    fuzz: (faults: [Delay, Reorder, Pause], budget: 3),
    budget: (until: "5s"),
)
"#;

/// Sends SIGTERM, as schedulers do before they kill, once the state on disk has at least so many blocks.
fn terminated(shell: &Shell, line: &str, blocks: u64) -> Seen {
    let child = shell.begins(line);
    for _ in 0..600 {
        #[expect(clippy::disallowed_methods, reason = "another process takes its time")]
        std::thread::sleep(Duration::from_millis(100));
        if shell.path("findings/campaign.json").exists() && blocks_done(shell) >= blocks {
            break;
        }
    }
    let kill = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(kill.expect("every system has it").success());
    Seen::of(line, child.wait_with_output().expect("it ends"))
}

/// The number of blocks at the beginning of the campaign that are done.
fn blocks_done(shell: &Shell) -> u64 {
    let state = shell.read("findings/campaign.json");
    let state: serde_json::Value = serde_json::from_str(&state).expect("it is written as a whole");
    state["done"]["ranges"][0][1].as_u64().map_or(0, |last| last + 1)
}

#[test]
fn a_campaign_that_is_terminated_keeps_what_it_found_and_is_continued_by_its_last_line() {
    let shell = Shell::with("terminated", &[("race.ron", RESTLESS)]);
    let line = "jetlag fuzz race.ron --runs 1000000 --block 16 --jobs 2";
    let seen = terminated(&shell, line, 2);
    assert_eq!(seen.status, 75, "{}{}", seen.stdout, seen.stderr);
    assert!(seen.stdout.contains("\n  interrupted  "), "{}", seen.stdout);
    assert!(seen.stdout.contains(" of 1,000,000 runs · digest "), "{}", seen.stdout);
    let capsules = shell.capsules("findings");
    assert!(!capsules.is_empty());
    for capsule in &capsules {
        assert!(seen.stdout.contains(capsule.as_str()), "{capsule} in {}", seen.stdout);
    }
    let last = seen.stderr.lines().last().unwrap_or_default();
    let command = last.strip_prefix("continue ").unwrap_or_else(|| panic!("{}", seen.stderr));

    // What is done is not done again.
    let done = blocks_done(&shell);
    let again = terminated(&shell, command, done + 2);
    assert_eq!(again.status, 75, "{}{}", again.stdout, again.stderr);
    assert!(blocks_done(&shell) >= done + 2);
    // It ends as a campaign that was never interrupted. Later blocks may have begun.
    let runs = (blocks_done(&shell) + 6) * 16;
    let shorter = command.replace("--runs 1000000", &format!("--runs {runs}"));
    let rest = shell.types(&shorter);
    let whole = shell.types(&shorter.replace("--findings findings", "--findings whole"));
    assert_eq!((rest.status, rest.stdout), (3, whole.stdout.replace("whole/", "findings/")));
}
