//! Values of fields as they were read.

use std::borrow::Cow;
use std::fmt;
use std::hash::{DefaultHasher, Hasher};

use super::vocabulary::Field;

/// A value before it is known what its field says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Raw<'a> {
    Flag(bool),
    Number(i64),
    Text(Cow<'a, str>),
    List(Vec<Cow<'a, str>>),
    Versions(Vec<(Cow<'a, str>, u32)>),
    /// A number that is too large or has a fraction.
    Unreadable(&'static str),
    /// The value of a field that is not looked at.
    Any,
}

/// An id: a text, or a whole number, which is the same as a text of its digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Id<'a> {
    Number(i64),
    Text(Cow<'a, str>),
}

/// A hash of an id. Ids of which there is one for each event or command are kept as such.
///
/// Of ten million different ids, two have the same hash with a probability of 3 in a million.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Print(pub(super) u64);

impl Id<'_> {
    /// Calls a function with its text.
    pub(super) fn with_text<T>(&self, then: impl FnOnce(&str) -> T) -> T {
        match self {
            Self::Text(text) => then(text),
            Self::Number(number) => then(&number.to_string()),
        }
    }

    pub(super) fn print(&self) -> Print {
        self.with_text(Print::of)
    }
}

impl Print {
    pub(super) fn of(text: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        hasher.write(text.as_bytes());
        Self(hasher.finish())
    }

    /// The hash of both.
    pub(super) fn and(self, text: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.0);
        hasher.write(text.as_bytes());
        Self(hasher.finish())
    }
}

impl fmt::Display for Id<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The field, if one is wrong.
    pub(super) field: Option<Field>,
    pub(super) message: String,
    pub(super) hint: String,
}

impl Wrong {
    pub(super) fn of_line(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { field: None, message: message.into(), hint: hint.into() }
    }

    pub(super) fn of(field: Field, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { field: Some(field), message: message.into(), hint: hint.into() }
    }
}
