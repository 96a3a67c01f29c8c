//! The command with the toy domain, whose bugs no shipped domain has.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::CommandFactory;

use super::*;
use crate::testing::{Counting, FICKLE, PANICS, in_a_process};

/// The words of the command line, one a line.
const WORDS: &str = "JETLAG_TEST_WORDS";

#[test]
#[ignore = "helper: other tests run it in a child process"]
#[expect(clippy::disallowed_methods, reason = "the process gets its words so")]
fn the_command() {
    let Ok(words) = std::env::var(WORDS) else { return };
    let typed = std::iter::once("jetlag").chain(words.lines()).map(OsString::from).collect();
    std::process::exit(main(&Harness::of::<Counting>("scenarios"), typed) as i32);
}

/// The exit status, standard output and standard error of the command.
fn jetlag(words: &[&str]) -> (i32, String, String) {
    let output = in_a_process("cli::tests::the_command", &[(WORDS, &words.join("\n"))]);
    let text = |bytes| String::from_utf8(bytes).expect("output is text");
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    // What comes before is of the process's own test.
    let stdout = stdout.split_once("running 1 test\n").map_or(stdout.as_str(), |(_, rest)| rest);
    (output.status.code().expect("it exits"), stdout.to_owned(), stderr)
}

/// A file in which ana adds this much, in a folder that is removed at the end.
struct Addition(PathBuf);

impl Addition {
    fn of(test: &str, amount: i64) -> Self {
        let folder = std::env::temp_dir().join(format!("jetlag-toy-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        let script = format!("(who: \"ana\", does: Add(counter: 0, amount: {amount}))");
        let text = format!(
            "(name: \"{test}\", domain: Counting, script: [{script}], fuzz: (faults: [Delay], budget: 2))"
        );
        std::fs::write(folder.join("a.ron"), text).expect("a temporary file");
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    /// A campaign over the file.
    fn fuzz(&self, more: &[&str]) -> (i32, String, String) {
        let (file, findings) = (self.path("a.ron"), self.path("findings"));
        let words = ["fuzz", &file, "--runs", "60", "--findings", &findings];
        jetlag(&[&words[..], more].concat())
    }
}

impl Drop for Addition {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_campaign_ends_with_70_when_a_run_cannot_be_repeated() {
    let fickle = Addition::of("fickle", FICKLE);
    let (status, stdout, stderr) = fickle.fuzz(&[]);
    assert_eq!(status, 70, "{stdout}{stderr}");
    assert!(stdout.contains("  UNREPEATABLE  "), "{stdout}");
    assert!(stdout.contains(": this is a bug in Jetlag itself.\n"), "{stdout}");
    let difference = |line: &str| line.contains("stores k-0 v0 → v1 @1: Added");
    assert_eq!(stdout.lines().filter(|line| difference(line)).count(), 2, "both traces: {stdout}");
    let replay = format!("  replay   jetlag run {} --seed ", fickle.path("a.ron"));
    assert!(stdout.contains(&replay) && stdout.contains(" --fuzz"), "{stdout}");
    assert!(stdout.contains(" --twice\n"), "{stdout}");

    let (status, stdout, _) = fickle.fuzz(&["--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    let campaign = &document["entries"][0];
    assert_eq!((status, &document["verdict"]), (70, &"unrepeatable".into()));
    assert_eq!(campaign["ended"], "unrepeatable");
    assert_eq!(campaign["broken"]["repeat"]["same"], false);
    let first = campaign["broken"]["repeat"]["first_difference"].as_str().expect("a text");
    assert_eq!(first.lines().filter(|line| difference(line)).count(), 2, "{first}");
}

#[test]
fn a_campaign_in_which_the_domain_panics_goes_on_and_keeps_the_first_run_that_did() {
    let panics = Addition::of("panics", PANICS);
    let (status, stdout, stderr) = panics.fuzz(&[]);
    assert_eq!(status, 1, "it fails as what is tested: {stdout}{stderr}");
    assert!(stdout.contains("  FOUND  panic  new  first in run 0  seen "), "{stdout}");
    let capsules = std::fs::read_dir(Path::new(&panics.path("findings"))).expect("a folder");
    let names = capsules.map(|file| file.expect("a file").file_name());
    assert!(names.into_iter().any(|name| name.to_string_lossy().starts_with("panic-")));
}

// ---- the definitions

#[test]
fn the_definitions_are_consistent() {
    definitions(&crate::domains::harness()).debug_assert();
}

#[test]
fn every_option_and_command_has_a_help_text() {
    let mut command = Cli::command();
    command.build();
    let mut todo = vec![command];
    while let Some(command) = todo.pop() {
        let name = command.get_name().to_owned();
        assert!(command.get_about().is_some(), "{name} has no help text");
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "{name}: {} ", argument.get_id());
        }
        todo.extend(command.get_subcommands().filter(|c| c.get_name() != "help").cloned());
    }
}

#[test]
fn a_panic_and_an_error_have_different_exit_statuses() {
    let (exit, error) = guarded("jetlag", || panic!("a slot is free"));
    assert_eq!(exit, Exit::Bug);
    assert!(error.is_some_and(|error| error.starts_with("this is a bug in jetlag itself")));
    let (exit, error) = guarded("jetlag", || Err(Trouble::new("no such file")));
    assert_eq!((exit, error.as_deref()), (Exit::Usage, Some("no such file")));
    assert_eq!(guarded("jetlag", || Ok(Exit::Failed)), (Exit::Failed, None));
    assert!(bug("jetlag", "panicked at src/x.rs").contains("panicked at src/x.rs"));
}
