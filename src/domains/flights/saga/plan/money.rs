//! The steps with money: reserve, capture, void, refund, and what a dispute asks for.

use super::Planner;
use crate::domains::flights::booking::{Funds, Seats};
use crate::domains::flights::defects::{
    PENDING_NOT_VOIDED, REFUND_AFTER_CHARGEBACK, REFUND_BEFORE_CLAIM, VOID_FORGOTTEN,
};
use crate::domains::flights::event::{ChargeStep, Reason, SagaEvent, Tell, Trouble};
use crate::domains::flights::payment::Dispute;
use crate::saga::{Course, Progress};

use super::{SILENCES_FORWARD_MAX, SILENCES_MAX, turn_back};

/// How often a reservation that has lapsed is made again; then the payment has failed.
const LAPSES_MAX: u8 = 3;

impl Planner<'_> {
    pub(super) fn authorise(&self) -> Option<SagaEvent> {
        match self.saga.charge.authorise {
            Progress::None | Progress::Absent => charge(ChargeStep::Authorise),
            Progress::Asked => None,
            Progress::Unknown => {
                self.query(SILENCES_FORWARD_MAX, turn_back(Reason::ProviderSilent))
            }
            Progress::Done => self.tell(Tell::Authorized),
            // The booking knows, and its customer has chosen another card.
            Progress::Declined if self.subject.attempt > self.saga.charge.attempt => {
                charge(ChargeStep::Authorise)
            }
            Progress::Declined => self.tell_failure(),
        }
    }

    /// Whether the provider has gone on to what the booking cannot follow: in events that are lost the money was taken
    /// without a claim that is left, or was given back.
    pub(super) fn is_ahead(&self) -> bool {
        let charge_now = &self.saga.charge;
        let is_done = |movement: Progress| movement == Progress::Done;
        charge_now.rare.reported
            && (is_done(charge_now.void)
                || is_done(charge_now.refund)
                || is_done(charge_now.capture) && self.subject.is_untaken())
    }

    /// The booking is claimed for capture and cannot end until the outcome is known.
    pub(super) fn capture(&self) -> Option<SagaEvent> {
        // In events that are lost the payment had failed, and the reservation was released.
        if self.saga.charge.void == Progress::Done && self.saga.charge.capture != Progress::Done {
            return self.tell_failure();
        }
        if self.saga.charge.rare.lapses > 0 && self.saga.charge.authorise != Progress::Done {
            return self.authorise_again();
        }
        match self.saga.charge.capture {
            Progress::None | Progress::Absent => charge(ChargeStep::Capture),
            Progress::Asked => None,
            Progress::Unknown => self.query_or_hand_over(),
            Progress::Done => self.tell(Tell::Captured),
            Progress::Declined => self.tell_failure(),
        }
    }

    /// A reservation that has lapsed is made again on the same card, unless the saga has turned back, or this has
    /// happened too often: then the payment has failed. The booking stays claimed meanwhile.
    fn authorise_again(&self) -> Option<SagaEvent> {
        let charge_now = &self.saga.charge;
        let given_up = charge_now.rare.lapses > LAPSES_MAX || self.saga.life.turned_back.is_some();
        match charge_now.authorise {
            Progress::None | Progress::Absent if given_up => self.tell_failure(),
            Progress::None | Progress::Absent => charge(ChargeStep::Authorise),
            Progress::Asked | Progress::Done => None,
            Progress::Unknown => self.query_or_hand_over(),
            Progress::Declined => self.tell_failure(),
        }
    }

    fn tell_failure(&self) -> Option<SagaEvent> {
        self.tell(Tell::PaymentFailed(self.saga.charge.attempt))
    }

    /// Captured money is refunded once no vendor has anything of ours any more.
    pub(super) fn refund(&self, waiting: bool) -> Course<SagaEvent> {
        if waiting {
            return Course::Waits;
        }
        if !self.flights.has(&REFUND_AFTER_CHARGEBACK)
            && let Some(course) = self.disputed()
        {
            return course;
        }
        if self.subject.funds == Funds::Captured && !self.flights.has(&REFUND_BEFORE_CLAIM) {
            return Course::from(self.tell(Tell::StartRefund));
        }
        let fee = self.subject.kept(self.flights);
        match self.saga.charge.refund {
            Progress::None | Progress::Absent if self.saga.charge.rare.kept != fee => {
                Course::from(fee.map(|fee| SagaEvent::FeeKept { fee }))
            }
            Progress::None | Progress::Absent => Course::from(charge(ChargeStep::Refund)),
            Progress::Asked => Course::Waits,
            Progress::Unknown => Course::from(self.query_or_hand_over()),
            Progress::Declined => declined(ChargeStep::Refund),
            Progress::Done
                if self.saga.charge.rare.reported && self.saga.charge.rare.kept != fee =>
            {
                let trouble = Trouble::RefundedOtherwise;
                Course::Next(SagaEvent::HandedToHuman { trouble })
            }
            Progress::Done if self.subject.funds == Funds::Refunding => {
                Course::from(self.tell(Tell::Refunded))
            }
            Progress::Done => Course::Finished,
        }
    }

    /// What is to be done about the money if the cardholder's bank has it. While a dispute is open nothing is
    /// refunded; if it is lost, nothing is left to refund.
    fn disputed(&self) -> Option<Course<SagaEvent>> {
        let charge_now = &self.saga.charge;
        let paid_back = match charge_now.refund {
            Progress::None | Progress::Absent | Progress::Declined => false,
            Progress::Done => true,
            Progress::Asked | Progress::Unknown => return None,
        };
        match (charge_now.rare.dispute, paid_back) {
            (Dispute::None | Dispute::Won, _) => None,
            // The booking is told of the refund first.
            (Dispute::Open, true) if self.subject.funds == Funds::Refunding => None,
            (Dispute::Open, _) => Some(Course::from(self.await_decision())),
            (Dispute::Lost, true) => {
                let trouble = Trouble::PaidBackTwice;
                Some(Course::Next(SagaEvent::HandedToHuman { trouble }))
            }
            (Dispute::Lost, false) => Some(match self.subject.funds {
                Funds::ChargedBack => Course::Finished,
                any_of!(Funds: Untouched | Requested | Authorized | Capturing | Captured | Failed
                    | Voided | Refunding | Refunded) => Course::from(self.tell(Tell::ChargedBack)),
            }),
        }
    }

    /// A dispute is open, and nothing else is to be done. The decision will be reported; in case the report gets
    /// lost, the provider is asked from time to time.
    pub(super) fn await_decision(&self) -> Option<SagaEvent> {
        self.query_or_hand_over()
    }

    /// Whether the customer travels for nothing: their bank keeps the money, or may, and no ticket is issued yet.
    pub(super) fn is_charged_back(&self) -> bool {
        match self.saga.charge.rare.dispute {
            Dispute::None | Dispute::Won => false,
            Dispute::Open => self.subject.seats != Seats::Ticketed,
            Dispute::Lost => true,
        }
    }

    /// A dispute is contested if the customer has what they paid for, or has the money back already.
    pub(super) fn contest(&self) -> Option<SagaEvent> {
        let charge_now = &self.saga.charge;
        let has_either =
            self.subject.seats == Seats::Ticketed || charge_now.refund == Progress::Done;
        if charge_now.rare.dispute != Dispute::Open || !has_either {
            return None;
        }
        match charge_now.rare.contest {
            Progress::None | Progress::Absent => charge(ChargeStep::Contest),
            // To contest twice does no harm: the request is sent again without a question before it.
            Progress::Unknown if charge_now.silences < SILENCES_MAX => {
                self.unless_resting(SagaEvent::ChargeRequested { step: ChargeStep::Contest })
            }
            Progress::Unknown => {
                let trouble = Trouble::ProviderUnreachable;
                Some(SagaEvent::HandedToHuman { trouble })
            }
            Progress::Asked | Progress::Done | Progress::Declined => None,
        }
    }

    /// A reservation is voided, even one that the provider does not know: the request may still arrive.
    pub(super) fn void(&self) -> Course<SagaEvent> {
        let charge_now = self.saga.charge;
        match charge_now.authorise {
            Progress::None | Progress::Declined => return Course::Finished,
            Progress::Asked => return Course::Waits,
            Progress::Unknown
                if charge_now.is_pending() && self.flights.has(&PENDING_NOT_VOIDED) =>
            {
                return Course::Finished;
            }
            // Nobody waits for the customer's answer: the charge is closed before it comes.
            Progress::Unknown if charge_now.is_pending() => {}
            Progress::Unknown => return Course::from(self.query_or_hand_over()),
            Progress::Absent if self.flights.has(&VOID_FORGOTTEN) => return Course::Finished,
            Progress::Absent | Progress::Done => {}
        }
        match charge_now.void {
            Progress::None | Progress::Absent => Course::from(charge(ChargeStep::Void)),
            Progress::Asked => Course::Waits,
            Progress::Unknown => Course::from(self.query_or_hand_over()),
            Progress::Declined => declined(ChargeStep::Void),
            Progress::Done if self.subject.funds == Funds::Authorized => {
                Course::from(self.tell(Tell::Voided))
            }
            Progress::Done => Course::Finished,
        }
    }

    /// Asks a silent provider for the state of the charge, before anything else; after `limit` silences,
    /// gives up.
    fn query(&self, limit: u8, given_up: SagaEvent) -> Option<SagaEvent> {
        if self.saga.charge.querying {
            return None;
        }
        if self.saga.charge.silences >= limit {
            return Some(given_up);
        }
        self.unless_resting(SagaEvent::ChargeRequested { step: ChargeStep::Query })
    }

    fn query_or_hand_over(&self) -> Option<SagaEvent> {
        let trouble = Trouble::ProviderUnreachable;
        self.query(SILENCES_MAX, SagaEvent::HandedToHuman { trouble })
    }
}

fn charge(step: ChargeStep) -> Option<SagaEvent> {
    Some(SagaEvent::ChargeRequested { step })
}

fn declined(step: ChargeStep) -> Course<SagaEvent> {
    Course::Next(SagaEvent::HandedToHuman { trouble: Trouble::UndoDeclined(step) })
}
