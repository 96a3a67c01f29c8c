//! IATA NDC: offers and orders. An order is made without payment and carries a payment time limit.

use std::fmt;

use super::dialect::{Resend, say_offers, say_orders};
use super::{Undone, VendorReply, VendorRequest};
use crate::domains::flights::setup::Flights;

/// An order message carries our reference, and the airline answers a repeat with the order it made.
pub(super) const RESEND: Resend = Resend::Recognised;

pub(super) fn say_request(
    flights: &Flights,
    request: &VendorRequest,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    match request {
        VendorRequest::Shop => f.write_str("AirShoppingRQ"),
        VendorRequest::Hold { reference, flight } => {
            write!(f, "OrderCreateRQ {reference} {}", flights.flight(*flight).code)
        }
        VendorRequest::Retrieve { reference, .. } => write!(f, "OrderRetrieveRQ {reference}"),
        VendorRequest::Issue { reference, locator, fare } => {
            write!(f, "OrderChangeRQ {reference} {locator} payment {fare}")
        }
        VendorRequest::Cancel { reference, locator: None } => {
            write!(f, "OrderCancelRQ {reference}")
        }
        VendorRequest::Cancel { reference, locator: Some(locator) } => {
            write!(f, "OrderCancelRQ {reference} {locator} only")
        }
        VendorRequest::SellElsewhere { flight, seats } => {
            write!(f, "{seats} of {} sold elsewhere", flights.flight(*flight).code)
        }
    }
}

pub(super) fn say_reply(
    flights: &Flights,
    reply: &VendorReply,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    match reply {
        VendorReply::Offers(offers) => {
            f.write_str("AirShoppingRS")?;
            say_offers(flights, offers, f)
        }
        VendorReply::Held { reference, locator, limit } => {
            write!(f, "OrderViewRS {reference} {locator} HK, PaymentTimeLimit {limit}")
        }
        VendorReply::NoSeat { reference } => write!(f, "OrderViewRS {reference} UC, no seat"),
        VendorReply::Found { reference, orders, .. } => {
            write!(f, "OrderViewRS {reference}")?;
            say_orders(orders, "HK", f)
        }
        VendorReply::Ticketed { reference, locator, ticket } => {
            write!(f, "OrderViewRS {reference} {locator} e-ticket {ticket}")
        }
        VendorReply::NotIssued { reference } => {
            write!(f, "OrderViewRS {reference} not issued, no live order")
        }
        VendorReply::Cancelled { reference, undone, .. } => match undone {
            Undone::Nothing => write!(f, "OrderCancelRS {reference} nothing to cancel"),
            Undone::Released => write!(f, "OrderCancelRS {reference} order cancelled"),
            Undone::Voided => write!(f, "OrderCancelRS {reference} tickets voided"),
        },
        VendorReply::SoldElsewhere { flight, seats } => {
            write!(f, "{seats} of {} gone", flights.flight(*flight).code)
        }
        VendorReply::Unavailable(_) => f.write_str("503"),
    }
}
