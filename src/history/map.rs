//! Maps: files that say which column of a table means which field.
//!
//! ```ron
//! Map(
//!     tables: [
//!         (file: "orders.jsonl", kind: "event", columns: {"aggregate_id": "stream", "seq": "version"}),
//!         (file: "inbox.jsonl", kind: "apply", columns: {"message_id": "event"}, constants: {"consumer": "billing"}),
//!     ],
//!     subscriptions: [(consumer: "billing", categories: ["order"])],
//! )
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;

use super::columns::Columns;
use super::fact::Fact;
use super::moment::Unit;
use super::reader::named;
use super::scope::Scope;
use super::vocabulary::{Field, Kind};
use crate::scenario::{Complaints, Diagnostic, Draft, Place};

/// The name before the parentheses of a map.
const MAP: &str = "Map";

/// What other people's columns mean.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Map {
    /// The version of the first event of a stream: 0 or 1.
    first_version: u32,
    /// Whether the history contains every stream from its first event on.
    whole: bool,
    /// Whether the lines of one file are in the order in which things happened.
    in_order: bool,
    /// The unit of times that are whole numbers.
    times: Unit,
    tables: Vec<Table>,
    subscriptions: Vec<Subscription>,
}

/// One table, or several that are alike.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Table {
    /// The file; any file that no other table names if absent.
    file: Option<String>,
    /// The kind of all lines.
    kind: Option<String>,
    /// The column that tells the kind.
    kind_column: Option<String>,
    /// The kind for each value of that column.
    kinds: BTreeMap<String, String>,
    /// The field that each column means. A column inside of an object is `object.column`.
    columns: BTreeMap<String, String>,
    /// Fields that have the same value in all lines.
    constants: BTreeMap<String, String>,
    /// Columns that mean nothing.
    ignore: Vec<String>,
    /// Whether all other columns mean nothing.
    ignore_others: bool,
}

/// What a consumer must see.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subscription {
    consumer: String,
    #[serde(default)]
    categories: Option<Vec<String>>,
    #[serde(default)]
    types: Option<Vec<String>>,
    #[serde(default = "yes")]
    in_order: bool,
}

const fn yes() -> bool {
    true
}

impl Default for Map {
    fn default() -> Self {
        let (times, tables, subscriptions) = (Unit::default(), Vec::new(), Vec::new());
        Self { first_version: 1, whole: true, in_order: true, times, tables, subscriptions }
    }
}

impl Map {
    /// Reads a map.
    ///
    /// # Errors
    ///
    /// All errors in it, in order of lines.
    pub fn load(path: &str, bytes: &[u8]) -> Result<Self, Vec<Diagnostic>> {
        let draft: Draft<'_, Self> = Draft::read(path, bytes, MAP)?;
        let mut complaints = Complaints::default();
        draft.value.complain(&mut complaints);
        if complaints.count() > 0 {
            return Err(draft.diagnostics(complaints));
        }
        Ok(draft.value)
    }

    fn complain(&self, complaints: &mut Complaints) {
        if self.first_version > 1 {
            let place = Place::top().field("first_version");
            complaints.add(place, "the first version is 0 or 1", "write one of them");
        }
        for (number, table) in self.tables.iter().enumerate() {
            table.complain(&Place::top().field("tables").item(number), complaints);
        }
        let files = self.tables.iter().map(|table| table.file.as_deref());
        for (number, file) in files.clone().enumerate() {
            if files.clone().take(number).any(|other| other == file) {
                let place = Place::top().field("tables").item(number).field("file");
                let message = match file {
                    Some(file) => format!("two tables describe `{file}`"),
                    None => "two tables have no `file`".to_owned(),
                };
                complaints.add(place, message, "one table describes each file");
            }
        }
    }

    /// What a history of so many inputs covers.
    pub(super) fn scope(&self, inputs: usize) -> Scope {
        Scope {
            first_version: self.first_version,
            is_whole: self.whole,
            is_ordered: self.in_order && inputs == 1,
            is_at_rest: true,
        }
    }

    /// What the map says of consumers.
    pub(super) fn subscriptions(&self) -> impl Iterator<Item = Fact<'_>> {
        fn texts(list: &Option<Vec<String>>) -> Option<Vec<std::borrow::Cow<'_, str>>> {
            list.as_ref().map(|list| list.iter().map(|text| text.as_str().into()).collect())
        }
        self.subscriptions.iter().map(|it| Fact::Subscription {
            consumer: named(&it.consumer),
            categories: texts(&it.categories),
            types: texts(&it.types),
            in_order: it.in_order,
        })
    }

    /// The columns of an input.
    pub(super) fn columns(&self, input: &str) -> Columns {
        let is_own = |table: &&Table| table.file.as_deref().is_some_and(|file| is_of(file, input));
        let own = self.tables.iter().find(is_own);
        let table = own.or_else(|| self.tables.iter().find(|table| table.file.is_none()));
        Columns { unit: self.times, ..table.map_or_else(Columns::default, Table::columns) }
    }

    /// A file that a table describes and that is no input.
    pub fn unused(&self, inputs: &[String]) -> Option<&str> {
        let mut files = self.tables.iter().filter_map(|table| table.file.as_deref());
        files.find(|file| !inputs.iter().any(|input| is_of(file, input)))
    }
}

/// Whether a table of a map describes an input: by its path or by its last part. `-` is standard input.
fn is_of(file: &str, input: &str) -> bool {
    let base = input.rsplit('/').next().unwrap_or(input);
    file == input || file == base || file == "-" && input == "standard input"
}

impl Table {
    fn complain(&self, place: &Place, complaints: &mut Complaints) {
        if let Some(kind) = &self.kind {
            if Kind::of(kind).is_none() {
                complaints.unknown(place.field("kind"), "kind", kind, Kind::WORDS);
            }
            if self.kind_column.is_some() || !self.kinds.is_empty() {
                let hint = "write `kind`, or `kind_column` and `kinds`";
                complaints.add(place.field("kind"), "the kind is given twice", hint);
            }
        }
        for kind in self.kinds.values().filter(|kind| Kind::of(kind).is_none()) {
            complaints.unknown(place.field("kinds"), "kind", kind, Kind::WORDS);
        }
        let kind = self.kind.as_deref().and_then(Kind::of);
        let known = kind.map_or_else(|| Field::WORDS.to_vec(), Kind::words);
        let of =
            kind.map_or("field".to_owned(), |kind| format!("field of kind `{}`,", kind.word()));
        for (fields, name) in [
            (self.columns.values().collect::<Vec<_>>(), "columns"),
            (self.constants.keys().collect(), "constants"),
        ] {
            for (number, field) in fields.iter().enumerate() {
                if !known.contains(&field.as_str()) {
                    complaints.unknown(place.field(name), &of, field, &known);
                } else if fields[..number].contains(field) {
                    let message = format!("two columns mean `{field}`");
                    complaints.add(place.field(name), message, "a field has one value");
                }
            }
        }
    }

    fn columns(&self) -> Columns {
        let field = |(name, field): (&String, &String)| Some((name.clone(), Field::of(field)?));
        let inside = self
            .columns
            .keys()
            .flat_map(|path| path.match_indices('.').map(|(at, _)| path[..at].to_owned()));
        let kinds = self.kinds.iter();
        Columns {
            kind: self.kind.as_deref().and_then(Kind::of),
            kind_column: self.kind_column.clone(),
            kinds: kinds.filter_map(|(says, kind)| Some((says.clone(), Kind::of(kind)?))).collect(),
            fields: self.columns.iter().filter_map(field).collect(),
            constants: self
                .constants
                .iter()
                .filter_map(|(field, value)| Some((Field::of(field)?, value.clone())))
                .collect(),
            ignored: self.ignore.iter().cloned().collect(),
            ignores_others: self.ignore_others,
            unit: Unit::default(),
            inside: inside.collect(),
        }
    }
}
