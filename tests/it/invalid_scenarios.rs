//! The diagnostics of files that are not scenarios.
//!
//! Every file of `scenarios/invalid/` has its diagnostics in `snapshots/`. Files that are too large or too deep to
//! keep are generated here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::snapshot::compare;
use jetlag::domains;
use jetlag::scenario::{Diagnostic, SIZE_MAX};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All diagnostics of a file as a user sees them, or a note that there are none.
fn diagnostics(path: &str, bytes: &[u8]) -> String {
    match domains::harness().load(path, bytes) {
        Ok(_) => format!("{path} is a scenario"),
        Err(diagnostics) => text(&diagnostics),
    }
}

fn text(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n")
}

/// The files of `scenarios/invalid/`, by name.
fn files() -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(root().join("scenarios/invalid")).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<(String, PathBuf)> = paths
        .map(|path| (path.file_stem().expect("a name").to_string_lossy().into_owned(), path))
        .collect();
    files.sort();
    files
}

/// The names of the files that are generated here.
const MADE: &[&str] = &["too_large", "too_deep"];

#[test]
fn every_bad_file_is_explained() {
    let files = files();
    assert!(files.len() >= 15);
    for (name, path) in files {
        let bytes = std::fs::read(&path).expect("bytes");
        compare("invalid", &name, &diagnostics(&format!("{name}.ron"), &bytes));
    }
}

#[test]
fn every_explanation_has_its_bad_file() {
    let known: BTreeSet<String> =
        files().into_iter().map(|(name, _)| name).chain(MADE.iter().map(|&s| s.into())).collect();
    for entry in std::fs::read_dir(root().join("snapshots")).expect("a folder") {
        let file = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let Some(name) = file.strip_prefix("invalid__") else { continue };
        let name = name.strip_suffix(".snap").expect("only reviewed snapshots are kept");
        assert!(known.contains(name), "snapshots/{file} has no file in scenarios/invalid/");
    }
}

#[test]
fn a_file_that_is_too_large_is_refused() {
    let bytes = vec![b' '; SIZE_MAX + 1];
    compare("invalid", "too_large", &diagnostics("too_large.ron", &bytes));
    assert!(!diagnostics("large_enough.ron", &bytes[1..]).contains("larger"));
}

#[test]
fn deep_nesting_is_refused() {
    let deep = format!("(\n    name: {}\n)", "[".repeat(100_000));
    compare("invalid", "too_deep", &diagnostics("too_deep.ron", deep.as_bytes()));
}

#[test]
fn every_wrong_file_names_a_place_in_it_or_the_file() {
    for (name, path) in files() {
        let bytes = std::fs::read(&path).expect("bytes");
        let text = String::from_utf8_lossy(&bytes);
        for diagnostic in domains::harness().load(&name, &bytes).expect_err("it is invalid") {
            let Some(position) = diagnostic.position else { continue };
            let line = text.lines().nth(position.line - 1).unwrap_or_default();
            assert!(position.column <= line.chars().count() + 1, "{diagnostic}");
        }
    }
}
