//! What the vendors and the payment provider are asked, and what they do.

use super::payment::{self, ChargeEntry, ChargeReply, ChargeRequest, ProviderLedger};
use super::setup::Flights;
use super::vendors::{self, VendorEntry, VendorLedger, VendorReply, VendorRequest};
use crate::kernel::Instant;
use crate::model::{Pruning, Service, ServiceFault, ServiceId, Services, StreamId};

/// What a service is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// A vendor.
    Vendor(VendorRequest),
    /// The payment provider.
    Charge(ChargeRequest),
}

/// What a service answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// A vendor.
    Vendor(VendorReply),
    /// The payment provider.
    Charge(ChargeReply),
    /// The request was meant for another kind of service.
    Misdirected,
}

/// A service's own truth.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ledger {
    /// A vendor's.
    Vendor(VendorLedger),
    /// The payment provider's.
    Provider(ProviderLedger),
}

/// One line of that truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// A vendor's.
    Vendor(VendorEntry),
    /// The payment provider's.
    Charge(ChargeEntry),
}

impl Services<Self> for Flights {
    const FAULTS: &'static [ServiceFault<Self>] = vendors::FAULTS;
    const PRUNING: Option<Pruning<Self>> = Some(Pruning {
        is_due: |flights, ledger, now| match ledger {
            Ledger::Vendor(_) => false,
            Ledger::Provider(ledger) => ledger.may_forget(flights.tables.key_life, now),
        },
        prune: |flights, ledger, now| match ledger {
            Ledger::Vendor(_) => {}
            Ledger::Provider(ledger) => ledger.forget(flights.tables.key_life, now),
        },
    });

    type Request = Request;
    type Reply = Reply;
    type Ledger = Ledger;
    type Entry = Entry;

    fn services(flights: &Self) -> &[Service] {
        &flights.tables.services
    }

    fn open(flights: &Self) -> Vec<Ledger> {
        let open = |service| match flights.vendor(service) {
            Some(vendor) => Ledger::Vendor(vendors::open(flights, vendor)),
            None => Ledger::Provider(ProviderLedger::default()),
        };
        (0..flights.tables.services.len() as u8).map(ServiceId).map(open).collect()
    }

    fn serve(
        flights: &Self,
        service: ServiceId,
        ledger: &mut Ledger,
        request: &Request,
        now: Instant,
        entries: &mut Vec<Entry>,
    ) -> Reply {
        match (ledger, request, flights.vendor(service)) {
            (Ledger::Vendor(ledger), Request::Vendor(request), Some(vendor)) => {
                let mut lines = Vec::new();
                let reply = vendors::serve(flights, vendor, ledger, request, now, &mut lines);
                entries.extend(lines.into_iter().map(Entry::Vendor));
                Reply::Vendor(reply)
            }
            (Ledger::Provider(ledger), Request::Charge(request), None) => {
                let mut lines = Vec::new();
                let reply = payment::serve(flights.tables.limit, ledger, request, now, &mut lines);
                entries.extend(lines.into_iter().map(Entry::Charge));
                Reply::Charge(reply)
            }
            (Ledger::Vendor(_) | Ledger::Provider(_), _, _) => Reply::Misdirected,
        }
    }

    fn fail(
        flights: &Self,
        service: ServiceId,
        ledger: &mut Ledger,
        request: &Request,
        happened: bool,
        now: Instant,
    ) -> Reply {
        match (ledger, request, flights.vendor(service)) {
            // Vendors remember their orders and nothing of what they could not do.
            (Ledger::Vendor(_), Request::Vendor(request), Some(_)) => {
                Reply::Vendor(VendorReply::Unavailable(Box::new(request.clone())))
            }
            (Ledger::Provider(ledger), Request::Charge(request), None) => {
                Reply::Charge(payment::fail(ledger, request, happened, now))
            }
            (Ledger::Vendor(_) | Ledger::Provider(_), _, _) => Reply::Misdirected,
        }
    }

    fn lapse(
        _: &Self,
        _service: ServiceId,
        ledger: &mut Ledger,
        now: Instant,
        entries: &mut Vec<Entry>,
    ) -> Option<Instant> {
        match ledger {
            Ledger::Vendor(ledger) => {
                let mut lines = Vec::new();
                let next = vendors::lapse(ledger, now, &mut lines);
                entries.extend(lines.into_iter().map(Entry::Vendor));
                next
            }
            Ledger::Provider(_) => None,
        }
    }

    fn webhook(_: &Self, service: ServiceId, entry: &Entry) -> Option<(StreamId, Reply)> {
        match entry {
            Entry::Charge(entry) => {
                let (booking, reply) = payment::webhook(entry)?;
                Some((booking.saga(), Reply::Charge(reply)))
            }
            Entry::Vendor(entry) => {
                let (booking, reply) = vendors::report(service, entry)?;
                Some((booking.saga(), Reply::Vendor(reply)))
            }
        }
    }

    fn about(request: &Request) -> Option<StreamId> {
        match request {
            Request::Vendor(request) => request.reference().map(|leg| leg.booking.stream()),
            Request::Charge(request) => Some(request.key.booking.stream()),
        }
    }
}
