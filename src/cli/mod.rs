//! The command line: parses arguments and calls the library.
//!
//! Only this folder reads arguments, the environment and the wall clock. Each command has a file, with its
//! arguments and a function that runs it and returns the exit status.

mod check;
mod completions;
mod defects;
mod enumerate;
mod exit;
mod explain;
mod export;
mod first_trouble;
mod format;
mod fuzz;
mod kept;
mod list;
mod load;
mod memory;
mod merge;
mod new;
mod output;
mod pages;
mod planted;
mod progress;
mod record;
mod replay;
mod report;
mod run;
mod seeds;
#[cfg(feature = "serve")]
mod serve;
mod shard;
mod show;
mod shrink;
#[cfg(test)]
mod tests;
mod watched;
mod worker;
mod written;

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
/// sagas, vendors, payments) under a seeded virtual clock and checks properties at every step.
/// The same scenario with the same seed is the same run, byte for byte.
#[derive(Debug, Parser)]
#[command(name = "jetlag", version, after_help = Exit::HELP, max_term_width = 100)]
#[command(subcommand_required = true, arg_required_else_help = true, propagate_version = false)]
struct Cli {
    /// When to use colours [default: auto]
    ///
    /// `auto` uses colours on a terminal, unless the environment variable NO_COLOR is set.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    #[arg(hide_default_value = true)]
    color: Color,
    #[command(subcommand)]
    command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
enum Command {
    /// Run scenarios and check their properties and expectations
    ///
    /// Prints a line for each scenario and a block for each failure, which ends with the command that
    /// replays it. A single scenario gets a block even if everything held.
    Run(run::Args),
    /// Print the story of a run
    ///
    /// Prints a line for each important fact: step, cause, time, node or customer, fact. The cause of a
    /// line is the nearest earlier step that led to it and has a line itself.
    Replay(replay::Args),
    /// Run scenarios many times with random faults
    ///
    /// Each run takes the next seed and draws its faults from those that the `fuzz` section of its file
    /// allows. Files get equally many occurrences. A run that does not hold does not end the campaign:
    /// runs that fail in the same way are counted, and the first of them is saved in the folder of
    /// findings as soon as it is found. At the end prints what was found, and a table of the faults: how
    /// often each fired at which nodes, and how often its effect was seen. Expectations are not judged.
    Fuzz(fuzz::Args),
    /// Print one summary of the shards of a campaign
    ///
    /// Reads the results of `fuzz --shard`, each of which is one part of a campaign, and prints the summary
    /// that one process would have printed. Also writes the findings and the state of the whole campaign.
    Merge(merge::Args),
    /// Make every run with up to so many faults and changes of order
    ///
    /// Begins with the default run of a scenario, in which every message takes the least time and nothing fails
    /// but what the file scripts. Then makes every run with one deviation from it, then with two, up to the
    /// depth: a fault that the file's `fuzz` allows, or a message that comes after another delivery at the same
    /// node, as far as its link allows. Says whether all of them hold, or how far it came.
    Enumerate(enumerate::Args),
    /// Leave out of a failure whatever it does not need
    ///
    /// Runs a failing capsule again and again without some of its lines, faults and waits, keeps what still
    /// fails in the same way, and writes the smallest run as a capsule. Prints what is left, and what
    /// happens without each part of it.
    Shrink(shrink::Args),
    /// Explain a failure by the nearest run that holds
    ///
    /// Runs a capsule without each of its parts, and prints what led to the violation beside what happens
    /// instead in the run that holds and parts last from it. Shrink the failure first.
    Explain(explain::Args),
    /// Check the history of any platform
    ///
    /// Reads what a platform has stored, published, applied, charged and sold, as lines of JSON, and judges the
    /// properties that can be judged from it. Says of each whether it holds, which lines violate it, or which facts
    /// are needed to observe it. docs/check.md shows how to export such a history from common databases.
    Check(check::Args),
    /// Write a run in the format of another tool
    ///
    /// Runs a scenario or a capsule and prints the run as a test, a plan, a diagram, a timeline or a trace.
    /// The exit status is 0 if it was written, however the run ended. docs/export.md describes the formats.
    Export(export::Args),
    /// Write runs as pages that anyone can open
    ///
    /// Runs scenarios or capsules and writes each run as one HTML file: the platform at any step, the events and who
    /// has seen them, the views, the services, and, if the run failed, why. The file needs nothing else and loads
    /// nothing. The exit status is 0 if it was written, however the run ended. docs/report.md describes it.
    Report(report::Args),
    /// Show a running simulation in a browser, and disturb it
    ///
    /// Prints an address on this machine. The page there runs the scenario, stops it, goes on by a step, and
    /// has a knob for each fault. Every press becomes an entry of the scenario, with the time of the press, and the
    /// scenario can be saved: running it is the same session. docs/serve.md describes it.
    #[cfg(feature = "serve")]
    Serve(serve::Args),
    /// List mistakes that can be put in, or measure how soon they are found
    ///
    /// Each is a way in which real systems of this kind have gone wrong. `--defect ID` of run, replay, fuzz and
    /// enumerate puts it in, and so does `defects: ["ID"]` in a scenario.
    Defects(defects::Args),
    /// List scenarios, properties, faults and event types
    List(list::Args),
    /// Print a scenario with every default filled in
    ///
    /// The output is itself a scenario with the same meaning.
    Show(show::Args),
    /// Write a commented scenario to start from
    New(new::Args),
    /// Print a completion script for a shell
    ///
    /// For example: jetlag completions bash > ~/.local/share/bash-completion/completions/jetlag
    Completions(completions::Args),
}

impl Harness {
    /// Runs the command line and returns its exit status. The `main` of your own program needs only this.
    pub fn main(&self) -> ExitCode {
        self.main_or(&[])
    }

    /// The same, with default arguments for a command line without any.
    pub fn main_or(&self, words: &[&str]) -> ExitCode {
        let mut typed: Vec<OsString> = std::env::args_os().collect();
        if typed.len() == 1 {
            typed.extend(words.iter().map(OsString::from));
        }
        main(self, typed).into()
    }
}

/// The definitions of all commands, with the paths and names of a harness.
fn definitions(harness: &Harness) -> clap::Command {
    let folder = harness.folder;
    let paths =
        |command: clap::Command| command.mut_arg("paths", |paths| paths.default_value(folder));
    let all = Cli::command().bin_name(harness.command());
    ["run", "fuzz", "list"].into_iter().fold(all, |all, name| all.mut_subcommand(name, paths))
}

fn main(harness: &Harness, typed: Vec<OsString>) -> Exit {
    let matches = definitions(harness).try_get_matches_from(typed);
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => {
            if error.use_stderr() {
                // It repeats arguments: without the colours of the parser, it can be printed safely.
                note(error.render().to_string().trim_end());
                return Exit::Usage;
            }
            // Help and version are results; a closed pipe is no error.
            let _ = error.print();
            return Exit::Held;
        }
    };
    std::panic::set_hook(Box::new(|panic| {
        if let Ok(mut last) = LAST_PANIC.lock() {
            *last = panic.to_string();
        }
    }));
    watched::on_interrupt();
    let (exit, error) = guarded(harness.command(), || cli.command.run(harness, cli.color));
    if let Some(error) = error {
        note(format_args!("error: {error}"));
    }
    exit
}

/// The message of the last panic; printed once, with instructions.
static LAST_PANIC: Mutex<String> = Mutex::new(String::new());

impl Command {
    fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
        match self {
            Self::Run(args) => args.run(harness, color),
            Self::Replay(args) => args.run(harness, color),
            Self::Fuzz(args) => args.run(harness, color),
            Self::Merge(args) => args.run(harness, color),
            Self::Enumerate(args) => args.run(harness, color),
            Self::Shrink(args) => args.run(harness, color),
            Self::Explain(args) => args.run(harness, color),
            Self::Check(args) => args.run(harness, color),
            Self::Export(args) => args.run(harness),
            Self::Report(args) => args.run(harness),
            #[cfg(feature = "serve")]
            Self::Serve(args) => args.run(harness),
            Self::Defects(args) => args.run(harness, color),
            Self::List(args) => args.run(harness, color),
            Self::Show(args) => args.run(harness),
            Self::New(args) => args.run(harness),
            Self::Completions(args) => args.run(harness),
        }
    }
}

/// Does the work; the exit status, and the error if there is one. A panic is a bug and has its own status.
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
    // A domain in another crate can have bugs too.
    let (whose, please) = match command {
        "jetlag" => ("in jetlag itself", "Please report it"),
        _ => ("in your domain or in jetlag itself", "If it is in jetlag, please report it"),
    };
    let version = env!("CARGO_PKG_VERSION");
    let quote = |argument: OsString| crate::model::quoted(&argument.to_string_lossy());
    let typed: Vec<String> = std::env::args_os().map(quote).collect();
    format!(
        "this is a bug {whose}, not in your scenario\n\n  {}\n\n\
         {please} to the jetlag project, with these lines and the scenario file:\n\
         \x20 jetlag {version} on {} {}\n  {}",
        panic.replace('\n', "\n  "),
        std::env::consts::OS,
        std::env::consts::ARCH,
        typed.join(" "),
    )
}
