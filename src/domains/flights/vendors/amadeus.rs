//! Amadeus: a PNR with a ticketing time limit (TKTL), cancelled to HX.

use std::fmt;

use super::dialect::{Resend, say_offers, say_orders};
use super::{Undone, VendorReply, VendorRequest};
use crate::domains::flights::setup::Flights;

/// The system keeps no reference of ours apart from a remark: a repeat makes a second PNR.
pub(super) const RESEND: Resend = Resend::MakesAnother;

pub(super) fn say_request(
    flights: &Flights,
    request: &VendorRequest,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    match request {
        VendorRequest::Shop => f.write_str("Air_MultiAvailability"),
        VendorRequest::Hold { reference, flight } => {
            write!(f, "PNR_AddMultiElements {reference} {} NN1", flights.flight(*flight).code)
        }
        VendorRequest::Retrieve { reference, .. } => write!(f, "PNR_Retrieve {reference}"),
        VendorRequest::Issue { reference, locator, fare } => {
            write!(f, "DocIssuance_IssueTicket {reference} {locator} {fare}")
        }
        VendorRequest::Cancel { reference, locator: None } => {
            write!(f, "PNR_Cancel {reference}")
        }
        VendorRequest::Cancel { reference, locator: Some(locator) } => {
            write!(f, "PNR_Cancel {reference} {locator} only")
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
            f.write_str("Air_MultiAvailabilityReply")?;
            say_offers(flights, offers, f)
        }
        VendorReply::Held { reference, locator, limit } => {
            write!(f, "PNR_Reply {reference} {locator} HK1, TKTL {limit}")
        }
        VendorReply::NoSeat { reference } => write!(f, "PNR_Reply {reference} UC, no seat"),
        VendorReply::Found { reference, orders, .. } => {
            write!(f, "PNR_Reply {reference}")?;
            say_orders(orders, "HK1", f)
        }
        VendorReply::Ticketed { reference, locator, ticket } => {
            write!(f, "DocIssuance_IssueTicketReply {reference} {locator} FA {ticket}")
        }
        VendorReply::NotIssued { reference } => {
            write!(f, "DocIssuance_IssueTicketReply {reference} no live PNR")
        }
        VendorReply::Cancelled { reference, undone, .. } => match undone {
            Undone::Nothing => write!(f, "PNR_Reply {reference} nothing to cancel"),
            Undone::Released => write!(f, "PNR_Reply {reference} HX"),
            Undone::Voided => write!(f, "Ticket_CancelDocumentReply {reference} voided, HX"),
        },
        VendorReply::SoldElsewhere { flight, seats } => {
            write!(f, "{seats} of {} gone", flights.flight(*flight).code)
        }
        VendorReply::Unavailable(_) => f.write_str("503"),
    }
}
