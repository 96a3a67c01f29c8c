//! What was found in a history, as text.

use std::fmt::Write;

use super::palette::{Paint, Palette};
use super::table::{Side, Table};
use crate::history::{Breach, Checked, Conclusion, History, Judged, Known, Place};
use crate::model::{counted, grouped, printable};

/// What was found in a history, as text.
pub fn checked(checked: &Checked, palette: &Palette) -> String {
    let mut out = String::new();
    let History { inputs, .. } = &checked.history;
    let title = palette.strong.on("check");
    let names = inputs.iter().map(|(name, _)| printable(name)).collect::<Vec<_>>().join(" ");
    let lines = counted(inputs.iter().map(|(_, lines)| lines).sum(), "line");
    let _ = writeln!(out, "{title}   {names}   {lines}   jetlag {}", env!("CARGO_PKG_VERSION"));
    violated(checked, palette, &mut out);
    held(checked, palette, &mut out);
    undecided(checked, palette, &mut out);
    unjudged(checked, palette, &mut out);
    conclusion(checked, palette, &mut out);
    out
}

/// Each property that is violated, with the lines that show it.
fn violated(checked: &Checked, palette: &Palette, out: &mut String) {
    let History { findings, .. } = &checked.history;
    for judged in checked.with(Known::Violated) {
        let (word, property) = (palette.bad.on("VIOLATED"), palette.strong.on(judged.property));
        let broken = grouped(judged.broken());
        let _ = writeln!(out, "\n  {word}  {property}   {broken} of {}", facts(judged.facts()));
        let breaches = findings.breaches.iter();
        let own = breaches.filter(|breach| breach.clause.property() == judged.property);
        let mut shown = 0;
        for Breach { says, lines, .. } in own {
            let says = printable(says);
            let _ = match lines.split_last() {
                None => writeln!(out, "    {says}"),
                Some((at, [])) => writeln!(out, "    {}: {says}", place(checked, *at)),
                Some((at, earlier)) => {
                    let earlier: Vec<_> = earlier.iter().map(|at| place(checked, *at)).collect();
                    let earlier = palette.faint.on(format!("(see {})", earlier.join(", ")));
                    writeln!(out, "    {}: {says} {earlier}", place(checked, *at))
                }
            };
            shown += 1;
        }
        if judged.broken() > shown {
            let more = grouped(judged.broken() - shown);
            let _ = writeln!(out, "    {}", palette.faint.on(format!("… and {more} more")));
        }
    }
}

fn place(checked: &Checked, at: Place) -> String {
    let name = &checked.history.inputs[at.input()].0;
    format!("{}:{}", printable(name), at.line())
}

fn facts(count: u64) -> String {
    counted(count, "fact")
}

/// Each property that holds, with what was judged of it.
fn held(checked: &Checked, palette: &Palette, out: &mut String) {
    let plain = Paint::default();
    let mut table = Table::new(&[Side::Left; 3]);
    for judged in checked.with(Known::Held) {
        let (held, property) = (("held".to_owned(), &palette.good), judged.property.to_owned());
        table.row(vec![held, (property, &plain), (judged_of(judged), &palette.faint)]);
    }
    if checked.with(Known::Held).next().is_some() {
        out.push('\n');
        table.write(2, out);
    }
}

/// Each property that could not be decided.
fn undecided(checked: &Checked, palette: &Palette, out: &mut String) {
    for judged in checked.with(Known::NotDecided) {
        let (word, property) = (palette.doubtful.on("not decided"), judged.property);
        let of = judged.facts().saturating_add(judged.undecided);
        let count = grouped(judged.undecided);
        let _ = writeln!(
            out,
            "\n  {word}  {property}   {count} of {} would take too much work",
            facts(of)
        );
    }
}

/// How many facts each clause has judged.
fn judged_of(judged: &Judged) -> String {
    let some = judged.clauses.iter().filter(|(_, facts, _)| *facts > 0);
    some.map(|(clause, facts, _)| format!("{}: {}", clause.word(), grouped(*facts)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// What was not judged, and why.
fn unjudged(checked: &Checked, palette: &Palette, out: &mut String) {
    let plain = Paint::default();
    let mut table = Table::new(&[Side::Left; 2]);
    let mut count = 0;
    for judged in checked.with(Known::NotObservable) {
        let mut needs: Vec<&str> =
            judged.clauses.iter().map(|(clause, ..)| clause.needs()).collect();
        needs.dedup();
        let needs = needs.join("; or ");
        let is_required = checked.required.contains(&judged.property);
        let paint = if is_required { &palette.doubtful } else { &plain };
        let needs = (format!("needs {needs}"), &palette.faint);
        table.row(vec![(judged.property.to_owned(), paint), needs]);
        count += 1;
    }
    if count > 0 {
        let _ = writeln!(out, "\n  {}", palette.doubtful.on(format!("not observable: {count}")));
        table.write(4, out);
    }
    let partly =
        checked.with(Known::Held).chain(checked.with(Known::Violated)).flat_map(|judged| {
            let none = judged.clauses.iter().filter(|(_, facts, _)| *facts == 0);
            none.map(|(clause, ..)| *clause)
        });
    let mut table = Table::new(&[Side::Left; 3]);
    let mut count = 0;
    for clause in partly {
        let property = (clause.property().to_owned(), &plain);
        let word = (clause.word().to_owned(), &plain);
        table.row(vec![property, word, (format!("needs {}", clause.needs()), &palette.faint)]);
        count += 1;
    }
    if count > 0 {
        let _ = writeln!(
            out,
            "\n  {}",
            palette.doubtful.on(format!("judged in part: {count} left out"))
        );
        table.write(4, out);
    }
}

fn conclusion(checked: &Checked, palette: &Palette, out: &mut String) {
    let count = |known| checked.with(known).count();
    let paint = match checked.conclusion() {
        Conclusion::Held => &palette.good,
        Conclusion::Violated => &palette.bad,
        Conclusion::NotJudged => &palette.doubtful,
    };
    let word = match checked.conclusion() {
        Conclusion::Held => "held",
        Conclusion::Violated => "violated",
        Conclusion::NotJudged => "no verdict",
    };
    let mut counts = format!(
        "{} violated, {} held, {} not observable",
        count(Known::Violated),
        count(Known::Held),
        count(Known::NotObservable)
    );
    if checked.with(Known::NotDecided).next().is_some() {
        let _ = write!(counts, ", {} not decided", count(Known::NotDecided));
    }
    if !checked.excepted.is_empty() {
        let _ = write!(counts, ", {} excepted", count(Known::Excepted));
    }
    let _ = writeln!(out, "\n  {}   {counts}", paint.on(word));
    let missing: Vec<_> = checked.missing().map(|judged| judged.property).collect();
    if !missing.is_empty() {
        let _ = writeln!(out, "  required and not observable: {}", missing.join(", "));
    }
    if checked.history.inputs.iter().all(|(_, lines)| *lines == 0) {
        let _ = writeln!(out, "  there is no line at all: look at what the export has printed");
    }
    let History { is_at_rest, is_ordered, .. } = checked.history;
    if !is_at_rest {
        let _ = writeln!(out, "  in progress: what must hold at the end was not judged");
    }
    if !is_ordered {
        let _ = writeln!(out, "  not ordered: what came first in different files was not judged");
    }
}
