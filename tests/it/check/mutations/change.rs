//! Changing one line of a history.

use serde_json::{Map, Value};

/// A line, by its fields.
pub(super) type Line = Map<String, Value>;

/// The lines of a history.
#[derive(Clone)]
pub(super) struct Lines(Vec<Line>);

impl Lines {
    pub(super) fn of(lines: &[String]) -> Self {
        Self(lines.iter().map(|line| serde_json::from_str(line).expect("an object")).collect())
    }

    /// The history, with the number of its lines corrected.
    pub(super) fn text(mut self) -> String {
        let count = self.0.len() - 2;
        self.0.last_mut().expect("an end").insert("lines".to_owned(), count.into());
        self.0.iter().map(|line| serde_json::to_string(line).expect("JSON") + "\n").collect()
    }

    pub(super) fn get(&self, at: usize) -> &Line {
        &self.0[at]
    }

    /// The places of all lines that are meant, in order.
    pub(super) fn all(&self, is_meant: impl Fn(&Line) -> bool) -> Vec<usize> {
        (0..self.0.len()).filter(|at| is_meant(&self.0[*at])).collect()
    }

    /// The line in the middle of those that are meant, with those before it and after it.
    pub(super) fn middle(&self, is_meant: impl Fn(usize, &Line) -> bool) -> Option<usize> {
        let all: Vec<usize> = (0..self.0.len()).filter(|at| is_meant(*at, &self.0[*at])).collect();
        all.get(all.len() / 2).copied()
    }

    /// The first line behind a place that is meant.
    pub(super) fn after(&self, at: usize, is_meant: impl Fn(&Line) -> bool) -> Option<usize> {
        (at + 1..self.0.len()).find(|next| is_meant(&self.0[*next]))
    }

    /// The last line before a place that is meant.
    pub(super) fn before(&self, at: usize, is_meant: impl Fn(&Line) -> bool) -> Option<usize> {
        (0..at).rev().find(|previous| is_meant(&self.0[*previous]))
    }

    pub(super) fn lose(&mut self, at: usize) {
        self.0.remove(at);
    }

    pub(super) fn double(&mut self, at: usize) {
        let line = self.0[at].clone();
        self.0.insert(at + 1, line);
    }

    /// Adds a line before the end.
    pub(super) fn append(&mut self, line: Line) {
        let end = self.0.len() - 1;
        self.0.insert(end, line);
    }

    /// Moves a line so that it stands right before another one.
    pub(super) fn move_before(&mut self, at: usize, other: usize) {
        let line = self.0.remove(at);
        self.0.insert(if at < other { other - 1 } else { other }, line);
    }

    /// Moves a line so that it stands right behind another one.
    pub(super) fn move_behind(&mut self, at: usize, other: usize) {
        let line = self.0.remove(at);
        self.0.insert(if at < other { other } else { other + 1 }, line);
    }

    pub(super) fn set(&mut self, at: usize, field: &str, value: impl Into<Value>) {
        self.0[at].insert(field.to_owned(), value.into());
    }
}

/// Whether a line is of a kind.
pub(super) fn is(line: &Line, kind: &str) -> bool {
    line["kind"] == kind
}

/// Whether two lines have the same values in some fields.
pub(super) fn agree(one: &Line, other: &Line, fields: &[&str]) -> bool {
    fields.iter().all(|field| one.get(*field) == other.get(*field))
}

pub(super) fn number(line: &Line, field: &str) -> u64 {
    line[field].as_u64().unwrap_or_else(|| panic!("a number in {line:?}"))
}
