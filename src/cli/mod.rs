//! The command line: what was typed becomes what is meant, once, and the library does it.
//!
//! Only here are files, arguments, the environment and the wall clock read. There is a file for each
//! command; each takes its arguments, does its work and says with which status to exit.

mod completions;
mod exit;
mod format;
mod fuzz;
mod list;
mod load;
mod new;
mod output;
mod progress;
mod replay;
mod run;
mod seeds;
mod show;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use exit::Exit;
use output::{Color, note};

use crate::harness::{Harness, Trouble};

/// A deterministic simulator and test harness for event-sourced ticketing.
///
/// Jetlag runs a whole CQRS platform (command side, event store, outbox, broker, projectors, cache,
/// sagas, vendors, payments) under a seeded virtual clock and checks at every step what must hold.
/// The same scenario with the same seed is the same run, byte for byte.
#[derive(Debug, Parser)]
#[command(name = "jetlag", version, after_help = Exit::HELP, max_term_width = 100)]
#[command(subcommand_required = true, arg_required_else_help = true, propagate_version = false)]
struct Cli {
    /// When to use colours [default: auto]
    ///
    /// `auto` uses them on a terminal, unless the environment says NO_COLOR.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    #[arg(hide_default_value = true)]
    color: Color,
    #[command(subcommand)]
    command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
enum Command {
    /// Run scenarios and say what held
    ///
    /// Prints a line for each scenario and a block for each that failed, which ends in a command that
    /// shows the failure again. A single scenario gets its block also when everything held.
    Run(run::Args),
    /// Tell what happens in a scenario
    ///
    /// Prints one line for every fact of interest: in which step, because of which, when, who, what.
    /// The cause of a line is the nearest step before it that has a line itself.
    Replay(replay::Args),
    /// Search for trouble: many runs with faults that their seeds draw
    ///
    /// Each run takes the next seed and the next of the files, round and round, and draws what goes
    /// wrong from what the file's `fuzz` allows. Stops at the first run that does not hold, with the
    /// command that shows it again; otherwise ends with a table of what went wrong where, how often,
    /// and whether anybody noticed. Expectations are not judged.
    Fuzz(fuzz::Args),
    /// List scenarios, properties, faults and event types
    List(list::Args),
    /// Print a scenario with every default filled in
    ///
    /// What is printed is itself a scenario, and means the same.
    Show(show::Args),
    /// Write a commented scenario to start from
    New(new::Args),
    /// Print a completion script for a shell
    ///
    /// For example: jetlag completions bash > ~/.local/share/bash-completion/completions/jetlag
    Completions(completions::Args),
}

impl Harness {
    /// The whole command line: runs the command that was typed, and says how it went.
    ///
    /// This is all that a program of one's own needs for its `main`.
    pub fn main(&self) -> ExitCode {
        self.main_or(&[])
    }

    /// The same; if nothing was typed, as if these words had been.
    pub fn main_or(&self, words: &[&str]) -> ExitCode {
        let mut typed: Vec<OsString> = std::env::args_os().collect();
        if typed.len() == 1 {
            typed.extend(words.iter().map(OsString::from));
        }
        main(self, typed)
    }
}

/// What can be typed, with the paths and names of a harness.
fn definitions(harness: &Harness) -> clap::Command {
    let folder = harness.folder;
    let paths =
        |command: clap::Command| command.mut_arg("paths", |paths| paths.default_value(folder));
    let definitions = Cli::command().bin_name(harness.command());
    ["run", "fuzz", "list"]
        .into_iter()
        .fold(definitions, |all, name| all.mut_subcommand(name, paths))
}

fn main(harness: &Harness, typed: Vec<OsString>) -> ExitCode {
    let matches = definitions(harness).try_get_matches_from(typed);
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results; whoever stops reading them has seen enough.
            let _ = error.print();
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Held };
            return exit.into();
        }
    };
    std::panic::set_hook(Box::new(|panic| {
        if let Ok(mut last) = LAST_PANIC.lock() {
            *last = panic.to_string();
        }
    }));
    let (exit, last_words) = guarded(harness.command(), || cli.command.run(harness, cli.color));
    if let Some(last_words) = last_words {
        note(format_args!("error: {last_words}"));
    }
    exit.into()
}

/// What the last panic had to say; printed once, together with what to do about it.
static LAST_PANIC: Mutex<String> = Mutex::new(String::new());

impl Command {
    fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
        match self {
            Self::Run(args) => args.run(harness, color),
            Self::Replay(args) => args.run(harness, color),
            Self::Fuzz(args) => args.run(harness, color),
            Self::List(args) => args.run(harness, color),
            Self::Show(args) => args.run(harness),
            Self::New(args) => args.run(harness),
            Self::Completions(args) => args.run(harness),
        }
    }
}

/// Does the work; the status to exit with, and what to say if it could not be done. A panic is a bug of
/// ours, and is told from everything else by its status.
fn guarded(command: &str, work: impl FnOnce() -> Result<Exit, Trouble>) -> (Exit, Option<String>) {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(exit)) => (exit, None),
        Ok(Err(trouble)) => (Exit::Usage, Some(trouble.to_string())),
        Err(_) => {
            let panic = LAST_PANIC.lock().map(|last| last.clone()).unwrap_or_default();
            (Exit::Bug, Some(bug(command, &panic)))
        }
    }
}

fn bug(command: &str, panic: &str) -> String {
    // A domain of somebody else's may have its own.
    let (whose, please) = match command {
        "jetlag" => ("in jetlag itself", "Please report it"),
        _ => ("in your domain or in jetlag itself", "If it is in jetlag, please report it"),
    };
    let version = env!("CARGO_PKG_VERSION");
    let typed: Vec<String> = std::env::args_os()
        .map(|argument| crate::report::quoted(&argument.to_string_lossy()))
        .collect();
    format!(
        "this is a bug {whose}, not in your scenario\n\n  {}\n\n\
         {please} where you got jetlag from, with these lines and the scenario file:\n\
         \x20 jetlag {version} on {} {}\n  {}",
        panic.replace('\n', "\n  "),
        std::env::consts::OS,
        std::env::consts::ARCH,
        typed.join(" "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definitions_are_consistent() {
        definitions(&crate::domains::harness()).debug_assert();
    }

    #[test]
    fn every_flag_and_command_is_explained() {
        let mut command = Cli::command();
        command.build();
        let mut todo = vec![command];
        while let Some(command) = todo.pop() {
            let name = command.get_name().to_owned();
            assert!(command.get_about().is_some(), "{name} is not explained");
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{name}: {} ", argument.get_id());
            }
            todo.extend(command.get_subcommands().filter(|c| c.get_name() != "help").cloned());
        }
    }

    #[test]
    fn a_bug_of_ours_is_told_from_bad_usage() {
        let (exit, last_words) = guarded("jetlag", || panic!("the impossible happened"));
        assert_eq!(exit, Exit::Bug);
        assert!(
            last_words.is_some_and(|words| words.starts_with("this is a bug in jetlag itself"))
        );
        let (exit, last_words) = guarded("jetlag", || Err(Trouble::new("no such file")));
        assert_eq!((exit, last_words.as_deref()), (Exit::Usage, Some("no such file")));
        assert_eq!(guarded("jetlag", || Ok(Exit::Failed)), (Exit::Failed, None));
        assert!(bug("jetlag", "panicked at src/x.rs").contains("panicked at src/x.rs"));
    }
}
