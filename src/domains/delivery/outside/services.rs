//! The payment provider, the couriers and the restaurants as services of the platform.

use super::couriers::{self, CourierEntry, CourierLedger, CourierReply, CourierRequest};
use super::faults;
use super::kitchen::{self, KitchenEntry, KitchenLedger, KitchenReply, KitchenRequest};
use super::provider::{self, ChargeEntry, ChargeReply, ChargeRequest, ProviderLedger};
use crate::domains::delivery::setup::{Delivery, restaurant_of};
use crate::domains::money::{self, Money};
use crate::kernel::{Instant, Operation};
use crate::model::{Service, ServiceFault, ServiceId, Services, StreamId};

/// A request to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    Charge(ChargeRequest),
    Kitchen(KitchenRequest),
    Courier(CourierRequest),
}

/// An answer of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    Charge(ChargeReply),
    Kitchen(KitchenReply),
    Courier(CourierReply),
    /// The request was for another service.
    Misdirected,
}

/// The ledger of a service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ledger {
    Provider(ProviderLedger),
    Couriers(CourierLedger),
    Kitchen(KitchenLedger),
}

/// An entry of a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    Charge(ChargeEntry),
    Kitchen(KitchenEntry),
    Courier(CourierEntry),
}

const OPERATIONS: usize =
    ChargeRequest::NAMES.len() + KitchenRequest::NAMES.len() + CourierRequest::NAMES.len();

impl Services<Self> for Delivery {
    const FAULTS: &'static [ServiceFault<Self>] = faults::FAULTS;
    const OPERATIONS: &'static [&'static str] = &crate::model::join::<_, OPERATIONS>(&[
        ChargeRequest::NAMES,
        KitchenRequest::NAMES,
        CourierRequest::NAMES,
    ]);

    type Request = Request;
    type Reply = Reply;
    type Ledger = Ledger;
    type Entry = Entry;

    fn services(delivery: &Self) -> &[Service] {
        &delivery.tables.services
    }

    fn open(delivery: &Self) -> Vec<Ledger> {
        let mut ledgers = vec![
            Ledger::Provider(ProviderLedger::default()),
            Ledger::Couriers(CourierLedger::default()),
        ];
        let kitchen = || Ledger::Kitchen(KitchenLedger::default());
        ledgers.resize_with(delivery.tables.services.len(), kitchen);
        ledgers
    }

    fn serve(
        delivery: &Self,
        service: ServiceId,
        ledger: &mut Ledger,
        request: &Request,
        now: Instant,
        entries: &mut Vec<Entry>,
    ) -> Reply {
        match (ledger, request) {
            (Ledger::Provider(ledger), Request::Charge(request)) => {
                let limit = delivery.tables.setup.payment.limit.map(|limit| limit.minor);
                let (reply, entry) = provider::serve(limit, ledger, request, now);
                entries.extend(entry.map(Entry::Charge));
                Reply::Charge(reply)
            }
            (Ledger::Kitchen(ledger), Request::Kitchen(request)) => {
                let pace = delivery.pace(restaurant_of(service));
                let (reply, entry) = kitchen::serve(&pace, ledger, request, now);
                entries.extend(entry.map(Entry::Kitchen));
                Reply::Kitchen(reply)
            }
            (Ledger::Couriers(ledger), Request::Courier(request)) => {
                let (reply, entry) = couriers::serve(&delivery.fleet(), ledger, request, now);
                entries.extend(entry.map(Entry::Courier));
                Reply::Courier(reply)
            }
            (Ledger::Provider(_) | Ledger::Kitchen(_) | Ledger::Couriers(_), _) => {
                Reply::Misdirected
            }
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
            (Ledger::Kitchen(ledger), Request::Kitchen(request)) => {
                kitchen::look_up(ledger, request, as_of).map(Reply::Kitchen)
            }
            (Ledger::Couriers(ledger), Request::Courier(request)) => {
                couriers::look_up(ledger, request, as_of).map(Reply::Courier)
            }
            (Ledger::Provider(_) | Ledger::Kitchen(_) | Ledger::Couriers(_), _) => None,
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
            Request::Kitchen(request) => Reply::Kitchen(KitchenReply::Unavailable(*request)),
            Request::Courier(request) => Reply::Courier(CourierReply::Unavailable(*request)),
        }
    }

    /// The kitchen moves on, and so do the couriers.
    fn lapse(
        delivery: &Self,
        service: ServiceId,
        ledger: &mut Ledger,
        now: Instant,
        entries: &mut Vec<Entry>,
    ) -> Option<Instant> {
        match ledger {
            Ledger::Provider(_) => None,
            Ledger::Couriers(ledger) => {
                let mut lines = Vec::new();
                let next = couriers::lapse(&delivery.fleet(), ledger, now, &mut lines);
                entries.extend(lines.into_iter().map(Entry::Courier));
                next
            }
            Ledger::Kitchen(ledger) => {
                let (mut lines, pace) = (Vec::new(), delivery.pace(restaurant_of(service)));
                let next = kitchen::lapse(&pace, ledger, now, &mut lines);
                entries.extend(lines.into_iter().map(Entry::Kitchen));
                next
            }
        }
    }

    /// Everything is reported that happens by itself, or whose answer could be lost.
    fn webhook(_: &Self, _service: ServiceId, entry: &Entry) -> Option<(StreamId, Reply)> {
        let reply = match *entry {
            Entry::Charge(ChargeEntry::Charged { order, .. }) => {
                Reply::Charge(ChargeReply::Charged { order })
            }
            Entry::Charge(ChargeEntry::Refunded { order, .. }) => {
                Reply::Charge(ChargeReply::Refunded { order })
            }
            Entry::Kitchen(KitchenEntry::Taken { order, estimated }) => {
                Reply::Kitchen(KitchenReply::Taken { order, estimated })
            }
            Entry::Kitchen(KitchenEntry::Moved { order, stage }) => {
                Reply::Kitchen(KitchenReply::Moved { order, stage })
            }
            Entry::Kitchen(KitchenEntry::GivenUp { order }) => {
                Reply::Kitchen(KitchenReply::GivenUp { order })
            }
            Entry::Courier(CourierEntry::Assigned { order, attempt, courier }) => {
                Reply::Courier(CourierReply::Assigned { order, attempt, courier })
            }
            Entry::Courier(CourierEntry::Moved { order, leg }) => {
                Reply::Courier(CourierReply::Moved { order, leg })
            }
            Entry::Courier(CourierEntry::Quit { order, attempt }) => {
                Reply::Courier(CourierReply::Quit { order, attempt })
            }
            Entry::Kitchen(KitchenEntry::Withdrawn { .. })
            | Entry::Courier(CourierEntry::Noted { .. } | CourierEntry::Released { .. }) => {
                return None;
            }
        };
        Some((entry.order().saga(), reply))
    }

    fn operation(request: &Request) -> Operation {
        let name = match request {
            Request::Charge(request) => request.name(),
            Request::Kitchen(request) => request.name(),
            Request::Courier(request) => request.name(),
        };
        Operation { name, part: 0 }
    }

    fn paid(entry: &Entry) -> (Option<StreamId>, i64) {
        let amount = match entry {
            Entry::Charge(ChargeEntry::Charged { amount, .. }) => amount.minor,
            Entry::Charge(ChargeEntry::Refunded { amount, .. }) => -amount.minor,
            Entry::Kitchen(_) | Entry::Courier(_) => return (None, 0),
        };
        (Some(entry.order().stream()), amount)
    }

    fn money(delivery: &Self, minor: i64) -> String {
        Money::new(minor, delivery.currency()).to_string()
    }

    fn amount(delivery: &Self, text: &str) -> Result<i64, String> {
        money::minor_units(text, delivery.currency())
    }

    fn about(request: &Request) -> Option<StreamId> {
        let order = match request {
            Request::Charge(request) => request.order(),
            Request::Kitchen(request) => request.order(),
            Request::Courier(request) => request.order(),
        };
        Some(order.stream())
    }

    fn entry_about(entry: &Entry) -> Option<StreamId> {
        Some(entry.order().stream())
    }
}

impl Entry {
    /// The order that it is about.
    pub const fn order(&self) -> crate::domains::delivery::OrderId {
        match self {
            Self::Charge(entry) => entry.order(),
            Self::Kitchen(entry) => entry.order(),
            Self::Courier(entry) => entry.order(),
        }
    }
}
