//! Columns of text, as wide as their widest cell.

use std::fmt::Write;

use super::palette::Paint;

/// The alignment of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// Rows of cells, each with its colour.
#[derive(Debug)]
pub(super) struct Table<'a> {
    sides: &'a [Side],
    rows: Vec<Vec<(String, &'a Paint)>>,
}

impl<'a> Table<'a> {
    /// A table without rows. Columns beyond `sides` are aligned left.
    pub(super) fn new(sides: &'a [Side]) -> Self {
        Self { sides, rows: Vec::new() }
    }

    pub(super) fn row(&mut self, cells: Vec<(String, &'a Paint)>) {
        self.rows.push(cells);
    }

    /// Writes the rows as indented lines, with two spaces between columns and none at the end.
    pub(super) fn write(&self, indent: usize, out: &mut String) {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width_of = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|(text, _)| text.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width_of).collect();
        for row in &self.rows {
            let mut line = " ".repeat(indent);
            for (index, (text, paint)) in row.iter().enumerate() {
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
