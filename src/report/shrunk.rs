//! A shrunk failure for people: what is given, what goes wrong, and what happens without each part.

use std::fmt::Write;

use super::palette::{Paint, Palette};
use super::parts::{rows, said};
use super::table::{Side, Table};
use crate::capsule::Expected;
use crate::model::{counted, printable};
use crate::session::Lexicon;
use crate::shrink::{Ended, Indifferent, Shrunk};

/// The most values that do not matter which are named.
const VALUES_MAX: usize = 8;

/// What is left of a failure, and what does not matter to it, as text. `path` is that of its capsule, `command` the name of the command.
pub fn shrunk(
    (shrunk, any): (&Shrunk, &[Indifferent]),
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
    let mut table = Table::new(&[Side::Left; 3]);
    let said = said(&shrunk.elements, capsule, lexicon);
    rows(&shrunk.elements, &said, palette, &plain, &mut table);
    table.write(2, &mut out);
    let word = palette.strong.on("any");
    for Indifferent { way, value, others } in any.iter().take(VALUES_MAX) {
        let says = printable(&format!("{way}: {value}, or {}", others.join(", "))).into_owned();
        let _ = writeln!(out, "  {word}    {says}");
    }
    if let more @ 1.. = any.len().saturating_sub(VALUES_MAX) {
        let _ = writeln!(out, "  {word}    {} of the file", counted(more as u64, "other value"));
    }
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
        Ended::OutOfReplays => {
            "no more were allowed (--replays): parts that are left may not be needed"
        }
        Ended::Interrupted => "interrupted: parts that are left may not be needed",
    };
    let _ = writeln!(out, "  {}; {ended}", counted(shrunk.replays.into(), "run"));
    let _ = writeln!(out, "  replay   {command} replay {path}");
    out
}
