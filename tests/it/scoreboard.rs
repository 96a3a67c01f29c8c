//! `jetlag defects --measure` prints the same figures from one process, from shards, and from a file of campaigns.
#![cfg(unix)]

use crate::shell::Shell;

/// An account that is opened; seeds draw faults.
const OPEN: &str = r#"(
    name: "open",
    domain: Accounts(accounts: ["a-42"]),
    script: [(who: "alice", does: Open(account: "a-42", deposit: "5.00 EUR"))],
    fuzz: (faults: [All], budget: 4),
)
"#;

const MEASURE: &str = "jetlag defects --measure --in own --only poll-skips-gap,unacked-lost,first-fare-only \
     --policy mixture,enumerate --campaigns 3 --cap 400";

fn shell(test: &str) -> Shell {
    Shell::with(test, &[("own/open.ron", OPEN)])
}

/// The campaigns without their seconds.
fn campaigns(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> =
        text.lines().map(|line| line.split_once(",\"seconds\"").expect("it was timed").0).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn shards_of_a_measurement_are_the_whole_and_nothing_is_measured_twice() {
    let shell = shell("measured");
    let whole = shell.types(&format!("{MEASURE} --format jsonl"));
    assert_eq!(whole.status, 0, "{}", whole.stderr);
    assert_eq!(
        campaigns(&whole.stdout).len(),
        12,
        "three defects, three campaigns and one enumeration"
    );
    for shard in 0..3 {
        let part = shell.types(&format!("{MEASURE} --shard {shard}/3 --trials {shard}.jsonl"));
        assert_eq!(part.status, 0, "{}", part.stderr);
    }
    let all: String = (0..3).map(|shard| shell.read(&format!("{shard}.jsonl"))).collect();
    shell.write("all.jsonl", &all);
    assert_eq!(campaigns(&all), campaigns(&whole.stdout));
    let again = shell.types(&format!("{MEASURE} --trials all.jsonl --format jsonl"));
    assert_eq!(campaigns(&again.stdout), campaigns(&whole.stdout));
    assert_eq!(shell.read("all.jsonl"), all, "nothing was measured again");
}

#[test]
fn campaigns_of_other_scenarios_do_not_count() {
    let shell = shell("worlds");
    let measure = "jetlag defects --measure --in own --only unacked-lost --policy mixture --campaigns 1 \
                   --cap 50 --trials made.jsonl";
    assert_eq!(shell.types(measure).stderr, "");
    shell.write("own/open.ron", &OPEN.replace("5.00", "6.00"));
    let seen = shell.types(measure);
    assert!(
        seen.stderr.contains("note: 1 campaign in --trials with other scenarios"),
        "{}",
        seen.stderr
    );
    assert_eq!(shell.read("made.jsonl").lines().count(), 2, "it was made again");
}

#[test]
fn a_defect_that_nothing_exposes_is_shown_as_not_found() {
    let shell = shell("board");
    let board = shell.types(MEASURE);
    let row = |defect: &str, strategy: &str| {
        let mut lines = board.stdout.lines().skip_while(|line| !line.contains(defect));
        let line = lines.find(|line| line.contains(strategy)).expect("a row");
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ")
    };
    assert!(row("unacked-lost", "mixture").contains("3 of 3"), "{}", board.stdout);
    assert!(row("unacked-lost", "mixture").contains("no-lost-event"), "{}", board.stdout);
    assert!(row("unacked-lost", "enumerate").contains("1 of 1"), "{}", board.stdout);
    // No scenario is of its domain.
    assert!(row("first-fare-only", "mixture").contains("0 of 3 –"), "{}", board.stdout);
    assert!(board.stdout.contains("of 3 defects within 100 runs"), "{}", board.stdout);
}

#[test]
fn a_file_that_has_no_campaigns_is_named_with_the_line() {
    let shell = shell("trials");
    shell.write("trials.jsonl", "{\"defect\": 1}\n");
    let seen = shell.types(&format!("{MEASURE} --trials trials.jsonl"));
    assert_eq!((seen.status, seen.stdout.as_str()), (2, ""));
    assert!(seen.stderr.contains("trials.jsonl:1 is not a campaign"), "{}", seen.stderr);
    let seen = shell.types("jetlag defects --measure --only ack-before-aply");
    assert_eq!(seen.status, 2);
    assert!(seen.stderr.contains("did you mean `ack-before-apply`?"), "{}", seen.stderr);
    let seen = shell.types("jetlag defects --campaigns 3");
    assert_eq!(seen.status, 2, "options of a measurement without --measure");
}

#[test]
fn a_measurement_without_scenarios_leaves_no_file() {
    let plain = OPEN.replace("fuzz: (faults: [All], budget: 4),", "");
    let shell = Shell::with("none", &[("plain.ron", &plain)]);
    let seen = shell.types("jetlag defects --measure --in plain.ron --trials new.jsonl");
    assert_eq!((seen.status, seen.stdout.as_str()), (2, ""));
    assert!(seen.stderr.contains("no scenario can be searched"), "{}", seen.stderr);
    assert!(!shell.path("new.jsonl").exists());
}
