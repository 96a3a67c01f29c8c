//! The properties of a run: counted on one line, or listed.

use std::fmt::Write;

use super::palette::{Paint, Palette};
use super::table::{Side, Table};
use super::wrapped::wrapped;
use crate::model::{counted, grouped};
use crate::session::{RunOutcome, Standing};

/// How the properties of a run are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Properties {
    /// On one line.
    #[default]
    Counted,
    /// A line for each that was exercised, with the number of its checks; the others by name.
    Listed,
}

/// The width of the list of properties that were not exercised.
const WIDTH: usize = 80;

impl From<bool> for Properties {
    /// Whether they are listed.
    fn from(listed: bool) -> Self {
        if listed { Self::Listed } else { Self::Counted }
    }
}

impl Properties {
    pub(super) fn write(self, run: &RunOutcome, palette: &Palette, out: &mut String) {
        match self {
            Self::Counted => count(run, palette, out),
            Self::Listed => list(run, palette, out),
        }
    }
}

/// `held     21 properties in 311 checks, 9 not exercised`.
fn count(run: &RunOutcome, palette: &Palette, out: &mut String) {
    let count =
        |standing| run.checks.iter().filter(|one| run.standing(one) == standing).count() as u64;
    let (held, unexercised) = (count(Standing::Held), count(Standing::NotExercised));
    let undecided = run.checks.iter().filter(|one| one.undecided > 0).count() as u64;
    let checks = counted(run.checks(), "check");
    let word = palette.good.on("held");
    let _ = write!(out, "  {word}     {} in {checks}", counted(held, "property"));
    if unexercised > 0 {
        let _ = write!(out, ", {} not exercised", grouped(unexercised));
    }
    if undecided > 0 {
        let _ = write!(out, ", {} {}", grouped(undecided), palette.doubtful.on("not decided"));
    }
    out.push('\n');
}

fn list(run: &RunOutcome, palette: &Palette, out: &mut String) {
    let plain = Paint::default();
    let mut table = Table::new(&[Side::Left, Side::Left, Side::Right]);
    let mut unexercised = Vec::new();
    for checked in &run.checks {
        let (word, paint) = match run.standing(checked) {
            Standing::Violated(_) | Standing::Follows(..) => ("VIOLATED", &palette.bad),
            Standing::NotExercised => {
                unexercised.push(checked.property);
                continue;
            }
            Standing::NotDecided(_) => ("not decided", &palette.doubtful),
            Standing::Held => ("held", &palette.good),
        };
        table.row(vec![
            (word.to_owned(), paint),
            (checked.property.to_owned(), &plain),
            (counted(checked.checks, "check"), &plain),
        ]);
    }
    table.write(2, out);
    if !unexercised.is_empty() {
        let _ = writeln!(out, "  {}", palette.doubtful.on("not exercised"));
        out.push_str(&wrapped(&unexercised.join(", "), 4, WIDTH));
    }
}
