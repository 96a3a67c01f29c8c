//! The defects of the flights: mistakes that can be put into its decisions, its sagas and its views.

use super::Flights;
use crate::model::{Defect, declare_defects};

declare_defects! {
    /// All defects of the flights.
    pub(super) const DEFECTS;

    pub(in crate::domains::flights) const TIMEOUT_IS_FAILURE = "timeout-is-failure"(
        "a vendor that does not answer a hold in time is taken to have refused it",
        when "the answer to a hold is lost",
        caught by "no-orphan", "no-late-release", "compensated";
        seen in "tutorials of reservation systems",
    );
    pub(in crate::domains::flights) const LATE_SUCCESS_IGNORED = "late-success-ignored"(
        "an order that a vendor confirms after the saga turned back is ignored",
        when "a vendor answers after the saga has given up",
        caught by "no-orphan", "no-late-release";
        seen in "a vendor call that is cancelled on the client side only",
    );
    pub(in crate::domains::flights) const ABSENT_IS_FINAL = "absent-is-final"(
        "an answer \"nothing found\" is taken as proof, although lookups lag",
        when "the answer to a request is lost, and the lookup does not show its effect yet",
        caught by "no-orphan", "no-late-release", "money-conserved";
        seen in "capgo#3247",
    );
    pub(in crate::domains::flights) const ONE_ANSWER_FOR_ALL_LEGS = "one-answer-for-all-legs"(
        "the confirmation of one cancellation counts for all legs at the vendor",
        when "two legs of one vendor are cancelled, and one request is lost",
        caught by "no-orphan", "compensated", "no-late-release",
    );
    pub(in crate::domains::flights) const LATE_DECLINE_COUNTS = "late-decline-counts"(
        "the decline of an earlier card is taken for that of the present one",
        when "the report about the first card arrives late",
        caught by "money-conserved", "single-capture";
        seen in "adyen-shopware6#311",
    );
    pub(in crate::domains::flights) const DOUBT_IGNORED = "doubt-ignored"(
        "a failure that a vendor reports for an older request to hold is ignored",
        when "a copy of a request to hold is executed late, and its answer is a 5xx",
        caught by "no-orphan", "no-late-release",
    );
    pub(in crate::domains::flights) const RESUMED_WITHOUT_DOUBT = "resumed-without-doubt"(
        "a saga that was resumed still waits for answers to requests of its predecessor",
        when "the orchestrator crashes while it waits for a vendor",
        caught by "saga-terminates", "drains",
    );
    pub(in crate::domains::flights) const CANCELLED_FLIGHT_IGNORED = "cancelled-flight-ignored"(
        "a cancelled flight is ignored once all tickets are issued",
        when "a vendor cancels a flight that is ticketed",
        caught by "no-orphan", "free-is-offered",
    );
    pub(in crate::domains::flights) const NEW_TIMES_IGNORED = "new-times-ignored"(
        "a change of times is ignored once all tickets are issued",
        when "a vendor moves a flight that is ticketed",
        caught by "no-orphan",
    );
    pub(in crate::domains::flights) const EXPIRY_CHECKED_AT_START = "expiry-checked-at-start"(
        "the end of the hold is checked when the customer pays, and not before the capture",
        when "the reservation of the money takes until the hold has ended",
        caught by "paid-before-ticket";
        seen in "public issue trackers",
    );
    pub(in crate::domains::flights) const VOID_AFTER_WINDOW = "void-after-window"(
        "a ticket that is too old to be voided is taken to be cancelled",
        when "a ticket is given back after its window",
        caught by "no-orphan",
    );
    pub(in crate::domains::flights) const EXPIRY_FREES_SOLD_SEAT = "expiry-frees-sold-seat"(
        "a hold that runs out ends the booking, whatever its payment",
        when "the hold ends while the money is captured",
        caught by "legal-transition", "paid-before-ticket",
    );
    pub(in crate::domains::flights) const SEAT_NEVER_OFFERED_AGAIN = "seat-never-offered-again"(
        "only the seat of the first leg is given back",
        when "a trip of two legs ends without tickets",
        caught by "free-is-offered", "refused-with-cause";
        seen in "Hi.Events#466",
    );
    pub(in crate::domains::flights) const FIRST_FARE_ONLY = "first-fare-only"(
        "the charge is the fare of the first leg",
        when "a trip of two legs is paid",
        caught by "issued-as-paid", "money-conserved",
    );
    pub(in crate::domains::flights) const WRONG_FLIGHT_HELD = "wrong-flight-held"(
        "every leg is held on the flight of the first one",
        when "a trip has two legs at one vendor",
        caught by "no-orphan", "no-double-sale", "compensated",
    );
    pub(in crate::domains::flights) const RETURNED_SEAT_NOT_SHOWN = "returned-seat-not-shown"(
        "seats that are given back are not counted in FlightAvailability",
        when "a booking ends without tickets",
        caught by "shown-is-fold", "free-is-offered",
    );
    pub(in crate::domains::flights) const CANCELLED_STILL_LISTED = "cancelled-still-listed"(
        "the list of a customer's bookings ignores that one was cancelled",
        when "a customer cancels a booking",
        caught by "shown-is-fold",
    );
    pub(in crate::domains::flights) const HANDED_OVER_NOT_SHOWN = "handed-over-not-shown"(
        "the monitor of sagas ignores that one was handed to an operator",
        when "a saga is handed over",
        caught by "shown-is-fold",
    );
    pub(in crate::domains::flights) const PASSENGER_LOST_IN_UPCAST = "passenger-lost-in-upcast"(
        "an event of an older schema is read without its passenger",
        when "old events, and a customer looks at the booking",
        caught by "upcast-equals-native", "erased";
        needs "platform.schema",
    );
    pub(in crate::domains::flights) const ISSUE_BEFORE_CAPTURE = "issue-before-capture"(
        "tickets are issued as soon as the capture is requested",
        when "a booking is paid",
        caught by "legal-transition", "paid-before-ticket",
    );
    pub(in crate::domains::flights) const COMPENSATION_AFTER_SUCCESS = "compensation-after-success"(
        "a leg with an unknown outcome is not undone",
        when "a vendor does not answer, and the saga turns back",
        caught by "legal-transition", "no-orphan";
        seen in "the saga samples of Temporal",
    );
    pub(in crate::domains::flights) const CANCEL_KILLS_COMPENSATION = "cancel-kills-compensation"(
        "a cancellation by the customer ends the saga at once",
        when "a customer cancels while a vendor holds an order",
        caught by "legal-transition", "no-orphan";
        seen in "temporal sdk-java#305",
    );
    pub(in crate::domains::flights) const REPLAYED_500_FINAL = "replayed-500-final"(
        "a failure of the provider is taken as a decline",
        when "the provider captures the money and answers with a 5xx",
        caught by "money-conserved";
        seen in "the documentation of payment providers",
    );
    pub(in crate::domains::flights) const VOID_FORGOTTEN = "void-forgotten"(
        "a reservation that the provider did not find is not voided",
        when "the request to reserve money arrives after the answer to the query",
        caught by "legal-transition", "money-conserved",
    );
    pub(in crate::domains::flights) const SEAT_BY_COUNT = "seat-by-count"(
        "the next seat is numbered by the count of those that are taken",
        when "a seat before the last one is given back",
        caught by "no-double-sale", "legal-transition",
    );
    pub(in crate::domains::flights) const CANCEL_DURING_CAPTURE = "cancel-during-capture"(
        "a customer may cancel while the money is captured",
        when "the cancellation arrives between the start of the capture and its end",
        caught by "legal-transition", "money-conserved",
    );

    pub(in crate::domains::flights) const REFUND_BEFORE_CLAIM = "refund-before-claim"(
        "money is given back before the booking is claimed for a refund",
        when "a paid booking ends without tickets",
        caught by "legal-transition", "money-conserved",
    );

    pub(in crate::domains::flights) const ISSUE_WRONG_LEG = "issue-wrong-leg"(
        "the ticket of each leg is requested under the reference of the first",
        when "a trip of two legs is paid",
        caught by "no-orphan", "compensated", "saga-terminates", "legal-transition",
    );

    pub(in crate::domains::flights) const PENDING_IS_RESERVED = "pending-is-reserved"(
        "a payment that is pending is taken for a reservation",
        when "the customer has to confirm a payment with their bank",
        caught by "recorded-as-moved", "money-conserved";
        seen in "the documentation of payment providers",
    );
    pub(in crate::domains::flights) const PENDING_NOT_VOIDED = "pending-not-voided"(
        "a payment that is still pending is left alone when the booking ends",
        when "a hold runs out, and then the customer confirms the payment",
        caught by "legal-transition", "money-conserved",
    );
    pub(in crate::domains::flights) const LAPSED_IS_CAPTURED = "lapsed-is-captured"(
        "a capture that is declined because the reservation has lapsed is taken for one made before",
        when "a reservation lapses before the capture",
        caught by "recorded-as-moved", "paid-before-ticket", "money-conserved";
        seen in "woocommerce-payments#739",
    );
    pub(in crate::domains::flights) const DISPUTE_IGNORED = "dispute-ignored"(
        "reports of disputes are ignored",
        when "a cardholder disputes a payment that was given back, or paid a ticket",
        caught by "paid-back-once", "money-conserved", "legal-transition";
        seen in "the documentation of payment providers",
    );
    pub(in crate::domains::flights) const REFUND_AFTER_CHARGEBACK = "refund-after-chargeback"(
        "money is given back although the cardholder's bank has taken it back",
        when "a payment is disputed, and we lose",
        caught by "paid-back-once", "money-conserved";
        seen in "the documentation of payment providers",
    );
    pub(in crate::domains::flights) const FEE_ALWAYS_KEPT = "fee-always-kept"(
        "the cancellation fee is kept even if the customer did not cancel",
        when "a flight is not operated, and a fee is set",
        caught by "money-conserved",
    );
    pub(in crate::domains::flights) const PART_NOT_RECOGNISED = "part-not-recognised"(
        "when the provider is asked, only a refund of the whole price counts as one",
        when "the provider fails after it has refunded a part",
        caught by "money-conserved";
        seen in "the documentation of payment providers",
    );
    pub(in crate::domains::flights) const ISSUED_AT_ANY_FARE = "issued-at-any-fare"(
        "tickets are requested at whatever they cost",
        when "a vendor raises a fare after the customer has paid",
        caught by "issued-as-paid";
        seen in "the documentation of reservation systems",
    );
    pub(in crate::domains::flights) const BUMPS_WHEN_FULL = "bumps-when-full"(
        "a booking is bumped when every seat is taken, not when more are",
        when "staff bump a customer of a flight that is just full",
        caught by "bumped-above-capacity",
    );
    pub(in crate::domains::flights) const BUMPS_ANYBODY = "bumps-anybody"(
        "any booking can be bumped, not only the latest",
        when "staff bump a customer who booked before others",
        caught by "bumped-above-capacity",
    );
    pub(in crate::domains::flights) const CURRENCY_IGNORED = "currency-ignored"(
        "fares are added as if they were all in one currency",
        when "a trip has legs in two currencies",
        caught by "issued-as-paid";
        seen in "the documentation of payment providers",
    );
    pub(in crate::domains::flights) const OLD_ANSWER_TAKEN = "old-answer-taken"(
        "a saga whose last events are lost asks the provider under the keys that it has used before, and takes the saved answers as new",
        when "a charge was refunded or voided in events that are lost",
        caught by "money-conserved", "paid-before-ticket";
        needs "platform.store.replication" or "operations.restore_store_to";
        seen in "idempotency keys that are derived from the version of a stream or from a sequence in the database that is restored",
    );
}

impl Flights {
    /// Whether a defect of the flights is switched on.
    #[inline]
    pub(super) fn has(&self, defect: &Defect) -> bool {
        self.defects.has(defect)
    }
}
