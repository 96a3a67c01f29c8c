//! What a domain provides to get the whole platform.
//!
//! A domain is a value (its flights, its products, its accounts: what a scenario sets up) with pure
//! functions. It sends nothing and keeps nothing: the platform calls it, and everything that can go wrong
//! between two calls goes wrong in the platform.
//!
//! ```text
//!   Domain     write side, read side, clients, words: every domain has these
//!   Sagas      long-running processes that follow streams           or NoSagas
//!   Services   systems outside of the platform, with their faults   or NoServices
//!   Privacy    personal data under the keys of customers            or NoPersonalData
//!   Schemas    events and states as older code wrote them           or OneSchema
//! ```

mod clients;
mod privacy;
mod read;
mod sagas;
mod schemas;
mod services;
mod term;

pub use clients::{Answer, Ask};
pub use privacy::{NoPersonalData, Privacy};
pub(crate) use read::Shows;
pub use read::{AsOf, Gather, Lookup, Strategy, StreamLookup, View};
pub use sagas::{Effect, NoSagas, Sagas, Stimulus};
pub use schemas::{OneSchema, Schemas};
pub use services::{
    Entry, Ledger, Never, NoServices, Pruning, Reply, Request, Service, ServiceFault, Services,
};
use term::FirstWord;
pub use term::{Names, Term};

use std::fmt::{self, Debug};
use std::hash::Hash;

use arrayvec::ArrayVec;

use crate::kernel::Instant;
use crate::model::{CustomerId, RowKey, Stored, StreamId, Token, Version, ViewId};

/// The most streams that one command may read and write together.
pub const STREAMS_MAX: usize = 8;

/// The streams that a command is about; the caller is told the version of the first.
pub type Streams = ArrayVec<StreamId, STREAMS_MAX>;

/// Plain data that can be copied, compared, printed and hashed.
pub trait Data: Clone + Debug + PartialEq + Hash + 'static {}

impl<T: Clone + Debug + PartialEq + Hash + 'static> Data for T {}

/// What a command leads to: events, each in one of the streams that it named, or a rejection.
pub type Decision<D> = Result<Vec<(StreamId, <D as Domain>::Event)>, <D as Domain>::Rejection>;

/// The rows of a view that one event touches.
pub type RowKeys = ArrayVec<RowKey, 4>;

/// The folded streams that a command is decided on, in the order of [`Domain::streams`].
#[derive(Debug)]
pub struct Folded<'a, S> {
    /// Each stream with its version and state.
    pub streams: &'a [(StreamId, Version, S)],
}

impl<S> Folded<'_, S> {
    /// The state of a stream that the command named.
    ///
    /// # Panics
    ///
    /// When the command did not name it: deciding on a stream that was not read is a bug.
    pub fn state(&self, stream: StreamId) -> &S {
        let found = self.streams.iter().find(|(id, ..)| *id == stream);
        &found.expect("a command names every stream it decides on").2
    }
}

/// How a command was answered.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum CommandOutcome<D: Domain> {
    /// It took effect, now or when it was first sent.
    Accepted(Token),
    /// The domain rejected it.
    Refused(D::Rejection),
    /// It is unknown: there were too many conflicts, or the store did not answer.
    Unknown,
}

/// A domain: its types and its pure functions.
///
/// What every domain has is here: how commands are decided and events folded, its views, and what its
/// customers do. What only some domains have are capabilities: sagas, services, personal data and older
/// schemas. A domain names one type for each. If it does not have the capability, that is one of the types
/// made for this, and nothing else has to be written; otherwise it is a type that implements the
/// capability, usually the domain itself.
///
/// ```
/// # use jetlag::prelude::*;
/// # #[derive(Clone, Debug, PartialEq, Hash)]
/// # struct Shop;
/// impl Domain for Shop {
///     type Sagas = NoSagas;
///     // ... and what every domain has
#[doc = include_str!("smallest.md")]
/// }
/// ```
///
/// A domain that claims a capability and does not implement it does not compile,
///
/// ```compile_fail,E0277
/// # use jetlag::prelude::*;
/// # #[derive(Clone, Debug, PartialEq, Hash)]
/// # struct Shop;
/// impl Domain for Shop {
///     type Sagas = Self;
///     // ... and what every domain has
#[doc = include_str!("smallest.md")]
/// }
/// ```
///
/// and neither does one that implements only a part of it:
///
/// ```compile_fail,E0046
/// # use jetlag::prelude::*;
/// # #[derive(Clone, Debug, PartialEq, Hash)]
/// # struct Shop;
/// impl Sagas<Self> for Shop {
///     const FOLLOWS: &'static [(Category, Category)] = &[(Category(0), Category(1))];
/// }
/// impl Domain for Shop {
///     type Sagas = Self;
///     // ... and what every domain has
#[doc = include_str!("smallest.md")]
/// }
/// ```
pub trait Domain: Data + Sized {
    /// Its name in scenario files, as in `Flights`.
    const NAME: &'static str;
    /// Its categories of streams, by number: `booking`, `flight`, `saga`.
    const CATEGORIES: &'static [&'static str];
    /// Its read models, by number. Each that goes through the outbox has a projector.
    const VIEWS: &'static [View];
    /// The names of all event types, as [`event_name`](Self::event_name) gives them.
    const EVENTS: &'static [&'static str];

    /// A request to an aggregate.
    type Command: Data;
    /// What has happened to an aggregate or a saga.
    type Event: Data;
    /// The fold of one stream, of any category.
    type State: Data;
    /// Why a command is rejected.
    type Rejection: Data;
    /// What a customer wants to see.
    type Query: Data;
    /// A row of any view, or the gathered answer of services.
    type Row: Data;
    /// What a customer can be scripted or drawn to do.
    type Action: Data;
    /// What the client of one customer keeps.
    type ClientState: Clone + Debug + Default + 'static;

    /// Its sagas, or [`NoSagas`].
    type Sagas: Sagas<Self>;
    /// Its services, or [`NoServices`].
    type Services: Services<Self>;
    /// Its personal data, or [`NoPersonalData`].
    type Privacy: Privacy<Self>;
    /// Its schemas, or [`OneSchema`].
    type Schemas: Schemas<Self>;

    // ---- write side

    /// The streams that a command is decided on. Its events go to these and to no other.
    fn streams(&self, command: &Self::Command) -> Streams;
    /// The state of a stream without events.
    fn blank(&self, stream: StreamId) -> Self::State;
    /// What a command leads to. Pure; `now` is the clock of the instance that decides.
    ///
    /// # Errors
    ///
    /// The reason, when the domain rejects the command.
    fn decide(
        &self,
        folded: &Folded<'_, Self::State>,
        command: &Self::Command,
        now: Instant,
    ) -> Decision<Self>;
    /// Folds one event in. Total: it already happened.
    fn evolve(&self, state: &mut Self::State, event: &Self::Event);
    /// Whether the life cycle allows `event` after `state`: the rules of `decide`, written down a second
    /// time as a state machine, for the checkers.
    fn is_legal_transition(&self, state: &Self::State, event: &Self::Event) -> bool;
    /// The type of an event, one of [`EVENTS`](Self::EVENTS): by default the first word that `Debug`
    /// prints of it, which is the name of its variant.
    fn event_name(&self, event: &Self::Event) -> &'static str {
        FirstWord::of(event).among(Self::EVENTS)
    }

    // ---- read side

    /// The rows of `view` that `event` touches; usually one. By default a view has a row for each
    /// stream, under its number.
    fn rows(&self, _view: ViewId, event: &Stored<Self::Event>) -> RowKeys {
        RowKeys::from_iter([RowKey(event.stream.number)])
    }
    /// Brings one of those rows up to date.
    fn project(
        &self,
        view: ViewId,
        key: RowKey,
        row: &mut Option<Self::Row>,
        event: &Stored<Self::Event>,
    );
    /// Every stream that a row shows something of, and how much of it.
    fn shows(&self, view: ViewId, key: RowKey, row: &Self::Row) -> Vec<Token>;
    /// Whether a customer who has written to `stream` looks for the write in the row of a pinned view
    /// under `key`, if there is one. If each row of a view shows one stream, that is true of one row.
    fn concerns(&self, _view: ViewId, _key: RowKey, _stream: StreamId) -> bool {
        true
    }
    /// How `query`, asked by `customer`, is answered.
    fn lookup(&self, customer: CustomerId, query: &Self::Query) -> Lookup<Self>;
    /// The stream that a query is answered from as long as a session is pinned to the write side, if it
    /// can be answered from one: its row must show all that the row of [`lookup`](Self::lookup) would,
    /// and no other stream.
    fn pinned(&self, _customer: CustomerId, _query: &Self::Query) -> Option<StreamLookup<Self>> {
        None
    }

    // ---- clients

    /// What a customer does to carry out an action. `random` decides what the action leaves open; with
    /// 0 that is always the first.
    fn act(
        &self,
        who: CustomerId,
        client: &mut Self::ClientState,
        action: &Self::Action,
        random: u64,
    ) -> Vec<Ask<Self>>;
    /// What a customer does after an answer.
    fn on_answer(
        &self,
        _who: CustomerId,
        _client: &mut Self::ClientState,
        _answer: &Answer<Self>,
    ) -> Vec<Ask<Self>> {
        Vec::new()
    }

    // ---- words

    /// Puts something of the domain into words, with the names of customers.
    ///
    /// # Errors
    ///
    /// Only those of the formatter.
    fn say(&self, term: Term<'_, Self>, _names: &Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        term.plainly(f)
    }
}
