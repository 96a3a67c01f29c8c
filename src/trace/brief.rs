//! A story that fits a screen, however long the run: for snapshots and for a first look.

use super::story::{Line, Page, Row, Story};

/// How many lines of one sort in a row are told as a few and a number.
const SAME_MIN: usize = 9;
/// How many of them are told.
const SAME_TOLD: usize = 3;

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
        Self { first: 120, last: 40 }
    }
}

impl Story {
    /// The story with many lines of the same sort in a row told as one, and with its middle left out
    /// if it is still long.
    ///
    /// Two hundred customers who wait for the same loader are three lines and a number.
    pub fn brief(&self, brevity: Brevity) -> Page<'_> {
        self.page_of(without_middle(without_repetition(self.lines()), brevity))
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
    let count = middle.iter().map(Row::lines).sum();
    rows.extend(middle.last().map(|row| Row::Gap(count, row.step())));
    rows.extend(end);
    rows
}
