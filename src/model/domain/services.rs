//! Services: systems outside of the platform, each with a ledger that the platform cannot read.

use std::fmt::{self, Debug};

use crate::kernel::{Fault, Instant, Span};
use crate::model::{Data, Domain, ServiceId, StreamId};

/// What the services of a domain are asked.
pub type Request<D> = <<D as Domain>::Services as Services<D>>::Request;
/// What the services of a domain answer.
pub type Reply<D> = <<D as Domain>::Services as Services<D>>::Reply;
/// The ledger of a service of a domain.
pub type Ledger<D> = <<D as Domain>::Services as Services<D>>::Ledger;
/// One line of such a ledger.
pub type Entry<D> = <<D as Domain>::Services as Services<D>>::Entry;

/// The services of a domain. A domain without services says [`NoServices`].
pub trait Services<D: Domain> {
    /// Whether a service can exist at all. If not, faults of services do not exist either.
    const PRESENT: bool = true;
    /// Faults that services inject themselves, in the order of their sites, which are 112 to 127. Each is
    /// drawn at every request that a service gets to, as long as it is applicable.
    const FAULTS: &'static [ServiceFault<D>] = &[];
    /// How services forget requests, if they do not remember them for ever.
    const PRUNING: Option<Pruning<D>> = None;

    /// What services are asked.
    type Request: Data;
    /// What they answer.
    type Reply: Data;
    /// What a service keeps.
    type Ledger: Clone + Debug + 'static;
    /// One line of the ledger.
    type Entry: Data;

    /// All services, by number.
    fn services(domain: &D) -> &[Service];
    /// The ledgers of all services at the start, by number.
    fn open(domain: &D) -> Vec<Self::Ledger>;
    /// What a service does when asked, and what it enters into its ledger.
    fn serve(
        domain: &D,
        service: ServiceId,
        ledger: &mut Self::Ledger,
        request: &Self::Request,
        now: Instant,
        entries: &mut Vec<Self::Entry>,
    ) -> Self::Reply;
    /// What a service answers when it fails (5xx), and what it keeps of having failed. `happened`: the
    /// request took effect just before.
    fn fail(
        domain: &D,
        service: ServiceId,
        ledger: &mut Self::Ledger,
        request: &Self::Request,
        happened: bool,
        now: Instant,
    ) -> Self::Reply;
    /// What a service does by itself when time passes; returns when it next has something to do.
    fn lapse(
        _domain: &D,
        _service: ServiceId,
        _ledger: &mut Self::Ledger,
        _now: Instant,
        _entries: &mut Vec<Self::Entry>,
    ) -> Option<Instant> {
        None
    }
    /// What a service reports by itself about a line of its ledger, and to which saga.
    fn webhook(
        _domain: &D,
        _service: ServiceId,
        _entry: &Self::Entry,
    ) -> Option<(StreamId, Self::Reply)> {
        None
    }
    /// The stream that a request is about, if any. Only stories ask.
    fn about(_request: &Self::Request) -> Option<StreamId> {
        None
    }
}

/// A service, as the platform addresses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its short name, as in `V1`.
    pub id: String,
    /// What it is, as in `Iberia over NDC`.
    pub about: String,
    /// How long it takes to answer, at least.
    pub latency: Span,
}

/// A fault that a service injects itself, whatever it is asked.
pub struct ServiceFault<D: Domain> {
    /// Its name, site and sizes.
    pub fault: &'static Fault,
    /// Whether the ledger has anything that the fault could affect.
    pub is_applicable: fn(&Ledger<D>) -> bool,
    /// Changes the ledger; the size of the fault decides what is left open.
    pub inject: fn(&mut Ledger<D>, u64, &mut Vec<Entry<D>>),
    /// Whether a reply shows that the fault fired.
    pub is_observable: fn(&Reply<D>) -> bool,
}

/// How a service forgets requests that it has answered.
pub struct Pruning<D: Domain> {
    /// Whether the ledger has a request that is older than the service promises to remember.
    pub is_due: fn(&D, &Ledger<D>, Instant) -> bool,
    /// Forgets all such requests.
    pub prune: fn(&D, &mut Ledger<D>, Instant),
}

// Without the functions: addresses differ from run to run.
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

/// A type without values: requests, replies and ledgers of services that do not exist.
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
