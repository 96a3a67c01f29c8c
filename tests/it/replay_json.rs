//! `jetlag replay --format json`: the document, its description, and options that it excludes.

use std::collections::BTreeSet;
use std::process::{Command, Output};

use serde_json::Value;

const DESCRIPTION: &str = include_str!("../../docs/replay-json.md");
const RACE: &str = "scenarios/flights/concurrent_buyer_race.ron";
const CAPSULE: &str = "scenarios/regressions/in_order_apply_of_a_redelivered_event.ron";

fn replay(words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jetlag"));
    command.arg("replay").args(words).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.output().expect("the binary was built")
}

fn json(words: &[&str]) -> (String, Value) {
    let mut all = words.to_vec();
    all.extend(["--format", "json"]);
    let Output { status, stdout, stderr } = replay(&all);
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    let text = String::from_utf8(stdout).expect("output is text");
    let value = serde_json::from_str(&text).expect("output is JSON");
    (text, value)
}

/// The names of all fields of a document.
fn fields(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                found.insert(name.clone());
                fields(value, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| fields(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_example_is_an_excerpt_of_the_real_document() {
    let command = "$ jetlag replay scenarios/flights/concurrent_buyer_race.ron --format json\n";
    let from = DESCRIPTION.find(command).expect("the command is shown") + command.len();
    let example = &DESCRIPTION[from..from + DESCRIPTION[from..].find("```").expect("it ends")];
    let (text, _) = json(&[RACE]);
    let mut rest = text.as_str();
    for part in example.split("  …\n") {
        let at = rest.find(part);
        assert!(at.is_some(), "not in the document, or not in this order:\n{part}");
        rest = &rest[at.unwrap_or(0) + part.len()..];
    }
}

#[test]
fn every_field_is_described() {
    let (_, document) = json(&[RACE, "--around", "25", "--state", "store", "--all"]);
    let (_, capsule) = json(&[CAPSULE]);
    assert_eq!(capsule["reproduction"]["expected"], "every property holds");
    let mut found = BTreeSet::new();
    fields(&document, &mut found);
    fields(&capsule, &mut found);
    assert!(found.len() > 30, "{found:?}");
    let is_described = |name: &str| {
        let name = format!("{name}`");
        ["`", "."].iter().any(|before| DESCRIPTION.contains(&format!("{before}{name}")))
    };
    let missing: Vec<_> = found.iter().filter(|name| !is_described(name)).collect();
    assert!(missing.is_empty(), "not described: {missing:?}");
}

#[test]
fn a_cause_is_the_step_of_an_earlier_line() {
    for words in [&[RACE][..], &[RACE, "--all"][..]] {
        let (_, document) = json(words);
        let lines = document["lines"].as_array().expect("lines");
        let steps: Vec<u64> =
            lines.iter().map(|line| line["step"].as_u64().expect("a step")).collect();
        assert!(steps.is_sorted());
        for line in lines {
            if let Some(cause) = line["cause"].as_u64() {
                assert!(steps.contains(&cause) && cause < line["step"].as_u64().expect("a step"));
            }
        }
    }
}

#[test]
fn the_document_has_the_lines_of_the_text() {
    let (_, document) = json(&[RACE]);
    let text = String::from_utf8(replay(&[RACE]).stdout).expect("output is text");
    let shown = text.lines().skip(2).take_while(|line| !line.is_empty());
    let lines = document["lines"].as_array().expect("lines");
    assert_eq!(shown.clone().count(), lines.len());
    for (shown, line) in shown.zip(lines) {
        assert!(shown.ends_with(line["text"].as_str().expect("a text")), "{shown}");
    }
}

#[test]
fn other_options_limit_the_document() {
    let (_, all) = json(&[RACE, "--all"]);
    let (_, story) = json(&[RACE]);
    let count = |document: &Value| document["lines"].as_array().map_or(0, Vec::len);
    assert!(count(&story) < count(&all));
    assert_eq!(
        (all["detail"].as_str(), story["detail"].as_str()),
        (Some("everything"), Some("story"))
    );

    let (_, around) = json(&[RACE, "--around", "25"]);
    let path = around["path"].as_array().expect("a path");
    assert_eq!(path.last().and_then(Value::as_u64), Some(25));
    assert!(count(&around) < count(&story));
    let has_line = |step: &Value| {
        around["lines"].as_array().expect("lines").iter().any(|line| &line["step"] == step)
    };
    assert!(path.iter().all(has_line), "each step of the path has a line");

    let (_, until) = json(&[RACE, "--until", "20ms", "--state", "store"]);
    assert_eq!((&until["verdict"], &until["state"]["node"]), (&Value::Null, &"store".into()));
    assert!(count(&until) < count(&story));
}

#[test]
fn brief_cannot_be_combined_with_json() {
    let Output { status, stdout, stderr } = replay(&[RACE, "--brief", "--format", "json"]);
    assert_eq!((status.code(), stdout.len()), (Some(2), 0));
    let says = String::from_utf8(stderr).expect("a message is text");
    assert!(says.contains("--brief cannot be used with --format json"), "{says}");
}
