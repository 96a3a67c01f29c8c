//! The three systems through which airlines are reached, and how they differ.

use std::fmt::{self, Formatter};

use serde::{Deserialize, Serialize};

use super::{Offer, OrderView, Undone, VendorReply, VendorRequest, amadeus, ndc, sabre};
use crate::domains::flights::setup::Flights;
use crate::kernel::Span;

/// A reservation system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Dialect {
    /// IATA's New Distribution Capability: orders.
    Ndc,
    /// Amadeus: PNRs with a ticketing time limit.
    Amadeus,
    /// Sabre: PNRs with a ticketing time limit.
    Sabre,
}

/// What a request to hold does that is sent again under the same reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resend {
    /// It is answered with the order of the first request.
    Recognised,
    /// The same, but only for this long after the first request.
    RecognisedFor(Span),
    /// It makes another order.
    MakesAnother,
}

/// The properties of one reservation system.
pub(super) struct System {
    pub(super) name: &'static str,
    pub(super) airline: &'static str,
    pub(super) accounting_code: u16,
    pub(super) resend: Resend,
    pub(super) messages: Messages,
}

/// The names of its messages, as (request, reply), and the codes in them.
pub(super) struct Messages {
    pub(super) shop: (&'static str, &'static str),
    pub(super) hold: (&'static str, &'static str),
    /// The end of a request to hold: the segments that are needed.
    pub(super) segments: &'static str,
    /// The status of a confirmed segment.
    pub(super) held: &'static str,
    /// The name of the time limit of an unpaid hold.
    pub(super) limit: &'static str,
    pub(super) retrieve: (&'static str, &'static str),
    pub(super) issue: (&'static str, &'static str),
    /// The prefix of the number of an e-ticket.
    pub(super) ticket: &'static str,
    pub(super) cancel: (&'static str, &'static str),
    /// The status of an order that was cancelled before it was ticketed.
    pub(super) released: &'static str,
    /// The reply about a voided ticket.
    pub(super) voided: &'static str,
    pub(super) refund: (&'static str, &'static str),
    pub(super) accept: (&'static str, &'static str),
    /// The channel of webhooks.
    pub(super) notice: &'static str,
}

impl Dialect {
    const fn system(self) -> &'static System {
        match self {
            Self::Ndc => &ndc::SYSTEM,
            Self::Amadeus => &amadeus::SYSTEM,
            Self::Sabre => &sabre::SYSTEM,
        }
    }

    /// The name of the system.
    pub const fn name(self) -> &'static str {
        self.system().name
    }

    /// The airline that is reached through it.
    pub const fn airline(self) -> &'static str {
        self.system().airline
    }

    /// The airline's accounting code, with which its ticket numbers begin.
    pub const fn accounting_code(self) -> u16 {
        self.system().accounting_code
    }

    /// What it does with a resent request to hold.
    pub const fn resend(self) -> Resend {
        self.system().resend
    }
}

/// A request in the words of the system.
pub(crate) fn say_request(
    flights: &Flights,
    dialect: Dialect,
    request: &VendorRequest,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    let words = &dialect.system().messages;
    match request {
        VendorRequest::Shop => f.write_str(words.shop.0),
        VendorRequest::Hold { reference, flight } => {
            let flight = &flights.flight(*flight).code;
            write!(f, "{} {reference} {flight}{}", words.hold.0, words.segments)
        }
        VendorRequest::Retrieve { reference, .. } => write!(f, "{} {reference}", words.retrieve.0),
        VendorRequest::Issue { reference, locator, fare } => {
            write!(f, "{} {reference} {locator} {fare}", words.issue.0)
        }
        VendorRequest::Cancel { reference, locator } => {
            write!(f, "{} {reference}", words.cancel.0)?;
            locator.map_or(Ok(()), |locator| write!(f, " {locator} only"))
        }
        VendorRequest::Refund { reference } => write!(f, "{} {reference}", words.refund.0),
        VendorRequest::Accept { reference, change } => {
            write!(f, "{} {reference} change {change}", words.accept.0)
        }
        VendorRequest::SellElsewhere { flight, seats } => {
            write!(f, "{seats} of {} sold elsewhere", flights.flight(*flight).code)
        }
    }
}

/// A reply in the words of the system.
pub(crate) fn say_reply(
    flights: &Flights,
    dialect: Dialect,
    reply: &VendorReply,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    let words = &dialect.system().messages;
    match reply {
        VendorReply::Offers(offers) => {
            f.write_str(words.shop.1)?;
            say_offers(flights, offers, f)
        }
        VendorReply::Held { reference, locator, limit } => {
            let (message, held, limited) = (words.hold.1, words.held, words.limit);
            write!(f, "{message} {reference} {locator} {held}, {limited} {limit}")
        }
        VendorReply::NoSeat { reference } => write!(f, "{} {reference} UC, no seat", words.hold.1),
        VendorReply::Found { reference, orders, .. } => {
            write!(f, "{} {reference}", words.retrieve.1)?;
            say_orders(orders, words.held, f)
        }
        VendorReply::Ticketed { reference, locator, ticket } => {
            write!(f, "{} {reference} {locator} {} {ticket}", words.issue.1, words.ticket)
        }
        VendorReply::NotIssued { reference } => {
            write!(f, "{} {reference} not issued, no live order", words.issue.1)
        }
        VendorReply::Cancelled { reference, undone, .. } => match undone {
            Undone::Nothing => write!(f, "{} {reference} nothing to cancel", words.cancel.1),
            Undone::Released => write!(f, "{} {reference} {}", words.cancel.1, words.released),
            Undone::Voided => write!(f, "{} {reference} tickets voided, VOID", words.voided),
            Undone::Refunded => write!(f, "{} {reference} tickets refunded, RFND", words.refund.1),
        },
        VendorReply::NotVoidable { reference, .. } => {
            write!(f, "{} {reference} refused, void window closed", words.voided)
        }
        VendorReply::Accepted { reference, change } => {
            write!(f, "{} {reference} {} change {change}", words.accept.1, words.held)
        }
        VendorReply::ScheduleChanged { reference, locator, change, later } => {
            let notice = words.notice;
            write!(f, "{notice} {reference} {locator} TK change {change}, {later} later")
        }
        VendorReply::FlightCancelled { reference, locator } => {
            write!(f, "{} {reference} {locator} UN, flight not operated", words.notice)
        }
        VendorReply::Reported { reference, orders, change, later, .. } => {
            write!(f, "report: {reference}")?;
            say_orders(orders, words.held, f)?;
            if *change > 0 { write!(f, ", TK change {change}, {later} later") } else { Ok(()) }
        }
        VendorReply::SoldElsewhere { flight, seats } => {
            write!(f, "{seats} of {} sold", flights.flight(*flight).code)
        }
        VendorReply::Unavailable(request) => {
            f.write_str("503 to ")?;
            say_request(flights, dialect, request, f)
        }
    }
}

/// `IB6251 3, IB6253 0`: the seats left on each of the first three flights.
fn say_offers(flights: &Flights, offers: &[Offer], f: &mut Formatter<'_>) -> fmt::Result {
    for (nth, offer) in offers.iter().take(3).enumerate() {
        let comma = if nth == 0 { "" } else { "," };
        write!(f, "{comma} {} {}", flights.flight(offer.flight).code, offer.left)?;
    }
    match offers.len() {
        0 => f.write_str(" nothing"),
        1..=3 => Ok(()),
        more => write!(f, " and {} more", more - 3),
    }
}

/// `7Q2KXM HK, ABCDEF ticket 0752400000001`: the orders under a reference.
fn say_orders(orders: &[OrderView], held: &str, f: &mut Formatter<'_>) -> fmt::Result {
    for (nth, order) in orders.iter().enumerate() {
        let comma = if nth == 0 { "" } else { "," };
        match order.ticket {
            None => write!(f, "{comma} {} {held}", order.locator)?,
            Some(ticket) => write!(f, "{comma} {} ticket {ticket}", order.locator)?,
        }
        if order.withdrawn {
            f.write_str(" UN")?;
        }
    }
    if orders.is_empty() { f.write_str(" nothing found") } else { Ok(()) }
}
