//! Why a value does not fit the type that it is read as, and the way to it.

use std::fmt;
use std::ops::Range;

use serde::de;

use super::tree::{Item, Node, Shape};
use crate::scenario::nearest;

/// A value that does not fit.
#[derive(Debug)]
pub(in crate::scenario) struct Misfit(Box<Inner>);

#[derive(Debug)]
struct Inner {
    problem: Problem,
    /// The way to the value: which item of which item.
    way: Vec<usize>,
}

/// What is wrong with a value.
#[derive(Debug)]
pub(super) enum Problem {
    UnknownField {
        found: String,
        known: &'static [&'static str],
    },
    MissingField(&'static str),
    UnknownVariant {
        found: String,
        known: &'static [&'static str],
    },
    Length {
        found: usize,
        expected: String,
    },
    /// Written by a type; a hint may follow the last semicolon.
    Message(String),
    OutOfRange {
        least: i128,
        most: u128,
    },
    /// Parentheses after a variant without fields.
    NoFields,
    /// Fields without names.
    Nameless,
    /// A variant without its fields.
    NeedsFields,
    /// A variant without its value.
    NeedsValue,
    /// A name before parentheses that is not that of the type.
    WrongName,
    /// Another syntax: what to write instead.
    Shape(&'static str),
}

impl Misfit {
    pub(super) fn new(problem: Problem) -> Self {
        Self(Box::new(Inner { problem, way: Vec::new() }))
    }

    /// The same problem, at a place.
    pub(super) fn at(mut self, way: Vec<usize>) -> Self {
        self.0.way = way;
        self
    }

    /// The way to the value: which item of which item.
    pub(in crate::scenario) fn way(&self) -> &[usize] {
        &self.0.way
    }

    /// The missing field, if that is the problem.
    pub(in crate::scenario) fn missing_field(&self) -> Option<&'static str> {
        match self.0.problem {
            Problem::MissingField(field) => Some(field),
            _ => None,
        }
    }

    /// What to underline, the message and the hint. `item` is the innermost item on the way, `node` its
    /// value.
    pub(in crate::scenario) fn explain(
        &self,
        text: &str,
        item: Option<&Item>,
        node: &Node,
    ) -> (Range<usize>, String, Option<String>) {
        let written = &text[node.span.clone()];
        let name = node.name.clone().map(|name| &text[name]).unwrap_or_default();
        let mut span = node.head();
        let (message, hint) = match &self.0.problem {
            Problem::UnknownField { found, known } => {
                if let Some(key) = item.and_then(|item| item.key.as_ref()) {
                    span = key.span.clone();
                }
                let hint = nearest::hint(found, known);
                return (span, format!("there is no field `{found}` here"), hint);
            }
            Problem::UnknownVariant { found, known } => {
                let hint = nearest::hint(found, known);
                return (span, format!("there is no `{found}` here"), hint);
            }
            Problem::Message(message) => match message.rsplit_once("; ") {
                Some((message, hint)) => (message.to_owned(), hint.to_owned()),
                None => return (span, message.clone(), None),
            },
            Problem::MissingField(field) => {
                let of = if name.is_empty() { String::new() } else { format!(" of `{name}`") };
                (format!("the field `{field}`{of} is missing"), format!("write `{field}: ...`"))
            }
            Problem::OutOfRange { least: 0, .. } if written.starts_with('-') => {
                (format!("`{written}` is negative"), "must be at least 0".to_owned())
            }
            Problem::OutOfRange { least, .. } if written.starts_with('-') => {
                (format!("`{written}` is too small"), format!("at least {least}"))
            }
            Problem::OutOfRange { most, .. } => {
                (format!("`{written}` is too large"), format!("at most {most}"))
            }
            Problem::Length { found, expected } => {
                let values =
                    if *found == 1 { "1 value".to_owned() } else { format!("{found} values") };
                (format!("found {values} here"), format!("expected {expected}"))
            }
            Problem::NoFields => (
                format!("`{name}` has no fields"),
                "write the word alone, without parentheses".to_owned(),
            ),
            Problem::Nameless => {
                let of = if name.is_empty() { "here".to_owned() } else { format!("of `{name}`") };
                (format!("the fields {of} have names"), format!("write `{name}(field: value)`"))
            }
            Problem::NeedsFields => {
                (format!("`{written}` needs fields"), format!("write `{written}(field: value)`"))
            }
            Problem::NeedsValue => {
                let variant = if name.is_empty() { written } else { name };
                (format!("`{variant}` needs a value"), format!("write `{variant}(...)`"))
            }
            Problem::WrongName => (
                format!("`{name}` cannot stand here"),
                "leave out the name and write only the parentheses".to_owned(),
            ),
            Problem::Shape(wanted) => {
                (format!("this is {}", shape(node.shape)), format!("write {wanted}"))
            }
        };
        (span, message, Some(hint))
    }
}

const fn shape(shape: Shape) -> &'static str {
    match shape {
        Shape::Text => "a text in quotes",
        Shape::Number => "a number",
        Shape::Character => "a character",
        Shape::Word => "a word without quotes",
        Shape::Parens => "something in parentheses",
        Shape::List => "a list",
        Shape::Map => "a map",
    }
}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(Problem::Message(message.to_string()))
    }

    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(Problem::Message(format!("this is something else; write {expected}")))
    }

    fn invalid_length(found: usize, expected: &dyn de::Expected) -> Self {
        Self::new(Problem::Length { found, expected: expected.to_string() })
    }

    fn unknown_variant(found: &str, known: &'static [&'static str]) -> Self {
        Self::new(Problem::UnknownVariant { found: found.to_owned(), known })
    }

    fn unknown_field(found: &str, known: &'static [&'static str]) -> Self {
        Self::new(Problem::UnknownField { found: found.to_owned(), known })
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(Problem::MissingField(field))
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0.problem)
    }
}

impl std::error::Error for Misfit {}
