//! The fields of one record, while they are collected.

use std::collections::BTreeMap;
use std::fmt::{Display, Write};

use super::parts::parts;
use super::strings::Strings;
use crate::kernel::{Instant, NodeId, Span};
use crate::model::{
    CacheKey, CommandId, CommandOutcome, CustomerId, Domain, EffectId, Metadata, Principal,
    RequestId, RowKey, ServiceId, Stored, StreamId, Term, Token, ViewId, Vocabulary,
};

/// The longest text of one field of a state; what is longer is cut.
const STATE_MAX: usize = 240;

/// A field of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What its value means.
    pub of: FieldType,
    /// Its value: a number, a number of a text, 0 or 1, or nanoseconds. −1 is nothing, except for a text, where it
    /// is 0.
    pub value: i64,
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// A number, or the place of something in its list.
    Number,
    /// A number of a text.
    Text,
    /// Whether something is so.
    Flag,
    /// A virtual time or a duration, in nanoseconds.
    Time,
}

/// Collects the fields of one record after the other.
pub(super) struct Draft<'a, D: Domain> {
    pub(super) vocabulary: Vocabulary<'a, D>,
    pub(super) strings: Strings,
    pub(super) streams: BTreeMap<StreamId, u32>,
    pub(super) keys: BTreeMap<u32, Option<u8>>,
    /// The state of each stream, folded from its visible events.
    states: BTreeMap<StreamId, D::State>,
    fields: Vec<Field>,
    /// To write texts into.
    said: String,
}

impl<'a, D: Domain> Draft<'a, D> {
    pub(super) fn new(vocabulary: Vocabulary<'a, D>) -> Self {
        let (streams, keys, states) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let (strings, fields, said) = (Strings::default(), Vec::new(), String::new());
        Self { vocabulary, strings, streams, keys, states, fields, said }
    }

    /// The fields of the record, which is complete.
    pub(super) fn take(&mut self) -> Vec<Field> {
        std::mem::take(&mut self.fields)
    }

    fn add(&mut self, name: &'static str, of: FieldType, value: i64) -> &mut Self {
        self.fields.push(Field { name, of, value });
        self
    }

    /// The number of a text.
    pub(super) fn say(&mut self, text: impl Display) -> u32 {
        self.said.clear();
        let _ = write!(self.said, "{text}");
        self.strings.number(&self.said)
    }

    // ---- plain values

    pub(super) fn number(&mut self, name: &'static str, value: impl Into<u64>) -> &mut Self {
        self.add(name, FieldType::Number, bounded(value.into()))
    }

    pub(super) fn number_or_none(
        &mut self,
        name: &'static str,
        value: Option<impl Into<u64>>,
    ) -> &mut Self {
        let value = value.map_or(-1, |value| bounded(value.into()));
        self.add(name, FieldType::Number, value)
    }

    pub(super) fn flag(&mut self, name: &'static str, value: bool) -> &mut Self {
        self.add(name, FieldType::Flag, value.into())
    }

    pub(super) fn time(&mut self, name: &'static str, at: Instant) -> &mut Self {
        self.time_or_none(name, Some(at))
    }

    pub(super) fn time_or_none(&mut self, name: &'static str, at: Option<Instant>) -> &mut Self {
        let at = at.filter(|at| *at < Instant::MAX);
        self.add(name, FieldType::Time, at.map_or(-1, |at| bounded(at.as_nanos())))
    }

    pub(super) fn span(&mut self, name: &'static str, span: Span) -> &mut Self {
        self.add(name, FieldType::Time, bounded(span.as_nanos()))
    }

    pub(super) fn text(&mut self, name: &'static str, text: impl Display) -> &mut Self {
        let number = self.say(text);
        self.add(name, FieldType::Text, number.into())
    }

    pub(super) fn term(&mut self, name: &'static str, term: Term<'_, D>) -> &mut Self {
        let Vocabulary { domain, names } = self.vocabulary;
        self.text(name, Vocabulary { domain, names }.term(term))
    }

    // ---- things with a name or a place

    pub(super) fn stream(&mut self, name: &'static str, stream: StreamId) -> &mut Self {
        let number = self.stream_name(stream);
        self.add(name, FieldType::Text, number.into())
    }

    pub(super) fn stream_or_none(
        &mut self,
        name: &'static str,
        stream: Option<StreamId>,
    ) -> &mut Self {
        let number = stream.map_or(0, |stream| self.stream_name(stream));
        self.add(name, FieldType::Text, number.into())
    }

    fn stream_name(&mut self, stream: StreamId) -> u32 {
        if let Some(number) = self.streams.get(&stream) {
            return *number;
        }
        let number = self.say(self.vocabulary.stream(stream));
        self.streams.insert(stream, number);
        number
    }

    pub(super) fn command(&mut self, name: &'static str, command: CommandId) -> &mut Self {
        self.text(name, self.vocabulary.command(command))
    }

    /// A request, and the customer whose it is.
    pub(super) fn request(&mut self, request: RequestId) -> &mut Self {
        self.command("request", CommandId::Request(request)).customer(request.customer)
    }

    pub(super) fn customer(&mut self, customer: CustomerId) -> &mut Self {
        self.text("customer", self.vocabulary.customer(customer))
    }

    /// An effect, and the saga whose it is.
    pub(super) fn effect(&mut self, effect: EffectId) -> &mut Self {
        self.stream("saga", effect.saga).command("effect", CommandId::Effect(effect))
    }

    pub(super) fn node(&mut self, name: &'static str, node: NodeId) -> &mut Self {
        self.number(name, u64::from(node.0))
    }

    pub(super) fn view(&mut self, view: ViewId) -> &mut Self {
        self.number("view", view.0)
    }

    pub(super) fn queue(&mut self, queue: u8) -> &mut Self {
        self.number("queue", queue)
    }

    pub(super) fn service(&mut self, service: ServiceId) -> &mut Self {
        self.number("service", service.0)
    }

    pub(super) fn key(&mut self, key: CacheKey) -> &mut Self {
        let number = self.key_name(key);
        self.add("key", FieldType::Text, number.into())
    }

    pub(super) fn key_or_none(&mut self, key: Option<CacheKey>) -> &mut Self {
        let number = key.map_or(0, |key| self.key_name(key));
        self.add("key", FieldType::Text, number.into())
    }

    fn key_name(&mut self, key: CacheKey) -> u32 {
        let number = self.say(self.vocabulary.key(key));
        let view = match key {
            CacheKey::Row(view, _) => Some(view.0),
            CacheKey::Gathered(_) => None,
        };
        self.keys.insert(number, view);
        number
    }

    /// The name of a row, and what it shows.
    pub(super) fn row(&mut self, view: ViewId, key: RowKey, row: Option<&D::Row>) -> (u32, u32) {
        let name = self.key_name(CacheKey::Row(view, key));
        let text = row.map_or(0, |row| {
            let Vocabulary { domain, names } = self.vocabulary;
            self.say(Vocabulary { domain, names }.term(Term::Row(row)))
        });
        (name, text)
    }

    // ---- events and outcomes

    /// Which event.
    pub(super) fn event(&mut self, event: &Stored<D::Event>) -> &mut Self {
        self.number("position", event.position.0)
            .stream("stream", event.stream)
            .number("version", event.version.0)
    }

    /// All of an event.
    pub(super) fn whole_event(&mut self, event: &Stored<D::Event>) -> &mut Self {
        let Metadata { id, schema, correlation, causation, actor, occurred_at, recorded_at } =
            event.metadata;
        let by = match actor {
            Principal::Customer(customer) => self.vocabulary.customer(customer),
            Principal::Saga => String::new(),
        };
        let name = self.vocabulary.domain.event_name(&event.event);
        let caused_by = causation.map(|id| self.vocabulary.command(id.command));
        self.event(event)
            .text("event", name)
            .term("payload", Term::Event(&event.event))
            .parts("data", &event.event, usize::MAX)
            .command("command", id.command)
            .number("nth", id.nth)
            .command("request", correlation)
            .text("caused_by", caused_by.unwrap_or_default())
            .number_or_none("caused_by_nth", causation.map(|id| id.nth))
            .text("actor", by)
            .time("occurred_at", occurred_at)
            .time("recorded_at", recorded_at)
            .number("schema", schema)
    }

    /// The state of the stream of an event that has become visible, after it.
    pub(super) fn state_after(&mut self, event: &Stored<D::Event>) -> &mut Self {
        let domain = self.vocabulary.domain;
        let state = self.states.entry(event.stream).or_insert_with(|| domain.blank(event.stream));
        for part in event.native(domain).iter() {
            domain.evolve(state, part);
        }
        let lines = parts(&format!("{state:?}"), STATE_MAX);
        self.text("state", lines)
    }

    /// A value with its fields, one a line: `name`, a tab, the value.
    fn parts(
        &mut self,
        name: &'static str,
        value: &impl std::fmt::Debug,
        most: usize,
    ) -> &mut Self {
        let lines = parts(&format!("{value:?}"), most);
        self.text(name, lines)
    }

    /// How a command ended: `accepted` with the stream and the version, `rejected` with the reason, `unknown`.
    pub(super) fn outcome(&mut self, outcome: &CommandOutcome<D>) -> &mut Self {
        match outcome {
            CommandOutcome::Accepted(token) => {
                self.text("outcome", "accepted").token(Some(*token)).text("rejection", "")
            }
            CommandOutcome::Refused(why) => {
                self.text("outcome", "rejected").token(None).term("rejection", Term::Rejection(why))
            }
            CommandOutcome::Unknown => self.no_outcome("unknown"),
        }
    }

    /// An answer that is not the outcome of a command, in a word.
    pub(super) fn no_outcome(&mut self, word: &'static str) -> &mut Self {
        self.text("outcome", word).token(None).text("rejection", "")
    }

    /// A version of a stream, or none.
    pub(super) fn token(&mut self, token: Option<Token>) -> &mut Self {
        self.stream_or_none("stream", token.map(|token| token.stream))
            .number_or_none("version", token.map(|token| token.version.0))
    }
}

/// As a number that the other side reads exactly: one of more than 53 bits is cut to the largest that has so many.
fn bounded(value: u64) -> i64 {
    value.min((1 << 53) - 1).cast_signed()
}
