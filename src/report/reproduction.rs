//! How a run compares with its capsule, in each format.

use std::fmt::Write;

#[cfg(feature = "cli")]
use super::object::object;
use super::palette::Palette;
use crate::model::printable;
use crate::session::{Reproduced, Reproduction, RunOutcome};

/// Whether a run replays a capsule and ends in another way.
pub(super) fn is_other_run(run: &RunOutcome) -> bool {
    run.reproduction.as_ref().is_some_and(|found| found.result == Reproduced::Not)
}

/// How many entries without an effect are named.
const NAMED_MAX: usize = 6;

/// What became of a capsule, and what differs.
pub(super) fn reproduction(run: &RunOutcome, palette: &Palette, out: &mut String) {
    let Some(found) = &run.reproduction else { return };
    let paint = match found.result {
        Reproduced::Exactly => &palette.good,
        Reproduced::InEffect | Reproduced::Not => &palette.doubtful,
        Reproduced::Broken => &palette.bad,
    };
    let word = found.result.says().to_uppercase();
    let _ = writeln!(out, "\n{}  {}", paint.on(word), expected(found));
    for line in lines(found) {
        let _ = writeln!(out, "  {line}");
    }
}

/// The same as lines without colour, for formats that hold a text.
#[cfg(feature = "cli")]
pub(super) fn plain(found: &Reproduction) -> String {
    let head = format!("{}; {}", found.result.says(), expected(found));
    std::iter::once(head).chain(lines(found)).collect::<Vec<_>>().join("\n")
}

fn expected(found: &Reproduction) -> String {
    format!("expected: {}", printable(&found.expected))
}

/// What differs. Of the entries without effect the first are named.
fn lines(found: &Reproduction) -> Vec<String> {
    let more = found.unused.len().saturating_sub(NAMED_MAX);
    let named = if more > 1 { NAMED_MAX } else { found.unused.len() };
    let shown = Reproduction { unused: found.unused[..named].to_vec(), ..found.clone() };
    let mut lines: Vec<String> =
        shown.differs().map(|line| printable(&line).into_owned()).collect();
    if more > 1 {
        lines.push(format!("and {more} more entries without effect"));
    }
    lines
}

#[cfg(feature = "cli")]
object!(pub(crate) ReproductionDoc(found: Reproduction) {
    result: found.result.says().replace(' ', "_"),
    expected: found.expected,
    ends: found.ends,
    changed: found.changed,
    departs: found.departs,
    unused: found.unused,
});
