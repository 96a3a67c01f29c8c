//! A scoreboard as text: a line for each defect and strategy, and the figures of all.

use std::fmt::Write;

use super::palette::{Paint, Palette};
use super::table::{Side, Table};
use crate::measure::{Board, Interval, Row, Summary};
use crate::model::{counted, grouped};

/// A scoreboard as text.
pub fn scoreboard(board: &Board, palette: &Palette) -> String {
    let mut out = String::new();
    let plain = Paint::default();
    let sides = [
        Side::Left,
        Side::Left,
        Side::Right,
        Side::Right,
        Side::Right,
        Side::Left,
        Side::Right,
        Side::Right,
        Side::Right,
    ];
    let mut table = Table::new(&sides);
    let heads =
        ["defect", "strategy", "found", "runs", "95 %", "first", "size", "replays", "seconds"];
    table.row(heads.iter().map(|head| ((*head).to_owned(), &palette.faint)).collect());
    let mut last = "";
    for row in board.rows() {
        let name = if row.defect == last { String::new() } else { row.defect.to_owned() };
        last = row.defect;
        let is_found = row.campaigns.1 > 0;
        let spoke = if row.named > 0 || !is_found { &plain } else { &palette.doubtful };
        let found = if is_found { &plain } else { &palette.bad };
        table.row(vec![
            (name, &palette.strong),
            (row.strategy.to_string(), &plain),
            (format!("{} of {}", row.campaigns.1, row.campaigns.0), found),
            (runs(row.runs.median), &plain),
            (interval(&row.runs), &plain),
            (property(&row), spoke),
            (size(row.deviations), &plain),
            (row.replays.map_or_else(String::new, |replays| replays.to_string()), &plain),
            (format!("{:.1}", row.seconds), &plain),
        ]);
    }
    table.write(2, &mut out);
    out.push('\n');
    summary(&board.summary(), &mut out);
    out
}

/// The number of runs; `–` if half of the campaigns or more found nothing.
fn runs(median: Option<u64>) -> String {
    median.map_or_else(|| "–".to_owned(), grouped)
}

fn interval(runs: &Interval) -> String {
    let of = |bound: Option<u64>| bound.map_or_else(|| "–".to_owned(), grouped);
    if runs.median.is_none() && runs.low.is_none() {
        return String::new();
    }
    format!("{} to {}", of(runs.low), of(runs.high))
}

/// The property that spoke first most often, with a mark if the list does not name it.
fn property(row: &Row) -> String {
    let name = row.property.clone().unwrap_or_default();
    let mark = if row.property.is_some() && row.named == 0 { " (not in the list)" } else { "" };
    name + mark
}

fn size(deviations: Option<(u64, u64)>) -> String {
    deviations.map_or_else(String::new, |(before, after)| format!("{before} → {after}"))
}

fn summary(summary: &Summary, out: &mut String) {
    let Summary { defects, within, enumerated, named, shrunk, replays, forms, worst } = summary;
    let share = |count: u64| format!("{count} of {}", counted(*defects, "defect"));
    for (most, count) in within {
        let most = grouped(*most);
        let _ = writeln!(out, "  the mixture finds {} within {most} runs", share(*count));
    }
    if let Some(count) = enumerated {
        let _ = writeln!(out, "  enumeration finds {}", share(*count));
    }
    let (all, right) = named;
    let _ = writeln!(
        out,
        "  a property of the list spoke first in {} of {}",
        grouped(*right),
        counted(*all, "failure")
    );
    if let (Some((size, sizes)), Some((runs, most))) = (shrunk, replays) {
        let _ = writeln!(
            out,
            "  shrunk to {} (95 % to {sizes} or fewer) in {} (95 % in {most} or fewer)",
            counted(*size, "deviation"),
            counted(*runs, "run"),
        );
    }
    let (all, frequent) = forms;
    if *all > 0 {
        let _ = writeln!(
            out,
            "  {} of {} shrunk to one of the three most frequent forms of their defect",
            grouped(*frequent),
            counted(*all, "failure"),
        );
    }
    if let Some((defect, tenths)) = worst {
        let _ = writeln!(
            out,
            "  against its best member the mixture is worst for {defect}: {}.{} times as many runs",
            tenths / 10,
            tenths % 10
        );
    }
}
