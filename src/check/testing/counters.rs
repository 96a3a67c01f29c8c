//! Counters that are added to and closed, each followed by a saga that begins and ends.

use std::fmt;

use arrayvec::ArrayVec;

use crate::kernel::{Instant, Span};
use crate::model::{
    Answer, AsOf, Ask, Category, CustomerId, Domain, Effect, Folded, Lookup, Names, RowKey,
    Service, ServiceId, Stimulus, Stored, Strategy, StreamId, Streams, Term, Token, Version, View,
    ViewId,
};

pub(in crate::check) const fn counter(number: u32) -> StreamId {
    StreamId { category: Category(0), number }
}

pub(in crate::check) const fn saga(number: u32) -> StreamId {
    StreamId { category: Category(1), number }
}

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
    Ended,
}

#[derive(Clone, Debug, PartialEq, Hash)]
pub(in crate::check) enum State {
    Open,
    Closed,
    Idle,
    Begun,
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
        View { name: "Totals", category: Category(0), pinned: true, strategy: Strategy::Outbox },
        View { name: "Steps", category: Category(1), pinned: false, strategy: Strategy::Outbox },
        View {
            name: "Heads",
            category: Category(0),
            pinned: true,
            strategy: Strategy::Synchronous,
        },
        View {
            name: "Recalled",
            category: Category(0),
            pinned: true,
            strategy: Strategy::OnDemand,
        },
    ];
    const SCHEMA: u16 = 3;
    const EVENTS: &'static [&'static str] = &["Added", "Settled", "Closed", "Began", "Ended"];

    type Command = u8;
    type Event = Counted;
    type State = State;
    type Rejection = u8;
    type Query = Asked;
    type Row = Total;
    type Request = u8;
    type Reply = u8;
    type Ledger = ();
    type Entry = u8;
    type Action = u8;
    type ClientState = ();

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
            State::Closed | State::Idle | State::Begun | State::Ended => Err(*command),
        }
    }

    fn evolve(&self, state: &mut State, event: &Counted) {
        *state = match event {
            Counted::Added(_) | Counted::Tallied { .. } | Counted::Settled(_) => return,
            Counted::Closed => State::Closed,
            Counted::Began => State::Begun,
            Counted::Ended => State::Ended,
        };
    }

    fn is_legal_transition(&self, state: &State, event: &Counted) -> bool {
        match event {
            Counted::Added(_) | Counted::Closed => *state == State::Open,
            Counted::Tallied { .. } | Counted::Settled(_) => false,
            Counted::Began => *state == State::Idle,
            Counted::Ended => *state == State::Begun,
        }
    }

    fn event_name(&self, event: &Counted) -> &'static str {
        match event {
            Counted::Added(_) | Counted::Tallied { .. } => "Added",
            Counted::Settled(_) => "Settled",
            Counted::Closed => "Closed",
            Counted::Began => "Began",
            Counted::Ended => "Ended",
        }
    }

    fn upcast(&self, schema: u16, event: &Counted) -> Option<Vec<Counted>> {
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

    fn downcast(&self, schema: u16, events: Vec<(StreamId, Counted)>) -> Vec<(StreamId, Counted)> {
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
                    Counted::Tallied { .. } | Counted::Closed | Counted::Began | Counted::Ended => {
                        continue;
                    }
                };
                let more = more.min(TALLY_MAX);
                *event = Counted::Tallied { tens: more / 10, ones: more % 10, last };
            }
        }
        written
    }

    fn rows(&self, _: ViewId, event: &Stored<Counted>) -> ArrayVec<RowKey, 4> {
        ArrayVec::from_iter([RowKey(event.stream.number)])
    }

    fn project(&self, _: ViewId, _: RowKey, row: &mut Option<Total>, event: &Stored<Counted>) {
        let before = row.as_ref().map_or(0, |row| row.sum);
        let more = match event.event {
            Counted::Added(more) => more,
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

    fn shown(&self, row: &Total, _: StreamId) -> Version {
        row.version
    }

    fn lookup(&self, _: CustomerId, query: &Asked) -> Lookup<Self> {
        match query {
            Asked::Total(number) => Lookup::Row(TOTALS, RowKey(*number)),
            Asked::Head(number) => Lookup::Row(HEADS, RowKey(*number)),
            Asked::Recalled(number) => Lookup::Row(RECALLED, RowKey(*number)),
            Asked::Progress(number) => Lookup::Row(STEPS, RowKey(*number)),
            Asked::Opinions => Lookup::Gather(0, Vec::new()),
            Asked::Then(number, as_of) => Lookup::Stream(counter(*number), *as_of),
        }
    }

    fn pinned(&self, _: CustomerId, query: &Asked) -> Option<StreamId> {
        match query {
            Asked::Total(number) => Some(counter(*number)),
            Asked::Head(_)
            | Asked::Recalled(_)
            | Asked::Progress(_)
            | Asked::Opinions
            | Asked::Then(..) => None,
        }
    }

    /// What a state says of the sum is only whether it is final.
    fn row_from_state(
        &self,
        _: &Asked,
        _: StreamId,
        version: Version,
        state: &State,
    ) -> Option<Total> {
        let sum = u32::from(*state == State::Closed);
        (version > Version(0)).then_some(Total { sum, version })
    }

    fn gather(&self, _: u32, replies: &[(ServiceId, Option<u8>)]) -> Total {
        Total { sum: replies.len() as u32, version: Version(0) }
    }

    fn saga_of(&self, stream: StreamId) -> Option<StreamId> {
        (stream.category == Category(0)).then(|| saga(stream.number))
    }

    fn subject_of(&self, saga: StreamId) -> StreamId {
        counter(saga.number)
    }

    fn react(&self, _: &State, _: &State, _: &Stimulus<'_, Self>, _: Instant) -> Vec<Counted> {
        Vec::new()
    }

    fn effects(&self, _: &State, event: &Counted) -> Vec<Effect<Self>> {
        let (service, patience) = (ServiceId(0), Span::from_secs(1));
        match event {
            Counted::Began => {
                vec![Effect::Command(0), Effect::Call { service, request: 1, patience }]
            }
            _ => Vec::new(),
        }
    }

    fn is_over(&self, saga: &State) -> bool {
        *saga == State::Ended
    }

    fn handed_over(&self, _: &State) -> Option<String> {
        None
    }

    fn still_wants(&self, _: &State, _: &Effect<Self>) -> bool {
        false
    }

    fn services(&self) -> &[Service] {
        &[]
    }

    fn open(&self, _: ServiceId) {}

    fn serve(&self, _: ServiceId, (): &mut (), request: &u8, _: Instant, _: &mut Vec<u8>) -> u8 {
        *request
    }

    fn fail(&self, _: ServiceId, (): &mut (), request: &u8, _: bool, _: Instant) -> u8 {
        *request
    }

    fn lapse(&self, _: ServiceId, (): &mut (), _: Instant, _: &mut Vec<u8>) -> Option<Instant> {
        None
    }

    fn webhook(&self, _: ServiceId, _: &u8) -> Option<(StreamId, u8)> {
        None
    }

    fn about(&self, _: &u8) -> Option<StreamId> {
        None
    }

    fn act(&self, _: CustomerId, (): &mut (), _: &u8, _: u64) -> Vec<Ask<Self>> {
        Vec::new()
    }

    fn on_answer(&self, _: CustomerId, (): &mut (), _: &Answer<Self>) -> Vec<Ask<Self>> {
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
