//! How a run compares with its capsule, as text.

use std::fmt::Write;

use super::palette::Palette;
use crate::model::printable;
use crate::session::{Reproduced, RunOutcome};

/// Whether a run replays a capsule and ends in another way.
pub(super) fn is_other_run(run: &RunOutcome) -> bool {
    run.reproduction.as_ref().is_some_and(|found| found.result == Reproduced::Not)
}

/// What became of a capsule, and what differs.
pub(super) fn reproduction(run: &RunOutcome, palette: &Palette, out: &mut String) {
    let Some(found) = &run.reproduction else { return };
    let (paint, word) = match found.result {
        Reproduced::Exactly => (&palette.good, "REPRODUCED"),
        Reproduced::InEffect => (&palette.doubtful, "REPRODUCED IN EFFECT"),
        Reproduced::Not => (&palette.doubtful, "NOT REPRODUCED"),
        Reproduced::Broken => (&palette.bad, "BROKEN AGAIN"),
    };
    let expected = printable(&found.expected).into_owned();
    let _ = writeln!(out, "\n{}  expected: {expected}", paint.on(word));
    for line in &found.differs {
        let _ = writeln!(out, "  {}", printable(line));
    }
}
