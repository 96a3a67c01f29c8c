//! The three systems through which airlines are reached, and what differs between them.

use std::fmt;

use super::{VendorReply, VendorRequest, amadeus, ndc, sabre};
use crate::domains::flights::setup::Flights;
use crate::kernel::Span;

/// A reservation system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// IATA's New Distribution Capability: orders.
    Ndc,
    /// Amadeus: PNRs with a ticketing time limit.
    Amadeus,
    /// Sabre: PNRs with a ticketing time limit.
    Sabre,
}

/// What becomes of a request to hold that is sent again under the same reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resend {
    /// It is answered with the order that the first one made.
    Recognised,
    /// So it is, but only for this long.
    RecognisedFor(Span),
    /// It makes another order.
    MakesAnother,
}

impl Dialect {
    /// What the system is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ndc => "NDC",
            Self::Amadeus => "Amadeus",
            Self::Sabre => "Sabre",
        }
    }

    /// The airline that is reached through it.
    pub const fn airline(self) -> &'static str {
        match self {
            Self::Ndc => "Iberia",
            Self::Amadeus => "Lufthansa",
            Self::Sabre => "Delta",
        }
    }

    /// The airline's accounting code, with which its ticket numbers begin.
    pub const fn accounting_code(self) -> u16 {
        match self {
            Self::Ndc => 75,
            Self::Amadeus => 220,
            Self::Sabre => 6,
        }
    }

    /// What it does with a request to hold that it has seen before.
    pub const fn resend(self) -> Resend {
        match self {
            Self::Ndc => ndc::RESEND,
            Self::Amadeus => amadeus::RESEND,
            Self::Sabre => sabre::RESEND,
        }
    }
}

/// A request in the words of the system.
pub(crate) fn say_request(
    flights: &Flights,
    dialect: Dialect,
    request: &VendorRequest,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    match dialect {
        Dialect::Ndc => ndc::say_request(flights, request, f),
        Dialect::Amadeus => amadeus::say_request(flights, request, f),
        Dialect::Sabre => sabre::say_request(flights, request, f),
    }
}

/// A reply in the words of the system.
pub(crate) fn say_reply(
    flights: &Flights,
    dialect: Dialect,
    reply: &VendorReply,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    if let VendorReply::Unavailable(request) = reply {
        f.write_str("503 to ")?;
        return say_request(flights, dialect, request, f);
    }
    match dialect {
        Dialect::Ndc => ndc::say_reply(flights, reply, f),
        Dialect::Amadeus => amadeus::say_reply(flights, reply, f),
        Dialect::Sabre => sabre::say_reply(flights, reply, f),
    }
}

/// `IB6251 3, IB6253 0`: what is left on each flight, the first three of them.
pub(super) fn say_offers(
    flights: &Flights,
    offers: &[super::Offer],
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
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

/// `7Q2KXM HK, ABCDEF ticket 0752400000001`: the live orders under a reference.
pub(super) fn say_orders(
    orders: &[super::OrderView],
    held: &str,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (nth, order) in orders.iter().enumerate() {
        let comma = if nth == 0 { "" } else { "," };
        match order.ticket {
            None => write!(f, "{comma} {} {held}", order.locator)?,
            Some(ticket) => write!(f, "{comma} {} ticket {ticket}", order.locator)?,
        }
    }
    if orders.is_empty() { f.write_str(" nothing found") } else { Ok(()) }
}
