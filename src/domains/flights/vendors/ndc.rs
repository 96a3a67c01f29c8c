//! IATA NDC: offers and orders. An order is made without payment and carries a payment time limit.

use super::dialect::{Messages, Resend, System};

pub(super) const SYSTEM: System = System {
    name: "NDC",
    airline: "Iberia",
    accounting_code: 75,
    // An order message carries our reference, and a resend is answered with the same order.
    resend: Resend::Recognised,
    messages: Messages {
        shop: ("AirShoppingRQ", "AirShoppingRS"),
        hold: ("OrderCreateRQ", "OrderViewRS"),
        segments: "",
        held: "HK",
        limit: "PaymentTimeLimit",
        retrieve: ("OrderRetrieveRQ", "OrderViewRS"),
        issue: ("OrderChangeRQ", "OrderViewRS"),
        ticket: "e-ticket",
        cancel: ("OrderCancelRQ", "OrderCancelRS"),
        released: "order cancelled",
        voided: "OrderCancelRS",
        refund: ("OrderReshopRQ refund", "OrderReshopRS"),
        accept: ("OrderChangeRQ accept", "OrderViewRS"),
        notice: "OrderChangeNotifRQ",
    },
};
