//! The report for GitHub Actions: workflow commands, which GitHub shows as annotations of the scenario files.
//!
//! ```text
//! ::error file=trips/race.ron,line=8,col=9,title=expectation::Count(event: "SeatHeld", is: 1); seen: 2
//! ```
//!
//! There is one `error` for each thing that did not hold, a `warning` for a capsule that is another run by now, and
//! a `notice` with the counts at the end.

use std::fmt::Write;

use super::campaign::replay_command;
use super::entry::{Entry, Invalid, Report};
use super::next::next_command;
use super::palette::Palette;
use super::reproduction::{self, is_other_run};
use super::text::tally;
use super::unrest;
use crate::explore::Campaign;
use crate::model::{printable, printable_lines};
use crate::session::{Awaited, Repeat, Reproduced, RunOutcome, Verdict};

/// Renders a report as workflow commands, one a line.
///
/// ```
/// let commands = jetlag::report::github(&jetlag::report::Report::default());
/// assert_eq!(commands, "::notice title=jetlag::0 scenarios: nothing ran\n");
/// ```
pub fn github(report: &Report) -> String {
    let mut out = String::new();
    for entry in &report.entries {
        match entry {
            Entry::Run(run) => errors_of(run, &mut out),
            Entry::Sweep(found) => found.failures().for_each(|run| errors_of(run, &mut out)),
            Entry::Campaign(campaign) => errors_of_campaign(campaign, &mut out),
            Entry::Invalid(invalid) => errors_of_file(invalid, &mut out),
        }
    }
    let counts = match report.entries.as_slice() {
        [] => "0 scenarios: nothing ran".to_owned(),
        [Entry::Campaign(campaign)] => runs(campaign),
        _ => tally(report, &Palette::default()),
    };
    Command { level: "notice", place: None, title: "jetlag", message: &counts }.write(&mut out);
    out
}

/// `400 runs of 12 scenarios: held`.
fn runs(campaign: &Campaign) -> String {
    let runs = crate::model::counted(campaign.tally.runs, "run");
    let scenarios = crate::model::counted(campaign.id.files.len() as u64, "scenario");
    format!("{runs} of {scenarios}: {}", campaign.verdict().word())
}

fn errors_of_campaign(campaign: &Campaign, out: &mut String) {
    for finding in campaign.tally.findings.values() {
        let place = Some(Place { file: &finding.file, line: 0, column: 0 });
        let message =
            format!("{}\nreplay: {}", finding.failure.says, replay_command(campaign, finding));
        let title = finding.failure.property.as_str();
        Command { level: "error", place, title, message: &message }.write(out);
    }
    campaign.ended_by().into_iter().for_each(|run| errors_of(run, out));
}

fn errors_of(run: &RunOutcome, out: &mut String) {
    let file = Place { file: &run.subject.file, line: 0, column: 0 };
    // Each error can be read by itself, so each has the command.
    let replay = |says: &str| format!("{says}\nreplay: {}", next_command(run));
    if let Some(found) = &run.reproduction
        && let Some(level) = level_of(found.result)
    {
        let (title, message) = (found.result.says(), replay(&reproduction::plain(found)));
        Command { level, place: Some(file), title, message: &message }.write(out);
    }
    let mut error = |place, title: &str, message: &str| {
        Command { level: "error", place: Some(place), title, message }.write(out);
    };
    // What another run violates is no failure of the run that was asked for, nor is one that its file expects.
    let is_expected = is_other_run(run) || run.fails_by().is_some();
    let violations = if is_expected { &[] } else { run.violations.as_slice() };
    for violated in violations {
        let at = format!("{} (at {}, step {})", violated.says, violated.at, violated.step);
        error(file, violated.property, &replay(&at));
    }
    for missed in &run.missed {
        let title = match missed.what {
            Awaited::Sight => "expectation",
            Awaited::Fault => "this fault never fired",
        };
        let lines: Vec<&str> = [missed.says.as_str()]
            .into_iter()
            .chain(missed.instead.iter().map(String::as_str))
            .collect();
        let place = Place { line: missed.line, column: missed.column, ..file };
        // A fault that was added to the file has no place in it.
        let place = if missed.line == 0 { file } else { place };
        error(place, title, &replay(&lines.join("\n")));
    }
    if let Some(Repeat::Different { first_difference, .. }) = &run.repeat {
        error(file, "two runs differ", &replay(first_difference));
    }
    if let Some(broken) = &run.broken {
        error(file, "broke off", &replay(&broken.cause.to_string()));
    } else if run.verdict() == Verdict::Open && !is_other_run(run) {
        let says = run.unrest.as_ref().map_or_else(|| run.stop.to_string(), unrest::plain);
        error(file, "no verdict", &replay(says.trim_end()));
    }
}

/// How serious it is what became of a capsule.
const fn level_of(result: Reproduced) -> Option<&'static str> {
    match result {
        Reproduced::Exactly => None,
        Reproduced::InEffect => Some("warning"),
        Reproduced::Not | Reproduced::Broken => Some("error"),
    }
}

fn errors_of_file(invalid: &Invalid, out: &mut String) {
    for diagnostic in &invalid.diagnostics {
        let (place, message) = placed(&invalid.file, diagnostic.trim_end());
        Command { level: "error", place: Some(place), title: "invalid scenario", message }
            .write(out);
    }
}

/// Splits a diagnostic, `FILE:LINE:COLUMN: message` or `FILE: message`, into its place and its message.
fn placed<'a>(file: &'a str, diagnostic: &'a str) -> (Place<'a>, &'a str) {
    let whole = Place { file, line: 0, column: 0 };
    let shown = &*printable(file);
    let Some(rest) = diagnostic.strip_prefix(shown).and_then(|rest| rest.strip_prefix(':')) else {
        return (whole, diagnostic);
    };
    let mut parts = rest.splitn(3, ':');
    let mut number = || parts.next()?.parse().ok();
    match (number(), number(), parts.next()) {
        (Some(line), Some(column), Some(message)) => {
            (Place { line, column, ..whole }, message.trim_start())
        }
        _ => (whole, rest.trim_start()),
    }
}

/// A place in a file; line 0 is the whole file.
#[derive(Clone, Copy)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
}

/// One workflow command.
struct Command<'a> {
    level: &'static str,
    place: Option<Place<'a>>,
    title: &'a str,
    message: &'a str,
}

impl Command<'_> {
    fn write(&self, out: &mut String) {
        let _ = write!(out, "::{} ", self.level);
        if let Some(Place { file, line, column }) = self.place {
            let _ = write!(out, "file={},", property(file));
            if line > 0 {
                let _ = write!(out, "line={line},col={column},");
            }
        }
        let message = printable_lines(self.message);
        let _ = writeln!(out, "title={}::{}", property(self.title), data(&message));
    }
}

/// The text after the last `::`. The runner replaces the codes again; a line feed would end the command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which `,` and `:` would end.
fn property(text: &str) -> String {
    data(&printable(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_command_or_a_property_is_escaped() {
        assert_eq!(data("100 %\r\nof a::b"), "100 %25%0D%0Aof a::b");
        assert_eq!(property("a,b: 5 %0A"), "a%2Cb%3A 5 %250A");
    }

    #[test]
    fn a_diagnostic_has_its_place_in_the_file() {
        let place = |file, diagnostic| {
            let (Place { line, column, .. }, message) = placed(file, diagnostic);
            (line, column, message.to_owned())
        };
        assert_eq!(
            place("a.ron", "a.ron:8:5: no field\n  8 | x"),
            (8, 5, "no field\n  8 | x".into())
        );
        assert_eq!(place("a:1.ron", "a:1.ron:2:3: wrong: x"), (2, 3, "wrong: x".into()));
        assert_eq!(place("a.ron", "a.ron: permission denied"), (0, 0, "permission denied".into()));
        assert_eq!(place("a.ron", "something: else"), (0, 0, "something: else".into()));
    }
}
