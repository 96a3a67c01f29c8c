//! `SagaMonitor`: the progress of each saga, for operators.

use crate::domains::flights::defects::HANDED_OVER_NOT_SHOWN;
use crate::domains::flights::event::{Reason, SagaEvent, Trouble};
use crate::domains::flights::setup::Flights;
use crate::model::Version;

/// The phase of a saga.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SagaStep {
    /// Legs are being held at their vendors.
    Holding,
    /// Money is being moved.
    Paying,
    /// Tickets are being issued.
    Issuing,
    Undoing(Reason),
    /// Everything is ticketed.
    Completed,
    /// Everything is undone.
    Compensated(Reason),
    /// An operator has to look at it.
    HandedToHuman(Trouble),
}

/// One saga.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SagaRow {
    pub version: Version,
    pub step: SagaStep,
    /// The number of legs that vendors hold or have ticketed.
    pub legs_held: u8,
    /// How often a service did not answer, or failed.
    pub silences: u32,
}

impl Default for SagaRow {
    fn default() -> Self {
        Self { version: Version(0), step: SagaStep::Holding, legs_held: 0, silences: 0 }
    }
}

impl SagaRow {
    pub(super) fn apply(&mut self, flights: &Flights, version: Version, event: &SagaEvent) {
        self.version = version;
        match event {
            SagaEvent::LegHeld { .. } => self.legs_held = self.legs_held.saturating_add(1),
            SagaEvent::LegCancelled { .. } => self.legs_held = self.legs_held.saturating_sub(1),
            any_of!(SagaEvent: LegUnknown | LegErrored | LegDoubted | LegAcceptUnknown | ChargeUnknown
                | ChargeErrored) => self.silences += 1,
            SagaEvent::ChargeRequested { .. } => self.advance(SagaStep::Paying),
            SagaEvent::LegIssueRequested { .. } => self.advance(SagaStep::Issuing),
            SagaEvent::UndoStarted { reason } => self.step = SagaStep::Undoing(*reason),
            SagaEvent::SagaCompleted => self.step = SagaStep::Completed,
            SagaEvent::SagaCompensated { reason } => self.step = SagaStep::Compensated(*reason),
            SagaEvent::HandedToHuman { .. } if flights.has(&HANDED_OVER_NOT_SHOWN) => {}
            SagaEvent::HandedToHuman { trouble } => self.step = SagaStep::HandedToHuman(*trouble),
            SagaEvent::LegCancelRequested { .. } => {
                // A late success is undone after the end of the saga.
                if let SagaStep::Compensated(reason) = self.step {
                    self.step = SagaStep::Undoing(reason);
                }
            }
            any_of!(SagaEvent: SagaStarted | LegHoldRequested | LegHoldRefused | LegRetrieveRequested
                | LegMissing | LegAbsent | LegDuplicated | DuplicateUnknown | DuplicateCancelRequested
                | DuplicateCancelled | LookScheduled | LegIssued | LegIssueRefused | LegVoidRefused
                | LegRefundRequested | LegWithdrawn | LegRescheduled | LegAcceptRequested | LegAccepted
                | ChargeConfirmed | ChargeDeclined | ChargeRetrieved | ChargeMissing | BookingTold | TellFailed
                | ExpiryPostponed | ExpiryDue | RetryScheduled | RetryDue | SagaResumed | ChargePending
                | ChargeLapsed | DisputeReported | FeeKept | LegReported | ChargeReported) => {}
        }
    }

    /// A saga that is undone moves money too, but stays in that phase.
    fn advance(&mut self, step: SagaStep) {
        if let SagaStep::Holding | SagaStep::Paying | SagaStep::Issuing = self.step {
            self.step = step;
        }
    }
}
