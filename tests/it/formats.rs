//! Output formats from end to end.

use std::path::Path;
use std::process::Command;

/// The standard output of `jetlag` with these words, in the project's folder, and its exit status.
fn jetlag(words: &[&str]) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jetlag"));
    command.args(words).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.output().expect("the binary was built");
    (String::from_utf8(output.stdout).expect("output is text"), output.status.code())
}

/// Two files: one holds, one is not a scenario.
fn folder() -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("formats");
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let calm = include_str!("../../scenarios/flights/boot.ron");
    std::fs::write(folder.join("a_calm.ron"), calm).expect("a temporary file");
    let wrong = "(\n    name: \"wrong\",\n    domain: Orders(),\n    sead: 1,\n)\n";
    std::fs::write(folder.join("b_wrong.ron"), wrong).expect("a temporary file");
    folder.display().to_string()
}

#[test]
fn lines_of_json_are_parsed_one_by_one() {
    let (stdout, status) = jetlag(&["run", &folder(), "--format", "jsonl"]);
    assert_eq!(status, Some(2));
    let kinds: Vec<String> = stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("one object a line"))
        .map(|object| object["kind"].as_str().expect("a kind").to_owned())
        .collect();
    assert_eq!(kinds, ["start", "run", "invalid", "end"]);
}

#[test]
fn github_shows_an_error_at_its_line() {
    let (stdout, status) = jetlag(&["run", &folder(), "--format", "github"]);
    assert_eq!(status, Some(2));
    let lines: Vec<&str> = stdout.lines().collect();
    assert!(lines[0].starts_with("::error file="), "{stdout}");
    let place = "/b_wrong.ron,line=4,col=5,title=invalid scenario::there is no field `sead`";
    assert!(lines[0].contains(place), "{stdout}");
    assert_eq!(lines[1..], ["::notice title=jetlag::2 scenarios: 1 held, 1 invalid"]);
}

#[test]
fn a_campaign_has_every_format() {
    let fuzz = |format| {
        jetlag(&["fuzz", "scenarios/flights/hold_seat.ron", "--runs", "3", "--format", format])
    };
    for (format, begins) in [
        ("json", "{\n  \"format\""),
        ("jsonl", "{\"kind\":\"start\""),
        ("junit", "<?xml"),
        ("github", "::notice title=jetlag::3 runs of 1 scenario: held\n"),
    ] {
        let (stdout, status) = fuzz(format);
        assert_eq!(status, Some(0), "{stdout}");
        assert!(stdout.starts_with(begins), "{format}: {stdout}");
    }
}
