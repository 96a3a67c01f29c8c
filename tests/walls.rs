//! Where the walls stand: which part of the code knows which other one, and who knows no domain.
//!
//! Comments are free to give examples; code is not.

use std::fs;
use std::path::{Path, PathBuf};

/// Each part with those that it must not know.
const WALLS: &[(&str, &[&str])] = &[
    (
        "kernel",
        &[
            "platform", "outside", "domains", "check", "trace", "scenario", "session", "report",
            "harness", "cli",
        ],
    ),
    ("platform", &["domains", "scenario", "session", "report", "harness", "cli"]),
    ("outside", &["domains", "check", "scenario", "session", "report", "harness", "cli"]),
    ("trace", &["outside", "domains", "check", "scenario", "session", "report", "harness", "cli"]),
    ("check", &["outside", "domains", "scenario", "session", "report", "harness", "cli"]),
    ("scenario", &["outside", "domains", "check", "session", "report", "harness", "cli"]),
    ("session", &["outside", "domains", "harness", "cli"]),
    ("report", &["outside", "domains", "check", "session", "harness", "cli"]),
    ("harness", &["outside", "cli"]),
    ("cli", &["outside"]),
    ("domains", &["outside", "session", "report", "cli"]),
];

/// Words of domains.
const WORDS: &[&str] =
    &["flight", "seat", "booking", "passenger", "shipment", "deposit", "withdraw"];

/// Terms of the field with such a word in them.
const TERMS: &[&str] = &["single-flight", "single_flight", "in flight"];

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut found = Vec::new();
    for path in entries {
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The lines of code of a part, with where they stand.
fn code(part: &str) -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut lines = Vec::new();
    for file in files(&src.join(part)) {
        let text = fs::read_to_string(&file).expect("a text");
        let name = file.strip_prefix(&src).expect("below src").display().to_string();
        let code =
            text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
        lines.extend(code.map(|(nth, line)| (format!("{name}:{}", nth + 1), line.to_owned())));
    }
    assert!(lines.len() > 100, "{part} is there");
    lines
}

#[test]
fn nobody_knows_a_part_on_the_far_side_of_a_wall() {
    for (part, strangers) in WALLS {
        for (place, line) in code(part) {
            let known = strangers.iter().find(|name| line.contains(&format!("crate::{name}::")));
            assert_eq!(known, None, "{place}: {line}");
        }
    }
}

#[test]
fn what_works_for_every_domain_has_no_word_of_one() {
    for part in ["kernel", "platform", "outside", "check", "trace", "session"] {
        for (place, line) in code(part) {
            let plain = TERMS.iter().fold(line.to_lowercase(), |line, term| line.replace(term, ""));
            let word = WORDS.iter().find(|word| plain.contains(*word));
            assert_eq!(word, None, "{place}: {line}");
        }
    }
}
