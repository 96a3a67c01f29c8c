//! The report as text: a line for each scenario, and a block for each failure.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::broken::broken_text;
use super::campaign::campaign_text;
use super::entry::{Entry, Report};
use super::next::{next_command, shrink_command};
use super::palette::{Paint, Palette};
use super::properties::Properties;
use super::reproduction::{is_other_run, reproduction};
use super::table::{Side, Table};
use super::unrest::unrest;
use super::views::views;
use super::violations::violation;
use crate::kernel::{Fault, ScriptedFault};
use crate::model::{counted, grouped, printable};
use crate::session::{Awaited, FiredEntry, Missed, Repeat, RunOutcome, ScriptedEntry, Verdict};

/// Renders a report as text.
///
/// ```
/// use jetlag::report::{Palette, Report, text};
/// assert_eq!(text(&Report::default(), &Palette::default()), "no scenarios\n");
/// ```
pub fn text(report: &Report, palette: &Palette) -> String {
    let mut out = String::new();
    match report.entries.as_slice() {
        [] => out.push_str("no scenarios\n"),
        [Entry::Run(outcome)] => out = block(outcome, report.properties, palette),
        [Entry::Campaign(campaign)] => out = campaign_text(campaign, palette),
        entries => {
            lines(entries, palette, &mut out);
            for entry in entries {
                match entry {
                    Entry::Run(run) if run.verdict() == Verdict::Held => {}
                    Entry::Run(run) => {
                        let block = block(run, report.properties, palette);
                        let _ = write!(out, "\n{block}");
                    }
                    Entry::Sweep(found) => {
                        let block = |run| block(run, report.properties, palette);
                        out.extend(found.failures().map(|run| format!("\n{}", block(run))));
                    }
                    Entry::Campaign(campaign) => {
                        let _ = write!(out, "\n{}", campaign_text(campaign, palette));
                    }
                    Entry::Invalid(invalid) => {
                        for diagnostic in &invalid.diagnostics {
                            let _ = writeln!(out, "\n{}", diagnostic.trim_end());
                        }
                    }
                }
            }
            if entries.len() > 1 {
                let _ = writeln!(out, "\n{}", tally(report, palette));
            }
        }
    }
    out
}

/// One line for each scenario, in columns.
fn lines(entries: &[Entry], palette: &Palette, out: &mut String) {
    use Side::{Left, Right};
    let plain = Paint::default();
    let sides = [Left, Left, Right, Left, Right, Right, Right, Right, Left, Left];
    let mut table = Table::new(&sides);
    let swept = entries.iter().any(|e| matches!(e, Entry::Sweep(_)));
    let (seed, time) = if swept { ("seeds", "runs") } else { ("seed", "virtual time") };
    let titles = ["", "scenario", seed, "digest", "occurrences", "events", time, "checks"];
    if entries.iter().any(|entry| !matches!(entry, Entry::Invalid(_))) {
        table.row(titles.map(|title| (title.to_owned(), &palette.faint)).to_vec());
    }
    for entry in entries {
        let verdict = (word(entry).to_owned(), colour(entry.verdict(), palette));
        let mut row = vec![verdict];
        let (cells, repeat, took) = match entry {
            // It has lines of its own.
            Entry::Campaign(_) => continue,
            Entry::Run(run) => {
                let cells = vec![
                    run.subject.name.clone(),
                    run.request.seed.to_string(),
                    format!("{:016x}", run.digest),
                    grouped(run.occurrences),
                    grouped(run.events),
                    run.ended_at.to_string(),
                    grouped(run.checks()),
                ];
                (cells, run.repeat.as_ref().map(|found| repeated(found).to_owned()), run.took)
            }
            Entry::Sweep(sweep) => {
                let from = sweep.request.seed;
                let cells = vec![
                    sweep.subject.name.clone(),
                    format!("{from}..{}", from.wrapping_add(sweep.asked)),
                    format!("{:016x}", sweep.digest),
                    grouped(sweep.occurrences),
                    grouped(sweep.events),
                    grouped(sweep.runs),
                    grouped(sweep.checks),
                ];
                let repeated = format!("{} repeat", grouped(sweep.repeated));
                (cells, sweep.request.repeat.then_some(repeated), sweep.took)
            }
            Entry::Invalid(invalid) => (vec![printable(&invalid.file).into_owned()], None, None),
        };
        let took = took.map(|took| format!("took {took:.3?}"));
        row.extend(cells.into_iter().chain(repeat).chain(took).map(|cell| (cell, &plain)));
        table.row(row);
    }
    table.write(0, out);
}

/// The verdict in a word; of a run that fails as its file says, that it fails.
fn word(entry: &Entry) -> &'static str {
    match entry {
        Entry::Run(run) if run.fails_by().is_some() => FAILS,
        _ => entry.verdict().word(),
    }
}

/// The word for a run that fails as its file says.
const FAILS: &str = "fails";

pub(super) fn block(run: &RunOutcome, properties: Properties, palette: &Palette) -> String {
    heading(run, palette) + &findings(run, properties, palette)
}

/// The first line about a run: the scenario and the seed. The [`findings`] follow it.
///
/// ```
/// use jetlag::domains::Flights;
/// use jetlag::report::{Palette, Properties, findings, heading};
/// use jetlag::scenario::Scenario;
/// use jetlag::session::{RunRequest, run};
///
/// let text = Scenario::<Flights>::template("last seat").unwrap();
/// let scenario = Scenario::<Flights>::load("last_seat.ron", text.as_bytes()).unwrap();
/// let run = run(&scenario, &RunRequest::of_seed(7));
/// assert!(heading(&run, &Palette::default()).starts_with("last seat   seed 7   scenario "));
/// let findings = findings(&run, Properties::Counted, &Palette::default());
/// assert!(findings.starts_with("  held     "));
/// ```
pub fn heading(run: &RunOutcome, palette: &Palette) -> String {
    let name = palette.strong.on(&run.subject.name);
    let (seed, fingerprint) = (run.request.seed, run.subject.fingerprint);
    let version = env!("CARGO_PKG_VERSION");
    format!("{name}   seed {seed}   scenario {fingerprint:06x}   jetlag {version}\n")
}

/// The results of one run: first what went wrong, then what happened, then the command that replays it.
pub fn findings(run: &RunOutcome, properties: Properties, palette: &Palette) -> String {
    let mut out = String::new();
    reproduction(run, palette, &mut out);
    for violated in &run.violations {
        violation(violated, palette, &mut out);
    }
    if let Some(property) = run.fails_by() {
        let _ = writeln!(out, "\n  as the file says: fails by {property}");
    }
    for each in &run.missed {
        missed(&run.subject.file, each, palette, &mut out);
    }
    if let Some(Repeat::Different { digest, first_difference }) = &run.repeat {
        let _ = writeln!(
            out,
            "\nThe second run has the digest {digest:016x}: this is a bug in Jetlag itself.\n\
             {first_difference}"
        );
    }
    if let Some(broken) = &run.broken {
        broken_text(run, broken, palette, &mut out);
    }
    let is_open = run.verdict() == Verdict::Open && run.broken.is_none() && !is_other_run(run);
    if is_open || run.unrest.is_some() {
        unrest(run, palette, &mut out);
    }
    if !out.is_empty() {
        out.push('\n');
    }
    properties.write(run, palette, &mut out);
    faults(run, &mut out);
    views(run, palette, &mut out);
    figures(run, palette, &mut out);
    if run.verdict() != Verdict::Held {
        if let Some(command) = shrink_command(run) {
            let _ = writeln!(out, "  shrink   {command}");
        }
        let command = next_command(run);
        let _ = writeln!(out, "  replay   {}", palette.strong.on(command));
    }
    out
}

/// A line for each fault and node at which it fired, and for each scripted fault that never fired.
fn faults(run: &RunOutcome, out: &mut String) {
    let plain = Paint::default();
    let mut table = Table::new(&[]);
    let mut row = |cells: [String; 6]| table.row(cells.map(|cell| (cell, &plain)).to_vec());
    let fault = "fault".to_owned();
    for FiredEntry { fault: Fault { name, .. }, node, kind: _, asked, fired, seen } in &run.fired {
        let (fired, seen) =
            (format!("fired {}", grouped(*fired)), format!("seen {}", grouped(*seen)));
        row([fault.clone(), (*name).to_owned(), node.clone(), times(*asked), fired, seen]);
    }
    for ScriptedEntry { record, node, to } in &run.scripted {
        if record.fired == 0 {
            let ScriptedFault { fault: Fault { name, .. }, times: asked, .. } = record.asked;
            let node = node.as_ref().or(to.as_ref()).map_or("anywhere", String::as_str).to_owned();
            let never = "never fired".to_owned();
            row([fault.clone(), (*name).to_owned(), node, times(asked), never, String::new()]);
        }
    }
    table.write(2, out);
}

/// How often the script asks for a fault; 0 if the seed drew it.
fn times(asked: u64) -> String {
    match asked {
        0 => "drawn".to_owned(),
        u64::MAX => "asked at every opportunity".to_owned(),
        times => format!("asked {}", counted(times, "time")),
    }
}

fn figures(run: &RunOutcome, palette: &Palette, out: &mut String) {
    let mut parts = vec![
        format!("digest {:016x}", run.digest),
        counted(run.occurrences, "occurrence"),
        counted(run.events, "event"),
        counted(run.checks(), "check"),
        format!("{} at {}", run.stop, run.ended_at),
    ];
    parts.extend(run.repeat.as_ref().map(|repeat| repeated(repeat).to_owned()));
    parts.extend(run.took.map(|took| format!("took {took:.3?}")));
    let _ = writeln!(out, "  {}", palette.faint.on(parts.join(" · ")));
}

fn missed(file: &str, missed: &Missed, palette: &Palette, out: &mut String) {
    let word = match missed.what {
        Awaited::Sight => "MISSED",
        Awaited::Fault => "NEVER FIRED",
    };
    let _ = writeln!(out, "\n{}  {}", palette.bad.on(word), missed.says);
    for line in &missed.instead {
        let _ = writeln!(out, "  {line}");
    }
    let _ = writeln!(out, "  {}", palette.faint.on(missed.place(&printable(file))));
}

/// `8 scenarios: 6 held, 1 fails, 1 FAILED`.
pub(super) fn tally(report: &Report, palette: &Palette) -> String {
    let mut counts: BTreeMap<(Verdict, &str), usize> = BTreeMap::new();
    for entry in &report.entries {
        *counts.entry((entry.verdict(), word(entry))).or_default() += 1;
    }
    // `held` stands before `fails`.
    let words = Verdict::ALL.into_iter().flat_map(|kind| [(kind, kind.word()), (kind, FAILS)]);
    let words = words.filter_map(|(kind, word)| {
        let count = counts.get(&(kind, word))?;
        Some(colour(kind, palette).on(format!("{count} {word}")))
    });
    let words: Vec<String> = words.collect();
    let all = counted(report.entries.len() as u64, "scenario");
    format!("{all}: {}", words.join(", "))
}

pub(super) fn colour(verdict: Verdict, palette: &Palette) -> &Paint {
    match verdict {
        Verdict::Held => &palette.good,
        Verdict::Failed | Verdict::Invalid | Verdict::Unrepeatable | Verdict::Bug => &palette.bad,
        Verdict::Interrupted | Verdict::Open => &palette.doubtful,
    }
}

fn repeated(repeat: &Repeat) -> &'static str {
    match repeat {
        Repeat::Same => "repeats",
        Repeat::Different { .. } => "DIFFERS",
    }
}
