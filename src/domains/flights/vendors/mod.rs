//! The airlines, as they are reached through their reservation systems.
//!
//! A vendor is asked in neutral form ([`VendorRequest`]). Its dialect shows in words, in locators, and in
//! the treatment of resends.

use arrayvec::ArrayVec;

use super::ids::{FlightId, LEGS_MAX, LegRef, Locator, TicketNumber};
use super::money::Money;
use crate::kernel::{Instant, Span};
use crate::names;

mod amadeus;
mod dialect;
mod fares;
mod faults;
mod ledger;
mod ndc;
mod sabre;
mod serve;

pub use dialect::Dialect;
pub(crate) use dialect::Resend;
pub(super) use dialect::{say_reply, say_request};
pub(super) use faults::{FAULTS, pick, report};
#[cfg(test)]
pub(crate) use ledger::Coupon;
pub(crate) use ledger::{Order, OrderState, Stock, VendorLedger};
pub(super) use serve::{changed, look_up, open, serve};

/// What a vendor is asked. `reference` is ours, `locator` the vendor's.
#[expect(missing_docs, reason = "a field's type says what it is")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum VendorRequest {
    /// Which flights are there, and how many seats are left?
    Shop,
    /// Hold one seat under our reference, unpaid.
    Hold { reference: LegRef, flight: FlightId },
    /// What is there under our reference? `nth` counts these questions, because the answer to an older one
    /// may be out of date.
    Retrieve { reference: LegRef, nth: u8 },
    /// Issue the ticket for an order, if it costs no more than this.
    Issue { reference: LegRef, locator: Locator, fare: Money },
    /// Cancel one order under our reference, or all if `locator` is `None`. Tickets are voided.
    Cancel { reference: LegRef, locator: Option<Locator> },
    /// Refund all orders under our reference and release their seats.
    Refund { reference: LegRef },
    /// We accept a change of the flight's times, counted from 1, and keep the order.
    Accept { reference: LegRef, change: u8 },
    /// Another buyer takes seats, without our platform.
    SellElsewhere { flight: FlightId, seats: u16 },
}

/// The seats left on a flight and the fare, as the vendor states them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Offer {
    pub flight: FlightId,
    pub left: u16,
    pub fare: Money,
}

/// An order that can still be undone, as the vendor shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrderView {
    pub locator: Locator,
    pub ticket: Option<TicketNumber>,
    /// The flight is not operated (`UN`): only the ticket is left.
    pub withdrawn: bool,
}

/// How an order was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Undone {
    /// Nothing was live.
    Nothing,
    /// A hold was released.
    Released,
    /// A ticket was voided.
    Voided,
    /// A ticket was refunded.
    Refunded,
}

/// What a vendor answers or reports. `reference` is ours, `locator` the vendor's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum VendorReply {
    /// The seats that are left.
    Offers(Vec<Offer>),
    /// A seat is held (`HK`); the unpaid order lapses at `limit`.
    Held { reference: LegRef, locator: Locator, limit: Instant },
    /// There is no seat (`UC`).
    NoSeat { reference: LegRef },
    /// The answer to question `nth`: the orders that can still be undone, oldest first, at most four.
    Found { reference: LegRef, nth: u8, orders: ArrayVec<OrderView, LEGS_MAX> },
    /// The ticket is issued.
    Ticketed { reference: LegRef, locator: Locator, ticket: TicketNumber },
    /// There is no live order to issue a ticket for, or it costs more now.
    NotIssued { reference: LegRef },
    /// The order, or each if `locator` is `None`, is not live any more. `undone` is how it ended.
    Cancelled { reference: LegRef, locator: Option<Locator>, undone: Undone },
    /// A ticket is too old to be voided; it can be refunded. `locator` is that of the request.
    NotVoidable { reference: LegRef, locator: Option<Locator> },
    /// The order is kept with its new times; `change` counts from 1.
    Accepted { reference: LegRef, change: u8 },
    /// A webhook: the flight leaves at another time (`TK`), and the order is kept if we accept. `later` is
    /// the delay since the original times.
    ScheduleChanged { reference: LegRef, locator: Locator, change: u8, later: Span },
    /// A webhook: the flight is not operated (`UN`), and the order has ended.
    FlightCancelled { reference: LegRef, locator: Locator },
    /// This many seats were sold to another buyer.
    SoldElsewhere { flight: FlightId, seats: u16 },
    /// The vendor failed (5xx); the request may have taken effect.
    Unavailable(Box<VendorRequest>),
    /// Of a report: the orders under a reference that can still be undone, oldest first, at most four. If their
    /// flight leaves at another time than when they were made, `change` and `later` say since which change.
    Reported {
        reference: LegRef,
        flight: FlightId,
        orders: ArrayVec<OrderView, LEGS_MAX>,
        change: u8,
        later: Span,
    },
}

/// What a vendor did with an order: the state that it brought the order to.
pub(crate) type VendorAct = OrderState;

/// One line of a vendor's ledger. `order` is the number of the order with this vendor, from 0, and `stock`
/// the seats of the flight after the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VendorEntry {
    /// An order changed its state.
    Order { act: VendorAct, flight: FlightId, order: u32, reference: LegRef, stock: Stock },
    /// Seats were sold to another buyer.
    SoldElsewhere { flight: FlightId, seats: u16, stock: Stock },
    /// The flight of an order leaves at another time.
    Rescheduled { flight: FlightId, order: u32, reference: LegRef, change: u8, later: Span },
    /// A flight is not operated.
    FlightCancelled { flight: FlightId, stock: Stock },
    /// We owe this for a ticket whose fare was raised before it was issued.
    Invoiced { flight: FlightId, reference: LegRef, fare: Money },
}

names! {
    VendorRequest {
        Shop => Search, Hold => HoldSeat, Retrieve => RetrieveOrder, Issue => IssueTicket,
        Cancel => CancelOrder, Refund => RefundTicket, Accept => AcceptChange, SellElsewhere,
    }
}

impl VendorRequest {
    /// Our reference in it, if there is one.
    pub const fn reference(&self) -> Option<LegRef> {
        match self {
            any_of!(Self { reference, .. }: Hold | Retrieve | Issue | Cancel | Refund | Accept) => {
                Some(*reference)
            }
            Self::Shop | Self::SellElsewhere { .. } => None,
        }
    }
}

impl VendorEntry {
    /// Our reference in it, if there is one.
    pub const fn reference(&self) -> Option<LegRef> {
        match self {
            any_of!(Self { reference, .. }: Order | Rescheduled | Invoiced) => Some(*reference),
            Self::SoldElsewhere { .. } | Self::FlightCancelled { .. } => None,
        }
    }
}

impl VendorReply {
    /// Our reference in it, if there is one.
    pub fn reference(&self) -> Option<LegRef> {
        match self {
            any_of!(Self { reference, .. }: Held | NoSeat | Found | Ticketed | NotIssued | Cancelled
                | NotVoidable | Accepted | ScheduleChanged | FlightCancelled | Reported) => {
                Some(*reference)
            }
            Self::Offers(_) | Self::SoldElsewhere { .. } => None,
            Self::Unavailable(request) => request.reference(),
        }
    }
}
