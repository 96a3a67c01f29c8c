//! Which room of the source may use which, and which rooms know no domain.
//!
//! The rooms stand in an order, and each uses only rooms before it: so there is no circle. Tests inside of
//! the source are exempt; they may build whole platforms to test a part of one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room, with those that it uses. Rooms that any other may use come first.
const ROOMS: &[(&str, &[&str])] = &[
    ("collections", &[]),
    ("kernel", &["collections"]),
    ("linearizability", &["collections"]),
    ("model", &["collections", "kernel", "linearizability"]),
    ("platform", &["collections", "kernel", "model"]),
    ("outside", &["collections", "kernel", "model", "platform"]),
    ("saga", &["kernel", "model"]),
    ("check", &["collections", "kernel", "linearizability", "model", "platform"]),
    ("metrics", &["collections", "kernel", "model", "platform"]),
    ("trace", &["collections", "kernel", "model", "platform"]),
    ("picture", &["kernel", "model", "platform", "trace"]),
    ("world", &["kernel", "model", "platform", "outside", "trace"]),
    ("scenario", &["check", "kernel", "metrics", "model", "platform"]),
    ("history", &["collections", "kernel", "linearizability", "model", "platform", "scenario"]),
    (
        "session",
        &[
            "check", "history", "kernel", "metrics", "model", "picture", "platform", "scenario",
            "trace", "world",
        ],
    ),
    ("capsule", &["kernel", "model", "scenario", "session"]),
    ("shrink", &["capsule", "kernel", "scenario", "session"]),
    ("explore", &["capsule", "collections", "kernel", "model", "platform", "scenario", "session"]),
    ("enumerate", &["capsule", "explore", "kernel", "platform", "session"]),
    ("explain", &["kernel", "session", "shrink", "trace"]),
    ("measure", &["capsule", "enumerate", "explore", "kernel", "model", "session", "shrink"]),
    (
        "report",
        &[
            "capsule",
            "enumerate",
            "explain",
            "explore",
            "history",
            "kernel",
            "measure",
            "metrics",
            "model",
            "session",
            "shrink",
            "trace",
        ],
    ),
    ("export", &["capsule", "kernel", "metrics", "model", "report", "session", "trace"]),
    ("page", &["explain", "export", "kernel", "model", "picture", "report", "session", "trace"]),
    (
        "harness",
        &[
            "capsule", "check", "explore", "kernel", "model", "platform", "report", "scenario",
            "session",
        ],
    ),
    ("live", &["export", "harness", "kernel", "page", "picture", "report", "scenario", "session"]),
    (
        "domains",
        &[
            "check",
            "collections",
            "harness",
            "kernel",
            "linearizability",
            "model",
            "saga",
            "scenario",
        ],
    ),
    (
        "cli",
        &[
            "capsule",
            "check",
            "enumerate",
            "explain",
            "explore",
            "export",
            "harness",
            "history",
            "kernel",
            "live",
            "measure",
            "model",
            "page",
            "platform",
            "report",
            "scenario",
            "session",
            "shrink",
            "trace",
        ],
    ),
];

/// Rooms that work for every domain.
const GENERAL: &[&str] = &[
    "collections",
    "kernel",
    "linearizability",
    "model",
    "platform",
    "outside",
    "check",
    "trace",
    "picture",
    "page",
    "live",
    "world",
    "history",
    "session",
    "capsule",
    "explore",
    "enumerate",
    "explain",
    "measure",
    "export",
];

/// Words of the domains that ship.
const WORDS: &[&str] =
    &["flight", "seat", "booking", "passenger", "shipment", "deposit", "withdraw"];

/// Terms of the field with such a word in them.
const TERMS: &[&str] =
    &["single-flight", "single_flight", "in flight", "in-flight", "in_flight", "inflight"];

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
        let is_declared = |line: &str| line.ends_with(&*declared);
        lines.windows(2).any(|pair| pair[0] == "#[cfg(test)]" && is_declared(pair[1]))
            // Also what is exported for the tests of another crate.
            || lines.windows(3).any(|three| {
                three[0].starts_with("#[cfg(any(test,")
                    && three[1].starts_with("#[cfg_attr")
                    && is_declared(three[2])
            })
    })
}

/// The lines of code of a room, without comments and tests, and where each stands.
fn code(room: &str) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for file in files(&source().join(room)) {
        let text = fs::read_to_string(&file).expect("a text");
        let name = file.strip_prefix(source()).expect("below src").display().to_string();
        let mut lines_of_file = text.lines().enumerate();
        while let Some((nth, line)) = lines_of_file.next() {
            if line == "#[cfg(test)]" {
                // What follows is for tests: one line, or a block up to its closing brace.
                let item = lines_of_file.next().map_or("", |(_, item)| item);
                while !item.ends_with(';')
                    && lines_of_file.next().is_some_and(|(_, end)| end != "}")
                {}
            } else if !line.trim_start().starts_with("//") {
                lines.push((format!("{name}:{}", nth + 1), line.to_owned()));
            }
        }
    }
    lines
}

/// The module of a file, as the names on the way to it.
fn module(file: &str) -> Vec<&str> {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').collect()
}

/// The modules that a line of code in `file` names, as far as their paths are written in it.
fn named<'a>(file: &'a str, line: &'a str) -> Vec<Vec<&'a str>> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let paths = line.split(|c| !is_name(c)).filter(|path| path.contains("::"));
    let resolved = paths.filter_map(|path| {
        let names: Vec<&str> = path.split("::").filter(|name| !name.is_empty()).collect();
        let up = names.iter().take_while(|name| **name == "super").count();
        let base = match names.first() {
            Some(&"crate") => Vec::new(),
            Some(&"super") => {
                let here = module(file);
                here[..here.len().checked_sub(up)?].to_vec()
            }
            _ => return None,
        };
        Some(base.into_iter().chain(names[up.max(1)..].iter().copied()).collect())
    });
    resolved.collect()
}

/// The deepest folder that a module is in.
fn folder_of(module: &[&str]) -> String {
    let paths = (0..=module.len()).rev().map(|end| module[..end].join("/"));
    paths.into_iter().find(|path| source().join(path).is_dir()).expect("the root is a folder")
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
            let file = place.split(':').next().expect("a file");
            for other in named(file, &line).iter().filter_map(|path| path.first()) {
                let is_room = ROOMS.iter().any(|(room, _)| room == other) && other != room;
                assert!(!is_room || uses.contains(other), "{place}: {line}");
                unused.retain(|used| used != other);
            }
        }
        assert_eq!(unused, Vec::<&str>::new(), "{room} is said to use these");
    }
}

/// At any depth. A folder and those inside of it are one thing.
#[test]
fn no_two_folders_use_each_other() {
    let mut uses = BTreeMap::new();
    for (room, _) in ROOMS {
        for (place, line) in code(room) {
            let file = place.split(':').next().expect("a file");
            let folder = file.rsplit_once('/').expect("a file in a folder").0;
            for path in named(file, &line) {
                uses.insert((folder.to_owned(), folder_of(&path)), format!("{place}: {line}"));
            }
        }
    }
    let apart = |one: &str, other: &str| !format!("{one}/").starts_with(&format!("{other}/"));
    for ((one, other), there) in &uses {
        if apart(one, other) && apart(other, one) {
            let back = uses.get(&(other.clone(), one.clone()));
            assert_eq!(back, None, "{there}");
        }
    }
}

#[test]
fn domains_do_not_know_each_other() {
    for (place, line) in code("domains") {
        let (domain, _) = place["domains/".len()..].split_once('/').unwrap_or_default();
        for path in named(&place, &line).iter().filter(|path| path.first() == Some(&"domains")) {
            let other = path.get(1).copied().unwrap_or(domain);
            let shared = ["money", "past", "people"];
            assert!(
                domain.is_empty() || other == domain || shared.contains(&other),
                "{place}: {line}"
            );
        }
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
