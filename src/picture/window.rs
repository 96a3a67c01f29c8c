//! A part of a long picture, with what is still true of the records before it.
//!
//! The records before a window are condensed to those that say what was true when it begins: of each stream the last
//! event, of each view and stream the last that was applied, of each cache key the last value, and what is under way.
//! Who computes a state from records gets the right one for every record of the window.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Field, FieldType};
use super::entry::{Entry, Picture, RowChange};
use super::ledgers::{Ledgers, StockChange};
use super::strings::Strings;
use crate::kernel::{NodeId, Step};

/// A window of a picture.
#[derive(Clone, Debug)]
pub struct Window {
    /// The records of the window, after those that condense what was before.
    pub picture: Picture,
    /// The number of records that condense what was before.
    pub prefix: usize,
    /// The place of the first record of the window, among all.
    pub from: usize,
    /// The place after the last one.
    pub to: usize,
    /// The number of all records.
    pub of: usize,
}

/// What a condensed record says something about: of each only the last is kept.
type Subject = (&'static str, Vec<i64>);

impl Picture {
    /// At most this many records, with the one of this place in the last quarter.
    #[must_use]
    pub fn window(&self, most: usize, around: usize) -> Window {
        let of = self.entries.len();
        let to = (around + most / 4).clamp(most.min(of), of);
        let from = to.saturating_sub(most);
        let mut kept = self.condensed(from);
        let prefix = kept.len();
        kept.extend(from..to);
        let picture = Narrowing::default().narrow(self, &kept, prefix, from, to);
        Window { picture, prefix, from, to, of }
    }

    /// The places of the records before one that say what is true there.
    fn condensed(&self, from: usize) -> Vec<usize> {
        let mut last: BTreeMap<Subject, usize> = BTreeMap::new();
        // How many messages wait at a node is said by the last one that had to, and those that were taken since.
        let mut waiting: BTreeMap<NodeId, Vec<usize>> = BTreeMap::new();
        for (nth, entry) in self.entries[..from].iter().enumerate() {
            match entry.kind {
                "queued" => drop(waiting.insert(entry.node, vec![nth])),
                "dequeued" => waiting.entry(entry.node).or_default().push(nth),
                "restarted" => drop(waiting.remove(&entry.node)),
                _ => {}
            }
            if let Some(subject) = subject(entry) {
                last.insert(subject, nth);
            }
        }
        let places = last.into_values().chain(waiting.into_values().flatten());
        let places: BTreeSet<usize> = places.collect();
        places.into_iter().collect()
    }
}

/// What a record says something about that lasts; `None` if it says nothing that lasts.
fn subject(entry: &Entry) -> Option<Subject> {
    let about = |names: &[&str]| {
        let value = |name: &&str| entry.fields.iter().find(|field| field.name == *name);
        names.iter().filter_map(value).map(|field| field.value).collect::<Vec<i64>>()
    };
    Some(match entry.kind {
        "stored" | "snapshotted" => (entry.kind, about(&["stream"])),
        "applied" | "applied_inline" | "buffered" => ("applied", about(&["view", "stream"])),
        "caught_up" => ("caught_up", vec![entry.node.0.into(), about(&["view"])[0]]),
        "rebuild_started" | "rebuilt" => ("rebuilt", about(&["view"])),
        "commanded" | "queried" | "told" | "erase_asked" | "watched" | "unwatched" => {
            ("request", about(&["request"]))
        }
        "cache_filled" | "cache_refreshed" | "cache_lost" | "cache_get" => {
            ("cache", about(&["key"]))
        }
        "cache_pinned" => ("pinned", about(&["key", "stream"])),
        "timer_set" | "timer_cancelled" | "timer_fired" => ("timer", about(&["saga", "timer"])),
        "called" | "gave_up" => ("called", about(&["saga", "service"])),
        "replied" => ("replied", about(&["saga", "service"])),
        "saga_commanded" | "saga_told" => ("saga_commanded", about(&["effect"])),
        "published" | "marked" | "leased" => (entry.kind, Vec::new()),
        "subscribed" => ("subscribed", about(&["queue"])),
        "delivered" | "acked" | "requeued" | "dead_lettered" | "parked" => {
            ("queued", about(&["queue", "position"]))
        }
        "fault" => ("fault", about(&["fault", "from", "to"])),
        "restarted" => ("restarted", vec![entry.node.0.into()]),
        "opened" => ("opened", about(&["service"])),
        "breaker" => ("breaker", vec![entry.node.0.into(), about(&["service"])[0]]),
        "key_made" | "erased" => ("key", about(&["customer"])),
        _ => return None,
    })
}

/// A picture with fewer records and only the texts that these need.
#[derive(Debug, Default)]
struct Narrowing {
    strings: Strings,
    sentences: Strings,
    numbers: BTreeMap<u32, u32>,
}

impl Narrowing {
    fn narrow(
        mut self,
        whole: &Picture,
        kept: &[usize],
        prefix: usize,
        from: usize,
        to: usize,
    ) -> Picture {
        let entries = kept.iter().map(|nth| self.entry(whole, kept, *nth)).collect();
        let rows = self.rows(whole, prefix, from, to);
        let steps = whole.entries.get(from).map_or(Step(0), |entry| entry.step)
            ..=whole.entries[..to].last().map_or(Step(0), |entry| entry.step);
        let named = |strings: &mut Self, names: &BTreeMap<u32, u8>| {
            let is_used = |name: &u32| strings.numbers.get(name).copied();
            names.iter().filter_map(|(name, of)| Some((is_used(name)?, *of))).collect()
        };
        let streams = named(&mut self, &whole.streams);
        let keys = whole.keys.iter();
        let keys =
            keys.filter_map(|(name, view)| Some((*self.numbers.get(name)?, *view))).collect();
        Picture {
            layout: whole.layout.clone(),
            streams,
            keys,
            entries,
            rows,
            ledgers: Ledgers::between(&whole.ledgers, *steps.start(), *steps.end()),
            stocks: stocks(&whole.stocks, *steps.start(), *steps.end()),
            strings: self.strings,
            sentences: self.sentences,
        }
    }

    fn entry(&mut self, whole: &Picture, kept: &[usize], nth: usize) -> Entry {
        let entry = &whole.entries[nth];
        let place = |cause: u32| kept.binary_search(&(cause as usize)).ok();
        let field = |field: &Field| match field.of {
            FieldType::Text => {
                let number = u32::try_from(field.value).unwrap_or_default();
                Field { value: self.text(whole, number).into(), ..*field }
            }
            FieldType::Number | FieldType::Flag | FieldType::Time => *field,
        };
        let fields = entry.fields.iter().map(field).collect();
        let cause = entry.cause.and_then(place).and_then(|place| u32::try_from(place).ok());
        Entry {
            fields,
            cause,
            correlation: self.text(whole, entry.correlation),
            who: self.sentences.number(whole.sentences.text(entry.who)),
            text: self.sentences.number(whole.sentences.text(entry.text)),
            ..*entry
        }
    }

    /// The rows as they are when the window begins, at the last record before it, and the changes in it.
    fn rows(&mut self, whole: &Picture, prefix: usize, from: usize, to: usize) -> Vec<RowChange> {
        let node = |row: &RowChange| whole.entries[row.record as usize].node;
        let begin = whole.rows.partition_point(|row| (row.record as usize) < from);
        let end = whole.rows.partition_point(|row| (row.record as usize) < to);
        let mut last: BTreeMap<_, &RowChange> = BTreeMap::new();
        for row in &whole.rows[..begin] {
            last.insert((row.view, node(row), row.key), row);
        }
        let first = prefix.saturating_sub(1) as u32;
        let before = last.into_values().map(|row| RowChange { record: first, ..*row });
        let moved = |row: &RowChange| {
            let record = row.record - from as u32 + prefix as u32;
            RowChange { record, ..*row }
        };
        let all: Vec<RowChange> = before.chain(whole.rows[begin..end].iter().map(moved)).collect();
        let named = |row: RowChange| RowChange {
            key: self.text(whole, row.key),
            text: self.text(whole, row.text),
            ..row
        };
        all.into_iter().map(named).collect()
    }

    fn text(&mut self, whole: &Picture, number: u32) -> u32 {
        let Self { strings, numbers, .. } = self;
        *numbers.entry(number).or_insert_with(|| strings.number(whole.strings.text(number)))
    }
}

/// The changes in these steps, after the stocks as they are when the first one begins.
fn stocks(changes: &[StockChange], from: Step, to: Step) -> Vec<StockChange> {
    let begin = changes.partition_point(|change| change.step < from);
    let end = changes.partition_point(|change| change.step <= to);
    let before: BTreeMap<_, _> =
        changes[..begin].iter().map(|change| (change.service, change)).collect();
    let first = |change: &StockChange| StockChange { step: Step(0), ..change.clone() };
    before.into_values().map(first).chain(changes[begin..end].iter().cloned()).collect()
}
