//! The airlines, as they are reached through their reservation systems.
//!
//! A vendor is asked in neutral form ([`VendorRequest`]); its dialect shows in words, in locators, and
//! in what it does with a request that it has seen before.

use arrayvec::ArrayVec;

use super::ids::{FlightId, LEGS_MAX, LegRef, Locator, TicketNumber};
use super::money::Money;
use crate::kernel::{Instant, Span};

mod amadeus;
mod dialect;
mod faults;
mod ledger;
mod ndc;
mod sabre;
mod serve;

pub use dialect::Dialect;
pub(crate) use dialect::Resend;
pub(super) use dialect::{say_reply, say_request};
#[cfg(test)]
use faults::inject;
pub(super) use faults::{FAULTS, report};
#[cfg(test)]
pub(crate) use ledger::Coupon;
pub(crate) use ledger::{OrderState, Stock, VendorLedger};
pub(super) use serve::{lapse, open, serve};

/// What a vendor is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum VendorRequest {
    /// What do you fly, and what is left?
    Shop,
    /// Hold one seat under our reference, unpaid.
    Hold {
        /// Ours.
        reference: LegRef,
        /// On which flight.
        flight: FlightId,
    },
    /// What do you have under our reference?
    Retrieve {
        /// Ours.
        reference: LegRef,
        /// The how-manieth question: an answer to an older one says nothing about now.
        nth: u8,
    },
    /// Issue the ticket for an order.
    Issue {
        /// Ours.
        reference: LegRef,
        /// Theirs.
        locator: Locator,
        /// What is paid.
        fare: Money,
    },
    /// Cancel what there is under our reference, all of it or one order. Tickets are voided.
    Cancel {
        /// Ours.
        reference: LegRef,
        /// Which order; all if `None`.
        locator: Option<Locator>,
    },
    /// Give back the money for what there is under our reference, and the seat with it.
    Refund {
        /// Ours.
        reference: LegRef,
    },
    /// We know of a change of times and keep the order.
    Accept {
        /// Ours.
        reference: LegRef,
        /// Which change of the flight's times, from 1.
        change: u8,
    },
    /// Somebody else buys seats, without asking us.
    SellElsewhere {
        /// On which flight.
        flight: FlightId,
        /// How many.
        seats: u16,
    },
}

/// What is left on a flight, as the vendor says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Offer {
    /// The flight.
    pub flight: FlightId,
    /// Seats left.
    pub left: u16,
    /// What one costs.
    pub fare: Money,
}

/// An order of which something is left, as the vendor shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrderView {
    /// Its name.
    pub locator: Locator,
    /// Its ticket, if it has one.
    pub ticket: Option<TicketNumber>,
    /// Whether the flight is not operated (`UN`): only the ticket is left.
    pub withdrawn: bool,
}

/// How an order was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Undone {
    /// There was nothing live.
    Nothing,
    /// A hold was given back.
    Released,
    /// A ticket was voided.
    Voided,
    /// A ticket was refunded.
    Refunded,
}

/// What a vendor answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum VendorReply {
    /// What is left.
    Offers(Vec<Offer>),
    /// A seat is held (`HK`).
    Held {
        /// Ours.
        reference: LegRef,
        /// Theirs.
        locator: Locator,
        /// When the unpaid order lapses.
        limit: Instant,
    },
    /// There is no seat (`UC`).
    NoSeat {
        /// Ours.
        reference: LegRef,
    },
    /// What there is under our reference.
    Found {
        /// Ours.
        reference: LegRef,
        /// Which question this answers.
        nth: u8,
        /// The orders of which something is left, oldest first; the first four if there are more.
        orders: ArrayVec<OrderView, LEGS_MAX>,
    },
    /// The ticket is issued.
    Ticketed {
        /// Ours.
        reference: LegRef,
        /// Theirs.
        locator: Locator,
        /// The ticket.
        ticket: TicketNumber,
    },
    /// There is no live order to issue a ticket for.
    NotIssued {
        /// Ours.
        reference: LegRef,
    },
    /// Nothing of what was to be cancelled is live.
    Cancelled {
        /// Ours.
        reference: LegRef,
        /// Which order was meant; all if `None`.
        locator: Option<Locator>,
        /// What it took.
        undone: Undone,
    },
    /// A ticket is too old to be voided; it can be refunded.
    NotVoidable {
        /// Ours.
        reference: LegRef,
        /// Which order was meant; all if `None`.
        locator: Option<Locator>,
    },
    /// The order is kept with its new times.
    Accepted {
        /// Ours.
        reference: LegRef,
        /// Which change, from 1.
        change: u8,
    },
    /// Unasked: the flight leaves at another time (`TK`), and the order is kept if we accept.
    ScheduleChanged {
        /// Ours.
        reference: LegRef,
        /// Theirs.
        locator: Locator,
        /// Which change of the flight's times, from 1.
        change: u8,
        /// How much later than planned the flight leaves by now.
        later: Span,
    },
    /// Unasked: the flight is not operated (`UN`), and the order is no more.
    FlightCancelled {
        /// Ours.
        reference: LegRef,
        /// Theirs.
        locator: Locator,
    },
    /// So many seats went to somebody else.
    SoldElsewhere {
        /// On which flight.
        flight: FlightId,
        /// How many.
        seats: u16,
    },
    /// The vendor failed (5xx): what it was asked may have happened.
    Unavailable(Box<VendorRequest>),
}

/// What a vendor did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VendorAct {
    /// Held a seat.
    Held,
    /// Issued a ticket for a held seat.
    Ticketed,
    /// Gave a held seat back because it was asked to.
    Cancelled,
    /// Gave an unpaid seat back because its limit passed.
    Lapsed,
    /// Took a ticket back as if it had never been sold.
    Voided,
    /// Took a ticket back for its money.
    Refunded,
    /// Took the flight out of an order, because it is not operated.
    Withdrawn,
}

/// One line of a vendor's ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VendorEntry {
    /// Something happened to an order.
    Order {
        /// What.
        act: VendorAct,
        /// The flight.
        flight: FlightId,
        /// The order's number with this vendor, from 0.
        order: u32,
        /// Our reference for it.
        reference: LegRef,
        /// The flight's seats afterwards.
        stock: Stock,
    },
    /// Seats went to somebody else.
    SoldElsewhere {
        /// The flight.
        flight: FlightId,
        /// How many.
        seats: u16,
        /// The flight's seats afterwards.
        stock: Stock,
    },
    /// An order's flight leaves at another time.
    Rescheduled {
        /// The flight.
        flight: FlightId,
        /// The order's number with this vendor, from 0.
        order: u32,
        /// Our reference for it.
        reference: LegRef,
        /// Which change of the flight's times, from 1.
        change: u8,
        /// How much later than planned the flight leaves by now.
        later: Span,
    },
    /// A flight is not operated.
    FlightCancelled {
        /// The flight.
        flight: FlightId,
        /// Its seats afterwards; none can be had any more.
        stock: Stock,
    },
}

impl VendorRequest {
    /// Our reference in it, if there is one.
    pub const fn reference(&self) -> Option<LegRef> {
        match self {
            Self::Hold { reference, .. }
            | Self::Retrieve { reference, .. }
            | Self::Issue { reference, .. }
            | Self::Cancel { reference, .. }
            | Self::Refund { reference }
            | Self::Accept { reference, .. } => Some(*reference),
            Self::Shop | Self::SellElsewhere { .. } => None,
        }
    }
}
