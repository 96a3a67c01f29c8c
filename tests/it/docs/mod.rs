//! The documentation, compared with the built command: tables, examples, options and links.
//!
//! * A block `ron` is a scenario that holds. A block `ron FILE` is a part of that file of the project
//!   or, if there is no such file, a file that the commands of its page can use.
//! * A block `text` that begins with `$ jetlag` is the output of that command; `⋮` or `…` marks omitted
//!   lines.
//! * A table between `<!-- generated: … -->` and `<!-- end -->` is made of the output of `jetlag list`.
//!   With `UPDATE_DOCS=1` in the environment it is written.

mod defaults;
mod examples;
mod generated;
mod names;
mod pages;
mod semantics;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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
