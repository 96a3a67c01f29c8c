//! What the vendors and the payment provider are asked, and what they do.

use super::payment::{self, ChargeEntry, ChargeReply, ChargeRequest, ProviderLedger};
use super::setup::Flights;
use super::vendors::{self, VendorEntry, VendorLedger, VendorReply, VendorRequest};
use crate::kernel::Instant;
use crate::model::{Pruning, Service, ServiceFault, ServiceId, Services, StreamId};

/// What a service is asked.
#[expect(missing_docs, reason = "each is named after the service")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    Vendor(VendorRequest),
    Charge(ChargeRequest),
}

/// What a service answers.
#[expect(missing_docs, reason = "each is named after the service")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    Vendor(VendorReply),
    Charge(ChargeReply),
    /// The request was meant for another kind of service.
    Misdirected,
}

/// The state of a service.
#[expect(missing_docs, reason = "each is named after the service")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ledger {
    Vendor(VendorLedger),
    Provider(ProviderLedger),
}

/// One line of a ledger.
#[expect(missing_docs, reason = "each is named after the service")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    Vendor(VendorEntry),
    Charge(ChargeEntry),
}

impl Services<Self> for Flights {
    const FAULTS: &'static [ServiceFault<Self>] = vendors::FAULTS;
    const PRUNING: Option<Pruning<Self>> = Some(Pruning {
        is_due: |flights, ledger, now| match ledger {
            Ledger::Vendor(_) => false,
            Ledger::Provider(ledger) => ledger.may_forget(flights.payment().key_life, now),
        },
        prune: |flights, ledger, now| match ledger {
            Ledger::Vendor(_) => {}
            Ledger::Provider(ledger) => ledger.forget(flights.payment().key_life, now),
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
        let vendors = flights.vendors().iter();
        let vendors = vendors.map(|vendor| Ledger::Vendor(vendors::open(flights, vendor)));
        vendors.chain([Ledger::Provider(ProviderLedger::default())]).collect()
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
                Reply::Vendor(vendors::serve(flights, vendor, ledger, request, now, entries))
            }
            (Ledger::Provider(ledger), Request::Charge(request), None) => {
                let limit = flights.payment().limit.map(|limit| limit.minor);
                Reply::Charge(payment::serve(limit, ledger, request, now, entries))
            }
            (Ledger::Vendor(_) | Ledger::Provider(_), _, _) => Reply::Misdirected,
        }
    }

    fn look_up(
        flights: &Self,
        service: ServiceId,
        ledger: &Ledger,
        request: &Request,
        as_of: Instant,
    ) -> Option<Reply> {
        match (ledger, request, flights.vendor(service)) {
            (Ledger::Vendor(ledger), Request::Vendor(request), Some(vendor)) => {
                vendors::look_up(vendor, ledger, request, as_of).map(Reply::Vendor)
            }
            (Ledger::Provider(ledger), Request::Charge(request), None) => {
                payment::look_up(ledger, request, as_of).map(Reply::Charge)
            }
            (Ledger::Vendor(_) | Ledger::Provider(_), _, _) => None,
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
            // Vendors keep their orders, and no failed requests.
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
            Ledger::Vendor(ledger) => ledger.lapse(now, entries),
            Ledger::Provider(_) => None,
        }
    }

    fn webhook(_: &Self, service: ServiceId, entry: &Entry) -> Option<(StreamId, Reply)> {
        let (booking, reply) = match entry {
            Entry::Charge(entry) => (entry.booking, Reply::Charge(payment::webhook(entry)?)),
            Entry::Vendor(entry) => {
                let (booking, reply) = vendors::report(service, entry)?;
                (booking, Reply::Vendor(reply))
            }
        };
        Some((booking.saga(), reply))
    }

    fn about(request: &Request) -> Option<StreamId> {
        match request {
            Request::Vendor(request) => request.reference().map(|leg| leg.booking.stream()),
            Request::Charge(request) => Some(request.key.booking.stream()),
        }
    }
}
