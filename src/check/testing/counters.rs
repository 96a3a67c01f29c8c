//! Counters that are added to and closed, each followed by a saga that begins and ends.

use std::fmt;

use crate::kernel::{Instant, Span};
use crate::model::{
    AsOf, Ask, Category, CustomerId, Domain, Effect, Folded, Gather, Lookup, Names, NoPersonalData,
    OwnWrites, RowKey, RowKeys, Sagas, Schemas, Service, ServiceId, Services, Stimulus, Stored,
    Strategy, StreamId, StreamLookup, Streams, Term, Token, Version, View, ViewId,
};

pub(in crate::check) const fn counter(number: u32) -> StreamId {
    StreamId { category: Category(0), number }
}

pub(in crate::check) const fn saga(number: u32) -> StreamId {
    StreamId { category: Category(1), number }
}

/// The newest schema.
pub(in crate::check) const SCHEMA: u16 = 3;

/// What schema 1 could count to.
const TALLY_MAX: u32 = 999;

/// The totals of all counters, pinned.
pub(in crate::check) const TOTALS: ViewId = ViewId(0);
/// How far the sagas are.
pub(in crate::check) const STEPS: ViewId = ViewId(1);
/// The totals once more, in the transaction.
pub(in crate::check) const HEADS: ViewId = ViewId(2);
/// The totals once more, on demand.
pub(in crate::check) const RECALLED: ViewId = ViewId(3);

#[derive(Clone, Debug, PartialEq, Hash)]
pub(in crate::check) struct Counters;

#[derive(Clone, Debug, PartialEq, Hash)]
pub(in crate::check) enum Counted {
    Added(u32),
    /// `Added` of schema 1, which also said whether it was the last before the counter is closed.
    Tallied {
        tens: u32,
        ones: u32,
        last: bool,
    },
    /// What schema 2 made of the last `Added` and the `Closed` after it.
    Settled(u32),
    Closed,
    Began,
    /// It is handed to an operator.
    Stuck,
    /// It is handed to an operator, who does the rest.
    Shelved,
    Ended,
}

#[derive(Clone, Debug, PartialEq, Hash)]
pub(in crate::check) enum State {
    Open,
    Closed,
    Idle,
    Begun,
    Stuck,
    Shelved,
    Ended,
}

#[derive(Clone, Debug, PartialEq, Hash)]
pub(in crate::check) struct Total {
    pub(in crate::check) sum: u32,
    pub(in crate::check) version: Version,
}

#[derive(Clone, Debug, PartialEq, Hash)]
pub(in crate::check) enum Asked {
    Total(u32),
    Progress(u32),
    Head(u32),
    Recalled(u32),
    Opinions,
    /// A counter at a moment, from the store.
    Then(u32, AsOf),
}

impl Domain for Counters {
    const NAME: &'static str = "Counters";
    const CATEGORIES: &'static [&'static str] = &["counter", "saga"];
    const VIEWS: &'static [View] = &[
        View {
            name: "Totals",
            category: Category(0),
            own_writes: OwnWrites::Pinned,
            strategy: Strategy::Outbox,
        },
        View {
            name: "Steps",
            category: Category(1),
            own_writes: OwnWrites::Unpromised,
            strategy: Strategy::Outbox,
        },
        View {
            name: "Heads",
            category: Category(0),
            own_writes: OwnWrites::Pinned,
            strategy: Strategy::Synchronous,
        },
        View {
            name: "Recalled",
            category: Category(0),
            own_writes: OwnWrites::Pinned,
            strategy: Strategy::OnDemand,
        },
    ];
    const EVENTS: &'static [&'static str] =
        &["Added", "Settled", "Closed", "Began", "Stuck", "Shelved", "Ended"];

    type Command = u8;
    type Event = Counted;
    type State = State;
    type Rejection = u8;
    type Query = Asked;
    type Row = Total;
    type Action = u8;
    type ClientState = ();
    type Sagas = Self;
    type Services = Self;
    type Privacy = NoPersonalData;
    type Schemas = Self;

    fn streams(&self, command: &u8) -> Streams {
        Streams::from_iter([counter(u32::from(*command))])
    }

    fn blank(&self, stream: StreamId) -> State {
        if stream.category == Category(0) { State::Open } else { State::Idle }
    }

    fn decide(
        &self,
        folded: &Folded<'_, State>,
        command: &u8,
        _: Instant,
    ) -> Result<Vec<(StreamId, Counted)>, u8> {
        let stream = counter(u32::from(*command));
        match folded.state(stream) {
            State::Open => Ok(vec![(stream, Counted::Added(1))]),
            State::Closed
            | State::Idle
            | State::Begun
            | State::Stuck
            | State::Shelved
            | State::Ended => Err(*command),
        }
    }

    fn evolve(&self, state: &mut State, event: &Counted) {
        *state = match event {
            Counted::Added(_) | Counted::Tallied { .. } | Counted::Settled(_) => return,
            Counted::Closed => State::Closed,
            Counted::Began => State::Begun,
            Counted::Stuck => State::Stuck,
            Counted::Shelved => State::Shelved,
            Counted::Ended => State::Ended,
        };
    }

    fn is_legal_transition(&self, state: &State, event: &Counted) -> bool {
        match event {
            Counted::Added(_) | Counted::Closed => *state == State::Open,
            Counted::Tallied { .. } | Counted::Settled(_) => false,
            Counted::Began => *state == State::Idle,
            Counted::Stuck | Counted::Shelved | Counted::Ended => *state == State::Begun,
        }
    }

    fn event_name(&self, event: &Counted) -> &'static str {
        match event {
            Counted::Added(_) | Counted::Tallied { .. } => "Added",
            Counted::Settled(_) => "Settled",
            Counted::Closed => "Closed",
            Counted::Began => "Began",
            Counted::Stuck => "Stuck",
            Counted::Shelved => "Shelved",
            Counted::Ended => "Ended",
        }
    }

    fn project(&self, _: ViewId, _: RowKey, row: &mut Option<Total>, event: &Stored<Counted>) {
        let before = row.as_ref().map_or(0, |row| row.sum);
        let more = match event.event {
            Counted::Added(more) => more,
            Counted::Stuck | Counted::Shelved => 1,
            Counted::Tallied { .. }
            | Counted::Settled(_)
            | Counted::Closed
            | Counted::Began
            | Counted::Ended => 0,
        };
        *row = Some(Total { sum: before + more, version: event.version });
    }

    fn shows(&self, view: ViewId, key: RowKey, row: &Total) -> Vec<Token> {
        let stream = if view == STEPS { saga(key.0) } else { counter(key.0) };
        vec![Token { stream, version: row.version }]
    }

    /// A step has one operator if its saga is handed over.
    fn misstates(&self, view: ViewId, row: &Total, _: StreamId, state: &State) -> Option<String> {
        let is_handed_over = matches!(state, State::Stuck | State::Shelved);
        let is_so = view != STEPS || row.sum == u32::from(is_handed_over);
        (!is_so).then(|| format!("\"{} as of {}\"", row.sum, row.version))
    }

    fn shown_in(&self, view: ViewId, stream: StreamId, state: &State) -> RowKeys {
        let is_shown = view == STEPS && *state != State::Idle;
        is_shown.then_some(RowKey(stream.number)).into_iter().collect()
    }

    fn lookup(&self, _: CustomerId, query: &Asked) -> Lookup<Self> {
        match query {
            Asked::Total(number) => Lookup::Row(TOTALS, RowKey(*number)),
            Asked::Head(number) => Lookup::Row(HEADS, RowKey(*number)),
            Asked::Recalled(number) => Lookup::Row(RECALLED, RowKey(*number)),
            Asked::Progress(number) => Lookup::Row(STEPS, RowKey(*number)),
            Asked::Opinions => Lookup::Gather(Gather {
                question: 0,
                requests: Vec::new(),
                row: |_, replies| Total { sum: replies.len() as u32, version: Version(0) },
            }),
            Asked::Then(number, as_of) => {
                Lookup::Stream(StreamLookup { stream: counter(*number), row }, *as_of)
            }
        }
    }

    fn pinned(&self, _: CustomerId, query: &Asked) -> Option<StreamLookup<Self>> {
        match query {
            Asked::Total(number) => Some(StreamLookup { stream: counter(*number), row }),
            Asked::Head(_)
            | Asked::Recalled(_)
            | Asked::Progress(_)
            | Asked::Opinions
            | Asked::Then(..) => None,
        }
    }

    fn act(&self, _: CustomerId, (): &mut (), _: &u8, _: u64) -> Vec<Ask<Self>> {
        Vec::new()
    }

    fn say(&self, term: Term<'_, Self>, _: &Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match term {
            Term::Stream(stream) if stream.category == Category(0) => {
                write!(f, "k-{}", stream.number)
            }
            Term::Stream(stream) => write!(f, "s-{}", stream.number),
            Term::Event(Counted::Added(more)) => write!(f, "added {more}"),
            Term::Event(event) => f.write_str(self.event_name(event)),
            Term::Query(Asked::Total(number)) => write!(f, "total {number}"),
            Term::Query(Asked::Then(number, AsOf::Version(version))) => {
                write!(f, "k-{number} as of {version}")
            }
            Term::Row(row) => write!(f, "{} as of {}", row.sum, row.version),
            Term::RowOf(_, key) => write!(f, "row {}", key.0),
            Term::Query(
                Asked::Progress(_)
                | Asked::Head(_)
                | Asked::Recalled(_)
                | Asked::Opinions
                | Asked::Then(..),
            )
            | Term::Command(_)
            | Term::Rejection(_)
            | Term::Request(..)
            | Term::Reply(..)
            | Term::Entry(..)
            | Term::Ledger(..)
            | Term::Timer(_)
            | Term::Gathered(_) => write!(f, "{term:?}"),
        }
    }
}

impl Schemas<Self> for Counters {
    const SCHEMA: u16 = SCHEMA;

    fn upcast(_: &Self, schema: u16, event: &Counted) -> Option<Vec<Counted>> {
        match (schema, event) {
            (1, Counted::Tallied { tens, ones, last: false }) => {
                Some(vec![Counted::Added(tens * 10 + ones)])
            }
            (1, Counted::Tallied { tens, ones, last: true }) => {
                Some(vec![Counted::Settled(tens * 10 + ones)])
            }
            (2, Counted::Settled(more)) => Some(vec![Counted::Added(*more), Counted::Closed]),
            _ => None,
        }
    }

    fn downcast(
        _: &Self,
        schema: u16,
        events: Vec<(StreamId, Counted)>,
    ) -> Vec<(StreamId, Counted)> {
        let mut written: Vec<(StreamId, Counted)> = Vec::new();
        for (stream, event) in events {
            let before = written.iter_mut().rev().find(|(known, _)| *known == stream);
            match (before, event) {
                (Some((_, before @ Counted::Added(_))), Counted::Closed) => {
                    let Counted::Added(more) = *before else { unreachable!("just matched") };
                    *before = Counted::Settled(more);
                }
                (_, event) => written.push((stream, event)),
            }
        }
        if schema == 1 {
            for (_, event) in &mut written {
                let (more, last) = match *event {
                    Counted::Added(more) => (more, false),
                    Counted::Settled(more) => (more, true),
                    Counted::Tallied { .. }
                    | Counted::Closed
                    | Counted::Began
                    | Counted::Stuck
                    | Counted::Shelved
                    | Counted::Ended => {
                        continue;
                    }
                };
                let more = more.min(TALLY_MAX);
                *event = Counted::Tallied { tens: more / 10, ones: more % 10, last };
            }
        }
        written
    }
}

impl Sagas<Self> for Counters {
    const FOLLOWS: &'static [(Category, Category)] = &[(Category(0), Category(1))];

    fn react(_: &Self, _: &State, _: &State, _: &Stimulus<'_, Self>, _: Instant) -> Vec<Counted> {
        Vec::new()
    }

    fn effects(_: &Self, _: &State, event: &Counted) -> Vec<Effect<Self>> {
        let (service, patience) = (ServiceId(0), Span::from_secs(1));
        match event {
            Counted::Began => {
                vec![Effect::Command(0), Effect::Call { service, request: 1, patience }]
            }
            _ => Vec::new(),
        }
    }

    fn is_over(_: &Self, saga: &State) -> bool {
        *saga == State::Ended
    }

    fn handed_over(_: &Self, saga: &State) -> Option<String> {
        matches!(saga, State::Stuck | State::Shelved).then(|| "no answer".to_owned())
    }

    fn is_done_by_hand(_: &Self, saga: &State) -> bool {
        *saga == State::Shelved
    }

    fn still_wants(_: &Self, _: &State, _: &Effect<Self>) -> bool {
        false
    }
}

impl Services<Self> for Counters {
    type Request = u8;
    type Reply = u8;
    type Ledger = ();
    type Entry = u8;

    fn services(_: &Self) -> &[Service] {
        &[]
    }

    fn open(_: &Self) -> Vec<()> {
        Vec::new()
    }

    fn serve(_: &Self, _: ServiceId, (): &mut (), request: &u8, _: Instant, _: &mut Vec<u8>) -> u8 {
        *request
    }

    fn fail(_: &Self, _: ServiceId, (): &mut (), request: &u8, _: bool, _: Instant) -> u8 {
        *request
    }
}

/// What a state says of the sum is only whether it is final.
fn row(_: &Counters, _: StreamId, version: Version, state: &State) -> Option<Total> {
    let sum = u32::from(*state == State::Closed);
    (version > Version(0)).then_some(Total { sum, version })
}
