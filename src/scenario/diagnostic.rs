//! An error in a file: path, line, column, the line itself, a caret and a hint.
//!
//! ```text
//! trips.ron:7:15: there is no flight `IB6251`
//!   |
//! 7 |     does: Hold(flight: "IB6251"),
//!   |                        ^^^^^^^^
//!   = did you mean `IB6252`?
//! ```

use std::fmt;
use std::ops::Range;

use crate::model::{is_unprintable, printable};

/// How much of a long line is shown.
const EXCERPT_MAX: usize = 100;

/// One error in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which file.
    pub path: String,
    /// Which line and column; `None` for an error of the whole file.
    pub position: Option<Position>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    excerpt: Option<Box<Excerpt>>,
}

/// A place in a file, both counted from 1; a column is a character.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// The line in question and what to underline in it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Excerpt {
    text: String,
    caret: usize,
    width: usize,
}

impl Diagnostic {
    /// An error of the whole file.
    pub fn of_file(path: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            position: None,
            message: message.into(),
            hint: Some(hint.into()),
            excerpt: None,
        }
    }

    /// An error in these bytes of `text`.
    pub(super) fn of_span(
        path: &str,
        text: &str,
        span: Range<usize>,
        message: impl Into<String>,
        hint: Option<String>,
    ) -> Self {
        Self {
            path: path.to_owned(),
            position: Some(Position::of(text, span.start)),
            message: message.into(),
            hint,
            excerpt: Some(Box::new(Excerpt::of(text, span)))
                .filter(|excerpt| !excerpt.text.is_empty()),
        }
    }
}

impl Diagnostic {
    /// An error in these bytes of one line of a longer text.
    #[cfg(feature = "cli")]
    pub(crate) fn of_line(
        path: &str,
        number: usize,
        line: &str,
        span: Range<usize>,
        message: &str,
        hint: &str,
    ) -> Self {
        let hint = Some(hint.to_owned()).filter(|hint| !hint.is_empty());
        let mut diagnostic = Self::of_span(path, line, span, message, hint);
        diagnostic.position =
            diagnostic.position.map(|position| Position { line: number, ..position });
        diagnostic
    }
}

impl Position {
    /// The position of the byte `offset` of `text`.
    pub(super) fn of(text: &str, offset: usize) -> Self {
        let before = &text[..text.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before[line_start..].chars().count() + 1;
        Self { line: before.matches('\n').count() + 1, column }
    }
}

impl Excerpt {
    fn of(text: &str, span: Range<usize>) -> Self {
        let start = text.floor_char_boundary(span.start);
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let caret = before[line_start..].chars().count();
        let marked = text.floor_char_boundary(span.end.max(start)) - start;
        let rest = line.get(start - line_start..).unwrap_or_default();
        let width = rest[..rest.floor_char_boundary(marked)].chars().count().max(1);

        // Of a long line, only the part around the caret is shown.
        let long = line.chars().count() > EXCERPT_MAX;
        let from = if long && caret > EXCERPT_MAX * 3 / 4 { caret - EXCERPT_MAX / 2 } else { 0 };
        let shown = line.chars().skip(from).take(EXCERPT_MAX);
        let seen = |c: char| match c {
            '\t' => ' ',
            c if is_unprintable(c) => char::REPLACEMENT_CHARACTER,
            c => c,
        };
        let shown: String = shown.map(seen).collect();
        let (mut text, mut caret) = (shown, caret - from);
        if from > 0 {
            text.insert(0, '…');
            caret += 1;
        }
        if line.chars().count() > from + EXCERPT_MAX {
            text.push('…');
        }
        let width = width.min(text.chars().count().saturating_sub(caret).max(1));
        Self { text: text.trim_end().to_owned(), caret, width }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", printable(&self.path))?;
        if let Some(position) = self.position {
            write!(f, "{position}:")?;
        }
        write!(f, " {}", printable(&self.message))?;
        let margin = self.position.map_or(1, |position| position.line.to_string().len());
        if let (Some(excerpt), Some(position)) = (&self.excerpt, self.position) {
            write!(f, "\n{:margin$} |", "")?;
            write!(f, "\n{} | {}", position.line, excerpt.text)?;
            write!(f, "\n{:margin$} | {:2$}", "", "", excerpt.caret)?;
            write!(f, "{}", "^".repeat(excerpt.width))?;
        }
        match &self.hint {
            Some(hint) => write!(f, "\n{:margin$} = {}", "", printable(hint)),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Diagnostic {}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str, span: Range<usize>) -> String {
        Diagnostic::of_span("a.ron", text, span, "wrong", Some("write less".into())).to_string()
    }

    #[test]
    fn the_caret_stands_under_what_is_meant() {
        assert_eq!(
            rendered("(\n  é: 12,\n)", 8..10),
            "a.ron:2:6: wrong\n  |\n2 |   é: 12,\n  |      ^^\n  = write less"
        );
    }

    #[test]
    fn what_spans_lines_is_underlined_on_its_first() {
        assert!(rendered("(\r\n  a: [\r\n  ],\r\n)", 8..14).contains("2 |   a: [\n  |      ^\n"));
    }

    #[test]
    fn of_a_very_long_line_only_a_part_is_shown() {
        let text = format!("{}oops{}", "x".repeat(5000), "y".repeat(5000));
        let shown = rendered(&text, 5000..5004);
        assert!(shown.lines().all(|line| line.chars().count() < 120), "{shown}");
        let lines: Vec<&str> = shown.lines().collect();
        let caret = lines[3].chars().position(|c| c == '^').unwrap();
        assert_eq!(lines[2].chars().skip(caret).take(4).collect::<String>(), "oops");
    }

    #[test]
    fn any_offset_can_be_pointed_to() {
        let text = "é\n\n\"ü";
        for start in 0..12 {
            for end in 0..12 {
                rendered(text, start..end);
            }
        }
    }
}
