//! A story of limited length, however long the run: for snapshots and for a first look.

use std::collections::BTreeMap;

use super::page::{Page, Row};
use super::{Line, Story};
use crate::model::FactKind;

/// From how many lines of one kind in a row on the rest is only counted.
const SAME_MIN: usize = 9;
/// How many of them are told first.
const SAME_TOLD: usize = 3;
/// How many lines of each notable kind are told of the middle.
const NOTABLE_TOLD: usize = 3;

/// How much of a story is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brevity {
    /// How many rows from the beginning.
    pub first: usize,
    /// How many from the end.
    pub last: usize,
}

impl Default for Brevity {
    fn default() -> Self {
        Self { first: 72, last: 24 }
    }
}

impl Story {
    /// The story with repetitions counted. If it is still long, its middle is reduced to the first lines
    /// of each notable kind: faults, their consequences, and what an operator does.
    ///
    /// Two hundred customers who wait for the same load are three lines and a number.
    pub fn brief(&self, brevity: Brevity) -> Page<'_> {
        Page::new(without_middle(without_repetition(self.lines()), brevity))
    }
}

fn without_repetition(lines: &[Line]) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for group in lines.chunk_by(|a, b| a.kind == b.kind) {
        let told = if group.len() < SAME_MIN { group.len() } else { SAME_TOLD };
        rows.extend(group[..told].iter().map(Row::Line));
        if let [.., last] = &group[told..] {
            rows.push(Row::Same((group.len() - told) as u64, last.step));
        }
    }
    rows
}

fn without_middle(mut rows: Vec<Row<'_>>, brevity: Brevity) -> Vec<Row<'_>> {
    let Brevity { first, last } = brevity;
    // A gap of one row would save nothing.
    if rows.len() <= first + last + 1 {
        return rows;
    }
    let end = rows.split_off(rows.len() - last);
    let middle = rows.split_off(first);
    let mut told: BTreeMap<FactKind, usize> = BTreeMap::new();
    let mut gap = Vec::new();
    for row in middle {
        if is_told_once_more(&row, &mut told) {
            close(&mut gap, &mut rows);
            rows.push(row);
        } else {
            gap.push(row);
        }
    }
    close(&mut gap, &mut rows);
    rows.extend(end);
    rows
}

/// Whether a row of the middle is of a notable kind of which few lines were told so far.
fn is_told_once_more(row: &Row<'_>, told: &mut BTreeMap<FactKind, usize>) -> bool {
    let kind = match row {
        Row::Line(line) if is_notable(line.kind) => line.kind,
        Row::Line(_) | Row::Same(..) | Row::Gap(..) => return false,
    };
    let told = told.entry(kind).or_insert(0);
    *told += 1;
    *told <= NOTABLE_TOLD
}

/// What matters in a long run, however rare it is.
fn is_notable(kind: FactKind) -> bool {
    matches!(
        kind,
        FactKind::Fault
            | FactKind::Restarted
            | FactKind::Deployed
            | FactKind::RebuildStarted
            | FactKind::Rebuilt
            | FactKind::ConnectionClosed
            | FactKind::DeadLettered
            | FactKind::Redriven
            | FactKind::Erased
    )
}

/// Replaces rows that are left out by their number of lines.
fn close<'a>(gap: &mut Vec<Row<'a>>, rows: &mut Vec<Row<'a>>) {
    // A gap of one row would save nothing.
    if gap.len() > 1
        && let Some(last) = gap.last().map(Row::step)
    {
        rows.push(Row::Gap(gap.iter().map(Row::lines).sum(), last));
        gap.clear();
    }
    rows.append(gap);
}
