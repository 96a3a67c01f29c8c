//! Sabre: a PNR made from passenger details and a sold segment, with a ticketing time limit.

use super::dialect::{Messages, Resend, System};
use crate::kernel::Span;

pub(super) const SYSTEM: System = System {
    name: "Sabre",
    airline: "Delta",
    accounting_code: 6,
    // The system recognises only a resend that follows closely.
    resend: Resend::RecognisedFor(Span::from_secs(10)),
    messages: Messages {
        shop: ("BargainFinderMaxRQ", "BargainFinderMaxRS"),
        hold: ("EnhancedAirBookRQ + PassengerDetailsRQ", "PassengerDetailsRS"),
        segments: " NN1",
        held: "HK1",
        limit: "TKT TL",
        retrieve: ("TravelItineraryReadRQ", "TravelItineraryReadRS"),
        issue: ("AirTicketRQ", "AirTicketRS"),
        ticket: "TE",
        cancel: ("OTA_CancelRQ", "OTA_CancelRS"),
        released: "segment HX",
        voided: "VoidTicketRS",
        refund: ("RefundTicketRQ", "RefundTicketRS"),
        accept: ("UpdateReservationRQ HK", "UpdateReservationRS"),
        notice: "queue 6",
    },
};
