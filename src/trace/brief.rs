//! A story of limited length: for snapshots and for a first look at a long run.

use std::collections::BTreeMap;

use super::page::{Page, Row};
use super::{Line, Story};
use crate::model::FactKind;

/// How many lines of one kind in a row are needed for them to be counted instead of shown.
const ALIKE_MIN: usize = 9;
/// How many of them are shown before the count.
const ALIKE_SHOWN: usize = 3;
/// How many lines of each notable kind are shown in the middle.
const NOTABLE_SHOWN: usize = 3;

/// How much of a story is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brevity {
    /// The number of rows at the beginning.
    pub first: usize,
    /// The number of rows at the end.
    pub last: usize,
}

impl Default for Brevity {
    fn default() -> Self {
        Self { first: 72, last: 24 }
    }
}

impl Story {
    /// The story with repetitions counted. If it is still long, its middle is reduced to the first lines
    /// of each notable kind: faults, their consequences, and actions of an operator.
    ///
    /// For example, two hundred customers who wait for the same load are three lines and a number.
    pub fn brief(&self, brevity: Brevity) -> Page<'_> {
        Page::new(without_middle(without_repetition(self.lines()), brevity))
    }
}

fn without_repetition(lines: &[Line]) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for group in lines.chunk_by(|a, b| a.kind == b.kind) {
        let shown = if group.len() < ALIKE_MIN { group.len() } else { ALIKE_SHOWN };
        rows.extend(group[..shown].iter().map(Row::Line));
        if let [first, .., last] = &group[shown..] {
            rows.push(Row::Alike((group.len() - shown) as u64, first.step, last.step));
        }
    }
    rows
}

fn without_middle(mut rows: Vec<Row<'_>>, Brevity { first, last }: Brevity) -> Vec<Row<'_>> {
    // A gap of one row would save nothing.
    if rows.len() <= first + last + 1 {
        return rows;
    }
    let end = rows.split_off(rows.len() - last);
    let middle = rows.split_off(first);
    let mut shown: BTreeMap<FactKind, usize> = BTreeMap::new();
    let mut gap = Vec::new();
    for row in middle {
        if let Row::Line(line) = row
            && is_notable(line.kind)
            && *shown.entry(line.kind).and_modify(|count| *count += 1).or_insert(1) <= NOTABLE_SHOWN
        {
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

/// Whether a kind of fact matters in a long run, however rare it is.
fn is_notable(kind: FactKind) -> bool {
    matches!(
        kind,
        FactKind::Fault
            | FactKind::Restarted
            | FactKind::Deployed
            | FactKind::RebuildStarted
            | FactKind::Rebuilt
            | FactKind::SwitchedBack
            | FactKind::ConnectionClosed
            | FactKind::ConsumerCancelled
            | FactKind::Rebalanced
            | FactKind::RetentionOver
            | FactKind::TakenOver
            | FactKind::LeaderChosen
            | FactKind::SteppedDown
            | FactKind::DeadLettered
            | FactKind::Redriven
            | FactKind::Erased
    )
}

/// Replaces omitted rows by their number of lines.
fn close<'a>(gap: &mut Vec<Row<'a>>, rows: &mut Vec<Row<'a>>) {
    // A gap of one row would save nothing.
    if let [_, .., last] = gap.as_slice() {
        rows.push(Row::Gap(gap.iter().map(Row::lines).sum(), last.step()));
        gap.clear();
    }
    rows.append(gap);
}
