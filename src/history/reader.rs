//! Reads the inputs of a history, line by line, and judges them.

use std::io::{self, BufRead};
use std::rc::Rc;

use super::board::Place;
use super::checker::{Checker, Findings};
use super::columns::Columns;
use super::fact::Fact;
use super::json::{Unread, parse};
use super::map::Map;
use super::value::{Id, Raw, Wrong};
use super::vocabulary::{Field, Kind};
use crate::scenario::Diagnostic;

/// The longest line that is read, in bytes.
const LINE_MAX: usize = 1 << 26;

/// One input: a file or standard input.
pub struct Input<'a> {
    /// Its name in messages.
    pub name: String,
    /// Its text.
    pub text: Box<dyn BufRead + 'a>,
}

/// Why a history was not judged.
#[derive(Debug)]
pub enum Unjudged {
    /// The input with this name could not be read.
    Io(String, io::Error),
    /// A line is not one of a history.
    Line(Diagnostic),
}

/// A history that was read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The names of the inputs, each with the number of its lines.
    pub inputs: Vec<(String, u64)>,
    /// Whether what must hold at rest was judged.
    pub is_at_rest: bool,
    /// Whether the order of lines of different kinds was judged.
    pub is_ordered: bool,
    /// What was found.
    pub findings: Findings,
}

/// Reads all lines and judges them. Up to `kept_max` breaches of each property are kept.
///
/// # Errors
///
/// When an input cannot be read, or has a line that is not one of a history. Nothing is judged then, because
/// what such a line says could matter.
pub fn check(
    inputs: Vec<Input<'_>>,
    map: &Map,
    is_in_progress: bool,
    kept_max: u64,
) -> Result<History, Unjudged> {
    let mut scope = map.scope(inputs.len());
    scope.is_at_rest &= !is_in_progress;
    let mut checker = Checker::new(scope, kept_max);
    for fact in map.subscriptions() {
        // Nothing stands before it.
        let _ = checker.see(&fact, None, Place::default());
    }
    let mut read = Vec::new();
    for (number, Input { name, text }) in (0..).zip(inputs) {
        let columns = Rc::new(map.columns(&name));
        let mut lines = Lines { name, number, columns, line: 0, header: None, is_over: false };
        lines.read(text, &mut checker)?;
        scope.is_at_rest &= lines.header != Some(false);
        read.push((lines.name, lines.line));
    }
    let findings = checker.end();
    let (is_at_rest, is_ordered) = (scope.is_at_rest, scope.is_ordered);
    Ok(History { inputs: read, is_at_rest, is_ordered, findings })
}

/// One input while it is read.
struct Lines {
    name: String,
    number: u16,
    columns: Rc<Columns>,
    /// The number of lines so far.
    line: u64,
    /// Whether it began with a `history` line, and whether that says that nothing was under way.
    header: Option<bool>,
    /// Whether its `end` line was read.
    is_over: bool,
}

impl Lines {
    fn read(
        &mut self,
        mut text: Box<dyn BufRead + '_>,
        checker: &mut Checker,
    ) -> Result<(), Unjudged> {
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            let limited = &mut io::Read::take(&mut text, LINE_MAX as u64);
            let read = limited.read_until(b'\n', &mut buffer);
            if read.map_err(|error| Unjudged::Io(self.name.clone(), error))? == 0 {
                break;
            }
            self.line += 1;
            if buffer.len() == LINE_MAX && buffer.last() != Some(&b'\n') {
                let hint = "a history has one fact a line";
                return Err(self.wrong("", 0..0, "this line is longer than 64 MiB", hint));
            }
            let is_ended = buffer.last() == Some(&b'\n');
            let line = std::str::from_utf8(&buffer).map_err(|error| {
                let valid = error.valid_up_to();
                let line = String::from_utf8_lossy(&buffer);
                let message = format!("the byte 0x{:02X} is not valid UTF-8", buffer[valid]);
                self.wrong(&line, valid..valid + 3, &message, "export the history as UTF-8")
            })?;
            let line = line.strip_suffix('\n').unwrap_or(line);
            let line = line.strip_suffix('\r').unwrap_or(line);
            let line =
                if self.line == 1 { line.strip_prefix('\u{FEFF}').unwrap_or(line) } else { line };
            if !line.trim_ascii().is_empty() {
                self.see(line, is_ended, checker)?;
            }
        }
        if self.header.is_some() && !self.is_over {
            let hint = "a file that begins with `history` ends with `end`: this one was cut off";
            return Err(self.wrong("", 0..0, "the line of kind `end` is missing", hint));
        }
        Ok(())
    }

    fn see(&mut self, line: &str, is_ended: bool, checker: &mut Checker) -> Result<(), Unjudged> {
        let columns = Rc::clone(&self.columns);
        let parsed = match parse(line, &columns) {
            Ok(parsed) => parsed,
            Err(unread) => return Err(self.unread(line, unread, is_ended)),
        };
        let (mut row, kind) = (parsed.row, parsed.kind);
        let kind_column = self.columns.kind_column.as_deref().unwrap_or("kind").to_owned();
        let kind = match self.columns.kind_of(kind.as_deref()) {
            Ok(kind) => kind,
            Err(wrong) => return Err(self.at_column(line, Some(&kind_column), wrong)),
        };
        for (field, value) in &columns.constants {
            if kind.has(*field) {
                row.add(*field, Raw::Text(value.as_str().into()));
            }
        }
        if let Err(wrong) = self.accept(kind, &mut row, checker) {
            let column = wrong.field.map(|field| self.column_of(field));
            return Err(self.at_column(line, column.as_deref(), wrong));
        }
        Ok(())
    }

    fn accept<'a>(
        &mut self,
        kind: Kind,
        row: &mut super::row::Row<'a>,
        checker: &mut Checker,
    ) -> Result<(), Wrong> {
        if self.is_over {
            return Err(Wrong::of_line("a line stands behind the one of kind `end`", "remove it"));
        }
        let (fact, at) = Fact::of(kind, row)?;
        match &fact {
            Fact::History { is_at_rest } => {
                if self.line > 1 {
                    let hint = "it is the first line of a file";
                    return Err(Wrong::of_line("a line of kind `history` stands here", hint));
                }
                self.header = Some(*is_at_rest);
            }
            Fact::End { lines } => {
                let between = self.line - 1 - u64::from(self.header.is_some());
                if *lines != between {
                    let message =
                        format!("the file has {between} lines before this one, not {lines}");
                    let hint = "lines were added or lost after the history was written";
                    return Err(Wrong::of(Field::Lines, message, hint));
                }
                self.is_over = true;
            }
            _ => {}
        }
        checker.see(&fact, at, Place::new(self.number, self.line))
    }

    /// How the column of a field is called.
    fn column_of(&self, field: Field) -> String {
        let named = self.columns.fields.iter().find(|(_, of)| **of == field);
        let path = named.map_or(field.word(), |(path, _)| path);
        path.rsplit('.').next().unwrap_or(path).to_owned()
    }

    fn unread(&self, line: &str, unread: Unread, is_ended: bool) -> Unjudged {
        match unread {
            Unread::Column(name, wrong) => self.at_column(line, Some(&name), wrong),
            Unread::Json { is_cut_off: true, .. } if !is_ended => {
                let (message, hint) =
                    ("the file ends within this line", "it was cut off: export the history again");
                self.wrong(line, line.len()..line.len() + 1, message, hint)
            }
            Unread::Json { column, message, .. } => {
                let start = line.floor_char_boundary(column.saturating_sub(1));
                let message = format!("this line is not a JSON object of a history: {message}");
                self.wrong(line, start..start + 1, &message, "each line is one JSON object")
            }
        }
    }

    /// An error at a column of a line, or of the whole line.
    fn at_column(&self, line: &str, column: Option<&str>, wrong: Wrong) -> Unjudged {
        let quoted = column.map(|column| format!("\"{column}\""));
        let place = quoted.and_then(|quoted| line.find(&quoted).map(|at| at..at + quoted.len()));
        self.wrong(line, place.unwrap_or(0..1), &wrong.message, &wrong.hint)
    }

    fn wrong(
        &self,
        line: &str,
        span: std::ops::Range<usize>,
        message: &str,
        hint: &str,
    ) -> Unjudged {
        let number = usize::try_from(self.line).unwrap_or(usize::MAX);
        Unjudged::Line(Diagnostic::of_line(&self.name, number, line, span, message, hint))
    }
}

/// Ids of consumers in maps.
pub(super) fn named(name: &str) -> Id<'_> {
    Id::Text(name.into())
}
