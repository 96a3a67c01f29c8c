//! `jetlag check`: histories of our own runs, tables of a database, and inputs that are no histories.

mod command;
mod inputs;
mod maps;
mod mutations;
mod operations;
mod own_runs;
mod pages;
mod postgres;
mod recipes;

use jetlag::export;
use jetlag::history::{self, Checked, Clause, History, Input, Map, Unjudged};
use jetlag::kernel::Stop;
use jetlag::session::RunRequest;

use crate::docs::root;

/// A run of a scenario as a history, line by line.
fn exported(scenario: &str) -> Vec<String> {
    let harness = jetlag::domains::harness();
    let path = root().join("scenarios").join(scenario);
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{scenario}: {error}"));
    let scenario_file = harness.load(scenario, &text).unwrap_or_else(|_| panic!("{scenario}"));
    let request = RunRequest { history: true, ..scenario_file.request() };
    let outcome = scenario_file.run(&request);
    assert_eq!(outcome.stop, Stop::AtRest, "{scenario} comes to rest");
    assert_eq!(outcome.violations, [], "{scenario} holds");
    let text = export::history(&outcome).expect("it was asked for");
    text.lines().map(str::to_owned).collect()
}

/// What is found in one history under the name `history.jsonl`.
fn judged(text: &str) -> Result<History, Unjudged> {
    with_map(text, &Map::default())
}

fn with_map(text: &str, map: &Map) -> Result<History, Unjudged> {
    let input = Input { name: "history.jsonl".to_owned(), text: Box::new(text.as_bytes()) };
    history::check(vec![input], map, false, 3)
}

/// A history that was read, with nothing asked of it.
fn checked(history: History) -> Checked {
    Checked { history, required: vec![], excepted: vec![] }
}

/// The ids of the properties that are violated, in order.
fn violated(history: &History) -> Vec<&'static str> {
    let properties = history.findings.properties.iter();
    properties.filter(|judged| judged.broken() > 0).map(|judged| judged.property).collect()
}

/// The first breach of a property, with its lines.
fn first_breach(history: &History, property: &str) -> String {
    let mut breaches = history.findings.breaches.iter();
    let own = breaches.find(|breach| breach.clause.property() == property);
    let own = own.unwrap_or_else(|| panic!("{property} is kept: {:?}", history.findings.breaches));
    let lines: Vec<String> = own.lines.iter().map(|place| place.line().to_string()).collect();
    format!("{}: {}", lines.join(" and "), own.says)
}

/// How many facts a clause has judged.
fn facts(history: &History, clause: Clause) -> u64 {
    let clauses = history.findings.properties.iter().flat_map(|judged| &judged.clauses);
    clauses.filter(|(other, ..)| *other == clause).map(|(_, facts, _)| facts).sum()
}
