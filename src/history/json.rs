//! A line of JSON as a row.
//!
//! Texts are borrowed from the line as long as they have no escapes, and what is not looked at is skipped.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::columns::{Columns, Target};
use super::row::Row;
use super::value::{Raw, Wrong};
use super::vocabulary::{Field, Type};

/// What a line of JSON says.
#[derive(Debug, Default)]
pub(super) struct Parsed<'a> {
    pub(super) row: Row<'a>,
    /// The column that tells the kind.
    pub(super) kind: Option<Cow<'a, str>>,
}

/// Why a line cannot be read.
#[derive(Debug)]
pub(super) enum Unread {
    /// It is not JSON; up to this column, from 1.
    Json { column: usize, message: String, is_cut_off: bool },
    /// This column, as the line names it, cannot be there.
    Column(String, Wrong),
}

/// Reads a line.
///
/// # Errors
///
/// When it is not one JSON object, or has a column that is not known.
pub(super) fn parse<'a>(line: &'a str, columns: &Columns) -> Result<Parsed<'a>, Unread> {
    let mut parsed = Parsed::default();
    parsed.row.unit = columns.unit;
    let mut wrong = None;
    let mut json = serde_json::Deserializer::from_str(line);
    let object = Object { columns, prefix: "", parsed: &mut parsed, wrong: &mut wrong };
    let read = object.deserialize(&mut json).and_then(|()| json.end());
    match (read, wrong) {
        (Ok(()), _) => Ok(parsed),
        (Err(_), Some((name, wrong))) => Err(Unread::Column(name, wrong)),
        (Err(error), None) => {
            let text = error.to_string();
            let message = text.rfind(" at line ").map_or(&*text, |end| &text[..end]);
            Err(Unread::Json {
                column: error.column(),
                message: message.to_owned(),
                is_cut_off: error.is_eof(),
            })
        }
    }
}

/// An object, with the way to it.
struct Object<'p, 'a> {
    columns: &'p Columns,
    prefix: &'p str,
    parsed: &'p mut Parsed<'a>,
    wrong: &'p mut Option<(String, Wrong)>,
}

impl<'a> DeserializeSeed<'a> for Object<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Object<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with fields")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        let Self { columns, prefix, parsed, wrong } = self;
        while let Some(Key(name)) = map.next_key()? {
            let path: Cow<'_, str> = match prefix {
                "" => Cow::Borrowed(&*name),
                prefix => Cow::Owned(format!("{prefix}.{name}")),
            };
            match columns.target(&path) {
                Target::Field(field) => {
                    let value = map.next_value_seed(Expected(field.of_type()))?;
                    // `null` is no value; of a row that may have been sent, it says that it was not.
                    let value = value.or((field == Field::Sent).then_some(Raw::Flag(false)));
                    if let Some(value) = value
                        && !parsed.row.add(field, value)
                    {
                        let hint = "one field of a line has one value";
                        let message = format!("`{}` appears twice", field.word());
                        *wrong = Some((name.into_owned(), Wrong::of_line(message, hint)));
                        return Err(M::Error::custom(""));
                    }
                }
                Target::Kind => match map.next_value_seed(Expected(Type::Text))? {
                    Some(Raw::Text(kind)) => parsed.kind = Some(kind),
                    Some(Raw::Number(kind)) => parsed.kind = Some(kind.to_string().into()),
                    _ => {
                        let wrong_kind = Wrong::of_line("the kind is not a text", "write one");
                        *wrong = Some((name.into_owned(), wrong_kind));
                        return Err(M::Error::custom(""));
                    }
                },
                Target::Inside => {
                    let inside = Object { columns, prefix: &path, parsed, wrong };
                    map.next_value_seed(inside)?;
                }
                Target::Ignored => {
                    map.next_value::<IgnoredAny>()?;
                }
                Target::Unknown => {
                    *wrong = Some((name.clone().into_owned(), columns.unknown(&path)));
                    return Err(M::Error::custom(""));
                }
            }
        }
        Ok(())
    }
}

/// A name of a field, borrowed if possible.
struct Key<'a>(Cow<'a, str>);

impl<'a> serde::Deserialize<'a> for Key<'a> {
    fn deserialize<D: Deserializer<'a>>(json: D) -> Result<Self, D::Error> {
        match json.deserialize_str(Value)? {
            Some(Raw::Text(text)) => Ok(Key(text)),
            _ => Err(D::Error::custom("a name is a text")),
        }
    }
}

/// A value of a field of this type.
struct Expected(Type);

impl<'a> DeserializeSeed<'a> for Expected {
    type Value = Option<Raw<'a>>;

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<Self::Value, D::Error> {
        match self.0 {
            Type::Any => json.deserialize_ignored_any(IgnoredAny).map(|_| Some(Raw::Any)),
            Type::List | Type::Texts => json.deserialize_any(List),
            Type::Versions => json.deserialize_any(Versions),
            _ => json.deserialize_any(Value),
        }
    }
}

/// Visits texts, numbers and flags.
struct Value;

macro_rules! scalars {
    ($life:lifetime) => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
            Ok(Some(Raw::Flag(flag)))
        }

        fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
            Ok(Some(Raw::Number(number)))
        }

        fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
            let large = Raw::Unreadable("a number above 9223372036854775807");
            Ok(Some(i64::try_from(number).map_or(large, Raw::Number)))
        }

        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(Some(Raw::Unreadable("a number with a fraction")))
        }

        fn visit_borrowed_str<E>(self, text: &$life str) -> Result<Self::Value, E> {
            Ok(Some(Raw::Text(Cow::Borrowed(text))))
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Some(Raw::Text(Cow::Owned(text.to_owned()))))
        }
    };
}

impl<'a> Visitor<'a> for Value {
    type Value = Option<Raw<'a>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    scalars!('a);

    fn visit_seq<S: SeqAccess<'a>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Some(Raw::List(Vec::new())))
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Some(Raw::Any))
    }
}

struct List;

impl<'a> Visitor<'a> for List {
    type Value = Option<Raw<'a>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of texts")
    }

    scalars!('a);

    fn visit_seq<S: SeqAccess<'a>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
        let mut list = Vec::new();
        while let Some(Key(text)) = seq.next_element()? {
            list.push(text);
        }
        Ok(Some(Raw::List(list)))
    }

    fn visit_map<M: MapAccess<'a>>(self, map: M) -> Result<Self::Value, M::Error> {
        Value.visit_map(map)
    }
}

struct Versions;

impl<'a> Visitor<'a> for Versions {
    type Value = Option<Raw<'a>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of versions by stream")
    }

    scalars!('a);

    fn visit_seq<S: SeqAccess<'a>>(self, seq: S) -> Result<Self::Value, S::Error> {
        Value.visit_seq(seq)
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut versions = Vec::new();
        while let Some((Key(stream), version)) = map.next_entry::<Key<'a>, u32>()? {
            versions.push((stream, version));
        }
        Ok(Some(Raw::Versions(versions)))
    }
}
