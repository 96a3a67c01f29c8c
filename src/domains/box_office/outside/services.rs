//! The payment provider and the lock service as services of the platform. Without locks there is no lock
//! service.

use super::lock::{self, LockEntry, LockLedger, LockReply, LockRequest};
use super::provider::{self, ChargeEntry, ChargeReply, ChargeRequest, ProviderLedger};
use crate::domains::box_office::ids::TicketId;
use crate::domains::box_office::setup::BoxOffice;
use crate::domains::money::{self, Money};
use crate::kernel::{Instant, Operation};
use crate::model::{Service, ServiceId, Services, StreamId};

/// A request to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    Charge(ChargeRequest),
    Lock(LockRequest),
}

/// An answer of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    Charge(ChargeReply),
    Lock(LockReply),
    /// The request was for the other service.
    Misdirected,
}

/// The ledger of a service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ledger {
    Provider(ProviderLedger),
    Locks(LockLedger),
}

/// An entry of a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    Charge(ChargeEntry),
    Lock(LockEntry),
}

impl Request {
    const fn ticket(&self) -> TicketId {
        match self {
            Self::Charge(request) => request.ticket(),
            Self::Lock(request) => request.ticket(),
        }
    }
}

impl Services<Self> for BoxOffice {
    const OPERATIONS: &'static [&'static str] = &crate::model::join::<
        _,
        { ChargeRequest::NAMES.len() + LockRequest::NAMES.len() },
    >(&[ChargeRequest::NAMES, LockRequest::NAMES]);

    type Request = Request;
    type Reply = Reply;
    type Ledger = Ledger;
    type Entry = Entry;

    fn services(office: &Self) -> &[Service] {
        office.services()
    }

    fn open(office: &Self) -> Vec<Ledger> {
        let ledgers =
            [Ledger::Provider(ProviderLedger::default()), Ledger::Locks(LockLedger::default())];
        ledgers.into_iter().take(office.services().len()).collect()
    }

    fn serve(
        office: &Self,
        _service: ServiceId,
        ledger: &mut Ledger,
        request: &Request,
        now: Instant,
        entries: &mut Vec<Entry>,
    ) -> Reply {
        match (ledger, request) {
            (Ledger::Provider(ledger), Request::Charge(request)) => {
                let (reply, entry) = provider::serve(ledger, request);
                entries.extend(entry.map(Entry::Charge));
                Reply::Charge(reply)
            }
            (Ledger::Locks(ledger), Request::Lock(request)) => {
                let (reply, entry) = lock::serve(office.setup().lock.ttl, ledger, request, now);
                entries.extend(entry.map(Entry::Lock));
                Reply::Lock(reply)
            }
            (Ledger::Provider(_) | Ledger::Locks(_), _) => Reply::Misdirected,
        }
    }

    /// A failure leaves no trace in the ledger.
    fn fail(
        _: &Self,
        _service: ServiceId,
        _ledger: &mut Ledger,
        request: &Request,
        _happened: bool,
        _now: Instant,
    ) -> Reply {
        match request {
            Request::Charge(request) => Reply::Charge(ChargeReply::Unavailable(*request)),
            Request::Lock(request) => Reply::Lock(LockReply::Unavailable(*request)),
        }
    }

    /// The provider reports what it has moved, in case the answer was lost.
    fn webhook(_: &Self, _service: ServiceId, entry: &Entry) -> Option<(StreamId, Reply)> {
        let Entry::Charge(ChargeEntry { ticket, amount }) = *entry else { return None };
        let reply = match amount.minor {
            1.. => ChargeReply::Charged { ticket },
            _ => ChargeReply::Reversed { ticket },
        };
        Some((ticket.saga(), Reply::Charge(reply)))
    }

    fn operation(request: &Request) -> Operation {
        let name = match request {
            Request::Charge(request) => request.name(),
            Request::Lock(request) => request.name(),
        };
        Operation { name, part: 0 }
    }

    fn paid(entry: &Entry) -> (Option<StreamId>, i64) {
        match entry {
            Entry::Charge(ChargeEntry { ticket, amount }) => (Some(ticket.stream()), amount.minor),
            Entry::Lock(_) => (None, 0),
        }
    }

    fn money(office: &Self, minor: i64) -> String {
        Money::new(minor, office.currency()).to_string()
    }

    fn amount(office: &Self, text: &str) -> Result<i64, String> {
        money::minor_units(text, office.currency())
    }

    fn about(request: &Request) -> Option<StreamId> {
        Some(request.ticket().stream())
    }

    fn entry_about(entry: &Entry) -> Option<StreamId> {
        let (Entry::Charge(ChargeEntry { ticket, .. })
        | Entry::Lock(LockEntry::Granted { ticket, .. } | LockEntry::Released { ticket, .. })) =
            entry;
        Some(ticket.stream())
    }
}
