//! What a domain gives, to get the whole platform.
//!
//! A domain is a value (its flights, its shows, its accounts: what a scenario sets up) with pure
//! functions. It sends nothing and keeps nothing: the platform calls it, and everything that can go
//! wrong between two calls goes wrong in the platform.

mod read;
mod term;

pub use read::{AsOf, Lookup, Strategy, View};
use term::FirstWord;
pub use term::{Names, Term};

use std::fmt::{self, Debug};
use std::hash::Hash;

use arrayvec::ArrayVec;

use crate::kernel::{Fault, Instant, Span};
use crate::model::{
    CustomerId, Personal, Plain, RowKey, ServiceId, Stored, StreamId, Token, Version, ViewId,
};

/// The most streams that one command may read and write together.
pub const STREAMS_MAX: usize = 8;

/// The streams a command concerns; the first is the one whose version the caller is told.
pub type Streams = ArrayVec<StreamId, STREAMS_MAX>;

/// Plain data that can be copied, compared, printed and hashed.
pub trait Data: Clone + Debug + PartialEq + Hash + 'static {}

impl<T: Clone + Debug + PartialEq + Hash + 'static> Data for T {}

/// What a command leads to: events, each in one of the streams that it named, or a refusal.
pub type Decision<D> = Result<Vec<(StreamId, <D as Domain>::Event)>, <D as Domain>::Rejection>;

/// The rows of a view that one event touches.
pub type RowKeys = ArrayVec<RowKey, 4>;

/// The type of what a domain does not have: there is no value of it.
///
/// A domain without services says `type Request = Never`, and need not write one of the functions that
/// take a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Never {}

/// A party outside of the platform, as the platform addresses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its short name, as in `V1`.
    pub id: String,
    /// What it is, as in `Iberia over NDC`.
    pub about: String,
    /// How long it takes to answer, at least.
    pub latency: Span,
}

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

/// What made a saga look up.
#[derive(Clone, Debug, PartialEq)]
pub enum Stimulus<'a, D: Domain> {
    /// The stream that it follows has changed, or may have.
    Subject,
    /// A service answered.
    Replied(ServiceId, &'a D::Reply),
    /// A service did not answer in time: whether the request took effect is unknown.
    Silent(ServiceId, &'a D::Request),
    /// A command of its own was answered.
    Answered(&'a D::Command, &'a CommandOutcome<D>),
    /// One of its timers is due.
    Due(u8),
    /// The orchestrator was restarted and knows only what is recorded.
    Resumed,
}

/// What a saga wants done because of an event in its stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect<D: Domain> {
    /// A command to an aggregate.
    Command(D::Command),
    /// A request to a service, given up as unknown after `patience`.
    Call {
        /// Whom to ask.
        service: ServiceId,
        /// What.
        request: D::Request,
        /// How long to wait.
        patience: Span,
    },
    /// A durable timer, by its number within the saga. Setting one again moves it.
    SetTimer(u8, Instant),
    /// The timer is no longer wanted.
    CancelTimer(u8),
}

/// How a command was answered.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum CommandOutcome<D: Domain> {
    /// It took effect, now or when it was first sent.
    Accepted(Token),
    /// The domain says no.
    Refused(D::Rejection),
    /// Nobody could say: too many conflicts, or the store did not answer.
    Unknown,
}

/// What a customer is told.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Answer<D: Domain> {
    /// To a command.
    Command(D::Command, CommandOutcome<D>),
    /// To a query: the row, if there is one.
    Shown(D::Query, Option<D::Row>),
    /// To the wish to be forgotten: it is done.
    Erased,
    /// To a query with a token that nothing readable has caught up with.
    NotYet(D::Query),
    /// Nothing came back within the customer's patience, however often it was sent.
    Silence,
}

/// What a customer does next.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask<D: Domain> {
    /// Sends a command.
    Command(D::Command),
    /// Asks something, with the token of their last accepted command if they have one.
    Query(D::Query),
    /// Asks to be forgotten.
    Erase,
    /// Deals with a service directly, beside the platform.
    Outside(ServiceId, D::Request),
    /// Thinks for a while, then acts again.
    Later(Span, D::Action),
}

/// A domain: its types and its pure functions.
///
/// What every domain has is required: how commands are decided and events folded, its views, and what
/// its customers do. What only some have is provided, as if there were none: sagas, services, personal
/// data, older schemas, and words of its own. Types cannot be provided; a domain that has no services
/// says [`Never`] for theirs.
pub trait Domain: Data + Sized {
    /// Its name in scenario files, as in `Flights`.
    const NAME: &'static str;
    /// Its categories of streams, by number: `booking`, `flight`, `saga`.
    const CATEGORIES: &'static [&'static str];
    /// Its read models, by number. Each that goes through the outbox has a projector.
    const VIEWS: &'static [View];
    /// The names of all event types, as [`event_name`](Self::event_name) gives them.
    const EVENTS: &'static [&'static str];
    /// What its services may do for reasons of their own, by number: faults at sites of their own, from
    /// 112 to 127 in order. That they could happen is drawn at every request that a service gets to.
    const FAULTS: &'static [&'static Fault] = &[];

    /// The newest version of the schema of events and states, counted from 1.
    const SCHEMA: u16 = 1;

    /// What is asked of an aggregate.
    type Command: Data;
    /// What has happened to an aggregate or a saga.
    type Event: Data;
    /// The fold of one stream, of whatever category.
    type State: Data;
    /// Why a command is refused.
    type Rejection: Data;
    /// What a customer wants to see.
    type Query: Data;
    /// A row of any view, or the gathered answer of services.
    type Row: Data;
    /// What services are asked.
    type Request: Data;
    /// What they answer.
    type Reply: Data;
    /// A service's own truth.
    type Ledger: Clone + Debug + 'static;
    /// One line of that truth.
    type Entry: Data;
    /// What a customer can be scripted or drawn to do.
    type Action: Data;
    /// What one customer remembers.
    type ClientState: Clone + Debug + Default + 'static;

    // ---- write side

    /// The streams that a command is decided on. Events go to these and to no other.
    fn streams(&self, command: &Self::Command) -> Streams;
    /// The state of a stream without events.
    fn blank(&self, stream: StreamId) -> Self::State;
    /// What a command leads to. Pure; `now` is the clock of the one who decides.
    ///
    /// # Errors
    ///
    /// The reason, when the domain says no.
    fn decide(
        &self,
        folded: &Folded<'_, Self::State>,
        command: &Self::Command,
        now: Instant,
    ) -> Decision<Self>;
    /// Folds one event in. Total: it already happened.
    fn evolve(&self, state: &mut Self::State, event: &Self::Event);
    /// Whether the life cycle allows `event` after `state`: the same law as in `decide`, written down
    /// a second time as a state machine, for the checkers.
    fn is_legal_transition(&self, state: &Self::State, event: &Self::Event) -> bool;
    /// The type of an event, one of [`EVENTS`](Self::EVENTS): the first word that `Debug` says of it,
    /// which is the name of its variant.
    fn event_name(&self, event: &Self::Event) -> &'static str {
        let word = FirstWord::of(event);
        let name = Self::EVENTS.iter().find(|name| **name == word.0.as_str());
        name.unwrap_or_else(|| panic!("`{}` is not among the events of {}", word.0, Self::NAME))
    }

    // ---- schema

    /// An event of `schema` as the next one has it: one event, or several that it is split into, and never
    /// none; `None` if it is the same. Total: nothing that was ever written becomes unreadable. Parts are
    /// folded, projected and acted upon one after the other, but they keep one version in their stream.
    fn upcast(&self, _schema: u16, _event: &Self::Event) -> Option<Vec<Self::Event>> {
        None
    }
    /// A decision as code of `schema` would have written it, in which two events may have been one. What
    /// is written of a stream, read again, must be the events of the decision for that stream, in order.
    fn downcast(
        &self,
        _schema: u16,
        events: Vec<(StreamId, Self::Event)>,
    ) -> Vec<(StreamId, Self::Event)> {
        events
    }
    /// A state as code of `schema` would have kept it.
    fn downcast_state(&self, _schema: u16, state: &Self::State) -> Self::State {
        state.clone()
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
    /// How much of `stream` a row shows: 0 if nothing.
    fn shown(&self, row: &Self::Row, stream: StreamId) -> Version;
    /// Whether a row of a pinned view, if there is one under `key`, is where whoever has written to
    /// `stream` looks for it. Of a view whose rows show one stream each, that is true of one row.
    fn concerns(&self, _view: ViewId, _key: RowKey, _stream: StreamId) -> bool {
        true
    }
    /// How `query`, asked by `customer`, is answered.
    fn lookup(&self, customer: CustomerId, query: &Self::Query) -> Lookup<Self>;
    /// The stream that a query is answered from as long as a session is pinned to the write side, if it
    /// can be answered from one: its row must show all that the row of [`lookup`](Self::lookup) would,
    /// and no other stream.
    fn pinned(&self, _customer: CustomerId, _query: &Self::Query) -> Option<StreamId> {
        None
    }
    /// Shows a stream that a query was answered from; `None` if there is nothing to show.
    fn row_from_state(
        &self,
        _query: &Self::Query,
        _stream: StreamId,
        _version: Version,
        _state: &Self::State,
    ) -> Option<Self::Row> {
        None
    }
    /// Makes one row of what several services replied; `None` for those that did not.
    /// Asked only of a domain that answers [`Lookup::Gather`].
    fn gather(&self, question: u32, _replies: &[(ServiceId, Option<Self::Reply>)]) -> Self::Row {
        panic!("question {question} asks services, and nothing is made of their answers")
    }

    // ---- sagas: a domain whose streams no saga follows has none of these

    /// The saga that follows a stream, if one does. One saga follows one stream.
    fn saga_of(&self, _stream: StreamId) -> Option<StreamId> {
        None
    }
    /// The stream that a saga follows. Asked only of a domain that has sagas.
    fn subject_of(&self, saga: StreamId) -> StreamId {
        panic!("{saga:?} follows a stream, and the domain does not say which")
    }
    /// What a saga records next, given its own state, its subject's, and what woke it. Must be
    /// level-triggered: waking it twice, late or for nothing leads to the same end.
    fn react(
        &self,
        _saga: &Self::State,
        _subject: &Self::State,
        _stimulus: &Stimulus<'_, Self>,
        _now: Instant,
    ) -> Vec<Self::Event> {
        Vec::new()
    }
    /// What is to be done about a saga event once it is recorded; `saga` is the state after it.
    fn effects(&self, _saga: &Self::State, _event: &Self::Event) -> Vec<Effect<Self>> {
        Vec::new()
    }
    /// Whether a saga has come to its end.
    fn is_over(&self, _saga: &Self::State) -> bool {
        false
    }
    /// Why a saga is on a person's work list, if it is there: in words, as that person would read it.
    fn handed_over(&self, _saga: &Self::State) -> Option<String> {
        None
    }
    /// Whether a saga still waits for what one of its recorded commands or timers brings about. Asked
    /// after a restart, when nobody knows any more what was sent: what is still wanted is sent again,
    /// under the same name. A call is never sent again, whatever is said about it here: what became of
    /// it is unknown, and the saga learns that from [`Stimulus::Resumed`].
    fn still_wants(&self, _saga: &Self::State, _effect: &Effect<Self>) -> bool {
        false
    }

    // ---- outside: a domain with services says how each opens, serves and fails; one without is never
    // asked

    /// All services, by number.
    fn services(&self) -> &[Service] {
        &[]
    }
    /// A service's ledger at the start.
    fn open(&self, service: ServiceId) -> Self::Ledger {
        panic!("{service:?} has a ledger, and the domain does not say which")
    }
    /// What a service does when asked, and what it writes down.
    fn serve(
        &self,
        service: ServiceId,
        _ledger: &mut Self::Ledger,
        _request: &Self::Request,
        _now: Instant,
        _entries: &mut Vec<Self::Entry>,
    ) -> Self::Reply {
        panic!("{service:?} is asked, and the domain does not say what it does")
    }
    /// What a service answers when it fails (5xx), and what it remembers of having failed. `happened`:
    /// the request took effect just before.
    fn fail(
        &self,
        service: ServiceId,
        _ledger: &mut Self::Ledger,
        _request: &Self::Request,
        _happened: bool,
        _now: Instant,
    ) -> Self::Reply {
        panic!("{service:?} fails, and the domain does not say what it answers then")
    }
    /// Whether a service remembers requests for longer than it promises to.
    fn may_forget(&self, _service: ServiceId, _ledger: &Self::Ledger, _now: Instant) -> bool {
        false
    }
    /// Lets a service forget every request that it no longer promises to remember.
    fn forget(&self, _service: ServiceId, _ledger: &mut Self::Ledger, _now: Instant) {}
    /// Whether there is anything that a whim, by its number in [`FAULTS`](Self::FAULTS), could befall.
    fn is_applicable(&self, _service: ServiceId, _ledger: &Self::Ledger, _whim: usize) -> bool {
        false
    }
    /// What a service does on a whim, of which there is something that it could befall. The size of the
    /// fault decides what is left open.
    fn inject(
        &self,
        _service: ServiceId,
        _ledger: &mut Self::Ledger,
        _whim: usize,
        _size: u64,
        _now: Instant,
        _entries: &mut Vec<Self::Entry>,
    ) {
    }
    /// Whether a whim can be noticed in what a service says.
    fn is_observable(&self, _whim: usize, _reply: &Self::Reply) -> bool {
        false
    }
    /// What a service does by itself when time passes; when it next wants to be asked.
    fn lapse(
        &self,
        _service: ServiceId,
        _ledger: &mut Self::Ledger,
        _now: Instant,
        _entries: &mut Vec<Self::Entry>,
    ) -> Option<Instant> {
        None
    }
    /// What a service reports unasked about a line of its ledger, and to which saga.
    fn webhook(
        &self,
        _service: ServiceId,
        _entry: &Self::Entry,
    ) -> Option<(StreamId, Self::Reply)> {
        None
    }
    /// The stream that a request is about, if any; only to name things.
    fn about(&self, _request: &Self::Request) -> Option<StreamId> {
        None
    }

    // ---- customers

    /// What a customer does to carry out an action. `random` decides what the action leaves open; with
    /// 0 that is always the first.
    fn act(
        &self,
        who: CustomerId,
        memory: &mut Self::ClientState,
        action: &Self::Action,
        random: u64,
    ) -> Vec<Ask<Self>>;
    /// What a customer does after being told something.
    fn on_answer(
        &self,
        _who: CustomerId,
        _memory: &mut Self::ClientState,
        _answer: &Answer<Self>,
    ) -> Vec<Ask<Self>> {
        Vec::new()
    }

    // ---- persons

    /// What a customer says of themselves along with a command. It is sealed before anything is decided,
    /// and travels beside the command: no command holds it.
    fn personal(&self, _who: CustomerId, _command: &Self::Command) -> Option<Plain> {
        None
    }
    /// Puts what may be kept of that into an event that the command has led to.
    fn keep(&self, _event: &mut Self::Event, _personal: &Personal) {}
    /// What a row keeps of persons. Whoever is shown the row is shown what they have said themselves, if
    /// it can be opened; in the place of what cannot, [`Forgotten`](Personal::Forgotten) is put.
    fn persons<'a>(&self, _row: &'a mut Self::Row) -> Vec<&'a mut Personal> {
        Vec::new()
    }
    /// Whether an action can lead to an [`Ask::Erase`]. Runs in which it can are searched for what must
    /// not be left; all others do not pay for it.
    fn erases(&self, _action: &Self::Action) -> bool {
        false
    }

    // ---- words

    /// Puts something of the domain into words, as someone who knows the domain would.
    ///
    /// # Errors
    ///
    /// Only those of the formatter.
    fn say(&self, term: Term<'_, Self>, _names: &Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        term.plainly(f)
    }
}
