//! The defects of the delivery service: mistakes that can be put into its decisions, its sagas and its views.

use super::Delivery;
use crate::model::{Defect, declare_defects};

declare_defects! {
    /// All defects of the delivery service.
    pub(super) const DEFECTS;

    pub(in crate::domains::delivery) const FEE_FORGOTTEN = "fee-forgotten"(
        "a customer who cancels while the kitchen works gets everything back",
        when "a customer cancels while the food is prepared",
        caught by "refund-by-stage",
    );
    pub(in crate::domains::delivery) const MONEY_AS_FLOAT = "money-as-float"(
        "a part of an amount is rounded to the nearest cent, as printing a floating-point number does, and not down",
        when "a customer cancels while the food is prepared, and half of the price is not a whole number of cents",
        caught by "refused-with-cause", "refund-by-stage";
        seen in "a price that is stored as a number of JavaScript",
    );
    pub(in crate::domains::delivery) const CANCELS_READY = "cancels-ready"(
        "an order whose food is ready can still be cancelled",
        when "a customer cancels when the food is ready",
        caught by "cancel-window", "legal-transition", "refused-with-cause",
    );
    pub(in crate::domains::delivery) const CONFIRMS_CANCELLED = "confirms-cancelled"(
        "the confirmation of an order that was cancelled meanwhile revives it",
        when "a customer cancels while the restaurant confirms",
        caught by "cancel-window", "legal-transition",
    );
    pub(in crate::domains::delivery) const TERMS_IGNORED = "terms-ignored"(
        "an order is cancelled although the customer gets less back than they expect",
        when "a customer cancels an order that has gone on since they looked at it",
        caught by "cancel-window",
    );
    pub(in crate::domains::delivery) const FIRST_DISH_ONLY = "first-dish-only"(
        "the total of an order is the price of its first dish",
        when "an order has two dishes",
        caught by "charged-as-ordered", "legal-transition",
    );
    pub(in crate::domains::delivery) const OFFERED_UNPAID = "offered-unpaid"(
        "the restaurant gets an order before it is paid",
        when "an order is created",
        caught by "stage-by-report",
    );
    pub(in crate::domains::delivery) const CONFIRMS_WHEN_TAKEN = "confirms-when-taken"(
        "an order is confirmed as soon as the restaurant has received it",
        when "a restaurant takes its time to accept an order",
        caught by "stage-by-report",
    );
    pub(in crate::domains::delivery) const CHARGE_IN_DOUBT_KEPT = "charge-in-doubt-kept"(
        "a charge with an unknown outcome is not given back",
        when "the answer to a charge is lost, and the customer cancels",
        caught by "refund-by-stage",
    );
    pub(in crate::domains::delivery) const WITHDRAWAL_FORGOTTEN = "withdrawal-forgotten"(
        "an order that is cancelled stays in the kitchen",
        when "a customer cancels a confirmed order",
        caught by "nothing-left-behind",
    );
    pub(in crate::domains::delivery) const COURIER_NOT_RELEASED = "courier-not-released"(
        "the courier of an order that is cancelled waits at the restaurant",
        when "a customer cancels while the food is prepared",
        caught by "nothing-left-behind",
    );
    pub(in crate::domains::delivery) const AUDIT_BLAMES_SERVICE = "audit-blames-service"(
        "the audit trail does not say on whose behalf the service acts",
        when "somebody looks at the audit trail",
        caught by "audit-complete",
    );
    pub(in crate::domains::delivery) const REFUNDS_NOT_COUNTED = "refunds-not-counted"(
        "refunds are missing in the analytics",
        when "a paid order is cancelled",
        caught by "analytics-reconcile",
    );
}

impl Delivery {
    /// Whether a defect of the delivery service is switched on.
    #[inline]
    pub(super) fn has(&self, defect: &Defect) -> bool {
        self.defects.has(defect)
    }
}
