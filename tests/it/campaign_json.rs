//! The JSON of a campaign: as it is documented, the same for one process and for merged shards, and as a snapshot.
#![cfg(unix)]

use std::collections::BTreeSet;

use serde_json::Value;

use crate::shell::Shell;

const DESCRIPTION: &str = include_str!("../../docs/json.md");
const CAPTURED_TWICE: &str = include_str!("../../examples/captured_twice.ron");
const HOLD_SEAT: &str = include_str!("../../scenarios/flights/hold_seat.ron");

/// A file that fails in each run and claims two things, of which runs meet one; and a file that holds.
fn shell(test: &str) -> Shell {
    let more = "    fuzz: (faults: [Delay, Reorder], budget: 2),\n    reaches: [\n        \
                Stores(event: \"SeatHeld\"),\n        Rejects(rejection: \"SoldOut\"),\n    ],\n    faults: [";
    let fails = CAPTURED_TWICE.replacen("    faults: [", more, 1);
    Shell::with(test, &[("captured_twice.ron", &fails), ("hold_seat.ron", HOLD_SEAT)])
}

const FUZZ: &str = "jetlag fuzz captured_twice.ron hold_seat.ron --runs 40 --block 8 --seed 3";

/// The only entry of the document that a command prints.
fn campaign(shell: &Shell, line: &str, status: i32) -> Value {
    let seen = shell.types(&format!("{line} --format json"));
    assert_eq!(seen.status, status, "{line}: {}", seen.stderr);
    let mut document: Value = serde_json::from_str(&seen.stdout).expect("JSON");
    assert_eq!(document["format"], 1);
    let entry = document["entries"][0].take();
    assert_eq!((&entry["kind"], &document["entries"][1]), (&"campaign".into(), &Value::Null));
    entry
}

/// Shortens long lists, which have an entry for each fault or feature of the domain.
fn shortened(value: &mut Value) {
    match value {
        Value::Array(values) => {
            let more = values.len().saturating_sub(2);
            values.truncate(2);
            values.iter_mut().for_each(shortened);
            if more > 0 {
                values.push(format!("and {more} more").into());
            }
        }
        Value::Object(fields) => fields.values_mut().for_each(shortened),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn a_campaign_with_a_finding_has_this_json() {
    let mut found = campaign(&shell("json-snapshot"), FUZZ, 1);
    shortened(&mut found);
    let text = serde_json::to_string_pretty(&found).expect("it was parsed");
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path("../../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("campaigns__json", text));
}

#[test]
fn merged_shards_have_the_json_of_one_process() {
    let (one, three) = (shell("json-one"), shell("json-three"));
    let whole = one.types(&format!("{FUZZ} --format json"));
    for shard in [2, 0, 1] {
        let part = campaign(&three, &format!("{FUZZ} --shard {shard}/3"), 0);
        assert_eq!(part["shard"], format!("{shard}/3"));
    }
    let merged = three.types("jetlag merge --format json");
    assert_eq!((merged.status, merged.stdout), (whole.status, whole.stdout));
    for format in ["human", "jsonl", "junit", "github"] {
        let whole = one.types(&format!("{FUZZ} --format {format}")).stdout;
        assert_eq!(three.types(&format!("jetlag merge --format {format}")).stdout, whole);
    }
}

#[test]
fn claims_that_no_run_met_are_listed() {
    let shell = shell("json-claims");
    let found = campaign(&shell, FUZZ, 1);
    let [met, unmet] = found["claims"].as_array().expect("a list").as_slice() else {
        panic!("two claims: {}", found["claims"])
    };
    let says = ["place", "says"].map(|field| unmet[field].as_str().expect("a text"));
    assert_eq!(says, ["captured_twice.ron:14:9", "the rejection SoldOut"]);
    assert_eq!((&unmet["runs"], unmet.get("first")), (&0.into(), None));
    assert!(met["runs"].as_u64() > Some(5) && met["first"].is_u64(), "{met}");
    let text = shell.types(FUZZ).stdout;
    let listed = "claims that no run met:\n  captured_twice.ron:14:9   the rejection SoldOut\n";
    assert!(text.contains(listed), "{text}");
    assert!(!text.contains("the event SeatHeld"), "{text}");
}

#[test]
fn the_features_that_were_never_reached_are_those_of_the_report() {
    let shell = shell("json-features");
    let found = campaign(&shell, FUZZ, 1);
    let features = found["features"].as_array().expect("a list");
    let never = found["never_reached"].as_array().expect("a list");
    let unreached = features.iter().filter(|feature| feature["runs"] == 0).count();
    assert!((1..unreached).contains(&never.len()), "{} of {unreached}", never.len());
    let text = shell.types(FUZZ).stdout;
    for kind in ["event", "rejection"] {
        let names = never.iter().filter(|feature| feature["kind"] == kind);
        let names: Vec<_> =
            names.map(|feature| feature["what"].as_str().expect("a text")).collect();
        assert!(!names.is_empty());
        for name in names {
            assert!(text.contains(name), "{name} is not in {text}");
        }
    }
}

// ---- the documentation

/// The paths of all fields: `files[].runs`. A run has a table of its own.
fn fields(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                fields(value, &path, found);
            }
        }
        Value::Array(values) if values.iter().any(Value::is_object) => {
            values.iter().for_each(|value| fields(value, &format!("{path}[]"), found));
        }
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            found.insert(path.to_owned());
        }
    }
}

#[test]
fn every_field_is_documented_and_every_documented_field_is_there() {
    let shell = shell("json-fields");
    let mut found = BTreeSet::new();
    fields(&campaign(&shell, &format!("{FUZZ} --timings"), 1), "", &mut found);
    fields(&campaign(&shell, &format!("{FUZZ} --shard 0/2"), 0), "", &mut found);
    let title = "### `campaign`: ";
    let from = DESCRIPTION.find(title).expect("the section") + title.len();
    let section = DESCRIPTION[from..].split("\n#").next().expect("its text");
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let names = rows.flat_map(|row| {
        let (names, _) = row.split_once(" | ").expect("a row has cells");
        names.split(", ").map(|name| name.trim_matches('`').to_owned())
    });
    let documented: BTreeSet<String> = names.collect();
    // A list that is empty once has its fields elsewhere.
    let lists: Vec<String> =
        found.iter().filter_map(|path| Some(path.rsplit_once("[]")?.0.to_owned())).collect();
    found.retain(|path| !lists.contains(path));
    // The kind is that of the section. A list is documented before its fields, and a run has its own section.
    let own = |name: &&String| !matches!(name.as_str(), "kind" | "broken" | "findings");
    let (found, documented): (BTreeSet<_>, BTreeSet<_>) =
        (found.iter().filter(own).collect(), documented.iter().filter(own).collect());
    assert_eq!(found, documented);
    assert!(found.len() > 40, "{found:?}");
}
