//! The defaults in tables of fields.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{DOMAINS, on_scenario, page, section};

/// Every field with a default that `jetlag show` prints, by the names of the fields around it.
fn defaults(domain: &str) -> Vec<(String, String)> {
    let shown = on_scenario("defaults", "show", domain, "").text;
    let (mut within, mut found) = (Vec::new(), Vec::new());
    for line in shown.lines().map(str::trim) {
        match line.split_once(": ") {
            Some((name, value)) if value.ends_with(['(', '[']) => within.push(name),
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
fn every_default_is_the_real_one() {
    let scenarios = page("docs/scenarios.md");
    let mut known = BTreeSet::new();
    for (path, world) in DOMAINS {
        let own = page(path);
        for (field, value) in defaults(world) {
            let (page, row) = match field.split_once('.') {
                Some(("platform", setting)) => (&scenarios, setting.to_owned()),
                Some(("domain", "vendors.latency")) => (&own, "vendors[].latency".to_owned()),
                // These are set in the world of the probe.
                Some(("domain", given)) if given.starts_with("vendors.") => continue,
                Some(("domain", field)) => (&own, field.to_owned()),
                None if matches!(field.as_str(), "name" | "about") => continue,
                _ => (&scenarios, field.clone()),
            };
            let start = format!("| `{row}` | ");
            let line = page.lines().find_map(|line| line.strip_prefix(start.as_str()));
            let cells = line.unwrap_or_else(|| panic!("no row for {field} of {world}"));
            assert!(cells.starts_with(&format!("`{value}` |")), "{field}: {value}, not {cells}");
            known.insert(row);
        }
        for table in ["### Network, phases and budget", "### Platform", "## World"] {
            let page = if table == "## World" { &own } else { &scenarios };
            for row in section(page, table).lines().filter_map(|line| line.strip_prefix("| `")) {
                let (field, value) = row.split_once("` | ").expect("a row has cells");
                // These are set in the world of the probe.
                let is_given = field == "vendors" || field.contains("[].");
                let exists = known.contains(field) || is_given;
                assert!(exists || !value.starts_with('`'), "{path}: there is no field {field}");
            }
        }
    }
    assert!(known.len() > 60, "only {} defaults were found", known.len());
}
