//! Amadeus: a PNR with a ticketing time limit (TKTL), cancelled to HX.

use super::dialect::{Messages, Resend, System};

pub(super) const SYSTEM: System = System {
    name: "Amadeus",
    airline: "Lufthansa",
    accounting_code: 220,
    // The system keeps no reference of ours apart from a remark: a resend makes a second PNR.
    resend: Resend::MakesAnother,
    messages: Messages {
        shop: ("Air_MultiAvailability", "Air_MultiAvailabilityReply"),
        hold: ("PNR_AddMultiElements", "PNR_Reply"),
        segments: " NN1",
        held: "HK1",
        limit: "TKTL",
        retrieve: ("PNR_Retrieve", "PNR_Reply"),
        issue: ("DocIssuance_IssueTicket", "DocIssuance_IssueTicketReply"),
        ticket: "FA",
        cancel: ("PNR_Cancel", "PNR_Reply"),
        released: "HX",
        voided: "Ticket_CancelDocumentReply",
        refund: ("DocRefund_ProcessRefund", "DocRefund_ProcessRefundReply"),
        accept: ("PNR_AddMultiElements ETK", "PNR_Reply"),
        notice: "queue 7",
    },
};
