//! The payment provider and the carrier as services of the platform.

use super::carrier::{self, CarrierLedger, ParcelEntry, ParcelReply, ParcelRequest};
use super::provider::{self, ChargeEntry, ChargeReply, ChargeRequest, ProviderLedger};
use super::saga_event::Act;
use super::setup::Orders;
use crate::domains::money::{self, Money};
use crate::kernel::{Instant, Operation};
use crate::model::{MoneyMove, Movement, Service, ServiceId, Services, StreamId};

/// A request to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    Charge(ChargeRequest),
    Parcel(ParcelRequest),
}

/// An answer of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    Charge(ChargeReply),
    Parcel(ParcelReply),
    /// The request was for the other service.
    Misdirected,
}

/// The ledger of a service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ledger {
    Provider(ProviderLedger),
    Carrier(CarrierLedger),
}

/// An entry of a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    Charge(ChargeEntry),
    Parcel(ParcelEntry),
}

impl Services<Self> for Orders {
    const OPERATIONS: &'static [&'static str] =
        &crate::model::join::<_, { ChargeRequest::NAMES.len() + ParcelRequest::NAMES.len() }>(&[
            ChargeRequest::NAMES,
            ParcelRequest::NAMES,
        ]);

    type Request = Request;
    type Reply = Reply;
    type Ledger = Ledger;
    type Entry = Entry;

    fn services(orders: &Self) -> &[Service] {
        &orders.tables.services
    }

    fn open(_: &Self) -> Vec<Ledger> {
        vec![Ledger::Provider(ProviderLedger::default()), Ledger::Carrier(CarrierLedger::default())]
    }

    fn serve(
        orders: &Self,
        _service: ServiceId,
        ledger: &mut Ledger,
        request: &Request,
        now: Instant,
        entries: &mut Vec<Entry>,
    ) -> Reply {
        match (ledger, request) {
            (Ledger::Provider(ledger), Request::Charge(request)) => {
                let payment = &orders.tables.setup.payment;
                let limit = payment.limit.map(|limit| limit.minor);
                let terms = provider::Terms { limit, life: payment.authorisation_life };
                let (reply, entry) = provider::serve(terms, ledger, request, now);
                entries.extend(entry.map(Entry::Charge));
                Reply::Charge(reply)
            }
            (Ledger::Carrier(ledger), Request::Parcel(request)) => {
                let (reply, entry) = carrier::serve(&orders.terms(now), ledger, request, now);
                entries.extend(entry.map(Entry::Parcel));
                Reply::Parcel(reply)
            }
            (Ledger::Provider(_) | Ledger::Carrier(_), _) => Reply::Misdirected,
        }
    }

    fn look_up(
        _: &Self,
        _service: ServiceId,
        ledger: &Ledger,
        request: &Request,
        as_of: Instant,
    ) -> Option<Reply> {
        match (ledger, request) {
            (Ledger::Provider(ledger), Request::Charge(request)) => {
                provider::look_up(ledger, request, as_of).map(Reply::Charge)
            }
            (Ledger::Carrier(ledger), Request::Parcel(request)) => {
                carrier::look_up(ledger, request, as_of).map(Reply::Parcel)
            }
            (Ledger::Provider(_) | Ledger::Carrier(_), _) => None,
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
            Request::Parcel(request) => Reply::Parcel(ParcelReply::Unavailable(*request)),
        }
    }

    /// The provider reports captures and reversals, the carrier bookings, in case the answer was lost.
    fn webhook(_: &Self, _service: ServiceId, entry: &Entry) -> Option<(StreamId, Reply)> {
        match *entry {
            Entry::Charge(ChargeEntry { order, act, .. }) => match act {
                Act::Capture | Act::Reverse => {
                    Some((order.saga(), Reply::Charge(ChargeReply::Done { order, act })))
                }
                Act::Authorise | Act::Book | Act::Recall => None,
            },
            Entry::Parcel(ParcelEntry::Booked { order, parcel }) => {
                Some((order.saga(), Reply::Parcel(ParcelReply::Booked { order, parcel })))
            }
            Entry::Parcel(ParcelEntry::Recalled { .. }) => None,
        }
    }

    fn operation(request: &Request) -> Operation {
        let name = match request {
            Request::Charge(request) => request.name(),
            Request::Parcel(request) => request.name(),
        };
        Operation { name, part: 0 }
    }

    fn paid(entry: &Entry) -> (Option<StreamId>, i64) {
        let Entry::Charge(entry) = entry else { return (None, 0) };
        let amount = match entry.act {
            Act::Capture => entry.amount.minor,
            Act::Reverse => -entry.amount.minor,
            Act::Authorise | Act::Book | Act::Recall => 0,
        };
        (Some(entry.order.stream()), amount)
    }

    fn movement(_: &Self, entry: &Entry) -> Option<Movement> {
        let Entry::Charge(ChargeEntry { order, act, amount, .. }) = entry else { return None };
        let did = match act {
            Act::Authorise => MoneyMove::Authorise,
            Act::Capture => MoneyMove::Capture,
            Act::Reverse if amount.minor > 0 => MoneyMove::Refund,
            Act::Reverse => MoneyMove::Void,
            Act::Book | Act::Recall => return None,
        };
        Some(Movement::Money { about: order.stream(), did, minor: amount.minor })
    }

    fn money(orders: &Self, minor: i64) -> String {
        Money::new(minor, orders.currency()).to_string()
    }

    fn amount(orders: &Self, text: &str) -> Result<i64, String> {
        money::minor_units(text, orders.currency())
    }

    fn about(request: &Request) -> Option<StreamId> {
        Some(match request {
            Request::Charge(request) => request.order().stream(),
            Request::Parcel(request) => request.order().stream(),
        })
    }

    fn entry_about(entry: &Entry) -> Option<StreamId> {
        let (Entry::Charge(ChargeEntry { order, .. })
        | Entry::Parcel(ParcelEntry::Booked { order, .. } | ParcelEntry::Recalled { order })) =
            entry;
        Some(order.stream())
    }
}
