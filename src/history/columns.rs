//! Which column of a table means which field.

use std::collections::{BTreeMap, BTreeSet};

use super::moment::Unit;
use super::value::Wrong;
use super::vocabulary::{Field, Kind};
use crate::scenario::{hint, nearest};

/// The columns of the lines of one input.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// The kind of all lines, if they have one kind.
    pub(super) kind: Option<Kind>,
    /// The column that holds the kind of the line. Default: `kind`.
    pub(super) kind_column: Option<String>,
    /// What that column says for each kind, if it does not say its name.
    pub(super) kinds: BTreeMap<String, Kind>,
    /// The fields that are called differently, by the path of the column.
    pub(super) fields: BTreeMap<String, Field>,
    /// Fields that have the same value in each line.
    pub(super) constants: BTreeMap<Field, String>,
    /// Columns that are not looked at.
    pub(super) ignored: BTreeSet<String>,
    pub(super) ignores_others: bool,
    /// The unit of times that are whole numbers.
    pub(super) unit: Unit,
    /// Objects with columns inside that have a meaning.
    pub(super) inside: BTreeSet<String>,
}

/// What a column means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Field(Field),
    Kind,
    /// It is an object, and columns inside of it have a meaning.
    Inside,
    Ignored,
    Unknown,
}

impl Columns {
    /// What a column means, by its path.
    pub(super) fn target(&self, path: &str) -> Target {
        // Most lines need no map.
        if !self.fields.is_empty() || !self.ignored.is_empty() || self.kind_column.is_some() {
            if let Some(field) = self.fields.get(path) {
                return Target::Field(*field);
            }
            if self.inside.contains(path) {
                return Target::Inside;
            }
            if self.ignored.contains(path) {
                return Target::Ignored;
            }
            if self.kind_column.as_deref() == Some(path) {
                return Target::Kind;
            }
        }
        if path == "kind" && self.kind.is_none() && self.kind_column.is_none() {
            return Target::Kind;
        }
        match Field::of(path) {
            Some(field) if !self.is_fixed(field) => Target::Field(field),
            Some(_) | None if self.ignores_others || self.is_within(path) => Target::Ignored,
            Some(_) | None => Target::Unknown,
        }
    }

    /// Whether a field has its value from elsewhere.
    fn is_fixed(&self, field: Field) -> bool {
        self.constants.contains_key(&field) || self.fields.values().any(|other| *other == field)
    }

    /// Whether a column is inside of an object of which only some columns have a meaning.
    fn is_within(&self, path: &str) -> bool {
        path.rsplit_once('.').is_some_and(|(object, _)| self.inside.contains(object))
    }

    /// What is wrong with a column that is not known.
    pub(super) fn unknown(&self, path: &str) -> Wrong {
        let known = match self.kind {
            Some(kind) => kind.words(),
            None => Field::WORDS.to_vec(),
        };
        let of = self.kind.map_or(String::new(), |kind| format!(" of kind `{}`", kind.word()));
        let message = format!("there is no field `{path}`{of}");
        let map = "a map can say which field a column is, or ignore it";
        let hint = match nearest(path, &known) {
            Some(near) => format!("did you mean `{near}`? {map}"),
            None => format!("leave it out, or give a map: {map}"),
        };
        Wrong::of_line(message, hint)
    }

    /// The kind of a line, by what its column says.
    ///
    /// # Errors
    ///
    /// When there is no such kind.
    pub(super) fn kind_of(&self, found: Option<&str>) -> Result<Kind, Wrong> {
        if let Some(kind) = self.kind {
            return Ok(kind);
        }
        let column = self.kind_column.as_deref().unwrap_or("kind");
        let Some(found) = found else {
            let message = format!("the field `{column}` is missing");
            let hint = "it says what a line is: `event`, `apply`, …; a map can say it for all lines of a file";
            return Err(Wrong::of_line(message, hint));
        };
        let own = self.kinds.get(found).copied();
        own.or_else(|| Kind::of(found)).ok_or_else(|| {
            let mapped = self.kinds.keys().map(String::as_str);
            let known: Vec<&str> = mapped.chain(Kind::WORDS.iter().copied()).collect();
            let message = format!("there is no kind `{found}`");
            Wrong::of_line(message, hint(found, &known).unwrap_or_default())
        })
    }
}
