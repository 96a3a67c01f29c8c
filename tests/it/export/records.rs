//! Lines of JSON, read one by one.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Run, is_message, message, run, shipped};

const DESCRIPTION: &str = include_str!("../../../docs/export.md");

fn lines(run: &Run) -> Vec<Value> {
    let text = jetlag::export::records(&run.course());
    assert!(text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).expect("one object a line")).collect()
}

fn of_kind<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["kind"] == kind).collect()
}

/// Compares every line with the run.
pub(super) fn check(run: &Run) {
    let (lines, outcome) = (lines(run), &run.outcome);
    let head = &lines[0];
    assert_eq!((&head["kind"], &head["format"]), (&"run".into(), &"jetlag.records".into()));
    assert_eq!(
        (&head["version"], &head["seed"]),
        (&1.into(), &outcome.request.seed.to_string().into())
    );
    assert_eq!(head["digest"], format!("{:016x}", outcome.digest));
    assert_eq!(head["violations"].as_u64(), Some(outcome.violations.len() as u64));
    let nodes = head["nodes"].as_array().expect("nodes").iter().map(|node| &node["name"]);
    assert!(nodes.eq(&outcome.nodes), "{head}");

    let handled = of_kind(&lines, "occurrence");
    assert_eq!(handled.len() as u64, outcome.occurrences, "{}", run.file);
    assert_eq!(handled.len(), outcome.deliveries.len(), "{}", run.file);
    for (line, (step, delivered)) in handled.iter().zip((1_u64..).zip(&outcome.deliveries)) {
        assert_eq!(line["step"].as_u64(), Some(step));
        assert_eq!(line["at_ns"].as_u64(), Some(delivered.at.as_nanos()));
        assert_eq!(line["cause"].as_u64(), Some(delivered.cause.0));
        assert!(delivered.cause.0 < step);
        assert_eq!(
            (&line["node"], &line["message"]),
            (&run.node(delivered).into(), &message(delivered).into())
        );
        assert_eq!(line["from"].as_str(), run.from(delivered));
        assert_eq!(line["class"] == "message", is_message(delivered));
        assert_eq!(line["poll"].as_bool(), Some(delivered.is_poll));
    }
    let facts = lines.iter().filter_map(|line| line["facts"].as_array()).flatten();
    let story = outcome.story.as_ref().expect("a story").lines();
    let texts: Vec<&str> = facts.map(|fact| fact["text"].as_str().expect("a text")).collect();
    assert!(texts.iter().eq(story.iter().map(|line| &line.text)), "{}", run.file);
    for line in story.iter().filter(|line| line.step.0 > 0) {
        let delivered = &outcome.deliveries[line.step.0 as usize - 1];
        assert_eq!(line.node, delivered.key.actor.to, "a fact is stated by the node that handles");
    }
    let violations = of_kind(&lines, "violation");
    let says: Vec<&str> =
        violations.iter().map(|line| line["says"].as_str().expect("a text")).collect();
    assert!(says.iter().eq(outcome.violations.iter().map(|violated| &violated.says)), "{says:?}");
    assert_eq!(of_kind(&lines, "missed").len(), outcome.missed.len());
}

#[test]
fn the_records_of_every_shipped_run_are_those_of_its_story() {
    let runs = shipped();
    runs.iter().for_each(check);
    let violated = runs.iter().filter(|run| !run.outcome.violations.is_empty());
    assert_eq!(violated.count(), 2, "a scenario and a capsule of the failure");
}

/// The names of all fields of a value.
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
fn every_field_is_described() {
    let mut found = BTreeSet::new();
    let lines = lines(&run("examples/captured_twice.shrunk.ron"));
    // What a fact, a violation and a reproduction are is described for `replay --format json`.
    for line in &lines {
        let mut line = line.clone();
        for shared in ["facts", "reproduction", "unrest", "stop", "scenario"] {
            line.as_object_mut().expect("an object").insert(shared.to_owned(), Value::Null);
        }
        if line["kind"] != "violation" {
            fields(&line, &mut found);
        }
    }
    assert!(found.len() > 20, "{found:?}");
    let missing: Vec<_> =
        found.iter().filter(|name| !DESCRIPTION.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "not described: {missing:?}");
}
