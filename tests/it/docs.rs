//! The documentation, compared with the built command: tables, examples, options and links.
//!
//! * A block `ron` is a scenario that holds. A block `ron FILE` is a part of that file of the project
//!   or, if there is no such file, a file that the commands of its page can use.
//! * A block `text` that begins with `$ jetlag` is the output of that command; `⋮` or `…` marks omitted
//!   lines.
//! * A table between `<!-- generated: … -->` and `<!-- end -->` is made of the output of `jetlag list`.
//!   With `UPDATE_DOCS=1` in the environment it is written.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const COMMANDS: &[&str] = &[
    "run",
    "replay",
    "fuzz",
    "merge",
    "shrink",
    "export",
    "defects",
    "list",
    "show",
    "new",
    "completions",
];
const README_BYTES_MAX: usize = 10 * 1024;

/// The page of each domain, and the smallest world in which all names can be used.
const DOMAINS: &[(&str, &str)] = &[
    (
        "docs/flights.md",
        r#"Flights(vendors: [(id: V1, gds: Ndc, flights: [(id: "IB1", seats: 1, fare: "1.00 EUR")])])"#,
    ),
    ("docs/orders.md", "Orders()"),
    ("docs/accounts.md", "Accounts()"),
    ("docs/delivery.md", "Delivery()"),
    ("docs/box_office.md", "BoxOffice()"),
];

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All pages, by their paths from the root of the project.
pub(crate) fn pages() -> Vec<(String, String)> {
    let docs = fs::read_dir(root().join("docs")).expect("the folder docs");
    let names = docs.map(|file| file.expect("a file").file_name().into_string().expect("UTF-8"));
    let mut paths: Vec<String> = names.map(|name| format!("docs/{name}")).collect();
    paths.retain(|path| path.ends_with(".md"));
    paths.sort();
    let own = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"];
    paths.extend(own.map(str::to_owned));
    paths.into_iter().map(|path| (path.clone(), page(&path))).collect()
}

/// A fenced block: the words after the fence, and the lines inside.
struct Block {
    language: String,
    name: Option<String>,
    body: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let (language, name) = info.split_once(' ').map_or((info, None), |(a, b)| (a, Some(b)));
        let body = lines.by_ref().take_while(|line| *line != "```");
        let body = body.fold(String::new(), |body, line| body + line + "\n");
        found.push(Block { language: language.to_owned(), name: name.map(str::to_owned), body });
    }
    found
}

/// The lines of a page outside of fenced blocks.
pub(crate) fn prose(page: &str) -> String {
    page.split("```").step_by(2).collect()
}

/// The part of a page under a title, up to the next title.
fn section<'a>(page: &'a str, title: &str) -> &'a str {
    let from = page.find(&format!("\n{title}\n")).unwrap_or_else(|| panic!("no title {title}"));
    let body = &page[from + title.len() + 2..];
    &body[..body.find("\n#").unwrap_or(body.len())]
}

/// The output of a command, and its exit status.
struct Output {
    text: String,
    status: i32,
}

fn jetlag(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jetlag"));
    command.args(words).current_dir(folder).env("NO_COLOR", "1").env_remove("COLUMNS");
    let output = command.output().expect("the binary was built");
    let text = [output.stdout, output.stderr].concat();
    Output {
        text: String::from_utf8(text).expect("output is UTF-8"),
        status: output.status.code().expect("the command exits"),
    }
}

/// A folder for one test, with these files.
fn folder(test: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("docs-{test}"));
    fs::create_dir_all(&folder).expect("a temporary folder");
    for (name, text) in files {
        fs::write(folder.join(name), text).expect("a temporary file");
    }
    folder
}

/// The output of a command for a scenario with this domain and these fields.
fn on_scenario(test: &str, command: &str, domain: &str, fields: &str) -> Output {
    let text = format!("(\n    name: \"probe\",\n    domain: {domain},\n    {fields}\n)\n");
    jetlag(&folder(test, &[("probe.ron", &text)]), &[command, "probe.ron"])
}

// ---- examples

#[test]
fn every_scenario_in_the_documentation_holds() {
    let mut count = 0;
    for (path, text) in pages() {
        for Block { language, name, body } in blocks(&text) {
            match name {
                _ if language != "ron" => continue,
                Some(file) if root().join(&file).exists() => {
                    assert!(
                        page(&file).contains(&body),
                        "{path} shows lines that {file} does not have:\n{body}"
                    );
                }
                // The page also shows the output for this file.
                Some(_) => continue,
                None => {
                    let folder = folder("scenarios", &[("shown.ron", &body)]);
                    let Output { text, status } = jetlag(&folder, &["run", "shown.ron"]);
                    assert_eq!(status, 0, "{path}\n{text}");
                }
            }
            count += 1;
        }
    }
    assert!(count >= 4, "only {count} scenarios were found");
}

#[test]
fn every_command_prints_what_the_documentation_shows() {
    let mut count = 0;
    for (path, text) in pages() {
        let blocks = blocks(&text);
        let files: Vec<_> = blocks
            .iter()
            .filter_map(|block| Some((block.name.as_deref()?, block.body.as_str())))
            .filter(|(name, _)| !root().join(name).exists())
            .collect();
        for Block { body, .. } in &blocks {
            let Some(rest) = body.strip_prefix("$ jetlag ") else { continue };
            let (words, shown) = rest.split_once('\n').expect("a command is a line");
            let words: Vec<&str> = words.split(' ').collect();
            let is_own = |word: &&str| files.iter().any(|(name, _)| name == word);
            let folder =
                if words.iter().any(is_own) { folder("shown", &files) } else { root().into() };
            let printed = jetlag(&folder, &words).text;
            if let Err(block) = compare(shown, &printed) {
                let words = words.join(" ");
                panic!("{path}: `jetlag {words}` does not print\n{block}\nbut\n{printed}");
            }
            count += 1;
        }
    }
    assert!(count >= 5, "only {count} commands were found");
}

/// Compares shown with printed lines, ignoring differences of spaces; returns the first block between
/// gaps that is not printed as a whole, or not in this order.
fn compare(shown: &str, printed: &str) -> Result<(), String> {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines = |text: &str| text.trim_end().lines().map(words).collect::<Vec<_>>();
    let (shown, printed) = (lines(shown), lines(printed));
    let blocks: Vec<_> = shown.split(|line| matches!(line.as_str(), "⋮" | "…")).collect();
    let mut rest = printed.as_slice();
    for (nth, block) in blocks.iter().enumerate() {
        let is_here = |at: &usize| {
            let is_end = *at + block.len() == rest.len();
            rest[*at..].starts_with(block) && (is_end || nth + 1 < blocks.len())
        };
        let mut places = if nth == 0 { 0..1 } else { 0..rest.len() + 1 };
        let at = places.find(is_here).ok_or_else(|| block.join("\n"))?;
        rest = &rest[at + block.len()..];
    }
    Ok(())
}

#[test]
fn the_run_that_the_readme_shows_fails() {
    let readme = page("README.md");
    let command = readme.lines().find_map(|line| line.strip_prefix("$ jetlag run "));
    let output = jetlag(root(), &["run", command.expect("the README shows a run")]);
    assert_eq!(output.status, 1, "{}", output.text);
    assert!(output.text.contains("VIOLATED"), "{}", output.text);
}

#[test]
fn every_option_in_the_documentation_exists() {
    let help = COMMANDS.iter().map(|command| (*command, jetlag(root(), &[command, "--help"]).text));
    let help: BTreeMap<&str, String> = help.collect();
    let mut count = 0;
    for (path, text) in pages() {
        for span in text.split(['`', '\n']) {
            let mut words = span.trim_start_matches("$ ").split_whitespace();
            let (Some("jetlag"), Some(command)) = (words.next(), words.next()) else { continue };
            let Some(help) = help.get(command) else { continue };
            for option in words.filter(|word| word.starts_with("--")) {
                let exists = help.split([' ', '\n', ',']).any(|word| word == option);
                assert!(exists, "{path}: `jetlag {command}` has no option {option}");
                count += 1;
            }
        }
    }
    assert!(count >= 20, "only {count} options were found");
}

// ---- tables

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
        let head =
            "| defect | mistake | matters when | found by | seen in |\n|---|---|---|---|---|\n";
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
    let found = found.replace(", ", "`, `");
    format!("| `{id}` | {mistake} | {trigger} | `{found}` | {seen} |\n")
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

// ---- pages

#[test]
fn the_readme_is_short() {
    let length = page("README.md").len();
    assert!(length <= README_BYTES_MAX, "the README has {length} bytes: move details to docs/");
}

/// The anchor of a title on GitHub.
fn anchor(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().trim().to_lowercase().replace(' ', "-")
}

#[test]
fn every_relative_link_has_a_target() {
    let mut count = 0;
    for (path, text) in pages() {
        let from = root().join(&path);
        for rest in prose(&text).split("](").skip(1) {
            let target = rest.split(')').next().expect("a split has a part");
            if target.contains("://") {
                continue;
            }
            let (file, title) = target.split_once('#').unwrap_or((target, ""));
            let to = if file.is_empty() {
                from.clone()
            } else {
                from.parent().expect("a page is in a folder").join(file)
            };
            assert!(to.exists(), "{path} links to {target}, which does not exist");
            if !title.is_empty() {
                let page = fs::read_to_string(&to).expect("a link with # leads to a page");
                let page = prose(&page);
                let titles = page.lines().filter(|line| line.starts_with('#'));
                let mut anchors = titles.map(|line| anchor(line.trim_start_matches('#')));
                assert!(
                    anchors.any(|known| known == title),
                    "{path} links to {target}: no such title"
                );
            }
            count += 1;
        }
    }
    assert!(count > 40, "only {count} links were found");
}

#[test]
fn the_index_lists_every_page() {
    let index = page("docs/README.md");
    for (path, _) in pages() {
        let Some(name) = path.strip_prefix("docs/") else { continue };
        let is_listed = name == "README.md" || index.contains(&format!("]({name})"));
        assert!(is_listed, "docs/README.md does not list {name}");
    }
}
