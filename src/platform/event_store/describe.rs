//! The state of the store in words: every event with its metadata, the outbox, the open transactions and
//! their locks.

use super::EventStore;
use super::transaction::Phase;
use super::transaction::{Key, Transaction, Work};
use crate::collections::SortedMap;
use crate::kernel::NodeId;
use crate::model::{
    Domain, EventId, Ordinal, Position, Principal, Stored, Strategy, Term, View, ViewId,
    Vocabulary, counted,
};

/// A view, or the table of one instance of it, and how far it has come.
pub(crate) struct Reader {
    pub(crate) name: String,
    pub(crate) view: ViewId,
    pub(crate) upto: Ordinal,
}

/// What the store does not know by itself.
pub(crate) struct Surroundings<'a> {
    pub(crate) readers: Vec<Reader>,
    /// The names of the nodes, by number.
    pub(crate) nodes: &'a [String],
}

impl<D: Domain> EventStore<D> {
    /// All events, the outbox and the open transactions, in words.
    pub(crate) fn describe(
        &self,
        vocabulary: Vocabulary<'_, D>,
        around: &Surroundings<'_>,
    ) -> Vec<String> {
        let count = self.events().len() as u64;
        let taken = self.durable.sequence;
        let mut lines = vec![format!("{}, positions taken up to {taken}", counted(count, "event"))];
        let places = self.events().iter().map(|event| (event.metadata.id, event.position));
        let places = SortedMap::from_iter(places);
        for event in self.events().iter() {
            lines.extend(self.describe_event(&event, &places, vocabulary, around));
        }
        lines.extend(self.describe_outbox(around));
        lines.extend(self.describe_transactions(vocabulary));
        lines
    }

    fn describe_event(
        &self,
        event: &Stored<D::Event>,
        places: &SortedMap<EventId, Position>,
        vocabulary: Vocabulary<'_, D>,
        around: &Surroundings<'_>,
    ) -> [String; 4] {
        let Stored { stream, version, position, metadata, .. } = event;
        let words = vocabulary.term(Term::Event(&event.event));
        let id = |id: EventId| format!("{} #{}", vocabulary.command(id.command), id.nth + 1);
        let actor = match metadata.actor {
            Principal::Customer(customer) => vocabulary.customer(customer),
            Principal::Saga => "saga".to_owned(),
        };
        let causation = metadata.causation.map_or("none".to_owned(), |cause| {
            places.get(&cause).map_or_else(|| id(cause), ToString::to_string)
        });
        let (occurred, recorded) = (metadata.occurred_at, metadata.recorded_at);
        [
            format!("{position} {} {version}  {words}", vocabulary.stream(*stream)),
            format!(
                "    id {} · actor {actor} · occurred {occurred} · recorded {recorded} · schema {}",
                id(metadata.id),
                metadata.schema
            ),
            format!(
                "    correlation {} · causation {causation}",
                vocabulary.command(metadata.correlation)
            ),
            format!("    {}", self.readers_of(event, around)),
        ]
    }

    /// `applied by A, B · not yet by C`.
    fn readers_of(&self, event: &Stored<D::Event>, around: &Surroundings<'_>) -> String {
        let category = event.stream.category;
        let ordinal = self.durable.outbox.ordinal(category, event.position);
        let own = |reader: &&Reader| D::VIEWS[usize::from(reader.view.0)].category == category;
        let (with, without): (Vec<&Reader>, Vec<&Reader>) = around
            .readers
            .iter()
            .filter(own)
            .partition(|reader| ordinal.is_some_and(|ordinal| ordinal <= reader.upto));
        // A synchronous view changes in the step in which the event becomes visible.
        let is_inline = |view: &&View| matches!(view.strategy, Strategy::Synchronous);
        let inline = D::VIEWS.iter().filter(|view| view.category == category).filter(is_inline);
        let inline = inline.map(|view| view.name.to_owned());
        let with: Vec<String> =
            inline.chain(with.into_iter().map(|reader| reader.name.clone())).collect();
        let without: Vec<&str> = without.into_iter().map(|reader| reader.name.as_str()).collect();
        let mut parts = Vec::new();
        if !with.is_empty() {
            parts.push(format!("applied by {}", with.join(", ")));
        }
        if !without.is_empty() {
            parts.push(format!("not yet applied by {}", without.join(", ")));
        }
        if parts.is_empty() { "in no view".to_owned() } else { parts.join(" · ") }
    }

    fn describe_outbox(&self, around: &Surroundings<'_>) -> Vec<String> {
        let outbox = &self.durable.outbox;
        let rows: Vec<String> = outbox.unsent().map(|position| position.to_string()).collect();
        let count = counted(rows.len() as u64, "row");
        let rows = match rows.len() {
            0 => format!("outbox: {count} to send"),
            _ => format!("outbox: {count} to send: {}", rows.join(", ")),
        };
        let lease =
            outbox.lease().map_or("outbox: no lease".to_owned(), |(holder, fence, until)| {
                format!("outbox: lease {fence} of {} until {until}", name(around.nodes, holder))
            });
        vec![rows, lease]
    }

    fn describe_transactions(&self, vocabulary: Vocabulary<'_, D>) -> Vec<String> {
        let open = &self.volatile.open;
        let mut lines = Vec::new();
        for (xid, transaction) in open {
            let Transaction { work, phase, .. } = transaction;
            let keys: Vec<Key> = transaction.keys().collect();
            let key = |key: &Key| match key {
                Key::Command(_) => "its command".to_owned(),
                Key::Stream(stream) => vocabulary.stream(*stream).to_string(),
                Key::Tag(tag) => vocabulary.tag(*tag),
            };
            let held = keys.iter().filter(|key| self.volatile.locks.holder(**key) == Some(*xid));
            let held: Vec<String> = held.map(key).collect();
            let what = match &**work {
                Work::Append(append, first) => {
                    format!("{} from {first}", counted(append.events.len() as u64, "event"))
                }
                Work::Conclude(_) => "an outcome without events".to_owned(),
            };
            let command = vocabulary.command(work.command());
            let mut line = format!("transaction {xid}: {command}, {what}, {}", words(*phase));
            if !held.is_empty() {
                line += &format!(", locks {}", held.join(", "));
            }
            if transaction.phase == Phase::Blocked {
                let waits = keys.iter().find_map(|wanted| {
                    let holder = self.volatile.locks.holder(*wanted)?;
                    (holder != *xid).then(|| (key(wanted), holder))
                });
                if let Some((key, holder)) = waits {
                    line += &format!(", waits for {key} of transaction {holder}");
                }
            }
            lines.push(line);
        }
        let hidden = self.durable.ahead.iter().filter(|(xid, ..)| !open.contains_key(xid)).count();
        if hidden > 0 {
            let hidden = counted(hidden as u64, "transaction");
            lines.push(format!("{hidden} committed before a crash, not visible yet"));
        }
        lines
    }
}

const fn words(phase: Phase) -> &'static str {
    match phase {
        Phase::Begun => "begun",
        Phase::Blocked => "blocked",
        Phase::Inserted => "inserted, not committed",
        Phase::Committed => "committed, not visible yet",
    }
}

fn name(nodes: &[String], node: NodeId) -> &str {
    nodes.get(node.index()).map_or("an unknown node", String::as_str)
}
