//! The interface between a domain and the platform.
//!
//! A domain is a value that a scenario sets up (its flights, its products, its accounts) with pure
//! functions. It sends and keeps nothing: the platform calls it, and all faults are in the platform.
//!
//! ```text
//!   Domain     write side, read side, clients, words: every domain has these
//!   Sagas      long-running processes that follow streams           or NoSagas
//!   Services   systems outside of the platform, with their faults   or NoServices
//!   Privacy    personal data under the keys of customers            or NoPersonalData
//!   Schemas    events and states as older code wrote them           or OneSchema
//! ```

mod clients;
mod movement;
mod privacy;
mod read;
mod sagas;
mod schemas;
mod services;
mod term;

pub use clients::{Answer, Ask};
pub use movement::{MoneyMove, Movement, Subject};
pub use privacy::{NoPersonalData, Privacy};
pub(crate) use read::Shows;
pub use read::{
    AsOf, Gather, Lookup, OwnWrites, RowOfReplies, RowOfState, Strategy, StreamLookup, View,
};
pub use sagas::{Effect, NoSagas, Sagas, Stimulus};
pub use schemas::{OneSchema, Schemas};
pub use services::{
    Entry, Ledger, Never, NoServices, Pruning, Reply, Request, Service, ServiceFault, Services,
    StockItem,
};
pub use term::{Names, Term};

use std::fmt::{self, Debug};
use std::hash::Hash;

use arrayvec::ArrayVec;

use crate::kernel::Instant;
use crate::linearizability::{Act, Object};
use crate::model::{
    Category, CustomerId, DecisionModel, Defect, Expected, RowKey, Stored, StreamId, Tags, Token,
    Version, ViewId,
};

/// The most streams that one command may read and write.
pub const STREAMS_MAX: usize = 8;

/// The streams of a command. The token in its answer is that of the first.
pub type Streams = ArrayVec<StreamId, STREAMS_MAX>;

/// Plain data that can be copied, compared, printed and hashed. It can be sent to another thread, because
/// the command line runs scenarios on one and watches them from another.
///
/// The search for personal data reads facts through `Hash`: one that is written by hand must hash every text.
pub trait Data: Clone + Debug + PartialEq + Hash + Send + Sync + 'static {}

impl<T: Clone + Debug + PartialEq + Hash + Send + Sync + 'static> Data for T {}

/// The decision on a command: events, each in one of its streams, or a rejection.
pub type Decision<D> = Result<Vec<(StreamId, <D as Domain>::Event)>, <D as Domain>::Rejection>;

/// What a command does to contended objects, each by its stream, or what is said of them. At most one act for each.
pub type Acts = ArrayVec<(StreamId, Act), STREAMS_MAX>;

/// The rows of a view that one event touches.
pub type RowKeys = ArrayVec<RowKey, 4>;

/// The folded streams on which a command is decided, in the order of [`Domain::streams`], and its decision
/// models.
#[derive(Debug)]
pub struct Folded<'a, S> {
    /// Each stream with its version and state.
    pub streams: &'a [(StreamId, Version, S)],
    /// The state of each decision model, in the order of [`Domain::models`].
    pub models: &'a [(Tags, S)],
}

impl<S> Folded<'_, S> {
    /// The state of a stream of the command.
    ///
    /// # Panics
    ///
    /// When the stream is not among those of the command, which is a bug of the domain.
    pub fn state(&self, stream: StreamId) -> &S {
        let found = self.streams.iter().find(|(id, ..)| *id == stream);
        &found.expect("`streams` names every stream on which `decide` decides").2
    }

    /// The version of a stream of the command.
    ///
    /// # Panics
    ///
    /// When the stream is not among those of the command, which is a bug of the domain.
    pub fn version(&self, stream: StreamId) -> Version {
        let found = self.streams.iter().find(|(id, ..)| *id == stream);
        found.expect("`streams` names every stream on which `decide` decides").1
    }

    /// The state of the decision model with these tags.
    ///
    /// # Panics
    ///
    /// When the command has no such model, which is a bug of the domain.
    pub fn model(&self, query: Tags) -> &S {
        let found = self.models.iter().find(|(tags, _)| *tags == query);
        &found.expect("`models` names every query on which `decide` decides").1
    }
}

/// The outcome of a command.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum CommandOutcome<D: Domain> {
    /// It took effect, now or at an earlier sending.
    Accepted(Token),
    /// The domain rejected it.
    Refused(D::Rejection),
    /// Unknown: there were too many conflicts, or the store did not answer.
    Unknown,
}

/// A domain: its types and its pure functions.
///
/// Every domain decides commands, folds events, and has views and customers. Only some domains have sagas,
/// services, personal data or older schemas: these are capabilities. A domain names one type for each. If it
/// lacks the capability, that is a type provided for this, and nothing else is needed; otherwise it is a type
/// that implements the capability, usually the domain itself.
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
/// A domain that claims a capability and does not implement it does not compile:
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
pub trait Domain: Data + Sized {
    /// Its name in scenario files, as in `Flights`.
    const NAME: &'static str;
    /// Its categories of streams, by number: `booking`, `flight`, `saga`.
    const CATEGORIES: &'static [&'static str];
    /// Its read models, by number. Each that goes through the outbox has a projector.
    const VIEWS: &'static [View];
    /// The kinds of its [tags](Self::tags), by number; none if commands read streams only.
    const TAGS: &'static [&'static str] = &[];
    /// The names of all event types. Generated, like [`event_name`](Self::event_name), by
    /// [`event_names!(Event)`](crate::event_names).
    const EVENTS: &'static [&'static str];
    /// The names of its commands, so that scenarios can aim faults at one.
    const COMMANDS: &'static [&'static str] = &[];

    /// The names of the reasons for which it rejects commands, so that campaigns can tell which never occurred.
    const REJECTIONS: &'static [&'static str] = &[];

    /// The mistakes that can be put into the domain, to show that its properties find them.
    const DEFECTS: &'static [&'static Defect] = &[];

    /// A request to an aggregate.
    type Command: Data;
    /// A fact about an aggregate or a saga.
    type Event: Data;
    /// The fold of one stream, of any category.
    type State: Data;
    /// The reason why a command is rejected.
    type Rejection: Data;
    /// A question of a customer.
    type Query: Data;
    /// A row of any view, or the gathered replies of services.
    type Row: Data;
    /// An action of a customer in a script or a workload.
    type Action: Data;
    /// The state of the client of one customer.
    type ClientState: Clone + Debug + Default + 'static;

    /// Its sagas, or [`NoSagas`].
    type Sagas: Sagas<Self>;
    /// Its services, or [`NoServices`].
    type Services: Services<Self>;
    /// Its personal data, or [`NoPersonalData`].
    type Privacy: Privacy<Self>;
    /// Its schemas, or [`OneSchema`].
    type Schemas: Schemas<Self>;

    // ---- defects

    /// Puts one of its [`DEFECTS`](Self::DEFECTS) into it.
    fn plant(&mut self, _defect: &'static Defect) {}

    // ---- write side

    /// The streams on which a command is decided. Its events go to these and to no others.
    fn streams(&self, command: &Self::Command) -> Streams;
    /// The tags of an event, by which decisions find it whatever its stream. By default none.
    fn tags(&self, _stream: StreamId, _event: &Self::Event) -> Tags {
        Tags::default()
    }
    /// What a command reads by tags, beside its streams. By default nothing.
    fn models(&self, _command: &Self::Command) -> Vec<DecisionModel<Self>> {
        Vec::new()
    }
    /// The state of a stream without events.
    fn blank(&self, stream: StreamId) -> Self::State;
    /// Decides a command. Pure; `now` is the time by the clock of the deciding instance.
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
    /// What the append of a command's events expects of one of its streams. By default the version that was
    /// folded for the decision; anything else is for decisions that are right at other versions as well.
    fn expects(&self, _command: &Self::Command, _stream: StreamId, folded: Version) -> Expected {
        Expected::Exact(folded)
    }
    /// The name of a command, one of [`COMMANDS`](Self::COMMANDS).
    fn command_name(_command: &Self::Command) -> &'static str {
        ""
    }
    /// The name of a rejection, one of [`REJECTIONS`](Self::REJECTIONS).
    fn rejection_name(_rejection: &Self::Rejection) -> &'static str {
        ""
    }
    /// Folds one event. Total: the event has already happened.
    fn evolve(&self, state: &mut Self::State, event: &Self::Event);
    /// Whether the life cycle allows `event` after `state`: the rules of `decide`, repeated as a state machine
    /// for the checkers.
    fn is_legal_transition(&self, state: &Self::State, event: &Self::Event) -> bool;
    /// Whether a snapshot is saved after an event if the platform saves them after changes of state: typically
    /// an event that ends a phase of its stream, and none of which there are many.
    fn is_change_of_state(&self, _event: &Self::Event) -> bool {
        false
    }
    /// Whether an event ends its stream, for stores that are set to end it too. By default none does.
    fn ends(&self, _event: &Self::Event) -> bool {
        false
    }
    /// Whether a stream that has ended can begin again under its name. The fold of the event that ends it is then the
    /// state of a stream without events. By default it cannot.
    fn begins_again(&self) -> bool {
        false
    }
    /// The name of an event's type, one of [`EVENTS`](Self::EVENTS).
    fn event_name(&self, event: &Self::Event) -> &'static str;

    // ---- read side

    /// The rows of `view` that `event` changes, usually one. By default a view has a row for each stream,
    /// under the stream's number.
    fn rows(&self, _view: ViewId, event: &Stored<Self::Event>) -> RowKeys {
        RowKeys::from_iter([RowKey(event.stream.number)])
    }
    /// Applies an event to one of those rows.
    fn project(
        &self,
        view: ViewId,
        key: RowKey,
        row: &mut Option<Self::Row>,
        event: &Stored<Self::Event>,
    );
    /// Each stream that a row shows, with the version up to which it is shown.
    fn shows(&self, view: ViewId, key: RowKey, row: &Self::Row) -> Vec<Token>;
    /// What a row says of a stream that it shows although it is not so in this state of the stream, in words;
    /// `None` if all of it is so.
    ///
    /// Together with [`shown_in`](Self::shown_in) it describes the views a second time, for the checkers, without
    /// the code of [`project`](Self::project): a mistake that is in both is found by nobody. It is asked with the
    /// state at the version that the row shows, and at rest with the final state. By default nothing is compared.
    fn misstates(
        &self,
        _view: ViewId,
        _row: &Self::Row,
        _stream: StreamId,
        _state: &Self::State,
    ) -> Option<String> {
        None
    }
    /// Whether two versions of a row say the same of a stream that both show at the same version: then
    /// [`misstates`](Self::misstates) says the same of both. It is asked about rows that show hundreds of streams, so that
    /// what is as it was is not judged again. By default the rows are compared as wholes.
    fn says_the_same(
        &self,
        _view: ViewId,
        before: &Self::Row,
        now: &Self::Row,
        _stream: StreamId,
    ) -> bool {
        before == now
    }
    /// The rows of a view in which a stream in this state must be shown, once everything has arrived.
    fn shown_in(&self, _view: ViewId, _stream: StreamId, _state: &Self::State) -> RowKeys {
        RowKeys::new()
    }
    /// Whether a customer looks for a write to `stream` in the row under `key` of a view that promises own
    /// writes. If each row shows one stream, this is true for one row.
    fn concerns(&self, _view: ViewId, _key: RowKey, _stream: StreamId) -> bool {
        true
    }
    /// How a query of a customer is answered.
    fn lookup(&self, customer: CustomerId, query: &Self::Query) -> Lookup<Self>;
    /// The stream from which a query is answered while the session is pinned to the write side, if one stream
    /// is enough: its row must show what the row of [`lookup`](Self::lookup) shows, and no other stream.
    fn pinned(&self, _customer: CustomerId, _query: &Self::Query) -> Option<StreamLookup<Self>> {
        None
    }

    // ---- contended objects

    /// The object for which clients contend in a stream, as it is before any command; `None` if its history is not
    /// checked, which is the default.
    ///
    /// With [`acts`](Self::acts) and [`attests`](Self::attests) it describes the write side a second time, as clients
    /// see it and without the code of [`decide`](Self::decide), for the property `linearizable`. What it does not
    /// describe is not checked.
    fn contended(&self, _stream: StreamId) -> Option<Object> {
        None
    }
    /// What a command does to contended objects if it is accepted; with the reason of a rejection, what that says
    /// of some of these objects.
    fn acts(&self, _command: &Self::Command, _rejected: Option<&Self::Rejection>) -> Acts {
        Acts::new()
    }
    /// What an answer to a query says of a contended object. The query must promise that the answer was so at a
    /// moment between question and answer; none does by default. It is asked without a row as well, when the
    /// question is asked, and must then name the same object.
    fn attests(&self, _query: &Self::Query, _row: Option<&Self::Row>) -> Option<(StreamId, Act)> {
        None
    }

    // ---- clients

    /// The requests with which a customer carries out an action. `random` decides what the action leaves
    /// open; 0 selects the first possibility.
    fn act(
        &self,
        who: CustomerId,
        client: &mut Self::ClientState,
        action: &Self::Action,
        random: u64,
    ) -> Vec<Ask<Self>>;
    /// The same action in the opposite direction, such as the same rows in the opposite order; `None` if it has no
    /// direction. Campaigns let customers act both ways at once.
    fn reversed(&self, _action: &Self::Action) -> Option<Self::Action> {
        None
    }
    /// The requests of a customer after an answer.
    fn on_answer(
        &self,
        _who: CustomerId,
        _client: &mut Self::ClientState,
        _answer: &Answer<Self>,
    ) -> Vec<Ask<Self>> {
        Vec::new()
    }
    /// Whether a customer who has subscribed to a query waits for more, after what the client has been told so
    /// far. By default the first answer is enough, as to a query.
    fn watches(&self, _who: CustomerId, _client: &Self::ClientState, _query: &Self::Query) -> bool {
        false
    }

    // ---- words

    /// The stream with this name, as [`say`](Self::say) writes it; `None` if no stream can have it. By default
    /// streams are called `table-1`.
    fn stream_named(&self, name: &str) -> Option<StreamId> {
        let (category, number) = name.rsplit_once('-')?;
        let known = Self::CATEGORIES.iter().position(|known| *known == category)?;
        let category = Category(u8::try_from(known).ok()?);
        Some(StreamId { category, number: number.parse().ok()? })
    }

    /// What an event says of money or of things that are limited, in the words of a history.
    fn movement(&self, _stream: StreamId, _event: &Self::Event) -> Option<Movement> {
        None
    }

    /// Writes a thing of the domain in words, with the names of customers.
    ///
    /// # Errors
    ///
    /// Only those of the formatter.
    fn say(&self, term: Term<'_, Self>, _names: &Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        term.plainly(f)
    }
}
