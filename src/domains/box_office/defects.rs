//! The defects of the box office: mistakes that can be put into stages `EventSourced` and `RedisLockFenced`. The
//! mistakes of the earlier stages need no switch.

use super::BoxOffice;
use crate::model::{Defect, declare_defects};

declare_defects! {
    /// All defects of the box office.
    pub(super) const DEFECTS;

    pub(in crate::domains::box_office) const SELLS_SOLD_OUT = "sells-sold-out"(
        "a ticket is reserved although no place is left",
        when "two customers want the last place",
        caught by "no-oversell", "legal-transition", "no-phantom-ticket";
        seen in "oyinetare/ticketflow",
    );
    pub(in crate::domains::box_office) const FAILED_PAYMENT_KEEPS_PLACE = "seat-lost-on-failed-payment"(
        "a ticket whose payment is declined keeps its place in the inventory",
        when "a charge is declined",
        caught by "no-phantom-ticket";
        seen in "oyinetare/ticketflow",
    );
    pub(in crate::domains::box_office) const EXPIRY_KEEPS_PLACE = "expired-keeps-place"(
        "a reservation expires, and its place is not given back",
        when "a customer reserves and does not pay",
        caught by "no-phantom-ticket",
    );
    pub(in crate::domains::box_office) const EXPIRY_FORGOTTEN = "expiry-forgotten"(
        "the deadline of a reservation is ignored",
        when "a customer reserves and does not pay",
        caught by "reservation-expires", "saga-terminates",
    );
    pub(in crate::domains::box_office) const EXPIRES_WHILE_PAID = "expires-while-paid"(
        "a reservation expires although it is being paid for",
        when "a payment begins just before the deadline",
        caught by "reservation-expires", "legal-transition",
    );
    pub(in crate::domains::box_office) const NO_KEY = "no-idempotency-key"(
        "a charge is requested without an idempotency key",
        when "the answer to a charge is lost",
        caught by "charged-once-per-ticket", "payments-reconcile";
        seen in "oyinetare/ticketflow",
    );
    pub(in crate::domains::box_office) const KEY_FROM_BODY = "idempotency-key-from-body"(
        "the idempotency key of a charge is made of the customer and the show",
        when "a customer buys two tickets for one show",
        caught by "payments-reconcile";
        seen in "oyinetare/ticketflow",
    );
    pub(in crate::domains::box_office) const CHARGE_NOT_REVERSED = "charge-not-reversed"(
        "a ticket that is cancelled while it is paid for keeps its charge",
        when "a customer cancels during the payment",
        caught by "payments-reconcile",
    );
    pub(in crate::domains::box_office) const LIMIT_NOT_ENFORCED = "limit-not-enforced"(
        "a purchase beyond the limit of the customer is accepted",
        when "a customer buys more than the limit allows",
        caught by "rate-limit-holds";
        needs "domain.limit",
    );
    pub(in crate::domains::box_office) const SOLD_OUT_TOO_EARLY = "sold-out-too-early"(
        "a purchase is refused as sold out although one place is left",
        when "customers buy until one place is left",
        caught by "refused-with-cause",
    );
    pub(in crate::domains::box_office) const LOCK_WITHOUT_FENCE = "lock-without-fence"(
        "a place is recorded without comparing the fencing token of the lock",
        when "a lock expires during a payment, at stage `RedisLockFenced`",
        caught by "one-lock-holder", "no-oversell", "legal-transition", "no-phantom-ticket";
        needs "domain.stage";
        seen in "oyinetare/ticketflow",
    );
    pub(in crate::domains::box_office) const QUEUE_JUMPER = "queue-jumper"(
        "a place in the waiting room that becomes free goes to the purchase that joined last",
        when "two purchases wait",
        caught by "fair-queue",
    );
    pub(in crate::domains::box_office) const PLACE_GIVEN_TWICE = "place-given-twice"(
        "a place in the waiting room that becomes free is given to two purchases",
        when "two purchases wait",
        caught by "admitted-once",
    );
    pub(in crate::domains::box_office) const ADMISSION_NOT_CHECKED = "admission-not-checked"(
        "a purchase that the waiting room has not admitted is accepted",
        when "a customer buys without having joined",
        caught by "admitted-once",
    );
    pub(in crate::domains::box_office) const CANCELLED_STILL_LISTED = "cancelled-ticket-listed"(
        "a ticket that is cancelled stays in the customer's list as it was",
        when "a customer cancels a ticket",
        caught by "shown-is-fold",
    );
    pub(in crate::domains::box_office) const CANCEL_NOT_CARRIED_OUT = "cancel-not-carried-out"(
        "a customer who cancels a ticket that is being paid for is told that it is cancelled, and it is not",
        when "a customer cancels during the payment, and the show sells out",
        caught by "linearizable",
    );
}

impl BoxOffice {
    /// Whether a defect of the box office is switched on.
    #[inline]
    pub(super) fn has(&self, defect: &Defect) -> bool {
        self.defects.has(defect)
    }
}
