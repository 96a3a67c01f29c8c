//! A run as a test in Rust that makes it again.
//!
//! The run that a scenario's file describes is exported as that file. Any other run is exported as a capsule with
//! its scenario in it: a seed determines a run only for the build that drew it, and a test is to outlive that.

use std::path::Path;

use super::Course;
use crate::capsule::{Source, of_forced, record};
use crate::model::{is_unprintable, printable};
use crate::report::wrapped;
use crate::session::{RunOutcome, RunRequest, Verdict};

/// The command of the domains that ship, which `jetlag::domains::harness` knows.
const SHIPPED: &str = "jetlag";
/// The width of a comment, without its marks.
const WIDTH: usize = 92;

/// The run as a file with one test, which fails if the run fails.
///
/// ```
/// use jetlag::export::{Course, logged, rust_test};
///
/// let text = r#"( name: "nothing", domain: Orders() )"#;
/// let scenario = jetlag::domains::harness().load("shop.ron", text.as_bytes()).unwrap();
/// let outcome = scenario.run(&logged(scenario.request()));
/// let test = rust_test(&Course::of(&*scenario, &outcome).unwrap());
/// assert!(test.contains("\n#[test]\nfn shop_holds() {\n") && test.contains(text));
/// ```
pub fn rust_test(course: &Course<'_>) -> String {
    let outcome = course.outcome;
    let file = file_name(&outcome.subject.file);
    let name = format!("{}_holds", identifier(&file));
    let own = own_file(course);
    let (verdict, held) = match own {
        // Once it no longer fails, a capsule of a failure is not reproduced, which is no verdict.
        None if outcome.verdict() != Verdict::Held => ("", WITHOUT_FAILURE),
        Some(_) | None => ("use jetlag::session::Verdict;\n", "run.verdict() == Verdict::Held"),
    };
    let (what, text) = match own {
        Some(text) => ("a scenario", text),
        None => ("a capsule, with its scenario in it", capsule(course)),
    };
    let has_own_domain = outcome.subject.command != SHIPPED;
    let harness = if has_own_domain { "    // Your own harness goes here.\n" } else { "" };
    format!(
        "{}\n\
         use jetlag::report::{{Entry, Palette, Report, text}};\n\
         {verdict}\n\
         const FILE: &str = {};\n\n\
         /// The run: {what}.\n\
         const RUN: &str = {};\n\n\
         #[test]\n\
         fn {name}() {{\n\
         {harness}    let harness = jetlag::domains::harness();\n    \
             let scenario = harness.load(FILE, RUN.as_bytes());\n    \
             let scenario = scenario.unwrap_or_else(|wrong| panic!(\"{{}}\", wrong[0]));\n    \
             let run = scenario.run(&scenario.request());\n    \
             let held = {held};\n    \
             let report = Report::of(Entry::Run(Box::new(run)));\n    \
             assert!(held, \"\\n{{}}\", text(&report, &Palette::default()));\n\
         }}\n",
        head(course, &name),
        literal(&file),
        literal(&text),
    )
}

/// The condition that nothing failed.
const WITHOUT_FAILURE: &str =
    "run.violations.is_empty() && run.unrest.is_none() && run.broken.is_none()";

/// What the test is, and how it is used.
fn head(course: &Course<'_>, name: &str) -> String {
    let outcome = course.outcome;
    let (subject, version) = (&outcome.subject, env!("CARGO_PKG_VERSION"));
    let first = match what_failed(outcome) {
        None => {
            "Every property held in this run. The test passes as long as that is so.".to_owned()
        }
        Some(says) => format!("This run failed. {says}. The test fails as long as it does."),
    };
    let command = subject.command;
    let use_it = format!(
        "Written by `{command} export`, version {version}. Put this file into the folder `tests` of a crate that \
         depends on `jetlag`. For the story of the run, save the text in `RUN` as a file and use `{command} \
         replay`."
    );
    let paragraphs = [subject.name.clone(), first, use_it].map(|text| {
        let lines = wrapped(&printable(&text), 0, WIDTH);
        lines.lines().map(|line| format!("//! {line}\n")).collect::<String>()
    });
    format!("{}//!\n//!     cargo test {name}\n", paragraphs.join("//!\n"))
}

/// How the run failed, as a sentence without its full stop; `None` if it held.
fn what_failed(outcome: &RunOutcome) -> Option<String> {
    let violated = outcome.violations.first();
    let violated = violated.map(|violated| format!("{}: {}", violated.property, violated.says));
    let broken = || outcome.broken.as_ref().map(|broken| broken.cause.to_string());
    let unrest = || outcome.unrest.as_ref().map(|unrest| unrest.says.clone());
    let missed = || outcome.missed.first().map(|missed| missed.says.clone());
    let says = violated.or_else(broken).or_else(unrest).or_else(missed);
    says.map(|says| says.trim_end_matches('.').to_owned())
}

/// The text of the file of which this is the run; `None` if it is another run, or that of a capsule.
fn own_file(course: &Course<'_>) -> Option<String> {
    let (scenario, asked) = (course.scenario, &course.outcome.request);
    let own = scenario.request();
    let is_own = RunRequest {
        seed: asked.seed,
        schedule: asked.schedule,
        branches: asked.branches.clone(),
        faults: asked.faults,
        overrides: asked.overrides.clone(),
        holds: asked.holds.clone(),
        ..own.clone()
    } == own;
    let is_file = scenario.recorded().is_none() && {
        let subject = &course.outcome.subject;
        subject.is_as_written()
    };
    (is_own && is_file).then(|| scenario.text().to_owned())
}

/// The run as a capsule that needs no other file.
fn capsule(course: &Course<'_>) -> String {
    let mut recorded = match course.scenario.recorded() {
        Some(scenario) => of_forced(scenario, course.outcome),
        None => record(course.scenario, course.outcome),
    };
    if let Source::File(..) = recorded.file.scenario {
        recorded.file.scenario = Source::Inline(course.scenario.text().to_owned());
    }
    recorded.text()
}

/// The name of a file without its folder.
fn file_name(path: &str) -> String {
    let name = Path::new(path).file_name();
    name.map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}

/// A name as a part of an identifier.
fn identifier(file: &str) -> String {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let mut name = String::new();
    for c in stem.chars() {
        match c {
            'a'..='z' | '0'..='9' => name.push(c),
            'A'..='Z' => name.push(c.to_ascii_lowercase()),
            _ if name.is_empty() || name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    let name = name.trim_end_matches('_');
    let begins_as_one = name.starts_with(|c: char| c.is_ascii_lowercase());
    if begins_as_one {
        name.to_owned()
    } else {
        format!("run_{name}").trim_end_matches('_').to_owned()
    }
}

/// A text as a literal: raw if every character of it can stand in one.
fn literal(text: &str) -> String {
    if text.chars().any(|c| c != '\n' && is_unprintable(c)) {
        return format!("\"{}\"", text.escape_debug());
    }
    if !text.contains(['"', '\\', '\n']) {
        return format!("\"{text}\"");
    }
    let mut hashes = "#".to_owned();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gives_a_name_that_rust_accepts() {
        assert_eq!(identifier("single-capture-1b1396.ron"), "single_capture_1b1396");
        assert_eq!(identifier("It's  Twice!.ron"), "it_s_twice");
        assert_eq!(identifier("2nd try.ron"), "run_2nd_try");
        assert_eq!(identifier("…"), "run");
    }

    #[test]
    fn a_literal_ends_where_its_text_ends() {
        assert_eq!(literal("plain"), "\"plain\"");
        assert_eq!(literal("a\nb"), "r#\"a\nb\"#");
        assert_eq!(literal("r#\"a\"#"), "r##\"r#\"a\"#\"##");
        assert_eq!(literal("a\r\"b"), "\"a\\r\\\"b\"");
        assert_eq!(literal("\u{202e}"), "\"\\u{202e}\"");
    }
}
