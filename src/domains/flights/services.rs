//! What the vendors and the payment provider are asked, and what they do.

use super::money::{self, Money};
use super::payment::{self, ChargeEntry, ChargeReply, ChargeRequest, Notice, ProviderLedger, Turn};
use super::saga_event::ChargeStep;
use super::setup::Flights;
use super::vendors::{self, VendorAct, VendorEntry, VendorLedger, VendorReply, VendorRequest};
use crate::kernel::{Instant, Operation};
use crate::model::{
    MoneyMove, Movement, Pruning, Service, ServiceFault, ServiceId, Services, StockItem, StreamId,
    Subject,
};

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
    /// Of the payment provider, about what nobody asked it for.
    Notice(Notice),
}

impl Services<Self> for Flights {
    const FAULTS: &'static [ServiceFault<Self>] = &{
        let [elsewhere, times, cancelled, lapse, fare] = vendors::FAULTS;
        let [confirmation, reservation, dispute] = payment::FAULTS;
        [elsewhere, times, cancelled, lapse, confirmation, reservation, dispute, fare]
    };
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

    const OPERATIONS: &'static [&'static str] = &crate::model::join::<
        _,
        { VendorRequest::NAMES.len() + ChargeStep::NAMES.len() },
    >(&[VendorRequest::NAMES, ChargeStep::NAMES]);

    const REPORTS: bool = true;

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
        vendors.chain([Ledger::Provider(ProviderLedger::open(&flights.tables.setup))]).collect()
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
                Reply::Charge(payment::serve(ledger, request, now, entries))
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

    fn stock(flights: &Self, _: ServiceId, ledger: &Ledger) -> Vec<StockItem> {
        match ledger {
            Ledger::Vendor(ledger) => {
                let stocks = ledger.stocks();
                stocks.map(|(flight, stock)| stock.item(&flights.flight(flight).code)).collect()
            }
            Ledger::Provider(_) => Vec::new(),
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

    // Like a failure, but the provider keeps it under no key.
    fn turn_away(
        flights: &Self,
        service: ServiceId,
        _ledger: &Ledger,
        request: &Request,
        _now: Instant,
    ) -> Reply {
        match (request, flights.vendor(service)) {
            (Request::Vendor(request), Some(_)) => {
                Reply::Vendor(VendorReply::Unavailable(Box::new(request.clone())))
            }
            (Request::Charge(request), None) => Reply::Charge(ChargeReply::Unavailable(*request)),
            (Request::Vendor(_), None) | (Request::Charge(_), Some(_)) => Reply::Misdirected,
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
            Ledger::Provider(ledger) => ledger.catch_up(now, entries),
        }
    }

    fn webhook(_: &Self, service: ServiceId, entry: &Entry) -> Option<(StreamId, Reply)> {
        let (booking, reply) = match entry {
            Entry::Charge(entry) => (entry.booking, Reply::Charge(payment::webhook(entry)?)),
            Entry::Notice(notice) => (notice.key.booking, Reply::Charge(payment::report(notice)?)),
            Entry::Vendor(entry) => {
                let (booking, reply) = vendors::report(service, entry)?;
                (booking, Reply::Vendor(reply))
            }
        };
        Some((booking.saga(), reply))
    }

    fn report(
        flights: &Self,
        service: ServiceId,
        ledger: &Ledger,
        since: Instant,
    ) -> Vec<(StreamId, Reply)> {
        match (ledger, flights.vendor(service)) {
            (Ledger::Vendor(ledger), Some(vendor)) => {
                let replies = vendors::changed(vendor, ledger, since).into_iter();
                let about = |reply: &VendorReply| Some(reply.reference()?.booking.saga());
                replies.filter_map(|reply| Some((about(&reply)?, Reply::Vendor(reply)))).collect()
            }
            (Ledger::Provider(ledger), _) => {
                let replies = payment::changed(ledger, since).into_iter();
                let about = |reply: &ChargeReply| match reply {
                    ChargeReply::Reported { booking, .. } => Some(booking.saga()),
                    _ => None,
                };
                replies.filter_map(|reply| Some((about(&reply)?, Reply::Charge(reply)))).collect()
            }
            (Ledger::Vendor(_), None) => Vec::new(),
        }
    }

    /// The parts of a booking are its legs.
    fn operation(request: &Request) -> Operation {
        match request {
            Request::Vendor(request) => {
                let part = request.reference().map_or(0, |leg| leg.leg.saturating_add(1));
                Operation { name: request.name(), part }
            }
            Request::Charge(request) => Operation { name: request.key.step.name(), part: 0 },
        }
    }

    fn paid(entry: &Entry) -> (Option<StreamId>, i64) {
        match entry {
            Entry::Vendor(_) => (None, 0),
            Entry::Charge(entry) => {
                let amount = match entry.step {
                    ChargeStep::Capture => entry.amount.minor,
                    ChargeStep::Refund => -entry.amount.minor,
                    any_of!(ChargeStep: Authorise | Void | Query | Contest | Dispute) => 0,
                };
                (Some(entry.booking.stream()), amount)
            }
            Entry::Notice(notice) => {
                let amount = match notice.what {
                    Turn::Disputed => -notice.amount.minor,
                    Turn::DisputeWon => notice.amount.minor,
                    any_of!(Turn: Pending | Confirmed | Unconfirmed | Lapsed | DisputeLost) => 0,
                };
                (Some(notice.key.booking.stream()), amount)
            }
        }
    }

    fn movement(flights: &Self, entry: &Entry) -> Option<Movement> {
        match entry {
            Entry::Vendor(entry) => seats(flights, entry),
            Entry::Charge(entry) => {
                let did = match entry.step {
                    ChargeStep::Authorise => MoneyMove::Authorise,
                    ChargeStep::Capture => MoneyMove::Capture,
                    ChargeStep::Void => MoneyMove::Void,
                    ChargeStep::Refund => MoneyMove::Refund,
                    any_of!(ChargeStep: Query | Contest | Dispute) => return None,
                };
                Some(Movement::Money {
                    about: entry.booking.stream(),
                    did,
                    minor: entry.amount.minor,
                })
            }
            Entry::Notice(notice) => {
                let did = match notice.what {
                    Turn::Confirmed => MoneyMove::Authorise,
                    Turn::Lapsed => MoneyMove::Void,
                    Turn::Disputed => MoneyMove::Chargeback,
                    Turn::DisputeWon => MoneyMove::DisputeWon,
                    any_of!(Turn: Pending | Unconfirmed | DisputeLost) => return None,
                };
                let about = notice.key.booking.stream();
                Some(Movement::Money { about, did, minor: notice.amount.minor })
            }
        }
    }

    fn money(flights: &Self, minor: i64) -> String {
        Money::new(minor, flights.currency()).to_string()
    }

    fn amount(flights: &Self, text: &str) -> Result<i64, String> {
        money::minor_units(text, flights.currency())
    }

    fn about(request: &Request) -> Option<StreamId> {
        match request {
            Request::Vendor(request) => request.reference().map(|leg| leg.booking.stream()),
            Request::Charge(request) => Some(request.key.booking.stream()),
        }
    }

    fn entry_about(entry: &Entry) -> Option<StreamId> {
        match entry {
            Entry::Vendor(entry) => entry.reference().map(|leg| leg.booking.stream()),
            Entry::Charge(entry) => Some(entry.booking.stream()),
            Entry::Notice(notice) => Some(notice.key.booking.stream()),
        }
    }
}

/// What an entry of a vendor's ledger says of seats.
fn seats(flights: &Flights, entry: &VendorEntry) -> Option<Movement> {
    let named = |flight| Subject::Named(flights.flight(flight).code.clone());
    match *entry {
        VendorEntry::Order { act, flight, order, reference, .. } => {
            let leg = reference.leg + 1;
            let holder =
                Subject::Part(reference.booking.stream(), format!("leg {leg} order {order}"));
            let item = named(flight);
            match act {
                VendorAct::Held => Some(Movement::Held { item, holder }),
                VendorAct::Ticketed => Some(Movement::Sold { item, holder, quantity: 1 }),
                any_of!(VendorAct: Cancelled | Lapsed | Voided | Refunded) => {
                    Some(Movement::Released { item, holder })
                }
                // The seat is not free again: the flight has none any more.
                VendorAct::Withdrawn => None,
            }
        }
        VendorEntry::SoldElsewhere { flight, seats, stock } => Some(Movement::Sold {
            item: named(flight),
            holder: Subject::Named(format!("another buyer, up to {}", stock.elsewhere)),
            quantity: seats.into(),
        }),
        VendorEntry::Rescheduled { .. }
        | VendorEntry::FlightCancelled { .. }
        | VendorEntry::Invoiced { .. } => None,
    }
}
