//! Services: systems outside of the platform, each with a ledger that the platform cannot read.

use std::fmt::{self, Debug};
use std::hash::Hash;

use crate::kernel::{Fault, Instant, Operation, Span};
use crate::model::{Data, Domain, MoneyMove, Movement, ServiceId, StreamId};

/// A request to a service of a domain.
pub type Request<D> = <<D as Domain>::Services as Services<D>>::Request;
/// A reply of a service of a domain.
pub type Reply<D> = <<D as Domain>::Services as Services<D>>::Reply;
/// The ledger of a service of a domain.
pub type Ledger<D> = <<D as Domain>::Services as Services<D>>::Ledger;
/// An entry of such a ledger.
pub type Entry<D> = <<D as Domain>::Services as Services<D>>::Entry;

/// The services of a domain. A domain without services says [`NoServices`].
pub trait Services<D: Domain> {
    /// Whether services exist. If not, faults of services do not exist either.
    const PRESENT: bool = true;
    /// Faults that services inject themselves, in the order of their sites, which are 112 to 127. Each is
    /// drawn at every request that a service executes, while it is applicable.
    const FAULTS: &'static [ServiceFault<D>] = &[];
    /// How services forget old requests, if they do.
    const PRUNING: Option<Pruning<D>> = None;
    /// The names of the operations that requests ask for, so that scenarios can aim faults at one.
    const OPERATIONS: &'static [&'static str] = &[];
    /// Whether services [report](Self::report) what they did, so that the platform can go on after the event store
    /// has lost commits. If not, a store that may lose commits is refused.
    const REPORTS: bool = false;

    /// A request to a service.
    type Request: Data;
    /// A reply of a service.
    type Reply: Data;
    /// The state of a service.
    type Ledger: Clone + Debug + Hash + 'static;
    /// An entry of the ledger.
    type Entry: Data;

    /// All services, by number.
    fn services(domain: &D) -> &[Service];
    /// The ledgers of all services at the start, by number.
    fn open(domain: &D) -> Vec<Self::Ledger>;
    /// Executes a request: returns the reply, and adds to `entries` what it enters into the ledger.
    fn serve(
        domain: &D,
        service: ServiceId,
        ledger: &mut Self::Ledger,
        request: &Self::Request,
        now: Instant,
        entries: &mut Vec<Self::Entry>,
    ) -> Self::Reply;
    /// The answer to a lookup: a request that changes nothing and asks what became of others. The answer
    /// states the truth as of `as_of`, which lags behind by at most [`Service::lookup_lag`]. `None` if
    /// the request is not a lookup.
    fn look_up(
        _domain: &D,
        _service: ServiceId,
        _ledger: &Self::Ledger,
        _request: &Self::Request,
        _as_of: Instant,
    ) -> Option<Self::Reply> {
        None
    }
    /// Fails a request (5xx): returns the reply, and changes the ledger if the service records failures.
    /// `happened` says that the request took effect just before.
    fn fail(
        domain: &D,
        service: ServiceId,
        ledger: &mut Self::Ledger,
        request: &Self::Request,
        happened: bool,
        now: Instant,
    ) -> Self::Reply;
    /// Turns a request away (429): returns the reply. The request is not executed, and the service does not record
    /// it. By default the reply is that of a [failure](Self::fail) without effect.
    fn turn_away(
        domain: &D,
        service: ServiceId,
        ledger: &Self::Ledger,
        request: &Self::Request,
        now: Instant,
    ) -> Self::Reply {
        Self::fail(domain, service, &mut ledger.clone(), request, false, now)
    }
    /// Lets entries lapse whose time has passed; returns when the next one lapses.
    fn lapse(
        _domain: &D,
        _service: ServiceId,
        _ledger: &mut Self::Ledger,
        _now: Instant,
        _entries: &mut Vec<Self::Entry>,
    ) -> Option<Instant> {
        None
    }
    /// What a service has in stock, if it sells things of which there are only so many: for readers.
    fn stock(_domain: &D, _service: ServiceId, _ledger: &Self::Ledger) -> Vec<StockItem> {
        Vec::new()
    }
    /// The webhook for a new entry of the ledger, and the saga that receives it.
    fn webhook(
        _domain: &D,
        _service: ServiceId,
        _entry: &Self::Entry,
    ) -> Option<(StreamId, Self::Reply)> {
        None
    }
    /// The report of a service about what has changed in its ledger since a moment, as from a settlement report or a
    /// list of orders: for each reference the saga that it belongs to, and its state now. Unlike a lookup it never lags.
    fn report(
        _domain: &D,
        _service: ServiceId,
        _ledger: &Self::Ledger,
        _since: Instant,
    ) -> Vec<(StreamId, Self::Reply)> {
        Vec::new()
    }
    /// What a request asks for, by one of the names in [`OPERATIONS`](Self::OPERATIONS).
    fn operation(_request: &Self::Request) -> Operation {
        Operation::default()
    }
    /// The money that an entry says was taken, or given back if it is negative, in minor units, and the
    /// stream for which.
    fn paid(_entry: &Self::Entry) -> (Option<StreamId>, i64) {
        (None, 0)
    }
    /// What an entry says in the words of a history. By default, [what was paid](Self::paid).
    fn movement(_domain: &D, entry: &Self::Entry) -> Option<Movement> {
        let (about, minor) = Self::paid(entry);
        let did = if minor < 0 { MoneyMove::Refund } else { MoneyMove::Charge };
        let minor = minor.checked_abs().filter(|minor| *minor > 0)?;
        Some(Movement::Money { about: about?, did, minor })
    }
    /// An amount of money in words. Without money there is none.
    fn money(_domain: &D, minor: i64) -> String {
        minor.to_string()
    }
    /// Reads an amount of money.
    ///
    /// # Errors
    ///
    /// What is wrong with it, then a semicolon and a hint.
    fn amount(_domain: &D, text: &str) -> Result<i64, String> {
        text.parse().map_err(|_| format!("`{text}` is not an amount; write a whole number"))
    }
    /// The stream that a request is about, for stories.
    fn about(_request: &Self::Request) -> Option<StreamId> {
        None
    }
    /// The stream that an entry of the ledger is about, for stories.
    fn entry_about(_entry: &Self::Entry) -> Option<StreamId> {
        None
    }
}

/// A service, as the platform addresses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its short name, as in `V1`.
    pub id: String,
    /// Its description, as in `Iberia over NDC`.
    pub about: String,
    /// The least time that it takes to reply.
    pub latency: Span,
    /// How far its lookups may lag behind the truth, as it states; zero if they never do.
    pub lookup_lag: Span,
}

/// Something of which a service has only so many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockItem {
    /// Its name, as in `IB6251`.
    pub name: String,
    /// How many there are.
    pub of: u32,
    /// What they are used for, each use with a number: `held`, `ticketed`.
    pub uses: Vec<(&'static str, u32)>,
}

/// A fault that a service injects itself, independent of the request.
pub struct ServiceFault<D: Domain> {
    /// Its name, site and sizes.
    pub fault: &'static Fault,
    /// Whether the ledger has an entry that the fault can affect.
    pub is_applicable: fn(&Ledger<D>) -> bool,
    /// Changes the ledger; the size of the fault decides how.
    pub inject: fn(&mut Ledger<D>, u64, Instant, &mut Vec<Entry<D>>),
    /// Whether a reply shows that the fault fired.
    pub is_observable: fn(&Reply<D>) -> bool,
}

/// How a service forgets old requests.
pub struct Pruning<D: Domain> {
    /// Whether the ledger has a request that is older than the service promises to remember.
    pub is_due: fn(&D, &Ledger<D>, Instant) -> bool,
    /// Forgets all such requests.
    pub prune: fn(&D, &mut Ledger<D>, Instant),
}

// Function pointers are left out: addresses differ from run to run.
impl<D: Domain> fmt::Debug for ServiceFault<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ServiceFault").field(&self.fault.name).finish()
    }
}

impl<D: Domain> fmt::Debug for Pruning<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pruning")
    }
}

/// The services of a domain that has none.
#[derive(Clone, Copy, Debug)]
pub enum NoServices {}

/// A type without values: the requests, replies and ledgers of a domain without services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Never {}

impl<D: Domain> Services<D> for NoServices {
    const PRESENT: bool = false;

    type Request = Never;
    type Reply = Never;
    type Ledger = Never;
    type Entry = Never;

    fn services(_: &D) -> &[Service] {
        &[]
    }

    fn open(_: &D) -> Vec<Never> {
        Vec::new()
    }

    fn serve(
        _: &D,
        _: ServiceId,
        ledger: &mut Never,
        _: &Never,
        _: Instant,
        _: &mut Vec<Never>,
    ) -> Never {
        match *ledger {}
    }

    fn fail(_: &D, _: ServiceId, ledger: &mut Never, _: &Never, _: bool, _: Instant) -> Never {
        match *ledger {}
    }
}
