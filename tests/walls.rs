//! Which room of the source may use which, and which rooms know no domain.
//!
//! The rooms stand in an order, and each uses only rooms before it: so there is no circle. Tests inside of
//! the source are exempt; they may build whole platforms to test a part of one.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room, with those that it uses. Rooms that any other may use come first.
const ROOMS: &[(&str, &[&str])] = &[
    ("collections", &[]),
    ("kernel", &["collections"]),
    ("model", &["kernel"]),
    ("platform", &["collections", "kernel", "model"]),
    ("outside", &["collections", "kernel", "model", "platform"]),
    ("check", &["collections", "kernel", "model", "platform"]),
    ("trace", &["kernel", "model", "platform"]),
    ("world", &["kernel", "model", "platform", "outside", "trace"]),
    ("scenario", &["kernel", "model", "platform", "check"]),
    ("session", &["kernel", "model", "platform", "world", "check", "trace", "scenario", "report"]),
    ("harness", &["kernel", "platform", "check", "scenario", "session", "report"]),
    ("domains", &["collections", "kernel", "model", "platform", "check", "scenario", "harness"]),
    ("cli", &["kernel", "platform", "check", "trace", "scenario", "session", "report", "harness"]),
];

/// Rooms that work for every domain.
const GENERAL: &[&str] = &[
    "collections",
    "kernel",
    "model",
    "platform",
    "outside",
    "check",
    "trace",
    "world",
    "session",
];

/// Words of the domains that ship.
const WORDS: &[&str] =
    &["flight", "seat", "booking", "passenger", "shipment", "deposit", "withdraw"];

/// Terms of the field with such a word in them.
const TERMS: &[&str] = &["single-flight", "single_flight", "in flight"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The files of a room, without those that are compiled for tests only.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut found = Vec::new();
    for path in entries {
        if is_for_tests(&path) {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// Whether the module that `path` holds is declared under `#[cfg(test)]`.
fn is_for_tests(path: &Path) -> bool {
    let name = path.file_stem().expect("a name").to_string_lossy();
    let folder = path.parent().expect("a folder");
    let parents = [folder.join("mod.rs"), folder.with_extension("rs"), folder.join("lib.rs")];
    let declared = format!("mod {name};");
    parents.iter().filter_map(|parent| fs::read_to_string(parent).ok()).any(|text| {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        lines.windows(2).any(|pair| pair[0] == "#[cfg(test)]" && pair[1].ends_with(&*declared))
    })
}

/// The lines of code of a room, without comments and tests, and where each stands.
fn code(room: &str) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for file in files(&source().join(room)) {
        let text = fs::read_to_string(&file).expect("a text");
        let name = file.strip_prefix(source()).expect("below src").display().to_string();
        let mut tested = false;
        for (nth, line) in text.lines().enumerate() {
            // Test modules stand at the end of their files.
            tested |= line == "#[cfg(test)]";
            if !tested && !line.trim_start().starts_with("//") {
                lines.push((format!("{name}:{}", nth + 1), line.to_owned()));
            }
            tested &= line != "}";
        }
    }
    lines
}

/// The rooms that a line of code names.
fn used(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("crate::").map(|(at, root)| {
        let rest = &line[at + root.len()..];
        &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())]
    })
}

#[test]
fn every_folder_of_the_source_is_a_room_in_the_list() {
    let entries = fs::read_dir(source()).expect("a folder").map(|entry| entry.expect("an entry"));
    let folders = entries.filter(|entry| entry.path().is_dir() && !is_for_tests(&entry.path()));
    let mut folders: Vec<String> =
        folders.map(|folder| folder.file_name().to_string_lossy().into_owned()).collect();
    folders.sort_unstable();
    let mut rooms: Vec<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    rooms.sort_unstable();
    assert_eq!(folders, rooms);
}

#[test]
fn rooms_use_only_rooms_before_them() {
    for (nth, (room, uses)) in ROOMS.iter().enumerate() {
        let before: Vec<&str> = ROOMS[..nth].iter().map(|(room, _)| *room).collect();
        assert!(uses.iter().all(|used| before.contains(used)), "{room} uses {uses:?}");
    }
}

#[test]
fn rooms_use_what_the_list_says_and_nothing_else() {
    for (room, uses) in ROOMS {
        let mut unused: Vec<&str> = uses.to_vec();
        for (place, line) in code(room) {
            for other in used(&line) {
                let is_room = ROOMS.iter().any(|(room, _)| *room == other) && other != *room;
                assert!(!is_room || uses.contains(&other), "{place}: {line}");
                unused.retain(|used| *used != other);
            }
        }
        assert_eq!(unused, Vec::<&str>::new(), "{room} is said to use these");
    }
}

#[test]
fn rooms_that_work_for_every_domain_have_no_word_of_one() {
    for room in GENERAL {
        let lines = code(room);
        assert!(lines.len() > 100, "{room} is there");
        for (place, line) in lines {
            let plain = TERMS.iter().fold(line.to_lowercase(), |line, term| line.replace(term, ""));
            let word = WORDS.iter().find(|word| plain.contains(*word));
            assert_eq!(word, None, "{place}: {line}");
        }
    }
}
