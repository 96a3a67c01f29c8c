//! Columns of text, as wide as their widest cell.

use std::fmt::Write;

use super::palette::Paint;

/// The alignment of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// Cells, each with its colour, or a line that has no part in the columns.
#[derive(Debug)]
enum Row<'a> {
    Cells(Vec<(String, &'a Paint)>),
    Line(String),
}

/// Rows of cells, each with its colour.
#[derive(Debug)]
pub(super) struct Table<'a> {
    sides: &'a [Side],
    rows: Vec<Row<'a>>,
}

impl<'a> Table<'a> {
    /// A table without rows. Columns beyond `sides` are aligned left.
    pub(super) fn new(sides: &'a [Side]) -> Self {
        Self { sides, rows: Vec::new() }
    }

    pub(super) fn row(&mut self, cells: Vec<(String, &'a Paint)>) {
        self.rows.push(Row::Cells(cells));
    }

    /// Adds a line that has no part in the columns.
    pub(super) fn line(&mut self, line: String) {
        self.rows.push(Row::Line(line));
    }

    /// Writes the rows as indented lines, with two spaces between columns and none at the end.
    pub(super) fn write(&self, indent: usize, out: &mut String) {
        let cells = || {
            self.rows.iter().filter_map(|row| match row {
                Row::Cells(cells) => Some(cells),
                Row::Line(_) => None,
            })
        };
        let columns = cells().map(Vec::len).max().unwrap_or(0);
        let width_of = |column: usize| {
            let cells = cells().filter_map(|row| row.get(column));
            cells.map(|(text, _)| text.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width_of).collect();
        for row in &self.rows {
            let mut line = " ".repeat(indent);
            let cells = match row {
                Row::Cells(cells) => cells.as_slice(),
                Row::Line(text) => {
                    line.push_str(text);
                    &[]
                }
            };
            for (index, (text, paint)) in cells.iter().enumerate() {
                let gap = if index == 0 { 0 } else { 2 };
                let missing = widths[index] - text.chars().count();
                let _ = match self.sides.get(index) {
                    Some(Side::Right) => {
                        write!(line, "{:gap$}{:missing$}{}", "", "", paint.on(text))
                    }
                    Some(Side::Left) | None => {
                        write!(line, "{:gap$}{}{:missing$}", "", paint.on(text), "")
                    }
                };
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
}
