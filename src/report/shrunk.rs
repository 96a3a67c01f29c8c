//! A shrunk failure for people: what is given, what goes wrong, and what happens without each part.

use std::fmt::Write;

use super::palette::{Paint, Palette};
use super::table::{Side, Table};
use crate::capsule::{Delays, Draws, Expected, FaultChoice, HoldChoice, Line, Occurrence};
use crate::model::{counted, printable};
use crate::session::Lexicon;
use crate::shrink::{Element, Ended, Shrunk, Without, WithoutIt};

/// What is left of a failure, as text. `path` is that of its capsule, `command` the name of the command.
pub fn shrunk(
    shrunk: &Shrunk,
    lexicon: &dyn Lexicon,
    (command, path): (&str, &str),
    palette: &Palette,
) -> String {
    let mut out = String::new();
    let capsule = &shrunk.capsule.file;
    if let Expected::Fails { .. } = capsule.expect {
        let says = printable(&capsule.expect.to_string()).into_owned();
        let _ = writeln!(out, "{}  {says}\n", palette.bad.on("SHRUNK"));
    }
    let plain = Paint::default();
    let mut table = Table::new(&[Side::Left, Side::Left, Side::Left]);
    let mut row = |word: &str, says: String, without: Option<&Without>| {
        let without = without.map_or_else(String::new, without_it);
        table.row(vec![
            (word.to_owned(), &palette.strong),
            (printable(&says).into_owned(), &plain),
            (without, &palette.faint),
        ]);
    };
    let of = |is_it: fn(&Element) -> bool| {
        shrunk.elements.iter().filter(move |without| is_it(&without.element))
    };
    let deeds = lexicon.deeds();
    let given = capsule.script.iter().flatten();
    for (line, without) in given.zip(of(|element| matches!(element, Element::Line(_)))) {
        row("given", deed(line, &deeds), Some(without));
    }
    if let Some(arrivals) = capsule.arrivals.as_ref().filter(|arrivals| !arrivals.is_empty()) {
        row("given", counted(arrivals.len() as u64, "arrival"), None);
    }
    for (fault, without) in capsule.faults.iter().zip(of(|e| matches!(e, Element::Fault(..)))) {
        row("fault", fault_says(fault), Some(without));
    }
    for (hold, without) in capsule.holds.iter().zip(of(|e| matches!(e, Element::Hold(_)))) {
        row("order", hold_says(hold), Some(without));
    }
    for Delays { message, from, to, about, by, .. } in &capsule.delays {
        let times: Vec<String> = by.iter().map(|(nth, us)| format!("{nth}: {us} µs")).collect();
        let about = about_says(about.as_deref());
        let times = times.join(", ");
        row("delay", format!("{message} from {from} to {to}{about}, {times}"), None);
    }
    for Draws { draw, at, about, values, .. } in &capsule.draws {
        let about = about_says(about.as_deref());
        row(
            "draw",
            format!("{draw} at {at}{about}, {}", counted(values.len() as u64, "value")),
            None,
        );
    }
    table.write(2, &mut out);
    let before = shrunk.before;
    let after = shrunk.sizes();
    let _ = writeln!(
        out,
        "\n  {} → {} operations, {} → {} faults, {} → {} waits, {} → {} delays and draws, {} → {} occurrences",
        before.operations,
        after.operations,
        before.faults,
        after.faults,
        before.holds,
        after.holds,
        before.draws,
        after.draws,
        before.occurrences,
        after.occurrences,
    );
    let ended = match shrunk.ended {
        Ended::Minimal => "no part can be left out",
        Ended::OutOfReplays => "no more are allowed: parts that are left may not be needed",
        Ended::Interrupted => "interrupted: parts that are left may not be needed",
    };
    let _ = writeln!(out, "  {}; {ended}", counted(shrunk.replays.into(), "run"));
    let _ = writeln!(out, "  replay   {command} replay {path}");
    out
}

/// How a run ends without an element.
fn without_it(without: &Without) -> String {
    match &without.ends {
        None => String::new(),
        Some(WithoutIt::Holds) => "without it: holds".to_owned(),
        Some(WithoutIt::Other(other)) => format!("without it: {}", printable(&other.property)),
        Some(WithoutIt::Scripted) => "scripted by the file".to_owned(),
    }
}

fn deed(line: &Line, deeds: &[String]) -> String {
    let nth = usize::try_from(line.line).ok().and_then(|nth| nth.checked_sub(1));
    let does = nth.and_then(|nth| deeds.get(nth)).map_or("", String::as_str);
    format!("{}: {does}", line.who)
}

fn fault_says(fault: &FaultChoice) -> String {
    let FaultChoice { fault, at, from, during, about, nth, size, of: _ } = fault;
    let size = size.as_ref().map_or_else(String::new, |size| format!(" {size}"));
    let from = from.as_ref().map_or_else(String::new, |from| format!(" from {from}"));
    let during = during.as_ref().map_or_else(String::new, |kind| format!(": {kind} {nth}{from}"));
    format!("{}{size} at {at}{during}{}", fault.0, about_says(about.as_deref()))
}

fn hold_says(hold: &HoldChoice) -> String {
    format!("{} waits for {}", delivery(&hold.hold), delivery(&hold.until))
}

fn delivery(one: &Occurrence) -> String {
    let Occurrence { message, from, to, about, nth } = one;
    let from = from.as_ref().map_or_else(String::new, |from| format!(" from {from}"));
    format!("{message} {nth}{from} to {to}{}", about_says(about.as_deref()))
}

fn about_says(about: Option<&str>) -> String {
    about.map_or_else(String::new, |about| format!(" about {about}"))
}
