//! An explanation as text: the parts of a failed run, and its story beside that of a run that holds.

use std::fmt::Write;

use super::palette::{Paint, Palette};
use super::parts::{Said, rows, said};
use super::table::{Side, Table};
use super::wrapped::wrapped;
use crate::explain::{Baked, CONTINUATIONS, Explained, Pair};
use crate::model::{counted, printable};
use crate::session::{Lexicon, Violated};
use crate::shrink::Without;
use crate::trace::Line;

/// The width of each story.
const STORY: usize = 48;
/// One eighth of a bar after the other.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// An explanation, as text.
pub fn explained(explained: &Explained, lexicon: &dyn Lexicon, palette: &Palette) -> String {
    let mut out = String::new();
    let capsule = &explained.parts.capsule.file;
    let says = printable(&capsule.expect.to_string()).into_owned();
    let _ = writeln!(out, "{}  {says}\n", palette.bad.on("EXPLAINED"));
    let parts: Vec<Without> =
        explained.parts.parts.iter().map(|part| part.without.clone()).collect();
    let said = said(&parts, capsule, lexicon);
    let plain = Paint::default();
    let mut table = Table::new(&[Side::Left; 3]);
    rows(&parts, &said, palette, &plain, &mut table);
    table.write(2, &mut out);
    out.push('\n');
    out.push_str(&wrapped(&introduction(explained, &said), 2, STORY * 2));
    out.push('\n');
    stories(explained, palette, &mut out);
    if let Some(violated) = explained.outcome.violations.first() {
        let Violated { property, at, step, .. } = violated;
        let _ = writeln!(out, "\n  {}  {property}, at {at}, step {step}", palette.bad.on("✗"));
    } else if let Some(unrest) = &explained.outcome.unrest {
        let _ = writeln!(out, "\n  {}  {}", palette.bad.on("✗"), printable(&unrest.says));
    }
    baked(&explained.baked, &mut out);
    out
}

/// Which run holds, and how far the two are the same.
fn introduction(explained: &Explained, said: &[Said]) -> String {
    let Some(sibling) = &explained.sibling else {
        return "It fails without each of its parts as well, so that there is no run beside it. \
                What led to the failure:"
            .to_owned();
    };
    let (word, says) = &said[sibling.lacks];
    let (step, at) = sibling.differs_at;
    let lacks = match *word {
        "given" => "what a customer does",
        "fault" => "the fault",
        "order" => "the order",
        "delay" => "the delay",
        _ => "the draw",
    };
    format!(
        "The same run holds without {lacks} ({}). Both are the same up to step {step}, at {at}. \
         This led to the failure, and this happened instead:",
        printable(says)
    )
}

/// The two stories beside each other, or the one that there is.
fn stories(explained: &Explained, palette: &Palette, out: &mut String) {
    let plain = Paint::default();
    let mut table = Table::new(&[Side::Right, Side::Left, Side::Left]);
    let heads = ["step", "the run that holds", "the run that fails"];
    let both = explained.sibling.is_some();
    let shown = if both { &heads[..] } else { &[heads[0], heads[2]][..] };
    table.row(shown.iter().map(|head| ((*head).to_owned(), &palette.faint)).collect());
    for Pair { holds, fails } in &explained.pairs {
        let step = fails
            .as_ref()
            .or(holds.as_ref())
            .map_or_else(String::new, |line| line.step.to_string());
        let same = match (holds, fails) {
            (Some(holds), Some(fails)) => holds.at == fails.at,
            _ => false,
        };
        let cells =
            |line: &Option<Line>| line.as_ref().map_or_else(Vec::new, |line| told(line, both));
        let (left, right) = (cells(holds), cells(fails));
        let paint = if same { &palette.faint } else { &plain };
        for row in 0..left.len().max(right.len()) {
            let cell = |cells: &[String]| (cells.get(row).cloned().unwrap_or_default(), paint);
            let step = if row == 0 { step.clone() } else { String::new() };
            let mut cells = vec![(step, &palette.faint)];
            if both {
                cells.push(cell(&left));
            }
            cells.push(cell(&right));
            table.row(cells);
        }
    }
    table.write(2, out);
}

/// A line of a story in lines of limited width: time, who, what.
fn told(line: &Line, both: bool) -> Vec<String> {
    let width = if both { STORY } else { STORY * 2 };
    let text = format!("{}  {}: {}", line.at, line.speaker.name, line.text);
    wrapped(&printable(&text), 0, width)
        .lines()
        .enumerate()
        .map(|(nth, text)| if nth == 0 { text.to_owned() } else { format!("  {text}") })
        .collect()
}

/// How many continuations fail, from step to step.
fn baked(baked: &[Baked], out: &mut String) {
    let (Some(first), Some(last)) = (baked.first(), baked.last()) else { return };
    let bar = |baked: &Baked| match baked.failed {
        CONTINUATIONS => BARS[8],
        // Some is never shown as none, nor most as all.
        failed => BARS[(failed * 8).div_ceil(CONTINUATIONS).min(7) as usize],
    };
    let bars: String = baked.iter().map(bar).collect();
    let _ = writeln!(out, "\n  baked in  |{bars}|  steps {} to {}", first.step, last.step);
    let of = counted(CONTINUATIONS.into(), "run");
    let _ = writeln!(
        out,
        "            how many of {of} fail that go on from there with other latencies and no other faults"
    );
    // The first step from which on every continuation fails.
    let open = baked.iter().rposition(|baked| baked.failed < CONTINUATIONS);
    let _ = match baked.get(open.map_or(0, |open| open + 1)) {
        Some(Baked { step, at, .. }) => {
            writeln!(out, "            from step {step} on, at {at}, it fails in all of them")
        }
        None => writeln!(out, "            only what happens in the last step decides"),
    };
}
