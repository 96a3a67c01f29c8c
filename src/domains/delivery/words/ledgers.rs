//! Requests, replies and ledgers of services in words.

use std::fmt;

use super::events::{say_ticket, say_trip};
use super::{Narrator, say_span};
use crate::domains::delivery::ids::{OrderId, RestaurantId};
use crate::domains::delivery::outside::{
    Charge, ChargeEntry, ChargeReply, ChargeRequest, CourierEntry, CourierReply, CourierRequest,
    Entry, KitchenEntry, KitchenReply, KitchenRequest, Ledger, Leg, Reply, Stage,
};
use crate::domains::money::Money;

impl Stage {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Accepted => "accepted",
            Self::Cooking => "cooking",
            Self::Ready => "ready",
        }
    }
}

impl Leg {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Coming => "is coming",
            Self::PickedUp => "has picked it up",
            Self::Delivered => "has delivered it",
        }
    }
}

impl Narrator<'_> {
    fn charge(&self, charge: &Charge) -> String {
        let money = |minor| Money::new(minor, self.delivery.currency());
        let closed = if charge.closed { ", closed" } else { "" };
        let (charged, refunded) = (money(charge.charged), money(charge.refunded));
        format!("charged {charged}, refunded {refunded}{closed}")
    }

    pub(super) fn reply(&self, reply: &Reply, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match reply {
            Reply::Charge(reply) => self.charge_reply(reply, f),
            Reply::Kitchen(reply) => write!(f, "{reply}"),
            Reply::Courier(reply) => write!(f, "{reply}"),
            Reply::Misdirected => f.write_str("misdirected request"),
        }
    }

    fn charge_reply(&self, reply: &ChargeReply, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match reply {
            ChargeReply::Charged { order } => write!(f, "{order}: charged"),
            ChargeReply::Declined { order } => write!(f, "{order}: declined"),
            ChargeReply::Refunded { order } => write!(f, "{order}: refunded"),
            ChargeReply::Standing { order, charge, .. } => {
                write!(f, "{order}: {}", self.charge(charge))
            }
            ChargeReply::Unavailable(request) => write!(f, "503 to {request}"),
        }
    }

    pub(super) fn entry(
        &self,
        restaurant: RestaurantId,
        entry: &Entry,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        match entry {
            Entry::Charge(ChargeEntry::Charged { order, amount }) => {
                write!(f, "charge {amount} for {order}")
            }
            Entry::Charge(ChargeEntry::Refunded { order, amount }) => {
                write!(f, "refund {amount} for {order}")
            }
            Entry::Kitchen(entry) => self.kitchen_entry(restaurant, entry, f),
            Entry::Courier(CourierEntry::Assigned { order, courier, .. }) => {
                write!(f, "{courier} for {order}")
            }
            Entry::Courier(CourierEntry::Noted { order }) => {
                write!(f, "food of {order} is ready")
            }
            Entry::Courier(CourierEntry::Moved { order, leg }) => {
                write!(f, "courier of {order} {}", leg.word())
            }
            Entry::Courier(CourierEntry::Quit { order, .. }) => {
                write!(f, "courier of {order} quits")
            }
            Entry::Courier(CourierEntry::Released { order }) => write!(f, "release {order}"),
        }
    }

    fn kitchen_entry(
        &self,
        restaurant: RestaurantId,
        entry: &KitchenEntry,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        match entry {
            KitchenEntry::Taken { order, .. } => {
                write!(f, "{} has {order}", self.restaurant(restaurant))
            }
            KitchenEntry::Moved { order, stage } => write!(f, "{order} is {}", stage.word()),
            KitchenEntry::GivenUp { order } => write!(f, "give up {order}"),
            KitchenEntry::Withdrawn { order } => write!(f, "withdraw {order}"),
        }
    }

    pub(super) fn ledger(&self, ledger: &Ledger, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |order: OrderId, says: String| writeln!(f, "{order}: {says}");
        match ledger {
            Ledger::Provider(ledger) => {
                ledger.charges().try_for_each(|(order, charge)| line(order, self.charge(&charge)))
            }
            Ledger::Kitchen(ledger) => ledger
                .tickets()
                .try_for_each(|(order, ticket)| line(order, say_ticket(Some(&ticket)))),
            Ledger::Couriers(ledger) => {
                ledger.trips().try_for_each(|(order, trip)| line(order, say_trip(Some(&trip))))
            }
        }
    }
}

impl fmt::Display for ChargeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Charge { order, amount } => write!(f, "charge {amount} for {order}"),
            Self::Refund { order, keep } if keep.is_zero() => write!(f, "refund {order}"),
            Self::Refund { order, keep } => write!(f, "refund {order}, all but {keep}"),
            Self::Query { order, .. } => write!(f, "query charge {order}"),
        }
    }
}

impl fmt::Display for KitchenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offer { order, portions: 1 } => write!(f, "cook {order}, 1 portion"),
            Self::Offer { order, portions } => write!(f, "cook {order}, {portions} portions"),
            Self::Withdraw { order } => write!(f, "withdraw {order}"),
            Self::Query { order, .. } => write!(f, "query ticket {order}"),
        }
    }
}

impl fmt::Display for CourierRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assign { order, attempt: 0 } => write!(f, "find courier for {order}"),
            Self::Assign { order, .. } => write!(f, "find another courier for {order}"),
            Self::Collect { order } => write!(f, "collect {order}"),
            Self::Release { order } => write!(f, "release courier of {order}"),
            Self::Query { order, .. } => write!(f, "query trip {order}"),
        }
    }
}

impl fmt::Display for KitchenReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken { order, estimated } => {
                write!(f, "{order}: received, takes about {}", say_span(*estimated))
            }
            Self::Refused { order } => write!(f, "{order}: refused"),
            Self::Moved { order, stage } => write!(f, "{order}: {}", stage.word()),
            Self::GivenUp { order } => write!(f, "{order}: given up"),
            Self::Withdrawn { order } => write!(f, "{order}: withdrawn"),
            Self::Found { order, ticket, .. } => {
                write!(f, "{order}: {}", say_ticket(ticket.as_ref()))
            }
            Self::Unavailable(request) => write!(f, "503 to {request}"),
        }
    }
}

impl fmt::Display for CourierReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assigned { order, courier, .. } => write!(f, "{order}: {courier} comes"),
            Self::Busy { order, .. } => write!(f, "{order}: all couriers are busy"),
            Self::Noted { order } => write!(f, "{order}: noted"),
            Self::Released { order } => write!(f, "{order}: released"),
            Self::Moved { order, leg } => write!(f, "{order}: the courier {}", leg.word()),
            Self::Quit { order, .. } => write!(f, "{order}: the courier has quit"),
            Self::Found { order, trip, .. } => write!(f, "{order}: {}", say_trip(trip.as_ref())),
            Self::Unavailable(request) => write!(f, "503 to {request}"),
        }
    }
}
