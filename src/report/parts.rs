//! The parts of a run, in words: what customers do, faults, waits, delays and draws.

use super::palette::{Paint, Palette};
use super::table::Table;
use crate::capsule::{FaultChoice, File, HoldChoice, Line, Occurrence, size_text};
use crate::kernel::{ChoiceKey, Span};
use crate::model::{counted, printable};
use crate::session::{Lexicon, kind_name, site_name};
use crate::shrink::{Element, Without, WithoutIt};

/// The most delays and draws that have a row of their own.
const SMALL_MAX: usize = 20;

/// One part of a run: the kind of part, and what it is.
pub(super) type Said = (&'static str, String);

/// What the parts of a run are. The capsule has the same ones in the same order.
pub(super) fn said(parts: &[Without], capsule: &File, lexicon: &dyn Lexicon) -> Vec<Said> {
    let deeds = lexicon.deeds();
    let (mut lines, mut faults, mut holds) =
        (capsule.script.iter().flatten(), capsule.faults.iter(), capsule.holds.iter());
    let one = |part: &Without| match &part.element {
        Element::Line(_) => {
            ("given", lines.next().map_or_else(String::new, |line| deed(line, &deeds)))
        }
        Element::Arrival(number) => ("given", format!("arrival {number} of the workload")),
        Element::Fault(..) => {
            let says = faults.next().map_or_else(String::new, fault);
            ("fault", says + &also(part, lexicon))
        }
        Element::Hold(_) => ("order", holds.next().map_or_else(String::new, hold)),
        Element::Delay(key, late) => {
            let late = Span::from_micros(*late);
            ("delay", format!("{}: {late} more than the least", message(key, lexicon)))
        }
        Element::Draw(key, value) => {
            let node = node(lexicon, key.actor.to.index());
            ("draw", format!("{} at {node}{}: {value}", site_name(key.site), about(key, lexicon)))
        }
    };
    parts.iter().map(one).collect()
}

/// Adds a row for each part to a table: what it is, and how the run ends without it.
pub(super) fn rows<'a>(
    parts: &[Without],
    said: &[Said],
    palette: &'a Palette,
    plain: &'a Paint,
    table: &mut Table<'a>,
) {
    let is_small = |part: &&Without| matches!(part.element, Element::Delay(..) | Element::Draw(..));
    let small = parts.iter().filter(is_small).count();
    let mut row = |word: &str, says: &str, without: String| {
        table.row(vec![
            (word.to_owned(), &palette.strong),
            (printable(says).into_owned(), plain),
            (without, &palette.faint),
        ]);
    };
    for (part, (word, says)) in parts.iter().zip(said) {
        if small <= SMALL_MAX || !is_small(&part) {
            row(word, says, without_it(part));
        }
    }
    if small > SMALL_MAX {
        row("also", &counted(small as u64, "delay or draw"), String::new());
    }
}

/// `, or 60s`: the other sizes of a fault with which the run fails in the same way.
fn also(part: &Without, lexicon: &dyn Lexicon) -> String {
    let Element::Fault(key, _) = part.element else { return String::new() };
    let kind = lexicon.all_faults().into_iter().find(|kind| kind.site == key.site);
    let sizes = kind.map_or_else(Vec::new, |kind| {
        part.also.iter().map(|size| size_text(kind.unit, *size)).collect()
    });
    if sizes.is_empty() { String::new() } else { format!(", or {}", sizes.join(", ")) }
}

/// How a run ends without a part.
fn without_it(part: &Without) -> String {
    let says = |ends: &WithoutIt| match ends {
        WithoutIt::Holds => "without it: holds".to_owned(),
        WithoutIt::Other(other) => format!("without it: {}", printable(&other.property)),
        WithoutIt::Same | WithoutIt::Scripted(_) => "without it: the same".to_owned(),
    };
    match &part.ends {
        None => String::new(),
        Some(WithoutIt::Scripted(ends)) => format!("{}, scripted by the file", says(ends)),
        Some(ends) => says(ends),
    }
}

fn deed(line: &Line, deeds: &[String]) -> String {
    let nth = usize::try_from(line.line).ok().and_then(|nth| nth.checked_sub(1));
    let does = nth.and_then(|nth| deeds.get(nth)).map_or("", String::as_str);
    format!("{}: {does}", line.who)
}

fn fault(fault: &FaultChoice) -> String {
    let FaultChoice { fault, at, from, during, about, nth, size, of: _ } = fault;
    let size = size.as_ref().map_or_else(String::new, |size| format!(" {size}"));
    let from = from.as_ref().map_or_else(String::new, |from| format!(" from {from}"));
    let during = during.as_ref().map_or_else(String::new, |kind| format!(": {kind} {nth}{from}"));
    format!("{}{size} at {at}{during}{}", fault.0, about_says(about.as_deref()))
}

fn hold(hold: &HoldChoice) -> String {
    format!("{} waits for {}", delivery(&hold.hold), delivery(&hold.until))
}

fn delivery(one: &Occurrence) -> String {
    let Occurrence { message, from, to, about, nth } = one;
    let from = from.as_ref().map_or_else(String::new, |from| format!(" from {from}"));
    format!("{message} {nth}{from} to {to}{}", about_says(about.as_deref()))
}

fn message(key: &ChoiceKey, lexicon: &dyn Lexicon) -> String {
    let [from, to] = [key.actor.from, key.actor.to].map(|of| node(lexicon, of.index()));
    let kind = kind_name(key.actor.kind);
    format!("{kind} {} from {from} to {to}{}", key.nth, about(key, lexicon))
}

fn node(lexicon: &dyn Lexicon, number: usize) -> String {
    lexicon.nodes().get(number).cloned().unwrap_or_default()
}

fn about(key: &ChoiceKey, lexicon: &dyn Lexicon) -> String {
    let name = lexicon.entity_name(key.entity);
    about_says(Some(&*name).filter(|name| !name.is_empty()))
}

fn about_says(about: Option<&str>) -> String {
    about.map_or_else(String::new, |about| format!(" about {about}"))
}
