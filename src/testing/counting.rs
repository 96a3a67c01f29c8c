//! The toy domain: a counter can be added to and must not fall below zero. A saga follows each
//! counter and asks a service to stamp it once. In older schemas an addition with a note is one event;
//! current code writes two. There is a view of the totals for each strategy.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use arrayvec::ArrayVec;

use crate::event_names;
use crate::kernel::{Instant, Span};
use crate::model::{
    Answer, AsOf, Ask, Category, CommandOutcome, CustomerId, Domain, Effect, Folded, Gather,
    Lookup, Names, NoPersonalData, OwnWrites, RowKey, Sagas, Schemas, Service, ServiceId, Services,
    Stimulus, Stored, Strategy, StreamId, StreamLookup, Streams, Tag, Tags, Term, Token, Version,
    View, ViewId,
};

const COUNTER: Category = Category(0);
const SAGA: Category = Category(1);

/// The newest schema.
pub(crate) const SCHEMA: u16 = 3;

/// An addition of this much is decided like any other, but violates a property.
pub(crate) const TOO_MUCH: i64 = 1_000_000;
/// The decision on an addition of this much panics.
pub(crate) const PANICS: i64 = 1_000_001;
/// The decision on an addition of this much never comes.
pub(crate) const HANGS: i64 = 1_000_002;
/// The decision on an addition of this much is another one each time.
pub(crate) const FICKLE: i64 = 1_000_003;

/// This note ends its counter.
pub(crate) const ENDS: u32 = 999;

/// An addition of this much is noted, in a row of the counter's own.
pub(crate) const NOTEWORTHY: i64 = 7;

#[derive(Clone, Debug, PartialEq, Hash)]
pub(crate) struct Counting {
    pub(crate) services: [(); 1],
    /// Whether customers read a counter in every view after they added to it.
    pub(crate) curious: bool,
    /// What a customer asks after an accepted command.
    pub(crate) asks: Vec<Query>,
}

/// The totals, brought up to date by a projector.
pub(crate) const TOTALS: ViewId = ViewId(0);
/// The totals, in the transaction.
pub(crate) const HEADS: ViewId = ViewId(1);
/// The totals, on demand.
pub(crate) const RECALLED: ViewId = ViewId(2);

#[derive(Clone, Copy, Debug, PartialEq, Hash)]
pub(crate) enum Event {
    Added(i64),
    /// Something is noted, in a row of its own.
    Noted(u32),
    StampAsked,
    Stamped,
    /// Schema 1: an addition as what came and what went, with a note.
    Moved {
        came: i64,
        went: i64,
        note: u32,
    },
    /// Schema 2: an addition with a note.
    AddedAndNoted(i64, u32),
    /// Schema 2: a stamp that is asked for twice.
    StampAskedTwice,
}

event_names! {
    Event { Added, Noted, StampAsked, Stamped, Moved, AddedAndNoted, StampAskedTwice }
}

#[derive(Clone, Copy, Debug, PartialEq, Hash)]
pub(crate) struct Add {
    pub(crate) counter: u32,
    pub(crate) amount: i64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Hash)]
pub(crate) struct State {
    pub(crate) total: i64,
    stamp: Stamp,
}

impl State {
    pub(crate) fn of(total: i64) -> Self {
        Self { total, stamp: Stamp::None }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Hash)]
enum Stamp {
    #[default]
    None,
    Asked,
    Got,
}

#[derive(Clone, Copy, Debug, PartialEq, Hash)]
pub(crate) struct BelowZero;

#[derive(Clone, Copy, Debug, PartialEq, Hash)]
pub(crate) enum Query {
    Total(u32),
    Head(u32),
    Recalled(u32),
    /// The row of `Recalled`, asked for in other words.
    RecalledOtherwise(u32),
    Stamps,
    /// A counter at a moment, from the store.
    TotalAt(u32, AsOf),
}

#[derive(Clone, Copy, Debug, PartialEq, Hash)]
pub(crate) struct Row {
    pub(crate) total: i64,
    pub(crate) version: Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Hash)]
pub(crate) struct Please;

pub(crate) fn counter(number: u32) -> StreamId {
    StreamId { category: COUNTER, number }
}

impl Domain for Counting {
    const NAME: &'static str = "Counting";
    const CATEGORIES: &'static [&'static str] = &["counter", "saga"];
    const VIEWS: &'static [View] = &[
        View {
            name: "Totals",
            category: COUNTER,
            own_writes: OwnWrites::Pinned,
            strategy: Strategy::Outbox,
        },
        View {
            name: "Heads",
            category: COUNTER,
            own_writes: OwnWrites::Pinned,
            strategy: Strategy::Synchronous,
        },
        View {
            name: "Recalled",
            category: COUNTER,
            own_writes: OwnWrites::Pinned,
            strategy: Strategy::OnDemand,
        },
    ];
    event_names!(Event);
    const REJECTIONS: &'static [&'static str] = &["BelowZero"];
    const TAGS: &'static [&'static str] = &["note"];

    type Command = Add;
    type Event = Event;
    type State = State;
    type Rejection = BelowZero;
    type Query = Query;
    type Row = Row;
    type Action = Add;
    type ClientState = ();
    type Sagas = Self;
    type Services = Self;
    type Privacy = NoPersonalData;
    type Schemas = Self;

    fn streams(&self, command: &Add) -> Streams {
        [counter(command.counter)].into_iter().collect()
    }

    fn blank(&self, _: StreamId) -> State {
        State::default()
    }

    fn decide(
        &self,
        folded: &Folded<'_, State>,
        command: &Add,
        _: Instant,
    ) -> Result<Vec<(StreamId, Event)>, BelowZero> {
        match command.amount {
            PANICS => panic!("the abacus is broken"),
            HANGS => loop {
                std::thread::park();
            },
            FICKLE => {
                static TIMES: AtomicI64 = AtomicI64::new(1);
                let amount = TIMES.fetch_add(1, Ordering::Relaxed);
                return Ok(vec![(counter(command.counter), Event::Added(amount))]);
            }
            _ => {}
        }
        let stream = counter(command.counter);
        if folded.state(stream).total + command.amount < 0 {
            return Err(BelowZero);
        }
        let mut events = vec![(stream, Event::Added(command.amount))];
        if command.amount == NOTEWORTHY {
            events.push((stream, Event::Noted(100 + command.counter)));
        }
        Ok(events)
    }

    fn rejection_name(_: &BelowZero) -> &'static str {
        "BelowZero"
    }

    fn evolve(&self, state: &mut State, event: &Event) {
        match event {
            Event::Added(amount) => state.total += amount,
            Event::StampAsked => state.stamp = Stamp::Asked,
            Event::Stamped => state.stamp = Stamp::Got,
            Event::Noted(_)
            | Event::Moved { .. }
            | Event::AddedAndNoted(..)
            | Event::StampAskedTwice => {}
        }
    }

    fn is_legal_transition(&self, state: &State, event: &Event) -> bool {
        match event {
            Event::Added(amount) => state.total + amount >= 0,
            Event::StampAsked => state.stamp != Stamp::Got,
            Event::Stamped => state.stamp == Stamp::Asked,
            Event::Noted(_) => true,
            Event::Moved { .. } | Event::AddedAndNoted(..) | Event::StampAskedTwice => false,
        }
    }

    fn tags(&self, _: StreamId, event: &Event) -> Tags {
        match event {
            Event::Noted(number) => [Tag { kind: 0, number: *number }].into_iter().collect(),
            _ => Tags::default(),
        }
    }

    fn ends(&self, event: &Event) -> bool {
        matches!(event, Event::Noted(ENDS))
    }

    fn is_change_of_state(&self, event: &Event) -> bool {
        matches!(event, Event::Noted(_))
    }

    fn rows(&self, _: ViewId, event: &Stored<Event>) -> ArrayVec<RowKey, 4> {
        let key = match event.event {
            Event::Noted(note) => note,
            _ => event.stream.number,
        };
        [RowKey(key)].into_iter().collect()
    }

    fn project(&self, _: ViewId, _: RowKey, row: &mut Option<Row>, event: &Stored<Event>) {
        let amount = match event.event {
            Event::Added(amount) => amount,
            Event::Noted(_) => 1,
            _ => return,
        };
        let total = row.map_or(0, |row| row.total) + amount;
        *row = Some(Row { total, version: event.version });
    }

    fn shows(&self, _: ViewId, key: RowKey, row: &Row) -> Vec<Token> {
        vec![Token { stream: counter(key.0), version: row.version }]
    }

    fn lookup(&self, _: CustomerId, query: &Query) -> Lookup<Self> {
        match query {
            Query::Total(counter) => Lookup::Row(TOTALS, RowKey(*counter)),
            Query::Head(counter) => Lookup::Row(HEADS, RowKey(*counter)),
            Query::Recalled(counter) | Query::RecalledOtherwise(counter) => {
                Lookup::Row(RECALLED, RowKey(*counter))
            }
            Query::Stamps => Lookup::Gather(Gather {
                question: 0,
                requests: vec![(ServiceId(0), Please)],
                row: |_, replies| {
                    let total = replies.iter().filter(|(_, reply)| reply.is_some()).count() as i64;
                    Row { total, version: Version(0) }
                },
            }),
            Query::TotalAt(number, as_of) => {
                Lookup::Stream(StreamLookup { stream: counter(*number), row }, *as_of)
            }
        }
    }

    fn pinned(&self, _: CustomerId, query: &Query) -> Option<StreamLookup<Self>> {
        match query {
            Query::Total(number) => Some(StreamLookup { stream: counter(*number), row }),
            Query::Head(_)
            | Query::Recalled(_)
            | Query::RecalledOtherwise(_)
            | Query::Stamps
            | Query::TotalAt(..) => None,
        }
    }

    fn act(&self, _: CustomerId, (): &mut (), action: &Add, _: u64) -> Vec<Ask<Self>> {
        vec![Ask::Command(*action)]
    }

    fn on_answer(&self, _: CustomerId, (): &mut (), answer: &Answer<Self>) -> Vec<Ask<Self>> {
        match answer {
            Answer::Command(Add { counter, .. }, _) if self.curious => {
                [Query::Total(*counter), Query::Head(*counter), Query::Recalled(*counter)]
                    .map(Ask::Query)
                    .into()
            }
            Answer::Command(_, CommandOutcome::Accepted(_)) => {
                self.asks.iter().copied().map(Ask::Query).collect()
            }
            _ => Vec::new(),
        }
    }

    /// A customer never sees enough of a head.
    fn watches(&self, _: CustomerId, (): &(), query: &Query) -> bool {
        matches!(query, Query::Head(_))
    }

    fn say(&self, term: Term<'_, Self>, _: &Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match term {
            Term::Stream(stream) if stream.category == SAGA => write!(f, "s-{}", stream.number),
            Term::Stream(stream) => write!(f, "k-{}", stream.number),
            Term::Event(Event::Added(amount)) => write!(f, "Added {amount}"),
            Term::Event(event) => f.write_str(self.event_name(event)),
            Term::Command(Add { counter, amount }) => write!(f, "Add {amount} to k-{counter}"),
            Term::Rejection(BelowZero) => f.write_str("BelowZero"),
            Term::Query(
                Query::Total(counter)
                | Query::Head(counter)
                | Query::Recalled(counter)
                | Query::RecalledOtherwise(counter),
            ) => {
                write!(f, "the total of k-{counter}")
            }
            Term::Query(Query::Stamps) | Term::Gathered(_) => f.write_str("all stamps"),
            Term::Query(Query::TotalAt(counter, _)) => write!(f, "the past of k-{counter}"),
            Term::Row(row) => write!(f, "{} as of {}", row.total, row.version),
            Term::Request(_, Please) => f.write_str("please stamp"),
            Term::Reply(_, Please) => f.write_str("here you are"),
            Term::Entry(_, stamps) => write!(f, "stamp {stamps}"),
            Term::Ledger(_, stamps) => write!(f, "{stamps} stamps"),
            Term::Timer(timer) => write!(f, "timer {timer}"),
            Term::RowOf(_, RowKey(key)) => write!(f, "total {key}"),
        }
    }
}

impl Schemas<Self> for Counting {
    const SCHEMA: u16 = SCHEMA;

    fn upcast(_: &Self, schema: u16, event: &Event) -> Option<Vec<Event>> {
        match (schema, *event) {
            (1, Event::Moved { came, went, note }) => {
                Some(vec![Event::AddedAndNoted(came - went, note)])
            }
            (2, Event::AddedAndNoted(amount, note)) => {
                Some(vec![Event::Added(amount), Event::Noted(note)])
            }
            (2, Event::StampAskedTwice) => Some(vec![Event::StampAsked; 2]),
            _ => None,
        }
    }

    fn downcast(_: &Self, schema: u16, events: Vec<(StreamId, Event)>) -> Vec<(StreamId, Event)> {
        let mut written: Vec<(StreamId, Event)> = Vec::new();
        for (stream, event) in events {
            match (written.last_mut(), event) {
                (Some((of, last @ Event::Added(_))), Event::Noted(note)) if *of == stream => {
                    let Event::Added(amount) = *last else { unreachable!("just matched") };
                    *last = match schema {
                        1 => Event::Moved { came: amount.max(0), went: (-amount).max(0), note },
                        _ => Event::AddedAndNoted(amount, note),
                    };
                }
                _ => written.push((stream, event)),
            }
        }
        written
    }
}

impl Sagas<Self> for Counting {
    const FOLLOWS: &'static [(Category, Category)] = &[(COUNTER, SAGA)];
    const STATES: &'static [&'static str] = &["StampAsked", "Stamped"];

    fn react(
        domain: &Self,
        saga: &State,
        _: &State,
        stimulus: &Stimulus<'_, Self>,
        _: Instant,
    ) -> Vec<Event> {
        match (saga.stamp, stimulus) {
            (Stamp::None, _) | (Stamp::Asked, Stimulus::Resumed) => vec![Event::StampAsked],
            // The tests of single nodes want a saga that gives up, whole runs one that does not.
            (Stamp::Asked, Stimulus::Silent(..)) if domain.curious => vec![Event::StampAsked],
            (Stamp::Asked, Stimulus::Replied(..) | Stimulus::Reported(_)) => vec![Event::Stamped],
            (Stamp::Asked | Stamp::Got, _) => Vec::new(),
        }
    }

    fn effects(_: &Self, _: &State, event: &Event) -> Vec<Effect<Self>> {
        match event {
            Event::StampAsked => vec![Effect::Call {
                service: ServiceId(0),
                request: Please,
                patience: Span::from_secs(2),
            }],
            _ => Vec::new(),
        }
    }

    fn is_over(_: &Self, saga: &State) -> bool {
        saga.stamp == Stamp::Got
    }

    fn still_wants(_: &Self, saga: &State, _: &Effect<Self>) -> bool {
        saga.stamp == Stamp::Asked
    }
}

impl Services<Self> for Counting {
    type Request = Please;
    type Reply = Please;
    type Ledger = u32;
    type Entry = u32;

    fn services(_: &Self) -> &[Service] {
        const STAMPER: &[Service] = &[Service {
            id: String::new(),
            about: String::new(),
            latency: Span::from_millis(5),
            lookup_lag: Span::ZERO,
        }];
        STAMPER
    }

    fn open(_: &Self) -> Vec<u32> {
        vec![0]
    }

    fn serve(
        _: &Self,
        _: ServiceId,
        stamps: &mut u32,
        request: &Please,
        _: Instant,
        entries: &mut Vec<u32>,
    ) -> Please {
        *stamps += 1;
        entries.push(*stamps);
        *request
    }

    fn fail(_: &Self, _: ServiceId, _: &mut u32, request: &Please, _: bool, _: Instant) -> Please {
        *request
    }
}

fn row(_: &Counting, _: StreamId, version: Version, state: &State) -> Option<Row> {
    (version > Version(0)).then_some(Row { total: state.total, version })
}

/// The toy domain, set up.
pub(crate) fn counting() -> Counting {
    Counting { services: [()], curious: false, asks: Vec::new() }
}
