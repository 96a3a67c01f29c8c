//! The defects of the shop: mistakes that can be put into its decisions, its sagas and its views.

use super::Orders;
use crate::model::{Defect, declare_defects};

declare_defects! {
    /// All defects of the shop.
    pub(super) const DEFECTS;

    pub(in crate::domains::orders) const LATE_PAYMENT_VANISHES = "late-payment-vanishes"(
        "a bank transfer for a cancelled order is refused and forgotten",
        when "a transfer arrives after the order was cancelled",
        caught by "transfer-settled";
        seen in "mollie/magento2#432",
    );
    pub(in crate::domains::orders) const PARCEL_BEFORE_CAPTURE = "parcel-before-capture"(
        "the parcel is booked as soon as the money is reserved",
        when "an order is paid by card",
        caught by "ship-after-pay",
    );
    pub(in crate::domains::orders) const ANY_AMOUNT_PAYS = "any-amount-pays"(
        "the amount of a payment is not compared with the total",
        when "a customer transfers another amount",
        caught by "legal-transition", "amount-matches",
    );
    pub(in crate::domains::orders) const RECALL_FORGOTTEN = "recall-forgotten"(
        "an order that is cancelled keeps its parcel",
        when "a customer cancels while the parcel is booked",
        caught by "cancel-refunds",
    );
    pub(in crate::domains::orders) const UNKNOWN_IS_NOTHING = "unknown-is-nothing"(
        "an act with an unknown outcome is not undone",
        when "the answer to a capture is lost, and the customer cancels",
        caught by "cancel-refunds",
    );
    pub(in crate::domains::orders) const UNDO_NOT_AWAITED = "undo-not-awaited"(
        "the saga ends as soon as it has asked for an undo",
        when "the request to undo is lost",
        caught by "cancel-refunds",
    );
    pub(in crate::domains::orders) const SURPLUS_NOT_NOTICED = "surplus-not-noticed"(
        "a transfer that an order did not need is not put on the list of an operator",
        when "an order is paid twice",
        caught by "transfer-settled",
    );
    pub(in crate::domains::orders) const SHIPS_CANCELLED = "ships-cancelled"(
        "an order that was cancelled is still shipped",
        when "a customer cancels while the parcel is booked",
        caught by "legal-transition", "ship-after-pay",
    );
    pub(in crate::domains::orders) const CANCELS_SHIPPED = "cancels-shipped"(
        "an order that was shipped can be cancelled",
        when "a customer cancels after the parcel was sent",
        caught by "legal-transition", "cancel-refunds",
    );
    pub(in crate::domains::orders) const REFUND_NOT_STATED = "refund-not-stated"(
        "the cancellation of a paid order states no refund",
        when "a customer cancels a paid order",
        caught by "legal-transition", "cancel-refunds",
    );
    pub(in crate::domains::orders) const DEADLINE_FORGOTTEN = "deadline-forgotten"(
        "a deadline that passes while the saga waits for an answer is forgotten",
        when "the deadline for the payment passes",
        caught by "order-settled", "saga-terminates",
    );

    pub(in crate::domains::orders) const ASKS_AGAIN_WITHOUT_QUERY = "asks-again-without-query"(
        "a capture with an unknown outcome is requested again at once",
        when "the answer to a capture is lost",
        caught by "legal-transition",
    );

    pub(in crate::domains::orders) const TOTAL_OF_FIRST_ITEM = "total-of-first-item"(
        "the total of an order is the price of its first item",
        when "an order has two products",
        caught by "legal-transition", "amount-matches",
    );

    pub(in crate::domains::orders) const STAYS_IN_OLD_STATUS = "stays-in-old-status"(
        "an event updates the list of the new status of an order, and not that of the old one",
        when "an order is paid",
        caught by "shown-is-fold",
    );

    pub(in crate::domains::orders) const PARCEL_NOT_SHOWN = "parcel-not-shown"(
        "an order that is shipped is shown without its parcel",
        when "an order is shipped",
        caught by "shown-is-fold",
    );
}

impl Orders {
    /// Whether a defect of the shop is switched on.
    #[inline]
    pub(super) fn has(&self, defect: &Defect) -> bool {
        self.defects.has(defect)
    }
}
