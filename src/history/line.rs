//! Lines of a history that are written.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::vocabulary::{Field, Kind};

/// A line that a run has led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub(super) kind: Kind,
    pub(super) fields: Vec<(Field, Told)>,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Flag(bool),
    Number(u64),
    Text(String),
    List(Vec<String>),
    Versions(Vec<(String, u32)>),
}

impl Line {
    pub(super) const fn new(kind: Kind) -> Self {
        Self { kind, fields: Vec::new() }
    }

    fn with(mut self, field: Field, value: Told) -> Self {
        debug_assert!(self.kind.has(field), "{} has no {}", self.kind.word(), field.word());
        self.fields.push((field, value));
        self
    }

    pub(super) fn text(self, field: Field, text: impl ToString) -> Self {
        self.with(field, Told::Text(text.to_string()))
    }

    pub(super) fn number(self, field: Field, number: impl Into<u64>) -> Self {
        self.with(field, Told::Number(number.into()))
    }

    pub(super) fn flag(self, field: Field, flag: bool) -> Self {
        self.with(field, Told::Flag(flag))
    }

    pub(super) fn list(self, field: Field, list: Vec<String>) -> Self {
        self.with(field, Told::List(list))
    }

    pub(super) fn versions(self, field: Field, versions: Vec<(String, u32)>) -> Self {
        self.with(field, Told::Versions(versions))
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_map(None)?;
        line.serialize_entry("kind", self.kind.word())?;
        for (field, value) in &self.fields {
            line.serialize_entry(field.word(), value)?;
        }
        line.end()
    }
}

impl Serialize for Told {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Flag(flag) => flag.serialize(serializer),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => text.serialize(serializer),
            Self::List(list) => list.serialize(serializer),
            Self::Versions(versions) => {
                let entries = versions.iter().map(|(stream, version)| (stream, version));
                serializer.collect_map(entries)
            }
        }
    }
}
