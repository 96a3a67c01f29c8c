//! What the README says of the scenario language, the properties and the facts, held against the code,
//! and what it shows of runs, held against the snapshots.

use std::path::Path;

use std::fmt::Write;

use jetlag::check::{Checker, General, Property, When};
use jetlag::domains;
use jetlag::domains::flights::properties::FlightsProperties;
use jetlag::domains::flights::{Flights, Outcome, Wait};
use jetlag::harness::How;
use jetlag::model::{Domain, FactKind};
use jetlag::platform::{faults_of, place, sizes};
use jetlag::report::Verdict;
use jetlag::scenario::Scenario;

const README: &str = include_str!("../README.md");

fn load(expect: &str) -> Scenario<Flights> {
    let text = format!(
        r#"(
            name: "defaults",
            domain: Flights(vendors: [
                (id: V1, gds: Ndc, flights: [(id: "IB1", seats: 1, fare: "1.00 EUR")]),
            ]),
            expect: [{expect}],
        )"#
    );
    match Scenario::load("defaults.ron", text.as_bytes()) {
        Ok(scenario) => scenario,
        Err(wrong) => panic!("{}", wrong[0]),
    }
}

/// The part of the README under a title, up to the next one.
fn section(title: &str) -> &'static str {
    let from = README.find(&format!("\n{title}\n")).unwrap_or_else(|| panic!("no title {title}"));
    let body = &README[from + title.len() + 2..];
    &body[..body.find("\n#").unwrap_or(body.len())]
}

/// The cell beside the first one that begins with `row`.
fn cells(row: &str) -> impl Iterator<Item = &'static str> {
    let line = README.lines().find(|line| line.starts_with(&format!("| {row}")));
    line.unwrap_or_else(|| panic!("no row for {row}")).split(" | ").skip(1)
}

/// Every field with a default that `jetlag show` prints, by the names of the fields around it.
fn defaults() -> Vec<(String, String)> {
    let shown = load("").show();
    let (mut within, mut found) = (Vec::new(), Vec::new());
    for line in shown.lines().map(str::trim) {
        match line.split_once(": ") {
            Some((name, "(" | "[" | "Flights(")) => within.push(name),
            None if matches!(line, "(" | "[") => within.push(""),
            None if matches!(line.trim_end_matches(','), ")" | "]") => drop(within.pop()),
            Some((name, value)) => {
                let mut path = String::new();
                for outer in within.iter().filter(|outer| !outer.is_empty()) {
                    let _ = write!(path, "{outer}.");
                }
                let value = value.trim_end_matches(',').trim_matches('"').to_owned();
                found.push((path + name, value));
            }
            None => {}
        }
    }
    found
}

#[test]
fn every_default_is_the_one_that_holds() {
    let mut checked = 0;
    for (path, value) in defaults() {
        let row = match path.split_once('.') {
            Some(("platform", setting)) => setting.to_owned(),
            Some(("domain", "vendors.latency")) => "vendors[].latency".to_owned(),
            // These were given.
            Some(("domain", given)) if given.starts_with("vendors.") => continue,
            Some(("domain", field)) => field.to_owned(),
            Some(_) => path.clone(),
            None if path == "name" || path == "about" => continue,
            None => path.clone(),
        };
        let shown = cells(&format!("`{row}` |")).next();
        assert_eq!(shown, Some(format!("`{value}`").as_str()), "{path}");
        checked += 1;
    }
    assert!(checked > 35, "only {checked} defaults were found");
}

#[test]
fn every_property_says_what_it_says() {
    let properties = [General::<Flights>::PROPERTIES, FlightsProperties::PROPERTIES].concat();
    for Property { id, when, says } in properties {
        let when = match when {
            When::Always => "always",
            When::AtRest => "at rest",
            When::AlwaysAndAtRest => "always, and at rest",
        };
        assert!(
            section("## Properties").contains(&format!("| `{id}` | {when} | {says} |")),
            "{id}"
        );
    }
}

#[test]
fn the_table_of_faults_is_the_codes_own() {
    let (begin, end) = ("<!-- faults -->\n", "<!-- /faults -->");
    let from = README.find(begin).expect("a marker") + begin.len();
    let to = from + README[from..].find(end).expect("a marker");
    let mut right =
        "| family | `inject:` | happens to | `by` or `size` | what happens | such as |\n\
                     |---|---|---|---|---|---|\n"
            .to_owned();
    for fault in faults_of::<Flights>() {
        let (name, family, says) = (fault.name, fault.family, fault.says);
        let (place, sizes, stands_for) = (place(fault), sizes(fault), fault.stands_for);
        let _ = writeln!(
            right,
            "| `{family}` | `{name}` | {place} | {sizes} | {says} | {stands_for} |"
        );
    }
    // Whoever adds a fault copies the table from here.
    assert!(README[from..to] == right, "between the markers should stand\n\n{right}");
}

#[test]
fn every_scenario_that_is_shown_is_one() {
    let mut shown = 0;
    for block in README.split("```ron\n").skip(1) {
        let text = block.split("```").next().expect("a block ends");
        let scenario = domains::harness().load("README.md", text.as_bytes());
        let scenario = scenario.unwrap_or_else(|wrong| panic!("{}", wrong[0]));
        let run = scenario.examine(&How::default());
        assert_eq!(run.verdict(), Verdict::Held, "{}", scenario.name());
        shown += 1;
    }
    assert!(shown > 0);
}

/// The names in backticks in a row of the section on expectations.
fn names(row: &str) -> Vec<&'static str> {
    let row = section("### Expectations").lines().find(|line| line.starts_with(row));
    let row = row.expect("a row").split_once(" | ").expect("two cells").1;
    row.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_name_in_an_expectation_exists_and_none_is_missing() {
    let rows =
        section("### Expectations").lines().skip_while(|line| !line.starts_with("| `fact:`"));
    let facts: Vec<&str> =
        rows.skip(1).flat_map(|line| line.split('`').skip(1).step_by(2)).collect();
    for fact in &facts {
        load(&format!("Happens(fact: {fact}, is: 0)"));
    }
    assert_eq!(facts.len(), FactKind::COUNT);
    let outcomes = names("| `include:`");
    for outcome in &outcomes {
        load(&format!("Replies(include: {outcome})"));
    }
    assert_eq!(outcomes.len(), Outcome::Silence as usize + 1);
    let waits = names("| `of:`");
    for wait in &waits {
        load(&format!("P99(of: {wait}, below: \"1s\")"));
    }
    assert_eq!(waits.len(), Wait::Erasure as usize + 1);
    let views: Vec<&str> = Flights::VIEWS.iter().map(|view| view.name).collect();
    assert_eq!(names("| `view:`"), views);
}

/// The lines of a text with each stretch of spaces as one.
fn words(text: &str) -> Vec<String> {
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn the_story_that_is_shown_is_that_of_the_snapshot() {
    let command = "$ jetlag replay scenarios/flights/concurrent_buyer_race.ron\n";
    let snapshot = words(include_str!("../snapshots/flights__concurrent_buyer_race.snap"));
    // A gap is no line of it.
    for line in words(shown(command)).iter().filter(|line| *line != "⋮") {
        assert!(snapshot.contains(line), "`{line}` is not what {command} prints any more");
    }
}

#[test]
fn the_runs_that_are_shown_have_the_digests_of_the_snapshots() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let files = std::fs::read_dir(folder).expect("snapshots are there").map(|file| {
        std::fs::read_to_string(file.expect("a file").path()).expect("a snapshot is text")
    });
    let snapshots: Vec<String> = files.collect();
    let runs = words(shown("$ jetlag run scenarios\n"));
    let held: Vec<_> = runs.iter().filter(|line| line.starts_with("held ")).collect();
    assert!(held.len() >= 8, "{held:?}");
    for line in held {
        let is_digest =
            |word: &&str| word.len() == 16 && word.chars().all(|c| c.is_ascii_hexdigit());
        let digest = line.split(' ').find(is_digest).expect("a run has a digest");
        let known = format!("digest {digest} ");
        assert!(snapshots.iter().any(|text| text.contains(&known)), "`{line}` is out of date");
    }
}

/// What the README shows below a command, up to the end of the block.
fn shown(command: &str) -> &'static str {
    let look = section("## A look");
    let from = look.find(command).expect("the command is shown") + command.len();
    let to = look[from..].find("```").expect("a block ends");
    &look[from..from + to]
}
