//! Tables that are made of the output of the command.

use std::fmt::Write;
use std::fs;

use super::{jetlag, page, root};

/// A section of `jetlag list`: its title and its entries, each with a head and a text.
struct Listed {
    title: String,
    entries: Vec<(String, String)>,
}

fn listed(what: &str) -> Vec<Listed> {
    let mut found: Vec<Listed> = Vec::new();
    for line in jetlag(root(), &["list", what]).text.lines().filter(|line| !line.is_empty()) {
        if !line.starts_with(' ') {
            found.push(Listed { title: line.to_owned(), entries: Vec::new() });
            continue;
        }
        let entries = &mut found.last_mut().expect("a title comes first").entries;
        if let Some(text) = line.strip_prefix("      ") {
            let (_, known) = entries.last_mut().expect("a text follows a head");
            *known += if known.is_empty() { "" } else { " " };
            *known += text;
        } else {
            entries.push((line.trim_start().to_owned(), String::new()));
        }
    }
    found
}

fn table_of_properties(entries: &[(String, String)]) -> String {
    let mut table = "| property | checked | meaning |\n|---|---|---|\n".to_owned();
    for (head, says) in entries {
        let (id, when) = head.split_once("  ").expect("a property has a time");
        let _ = writeln!(table, "| `{id}` | {when} | {says} |");
    }
    table
}

const FAULTS_HEAD: &str = "\
| family | `inject:` | happens to | `by` or `size` | effect | real-world examples |
|---|---|---|---|---|---|
";

fn table_of_faults() -> String {
    let mut table = FAULTS_HEAD.to_owned();
    for Listed { title, entries } in listed("faults") {
        if !title.starts_with("faults of ") {
            continue;
        }
        for (head, text) in &entries {
            let (name, facts) = head.split_once("  ").expect("a fault has a family");
            let (says, examples) = text.split_once(" such as: ").expect("a fault has examples");
            let mut facts = facts.split(" · ");
            let mut fact = || facts.next().unwrap_or_default();
            let (family, place, sizes) = (fact(), fact(), fact());
            let _ = write!(table, "| `{family}` | `{name}` | {place} | {sizes} ");
            let _ = writeln!(table, "| {says} | {examples} |");
        }
    }
    table
}

/// A table for each list of defects, with its title.
fn tables_of_defects() -> Vec<(String, String)> {
    let text = jetlag(root(), &["defects"]).text.replace("\n      ", " ");
    let table = |section: &str| {
        let (title, entries) = section.split_once('\n').expect("a title");
        let head = "| defect | mistake | matters when | needs | found by | seen in |\n|---|---|---|---|---|---|\n";
        (
            title.to_owned(),
            entries.lines().fold(head.to_owned(), |table, entry| table + &row(entry)),
        )
    };
    text.split("\n\n").map(table).collect()
}

/// The row of a defect.
fn row(entry: &str) -> String {
    let (id, says) = entry.trim().split_once(' ').expect("a defect has a text");
    let (says, found) = says.split_once(" found by ").expect("a property finds it");
    let (mistake, trigger) = says.split_once("; it matters when ").expect("a trigger");
    let (found, seen) = found.split_once("; seen in ").unwrap_or((found, ""));
    let (found, needs) = found.split_once("; needs ").unwrap_or((found, ""));
    let found = found.replace(", ", "`, `");
    let needs = needs.split(" or ").filter(|need| !need.is_empty());
    let needs = needs.map(|need| format!("`{need}`")).collect::<Vec<_>>().join(" or ");
    format!("| `{id}` | {mistake} | {trigger} | {needs} | `{found}` | {seen} |\n")
}

#[test]
fn generated_tables_are_what_the_command_lists() {
    #[expect(clippy::disallowed_methods, reason = "it makes this test write the tables")]
    let update = std::env::var("UPDATE_DOCS").is_ok();
    let properties = listed("properties");
    let defects = tables_of_defects();
    let mut tables = vec![("docs/faults.md", "faults", table_of_faults())];
    tables.extend(
        defects.iter().map(|(title, table)| ("docs/defects.md", title.as_str(), table.clone())),
    );
    tables.extend(properties.iter().map(|Listed { title, entries }| {
        ("docs/properties.md", title.as_str(), table_of_properties(entries))
    }));
    for (path, title, table) in tables {
        let text = page(path);
        let begin = format!("<!-- generated: {title} -->\n");
        let from = text.find(&begin).unwrap_or_else(|| panic!("{path} has no {begin}"));
        let from = from + begin.len();
        let to = from + text[from..].find("<!-- end -->").expect("a generated table ends");
        if update {
            let text = format!("{}{table}{}", &text[..from], &text[to..]);
            fs::write(root().join(path), text).expect("the page can be written");
        } else {
            let is_same = text[from..to] == table;
            assert!(is_same, "{path}: run with UPDATE_DOCS=1 and read the difference:\n{table}");
        }
    }
}
