//! Every path in the documentation is that of a file or folder of the project.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::docs::{pages, prose, root};

/// The folders of the project with files that pages name.
const FOLDERS: &[&str] =
    &["src", "tests", "docs", "scenarios", "examples", "benches", "snapshots", ".ci"];

/// Paths of the reader's own files, and places for names.
const OTHERS: &[&str] = &["/X.ron", "name/mod.rs"];

/// All files and folders of the project, by their paths from its root.
fn known() -> BTreeSet<String> {
    fn walk(folder: &Path, known: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(root()).expect("it is in the project");
            known.insert(name.to_string_lossy().replace('\\', "/"));
            if path.is_dir() {
                walk(&path, known);
            }
        }
    }
    let mut known = BTreeSet::new();
    for folder in FOLDERS {
        known.insert((*folder).to_owned());
        walk(&root().join(folder), &mut known);
    }
    known
}

/// `kernel/faults/{focus,deadlines}.rs` stands for two paths.
fn alternatives(path: &str) -> Vec<String> {
    match (path.split_once('{'), path.split_once('}')) {
        (Some((before, _)), Some((_, after))) => {
            let inner = &path[before.len() + 1..path.len() - after.len() - 1];
            inner.split(',').map(|part| format!("{before}{part}{after}")).collect()
        }
        _ => vec![path.to_owned()],
    }
}

/// The words in code quotes that look like paths of the project.
fn paths(page: &str) -> Vec<String> {
    let is_path = |word: &str| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./{},".contains(c);
        let first = word.split('/').next().unwrap_or_default();
        let extension = word.rsplit_once('.').map(|(_, extension)| extension);
        word.contains('/')
            && word.chars().all(is_plain)
            && (FOLDERS.contains(&first) || matches!(extension, Some("rs" | "ron" | "md" | "sh")))
            && !OTHERS.iter().any(|other| word.ends_with(other))
    };
    let prose = prose(page);
    let spans = prose.split('`').skip(1).step_by(2);
    let words = spans.flat_map(str::split_whitespace);
    words.filter(|word| is_path(word)).flat_map(alternatives).collect()
}

#[test]
fn every_path_in_the_documentation_exists() {
    let known = known();
    let mut count = 0;
    for (page, text) in pages() {
        for path in paths(&text) {
            let path = path.trim_end_matches('/');
            // Within a room, its files are named without the folders above.
            let tail = format!("/{path}");
            let exists = known.contains(path) || known.iter().any(|file| file.ends_with(&tail));
            assert!(exists, "{page}: there is no {path}");
            count += 1;
        }
    }
    assert!(count > 60, "only {count} paths were found");
}

#[test]
fn a_path_is_told_from_other_words() {
    let page = "`src/cli` and `kernel/faults/{focus,plan}.rs`, `fuzz --shard 2/4`, src/none, `findings/X.ron`";
    assert_eq!(paths(page), ["src/cli", "kernel/faults/focus.rs", "kernel/faults/plan.rs"]);
}
