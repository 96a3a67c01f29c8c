//! The command itself: files, standard input, exit statuses, formats.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const EVENT: &str = "{\"kind\":\"event\",\"stream\":\"order-1\",\"version\":1}\n";
const GAP: &str = "{\"kind\":\"event\",\"stream\":\"order-1\",\"version\":3}\n";

/// Runs `jetlag check` in a folder of its own with these files.
fn check(test: &str, files: &[(&str, &str)], words: &[&str], input: &str) -> Output {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("check-{test}"));
    std::fs::create_dir_all(&folder).expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.join(name), text).expect("a file");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_jetlag"));
    command.arg("check").args(words).current_dir(folder).env("NO_COLOR", "1");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary was built");
    // It may end before it has read all of it.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

#[test]
fn each_status_has_its_reason() {
    let files = [("held.jsonl", EVENT), ("gap.jsonl", &[EVENT, GAP].concat()), ("empty.jsonl", "")];
    for (words, status) in [
        (&["held.jsonl"][..], 0),
        (&["gap.jsonl"], 1),
        (&["gap.jsonl", "--except", "dense-versions"], 3),
        (&["empty.jsonl"], 3),
        (&["held.jsonl", "--require", "single-capture"], 3),
        (&["held.jsonl", "--require", "dense-versions"], 0),
        (&["held.jsonl", "--require", "single-captur"], 2),
        (&["held.jsonl", "held.jsonl"], 2),
        (&["missing.jsonl"], 2),
        (&["."], 2),
        (&[], 2),
    ] {
        let output = check("status", &files, words, "");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{words:?}: {error}");
        assert!(!error.contains("this is a bug"), "{words:?}: {error}");
    }
}

#[test]
fn an_empty_history_says_so() {
    let output = check("empty", &[("empty.jsonl", "")], &["empty.jsonl"], "");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        text.ends_with("  there is no line at all: look at what the export has printed\n"),
        "{text}"
    );
}

#[test]
fn a_mistake_is_shown_with_its_place() {
    let text = format!("{EVENT}{}", "{\"kind\":\"evnt\"}\n");
    let output = check("mistake", &[("a.jsonl", &text)], &["a.jsonl"], "");
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(error.starts_with("error: a.jsonl:2:2: there is no kind `evnt`\n"), "{error}");
    assert!(error.ends_with("= did you mean `event`?\n"), "{error}");
    assert_eq!(output.stdout, b"", "nothing is judged");

    let map = "Map(tables: [(file: \"a.jsonl\", kind: \"evnt\", columns: {\"x\": \"streem\"})], hole: false)";
    let output =
        check("map", &[("a.jsonl", EVENT), ("map.ron", map)], &["a.jsonl", "--map", "map.ron"], "");
    let error = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("map.ron:1:") && error.contains("`whole`"), "{error}");
    let map = map.replace(", hole: false", "");
    let output = check("map", &[("map.ron", &map)], &["a.jsonl", "--map", "map.ron"], "");
    let error = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(error.contains("did you mean `event`?"), "{error}");
    assert!(error.contains("did you mean `stream`?"), "{error}");
}

#[test]
fn standard_input_is_an_input() {
    let output = check("input", &[], &["-"], &[EVENT, GAP].concat());
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("standard input:2: order-1 v3 follows v1: v2 is missing"), "{text}");
}

#[test]
fn the_document_says_the_same() {
    let words = ["gap.jsonl", "--format", "json", "--require", "dense-versions"];
    let output = check("json", &[("gap.jsonl", &[EVENT, GAP].concat())], &words, "");
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(document["format"], "jetlag.check");
    assert_eq!(document["verdict"], "violated");
    assert_eq!(document["inputs"], serde_json::json!([{"file": "gap.jsonl", "lines": 2}]));
    let violation = &document["violations"][0];
    assert_eq!(violation["property"], "dense-versions");
    assert_eq!(violation["lines"][1], serde_json::json!({"file": "gap.jsonl", "line": 2}));
    let properties = document["properties"].as_array().expect("a list");
    let of = |result: &str| properties.iter().filter(|it| it["result"] == result).count();
    assert_eq!((of("violated"), of("held")), (1, 0));
    assert_eq!(of("not_observable"), properties.len() - 1);
    assert_eq!(properties[0]["required"], true);
}
