//! The records as columns, and what goes with them: rows, ledgers, texts.
//!
//! What depends most on the kind of a record is in order of the kinds: the node, the sentence and the like are then the
//! same a hundred times in a row, which makes a long run a tenth smaller. A request is said only where it differs from
//! that of the cause, which saves as much again.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;

use super::column::{Column, Members};
use super::templates::{Template, Templates};
use crate::model::StockItem;
use crate::picture::{Entry, FieldType, LedgerChange, Picture, RowChange, StockChange};
use crate::trace::Importance;

/// The records.
#[derive(Serialize)]
pub(super) struct RecordsDoc {
    n: usize,
    kinds: Vec<&'static str>,
    kind: Column,
    step: Column,
    part: Column,
    at: Column,
    node: Column,
    cause: Column,
    who: Column,
    text: Column,
    request: Column,
    importance: Column,
    templates: Vec<Template>,
    fields: Members<'static, Members<'static, Column>>,
}

impl RecordsDoc {
    /// The records at these places.
    pub(super) fn of(picture: &Picture, places: Range<usize>, templates: &mut Templates) -> Self {
        let (first, entries) = (places.start, &picture.entries[places]);
        let Picture { strings, sentences, .. } = picture;
        let listed = templates.count();
        let number = FieldType::Number;
        let column = |of, value: fn(&Entry) -> i64| Column::of(of, entries.iter().map(value));
        let mut kinds: Vec<&'static str> = Vec::new();
        let mut fields: Vec<Vec<(&'static str, Column)>> = Vec::new();
        let mut known: BTreeMap<&'static str, usize> = BTreeMap::new();
        let mut kind = Column::new(number);
        for entry in entries {
            let nth = *known.entry(entry.kind).or_insert_with(|| {
                kinds.push(entry.kind);
                let empty = entry.fields.iter().map(|field| (field.name, Column::new(field.of)));
                fields.push(empty.collect());
                kinds.len() - 1
            });
            kind.push(nth as i64);
            assert_eq!(fields[nth].len(), entry.fields.len(), "a {} has its fields", entry.kind);
            for ((name, column), field) in fields[nth].iter_mut().zip(&entry.fields) {
                assert_eq!(*name, field.name, "fields of a {} have one order", entry.kind);
                column.push(field.value);
            }
        }
        let mut by_kind: Vec<usize> = (0..entries.len()).collect();
        by_kind.sort_by_key(|nth| known[entries[*nth].kind]);
        let sorted = |value: &mut dyn FnMut(usize, &Entry) -> i64| {
            Column::of(number, by_kind.iter().map(|nth| value(*nth, &entries[*nth])))
        };
        let mut templated = |text: fn(&Entry) -> u32| {
            sorted(&mut |_, entry| templates.number(sentences.text(text(entry)), entry, strings))
        };
        let request = |entry: &Entry| {
            let cause = entry.cause.map(|cause| &picture.entries[cause as usize]);
            let is_same = cause.is_some_and(|cause| cause.correlation == entry.correlation);
            if is_same { -1 } else { entry.correlation.into() }
        };
        let named = kinds.iter().copied().zip(fields.into_iter().map(Members));
        Self {
            n: entries.len(),
            kind,
            step: column(number, |entry| entry.step.0.cast_signed()),
            part: sorted(&mut |_, entry| entry.part.into()),
            at: column(FieldType::Time, |entry| entry.at.as_nanos().cast_signed()),
            node: sorted(&mut |_, entry| entry.node.0.into()),
            cause: sorted(&mut |nth, entry| {
                entry.cause.map_or(0, |cause| (first + nth) as i64 - i64::from(cause))
            }),
            who: templated(|entry| entry.who),
            text: templated(|entry| entry.text),
            request: Column::of(FieldType::Text, entries.iter().map(request)),
            importance: sorted(&mut |_, entry| importance(entry.importance)),
            templates: templates.after(listed),
            fields: Members(named.collect()),
            kinds,
        }
    }
}

const fn importance(of: Importance) -> i64 {
    match of {
        Importance::Routine => 0,
        Importance::News => 1,
        Importance::Rejection => 2,
        Importance::Trouble => 3,
        Importance::Fault => 4,
    }
}

/// What rows of views show, as columns.
#[derive(Serialize)]
pub(super) struct RowsDoc {
    n: usize,
    record: Column,
    view: Column,
    key: Column,
    revision: Column,
    text: Column,
}

impl RowsDoc {
    pub(super) fn of(rows: &[RowChange]) -> Self {
        let (number, text) = (FieldType::Number, FieldType::Text);
        let column = |of, value: fn(&RowChange) -> i64| Column::of(of, rows.iter().map(value));
        Self {
            n: rows.len(),
            record: column(number, |row| row.record.into()),
            view: column(number, |row| row.view.into()),
            key: column(text, |row| row.key.into()),
            revision: column(number, |row| row.revision.into()),
            text: column(text, |row| row.text.into()),
        }
    }
}

/// A change of a ledger.
#[derive(Serialize)]
pub(super) struct LedgerDoc<'a> {
    step: u64,
    service: u8,
    from: usize,
    removed: usize,
    lines: &'a [String],
}

impl<'a> LedgerDoc<'a> {
    pub(super) fn of(change: &'a LedgerChange) -> Self {
        let LedgerChange { step, service, from, removed, lines } = change;
        Self { step: step.0, service: service.0, from: *from, removed: *removed, lines }
    }
}

/// A change of a stock.
#[derive(Serialize)]
pub(super) struct StockDoc<'a> {
    step: u64,
    service: u8,
    items: Vec<ItemDoc<'a>>,
}

#[derive(Serialize)]
struct ItemDoc<'a> {
    name: &'a str,
    of: u32,
    uses: Vec<UseDoc>,
}

#[derive(Serialize)]
struct UseDoc {
    word: &'static str,
    n: u32,
}

impl<'a> StockDoc<'a> {
    pub(super) fn of(change: &'a StockChange) -> Self {
        let used = |(word, n): &(&'static str, u32)| UseDoc { word, n: *n };
        let item = |item: &'a StockItem| ItemDoc {
            name: &item.name,
            of: item.of,
            uses: item.uses.iter().map(used).collect(),
        };
        let items = change.items.iter().map(item).collect();
        Self { step: change.step.0, service: change.service.0, items }
    }
}

/// The streams that occur, as columns.
#[derive(Serialize)]
pub(super) struct StreamsDoc {
    n: usize,
    name: Column,
    category: Column,
}

impl StreamsDoc {
    pub(super) fn of(picture: &Picture) -> Self {
        let streams = &picture.streams;
        Self {
            n: streams.len(),
            name: Column::of(FieldType::Text, streams.keys().map(|name| (*name).into())),
            category: Column::of(FieldType::Number, streams.values().map(|it| (*it).into())),
        }
    }
}

/// The keys of rows and cache entries that occur, as columns.
#[derive(Serialize)]
pub(super) struct KeysDoc {
    n: usize,
    name: Column,
    view: Column,
}

impl KeysDoc {
    pub(super) fn of(picture: &Picture) -> Self {
        let views = picture.keys.values().map(|view| view.map_or(-1, i64::from));
        Self {
            n: picture.keys.len(),
            name: Column::of(FieldType::Text, picture.keys.keys().map(|name| (*name).into())),
            view: Column::of(FieldType::Number, views),
        }
    }
}
