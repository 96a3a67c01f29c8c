//! The names that scenario files can use.

use std::collections::BTreeSet;

use super::{DOMAINS, Output, on_scenario, page, section};

/// The names in backticks, without parentheses after them.
fn names(text: &str) -> Vec<String> {
    let spans = text.split('`').skip(1).step_by(2);
    let name = |span: &str| span.split('(').next().expect("a split has a part").to_owned();
    spans.map(name).collect()
}

/// Compares names with those in the diagnostic of an unknown name, which may shorten its list.
fn compare_names(shown: &[String], domain: &str, unknown: &str) {
    let printed = on_scenario("names", "run", domain, unknown).text;
    let hint = printed.lines().find_map(|line| line.trim_start().strip_prefix("= "));
    let hint = hint.unwrap_or_else(|| panic!("no hint in\n{printed}"));
    let known: BTreeSet<String> = names(hint).into_iter().collect();
    let more = hint.split_once(" and ").and_then(|(_, rest)| rest.split_once(" more"));
    let more = more.map_or(0, |(count, _)| count.parse().expect("a count"));
    let unique: BTreeSet<String> = shown.iter().cloned().collect();
    assert_eq!(unique.len(), shown.len(), "a name is listed twice: {shown:?}");
    let missing: Vec<_> = known.difference(&unique).collect();
    assert!(missing.is_empty(), "not documented: {missing:?}");
    assert_eq!(unique.len(), known.len() + more, "{domain} {unknown}: {hint}");
}

#[test]
fn every_name_in_the_documentation_exists_and_none_is_missing() {
    for (path, world) in DOMAINS {
        let text = page(path);
        let row = |name: &str| {
            let start = format!("| `{name}` | ");
            let rows = section(&text, "## Names in expectations").lines();
            let row = rows.filter_map(|line| line.strip_prefix(start.as_str())).next();
            names(row.unwrap_or_else(|| panic!("{path} has no row {name}")))
        };
        let unknown = "Qqqqqqqqqqqqqqqqqqqqqqqq";
        let expect = |expectation: &str| format!("expect: [{expectation}]");
        let include = expect(&format!("Replies(include: {unknown})"));
        compare_names(&row("include:"), world, &include);
        compare_names(&row("of:"), world, &expect(&format!("P99(of: {unknown}, below: \"1s\")")));
        compare_names(&row("view:"), world, &expect(&format!("Lag(view: \"{unknown}\", is: 0)")));
        let rows = section(&text, "## Actions").lines().filter(|line| line.starts_with("| `"));
        let actions: Vec<String> =
            rows.skip(1).filter_map(|line| names(line).into_iter().next()).collect();
        compare_names(&actions, world, &format!("script: [(who: \"ana\", does: {unknown})]"));
    }
}

#[test]
fn every_fact_exists_and_none_is_missing() {
    let text = page("docs/expectations.md");
    let rows = section(&text, "## Facts").lines().skip_while(|line| !line.starts_with("|---"));
    let facts: Vec<String> =
        rows.filter_map(|line| Some(names(line.split(" | ").nth(1)?))).flatten().collect();
    let orders = DOMAINS[1].1;
    compare_names(&facts, orders, "expect: [Happens(fact: Qqqqqqqqqqqqqqqqqqqqqqqq, is: 0)]");
    let all = facts.iter().map(|fact| format!("Happens(fact: {fact}, is: 0),"));
    let fields = format!("expect: [{}]", all.collect::<String>());
    let Output { text, status } = on_scenario("facts", "show", orders, &fields);
    assert_eq!(status, 0, "{text}");
}
