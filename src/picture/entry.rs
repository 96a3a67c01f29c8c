//! A picture and its entries.

use std::collections::BTreeMap;

use super::draft::{Draft, Field};
use super::facts::fields;
use super::layout::Layout;
use super::ledgers::{LedgerChange, Ledgers, StockChange};
use super::shown::Shown;
use super::strings::Strings;
use crate::kernel::{Instant, NodeId, Step};
use crate::model::Domain;
use crate::platform::Plan;
use crate::trace::{Detail, Importance, Narrator, Story, Trace};

/// A run as data without the types of its domain.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The texts of fields and rows.
    pub strings: Strings,
    /// What the records say, in words.
    pub sentences: Strings,
    /// What does not change during the run.
    pub layout: Layout,
    /// The category of each stream that occurs, by the number of its name.
    pub streams: BTreeMap<u32, u8>,
    /// The view of each cache key and row that occurs, by the number of its name; `None` for answers that were
    /// gathered from services.
    pub keys: BTreeMap<u32, Option<u8>>,
    /// The records, in order.
    pub entries: Vec<Entry>,
    /// What views show, in order of the records.
    pub rows: Vec<RowChange>,
    /// The ledgers of the services, in order of the steps.
    pub ledgers: Vec<LedgerChange>,
    /// What services have in stock, in order of the steps.
    pub stocks: Vec<StockChange>,
}

/// A record.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The occurrence.
    pub step: Step,
    /// The part of the occurrence.
    pub part: u32,
    /// The virtual time.
    pub at: Instant,
    /// The node that stated it.
    pub node: NodeId,
    /// The place of the first record of what led to it, among all records.
    pub cause: Option<u32>,
    /// The number of the name of the request whose conversation it belongs to; 0 for none.
    pub correlation: u32,
    /// Why it matters.
    pub importance: Importance,
    /// The number, among the sentences, of the name of what acts.
    pub who: u32,
    /// The number of the sentence without its subject.
    pub text: u32,
    /// The kind of fact, in snake case.
    pub kind: &'static str,
    /// Its fields. All records of a kind have the same fields in the same order.
    pub fields: Vec<Field>,
}

/// A row of a view after a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowChange {
    /// The place of the record.
    pub record: u32,
    /// The view.
    pub view: u8,
    /// The number of the row's name.
    pub key: u32,
    /// How often the row has been changed.
    pub revision: u32,
    /// The number of what it shows, in words; 0 if the row does not exist any more.
    pub text: u32,
}

impl Picture {
    /// The picture of a run, of its trace and of what its services entered.
    pub fn of<D: Domain>(
        narrator: Narrator<'_, D>,
        plan: &Plan<D>,
        trace: &Trace<D>,
        ledgers: &Ledgers,
    ) -> Self {
        let vocabulary = narrator.vocabulary;
        let mut sentences = Strings::default();
        let mut draft = Draft::new(vocabulary);
        let mut shown = Shown::new(vocabulary.domain);
        let story = Story::tell(narrator, trace, Detail::Everything);
        let mut entries = Vec::with_capacity(trace.records.len());
        let mut rows = Vec::new();
        for (nth, (record, line)) in trace.records.iter().zip(story.lines()).enumerate() {
            let place = u32::try_from(nth).expect("a run has fewer than 2^32 records");
            let kind = fields(&record.fact, &mut draft);
            let fields = draft.take();
            shown.see(record, |view, key, revision, row| {
                let (key, text) = draft.row(view, key, row);
                rows.push(RowChange { record: place, view: view.0, key, revision, text });
            });
            let correlation = line.correlation.as_deref().unwrap_or_default();
            entries.push(Entry {
                step: record.step,
                part: record.part,
                at: record.at,
                node: record.node,
                cause: story.cause_of(nth).and_then(|cause| u32::try_from(cause).ok()),
                correlation: draft.strings.number(correlation),
                importance: line.importance,
                who: sentences.number(&line.speaker.name),
                text: sentences.number(&line.text),
                kind,
                fields,
            });
        }
        let layout = Layout::of(narrator, plan);
        let (ledgers, stocks) = (ledgers.changes().to_vec(), ledgers.stocks().to_vec());
        let Draft { strings, streams, keys, .. } = draft;
        let streams = streams.into_iter().map(|(id, name)| (name, id.category.0)).collect();
        Self { strings, sentences, layout, streams, keys, entries, rows, ledgers, stocks }
    }
}
