//! The data of a page, read without the code that writes it and compared with the story and the final state.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jetlag::domains::harness;
use jetlag::export::{Course, logged, records};
use jetlag::page::{Page, data, html};
use jetlag::session::{AnyScenario, RunOutcome, RunRequest};
use serde_json::Value;

/// A file of each domain, with faults, a workload, a rebuild, all strategies of views, and a violation.
const FILES: &[&str] = &[
    "scenarios/flights/vendor_timeout.ron",
    "scenarios/flights/out_of_order_delivery.ron",
    "scenarios/flights/poison_event.ron",
    "scenarios/flights/gdpr_erasure.ron",
    "scenarios/orders/rebuild.ron",
    "scenarios/accounts/old_events.ron",
    "scenarios/delivery/whole_life_cycle.ron",
    "scenarios/box_office/lock_expires_fenced.ron",
    "examples/captured_twice.shrunk.ron",
];

struct Run {
    file: &'static str,
    scenario: Box<dyn AnyScenario>,
    outcome: RunOutcome,
}

fn run(file: &'static str) -> Run {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let scenario = harness().read(&path).unwrap_or_else(|wrong| panic!("{file}: {wrong:?}"));
    let request = RunRequest { picture: true, ..logged(scenario.request()) };
    let outcome = scenario.run(&request);
    Run { file, scenario, outcome }
}

impl Run {
    fn course(&self) -> Course<'_> {
        Course::of(&*self.scenario, &self.outcome).expect("the run was logged")
    }

    fn document(&self) -> Document {
        let course = self.course();
        let page = Page::of(&course, None).expect("the run has a picture");
        Document(serde_json::from_str(&data(&page)).expect("the data are JSON"))
    }
}

struct Document(Value);

/// A record with its fields, texts and numbers alike as text.
#[derive(Debug)]
struct Record {
    step: i64,
    at: i64,
    kind: String,
    cause: Option<usize>,
    says: String,
    fields: BTreeMap<String, String>,
}

impl Document {
    fn column(column: &Value, rows: usize) -> Vec<i64> {
        if let Some(constant) = column["c"].as_i64() {
            return vec![constant; rows];
        }
        let values = column["v"].as_array().expect("a column has values");
        assert_eq!(values.len(), rows);
        let mut last = 0;
        let each = values.iter().map(|value| value.as_i64().expect("a number"));
        let sum = |value| {
            last = if column["d"] == 1 { last + value } else { value };
            last
        };
        each.map(sum).collect()
    }

    fn rows(&self, table: &str, name: &str) -> Vec<i64> {
        let table = &self.0[table];
        Self::column(&table[name], table["n"].as_u64().expect("a number of rows") as usize)
    }

    fn string(&self, number: i64) -> String {
        let number = usize::try_from(number).expect("numbers of texts begin with 0");
        let text = &self.0["strings"][number];
        let Some(parts) = text.as_array() else {
            return text.as_str().expect("a text").to_owned();
        };
        let before = self.string(number as i64 - parts[0].as_i64().expect("a distance"));
        let mut lines: Vec<&str> = before.split('\n').collect();
        for part in parts[1..].chunks(2) {
            let nth = part[0].as_u64().expect("a number of a line") as usize;
            lines[nth] = part[1].as_str().expect("a line");
        }
        lines.join("\n")
    }

    fn records(&self) -> Vec<Record> {
        let records = &self.0["records"];
        let count = records["n"].as_u64().expect("a number") as usize;
        let of = |name: &str| Self::column(&records[name], count);
        let [kind, step, at] = ["kind", "step", "at"].map(of);
        // These are in order of the kinds.
        let mut places: Vec<usize> = (0..count).collect();
        places.sort_by_key(|nth| kind[*nth]);
        let [cause, who, text] = ["cause", "who", "text"].map(|name| {
            let mut values = vec![0; count];
            for (nth, value) in places.iter().zip(of(name)) {
                values[*nth] = value;
            }
            values
        });
        let kinds = records["kinds"].as_array().expect("kinds");
        let mut columns: Vec<Vec<(&str, &str, Vec<i64>)>> = Vec::new();
        for (number, name) in kinds.iter().enumerate() {
            let rows = kind.iter().filter(|kind| **kind == number as i64).count();
            let fields = records["fields"][name.as_str().expect("a name")].as_object();
            let fields = fields.into_iter().flatten().map(|(name, column)| {
                let of = column["t"].as_str().expect("a type");
                (name.as_str(), of, Self::column(column, rows))
            });
            columns.push(fields.collect());
        }
        let mut seen = vec![0; kinds.len()];
        let record = |nth: usize| {
            let number = kind[nth] as usize;
            let row = seen[number];
            seen[number] += 1;
            let value = |of: &str, value: i64| match of {
                "s" => self.string(value),
                _ => value.to_string(),
            };
            let fields: BTreeMap<String, String> = columns[number]
                .iter()
                .map(|(name, of, values)| ((*name).to_owned(), value(of, values[row])))
                .collect();
            let fill = |template: i64| {
                let template = records["templates"][template as usize].as_array();
                let parts = template.expect("a template").iter().enumerate().map(|(part, text)| {
                    let text = text.as_str().expect("a text");
                    if part % 2 == 0 { text.to_owned() } else { fields[text].clone() }
                });
                parts.collect::<String>()
            };
            let says = format!("{} {}", fill(who[nth]), fill(text[nth]));
            let cause = usize::try_from(cause[nth]).ok().filter(|back| *back > 0);
            Record {
                step: step[nth],
                at: at[nth],
                kind: kinds[number].as_str().expect("a kind").to_owned(),
                cause: cause.map(|back| nth - back),
                says,
                fields,
            }
        };
        (0..count).map(record).collect()
    }
}

#[test]
fn the_records_say_what_the_story_says() {
    for file in FILES {
        let run = run(file);
        let told = records(&run.course());
        let mut lines = Vec::new();
        for line in told.lines() {
            let line: Value = serde_json::from_str(line).expect("a line of JSON");
            lines.extend(line["facts"].as_array().cloned().unwrap_or_default());
        }
        let records = run.document().records();
        assert_eq!(records.len(), lines.len(), "{file}");
        for (record, line) in records.iter().zip(&lines) {
            let speaker = line["speaker"]["name"].as_str().expect("a name");
            let says = format!("{speaker} {}", line["text"].as_str().expect("a text"));
            assert_eq!(
                (record.step, &record.says),
                (line["step"].as_i64().expect("a step"), &says)
            );
            assert_eq!(record.at, line["at_ns"].as_i64().expect("a time"));
            let cause = record.cause.map(|cause| records[cause].step);
            assert_eq!(cause, line["cause"].as_i64(), "{file}: {says}");
        }
    }
}

#[test]
fn what_views_show_in_the_end_is_what_they_have() {
    for file in FILES {
        let run = run(file);
        let document = run.document();
        let (records, keys) = (document.records(), document.rows("rows", "key"));
        let (views, texts) = (document.rows("rows", "view"), document.rows("rows", "text"));
        let mut last: BTreeMap<(i64, i64), i64> = BTreeMap::new();
        for ((view, key), text) in views.iter().zip(&keys).zip(&texts) {
            last.insert((*view, *key), *text);
        }
        // The state of the nodes in words has the same rows.
        let strategies: Vec<(usize, String)> = document.0["views"]
            .as_array()
            .expect("views")
            .iter()
            .enumerate()
            .filter(|(_, view)| view["strategy"] == "outbox")
            .map(|(nth, view)| (nth, view["name"].as_str().expect("a name").to_owned()))
            .collect();
        let describe = strategies.iter().map(|(_, name)| name.clone()).collect();
        let request = RunRequest { describe, ..run.scenario.request() };
        let outcome = run.scenario.run(&request);
        let mut compared = 0;
        for ((view, name), described) in strategies.iter().zip(&outcome.described) {
            let described = described.as_ref().unwrap_or_else(|| panic!("{name} is a node"));
            let rows: BTreeSet<&str> =
                described.lines().filter_map(|line| line.strip_prefix("  ")).collect();
            let shown = last.iter().filter(|((of, _), text)| *of == *view as i64 && **text != 0);
            let shown: BTreeSet<String> = shown
                .map(|((_, key), text)| {
                    format!("{}: {}", document.string(*key), document.string(*text))
                })
                .collect();
            assert_eq!(
                shown.iter().map(String::as_str).collect::<BTreeSet<_>>(),
                rows,
                "{file} {name}"
            );
            compared += rows.len();
        }
        assert!(compared > 0 || strategies.is_empty(), "{file}: rows were compared");
        let applied = records.iter().filter(|record| record.kind == "applied").count();
        assert!(applied > 0 || strategies.is_empty(), "{file}: events were applied");
    }
}

#[test]
fn the_ledgers_in_the_end_are_those_of_the_services() {
    for file in FILES {
        let run = run(file);
        let document = run.document();
        let services = document.0["services"].as_array().expect("services").clone();
        let name = |service: &Value| service["name"].as_str().expect("a name").to_owned();
        let describe: Vec<String> = services.iter().map(name).collect();
        let mut ledgers: Vec<Vec<String>> = vec![Vec::new(); services.len()];
        for change in document.0["ledgers"].as_array().expect("ledgers") {
            let number = |name: &str| change[name].as_u64().expect("a number") as usize;
            let lines = change["lines"].as_array().expect("lines").iter();
            let lines = lines.map(|line| line.as_str().expect("a text").to_owned());
            let range = number("from")..number("from") + number("removed");
            ledgers[number("service")].splice(range, lines);
        }
        let outcome = run.scenario.run(&RunRequest { describe, ..run.scenario.request() });
        for (ledger, described) in ledgers.iter().zip(&outcome.described) {
            let described = described.as_ref().expect("a service is a node");
            // The last line says what the node has left to do.
            let lines: Vec<&str> = described.lines().collect();
            assert_eq!(ledger, &lines[..lines.len() - 1], "{file}");
        }
    }
}

#[test]
fn the_same_run_gives_the_same_page_and_a_picture_changes_no_digest() {
    for file in FILES {
        let (one, other) = (run(file), run(file));
        let pages = [&one, &other].map(|run| {
            let course = run.course();
            html(&Page::of(&course, None).expect("the run has a picture"))
        });
        assert!(pages[0] == pages[1], "{file}");
        let plain = one.scenario.run(&one.scenario.request());
        assert_eq!(plain.digest, one.outcome.digest, "{file}");
    }
}

#[test]
fn a_window_says_what_was_true_when_it_begins() {
    let run = run("scenarios/flights/poison_event.ron");
    let course = run.course();
    let page = Page::of(&course, None).expect("the run has a picture");
    let whole = run.document().records();
    let part = page.with_at_most(300);
    let document = Document(serde_json::from_str(&data(&part)).expect("the data are JSON"));
    let shown = &document.0["shown"];
    let number = |name: &str| shown[name].as_u64().expect("a number") as usize;
    let (from, to, prefix) = (number("from"), number("to"), number("prefix"));
    assert_eq!((to - from, number("of")), (300, whole.len()));
    let records = document.records();
    assert_eq!(records.len(), prefix + 300);
    for (record, same) in records[prefix..].iter().zip(&whole[from..to]) {
        assert_eq!((&record.says, &record.fields), (&same.says, &same.fields));
    }
    // The store's and the views' versions of each stream are those of the whole run.
    let versions = |records: &[Record]| {
        let mut versions = BTreeMap::new();
        for record in records.iter().filter(|it| matches!(it.kind.as_str(), "stored" | "applied")) {
            let view = record.fields.get("view").cloned();
            let key = (record.kind.clone(), view, record.fields["stream"].clone());
            versions.insert(key, record.fields["version"].clone());
        }
        versions
    };
    assert_eq!(versions(&records), versions(&whole[..to]));
    assert_eq!(run.file, "scenarios/flights/poison_event.ron");
}

#[test]
fn the_fields_of_every_kind_are_documented() {
    let reference = include_str!("../../../docs/report-data.md");
    for file in FILES {
        for record in run(file).document().records() {
            let kind = format!("`{}`", record.kind);
            let rows: Vec<&str> = reference.lines().filter(|line| line.contains(&kind)).collect();
            assert!(!rows.is_empty(), "{kind} is documented");
            for name in record.fields.keys() {
                let is_said = rows.iter().any(|row| row.contains(&format!("`{name}`")));
                assert!(is_said, "the field `{name}` of {kind} is documented");
            }
        }
    }
}
