//! Sabre: a PNR made from passenger details and a sold segment, with a ticketing time limit.

use std::fmt;

use super::dialect::{Resend, say_offers, say_orders};
use super::{Undone, VendorReply, VendorRequest};
use crate::domains::flights::setup::Flights;
use crate::kernel::Span;

/// The system drops a repeat that follows closely, and no other.
pub(super) const RESEND: Resend = Resend::RecognisedFor(Span::from_secs(10));

pub(super) fn say_request(
    flights: &Flights,
    request: &VendorRequest,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    match request {
        VendorRequest::Shop => f.write_str("BargainFinderMaxRQ"),
        VendorRequest::Hold { reference, flight } => {
            write!(
                f,
                "EnhancedAirBookRQ + PassengerDetailsRQ {reference} {} NN1",
                flights.flight(*flight).code
            )
        }
        VendorRequest::Retrieve { reference, .. } => write!(f, "TravelItineraryReadRQ {reference}"),
        VendorRequest::Issue { reference, locator, fare } => {
            write!(f, "AirTicketRQ {reference} {locator} {fare}")
        }
        VendorRequest::Cancel { reference, locator: None } => {
            write!(f, "OTA_CancelRQ {reference}")
        }
        VendorRequest::Cancel { reference, locator: Some(locator) } => {
            write!(f, "OTA_CancelRQ {reference} {locator} only")
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
            f.write_str("BargainFinderMaxRS")?;
            say_offers(flights, offers, f)
        }
        VendorReply::Held { reference, locator, limit } => {
            write!(f, "PassengerDetailsRS {reference} {locator} HK1, TKT TL {limit}")
        }
        VendorReply::NoSeat { reference } => write!(f, "EnhancedAirBookRS {reference} UC, no seat"),
        VendorReply::Found { reference, orders, .. } => {
            write!(f, "TravelItineraryReadRS {reference}")?;
            say_orders(orders, "HK1", f)
        }
        VendorReply::Ticketed { reference, locator, ticket } => {
            write!(f, "AirTicketRS {reference} {locator} TE {ticket}")
        }
        VendorReply::NotIssued { reference } => write!(f, "AirTicketRS {reference} no live PNR"),
        VendorReply::Cancelled { reference, undone, .. } => match undone {
            Undone::Nothing => write!(f, "OTA_CancelRS {reference} nothing to cancel"),
            Undone::Released => write!(f, "OTA_CancelRS {reference} segment HX"),
            Undone::Voided => write!(f, "VoidTicketRS {reference} voided, HX"),
        },
        VendorReply::SoldElsewhere { flight, seats } => {
            write!(f, "{seats} of {} gone", flights.flight(*flight).code)
        }
        VendorReply::Unavailable(_) => f.write_str("503"),
    }
}
