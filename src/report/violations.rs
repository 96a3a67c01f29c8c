//! Violations as text: what is wrong, what led to it, and what follows from it.

use std::fmt::Write;

use super::palette::{Paint, Palette};
use super::table::{Side, Table};
use crate::model::grouped;
use crate::session::{Violated, Why};

/// How many lines of a long explanation are printed from its beginning, and from its end.
const WHY_MAX: usize = 6;

pub(super) fn violation(violated: &Violated, palette: &Palette, out: &mut String) {
    let (word, property) = (palette.bad.on("VIOLATED"), palette.strong.on(violated.property));
    let _ = writeln!(out, "\n{word}  {property}: {}", violated.says);
    if let Some(last_seen) = &violated.last_seen {
        let _ = writeln!(out, "  {}  {last_seen}", palette.faint.on("last seen"));
    }
    like_it(violated, palette, out);
    why(&violated.why, palette, out);
    let _ = writeln!(out, "    ✗  at {}, step {}", violated.at, violated.step);
    also(violated, palette, out);
}

/// The lines that led to a violation.
fn why(lines: &[Why], palette: &Palette, out: &mut String) {
    let plain = Paint::default();
    let mut table = Table::new(&[Side::Left, Side::Right, Side::Right]);
    let omitted = lines.len().saturating_sub(2 * WHY_MAX);
    let (first, last) = lines.split_at(if omitted == 0 { lines.len() } else { WHY_MAX });
    let last = &last[omitted..];
    let mut row = |word: &str, line: &Why| {
        table.row(vec![
            (word.to_owned(), &palette.faint),
            (line.step.to_string(), &plain),
            (line.at.to_string(), &plain),
            (line.who.clone(), &plain),
            (line.what.clone(), &plain),
        ]);
    };
    let gap = format!("  … {omitted} more");
    for (lines, word) in [(first, "why"), (last, gap.as_str())] {
        for (index, line) in lines.iter().enumerate() {
            row(if index == 0 { word } else { "  →" }, line);
        }
    }
    table.write(2, out);
}

/// The other violations of the property that have the same cause.
fn like_it(violated: &Violated, palette: &Palette, out: &mut String) {
    if violated.others == 0 {
        return;
    }
    let shown = violated.like_it.iter().map(String::as_str);
    let unshown = violated.others - violated.like_it.len() as u64;
    let unshown = (unshown > 0).then(|| format!("… {} more", grouped(unshown)));
    let mut word = "like it";
    for says in shown.chain(unshown.as_deref()) {
        let _ = writeln!(out, "  {}  {says}", palette.faint.on(format!("{word:9}")));
        word = "";
    }
}

/// What follows from a violation.
fn also(violated: &Violated, palette: &Palette, out: &mut String) {
    let plain = Paint::default();
    let mut table = Table::new(&[]);
    for (index, also) in violated.also.iter().enumerate() {
        let times = match also.count {
            1 => String::new(),
            count => format!(" ({count})"),
        };
        table.row(vec![
            (if index == 0 { "also" } else { "" }.to_owned(), &palette.faint),
            (format!("{}{times}", also.property), &palette.bad),
            (also.says.clone(), &plain),
        ]);
    }
    table.write(2, out);
    if !violated.also.is_empty() {
        let it = if violated.also.len() == 1 { "a consequence" } else { "consequences" };
        let _ = writeln!(
            out,
            "        {}",
            palette.faint.on(format!("({it} of {})", violated.property))
        );
    }
}
