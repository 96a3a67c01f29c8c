//! The airlines, as they are reached through their reservation systems.
//!
//! A vendor is asked in neutral form ([`VendorRequest`]); its dialect shows in words, in locators, and
//! in what it does with a request that it has seen before.

use arrayvec::ArrayVec;

use super::ids::{FlightId, LEGS_MAX, LegRef, Locator, TicketNumber};
use super::money::Money;
use crate::kernel::Instant;

mod amadeus;
mod dialect;
mod ledger;
mod ndc;
mod sabre;
mod serve;

pub use dialect::{Dialect, Resend};
pub(super) use dialect::{say_reply, say_request};
pub use ledger::{Order, OrderState, Stock, VendorLedger};
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
    /// Cancel what is live under our reference: all of it, or one order.
    Cancel {
        /// Ours.
        reference: LegRef,
        /// Which order; all if `None`.
        locator: Option<Locator>,
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

/// A live order, as the vendor shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrderView {
    /// Its name.
    pub locator: Locator,
    /// Its ticket, if it has one.
    pub ticket: Option<TicketNumber>,
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
    /// What is live under our reference.
    Found {
        /// Ours.
        reference: LegRef,
        /// Which question this answers.
        nth: u8,
        /// The live orders, oldest first; the first four if there are more.
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
    /// Took a ticket back.
    Voided,
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
}

impl VendorRequest {
    /// Our reference in it, if there is one.
    pub const fn reference(&self) -> Option<LegRef> {
        match self {
            Self::Hold { reference, .. }
            | Self::Retrieve { reference, .. }
            | Self::Issue { reference, .. }
            | Self::Cancel { reference, .. } => Some(*reference),
            Self::Shop | Self::SellElsewhere { .. } => None,
        }
    }
}
