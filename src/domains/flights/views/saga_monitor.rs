//! `SagaMonitor`: how far each saga is, for the people who watch them.

use crate::domains::flights::event::{Reason, SagaEvent, Trouble};
use crate::model::Version;

/// What a saga is busy with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SagaStep {
    /// Holding legs at their vendors.
    Holding,
    /// Moving money.
    Paying,
    /// Having tickets issued.
    Issuing,
    /// Undoing.
    Undoing(Reason),
    /// Nothing: everything is ticketed.
    Completed,
    /// Nothing: everything is undone.
    Compensated(Reason),
    /// Nothing: a person looks at it.
    HandedToHuman(Trouble),
}

/// One saga.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SagaRow {
    /// How much of its stream is shown.
    pub version: Version,
    /// What it is busy with.
    pub step: SagaStep,
    /// How many legs their vendors hold or have ticketed.
    pub legs_held: u8,
    /// How often somebody outside did not answer, or failed.
    pub silences: u32,
}

impl Default for SagaRow {
    fn default() -> Self {
        Self { version: Version(0), step: SagaStep::Holding, legs_held: 0, silences: 0 }
    }
}

impl SagaRow {
    pub(super) fn apply(&mut self, version: Version, event: &SagaEvent) {
        self.version = version;
        match event {
            SagaEvent::LegHeld { .. } => self.legs_held = self.legs_held.saturating_add(1),
            SagaEvent::LegCancelled { .. } => self.legs_held = self.legs_held.saturating_sub(1),
            SagaEvent::LegUnknown { .. }
            | SagaEvent::LegErrored { .. }
            | SagaEvent::LegDoubted { .. }
            | SagaEvent::LegAcceptUnknown { .. }
            | SagaEvent::ChargeUnknown { .. }
            | SagaEvent::ChargeErrored { .. } => self.silences += 1,
            SagaEvent::ChargeRequested { .. } => self.advance(SagaStep::Paying),
            SagaEvent::LegIssueRequested { .. } => self.advance(SagaStep::Issuing),
            SagaEvent::UndoStarted { reason } => self.step = SagaStep::Undoing(*reason),
            SagaEvent::SagaCompleted => self.step = SagaStep::Completed,
            SagaEvent::SagaCompensated { reason } => self.step = SagaStep::Compensated(*reason),
            SagaEvent::HandedToHuman { trouble } => self.step = SagaStep::HandedToHuman(*trouble),
            SagaEvent::LegCancelRequested { .. } => {
                // A late success is undone after the saga had ended.
                if let SagaStep::Compensated(reason) = self.step {
                    self.step = SagaStep::Undoing(reason);
                }
            }
            SagaEvent::SagaStarted { .. }
            | SagaEvent::LegHoldRequested { .. }
            | SagaEvent::LegHoldRefused { .. }
            | SagaEvent::LegRetrieveRequested { .. }
            | SagaEvent::LegAbsent { .. }
            | SagaEvent::LegDuplicated { .. }
            | SagaEvent::DuplicateUnknown { .. }
            | SagaEvent::DuplicateCancelRequested { .. }
            | SagaEvent::DuplicateCancelled { .. }
            | SagaEvent::LookScheduled { .. }
            | SagaEvent::LegIssued { .. }
            | SagaEvent::LegIssueRefused { .. }
            | SagaEvent::LegVoidRefused { .. }
            | SagaEvent::LegRefundRequested { .. }
            | SagaEvent::LegWithdrawn { .. }
            | SagaEvent::LegRescheduled { .. }
            | SagaEvent::LegAcceptRequested { .. }
            | SagaEvent::LegAccepted { .. }
            | SagaEvent::ChargeConfirmed { .. }
            | SagaEvent::ChargeDeclined { .. }
            | SagaEvent::ChargeRetrieved { .. }
            | SagaEvent::BookingTold { .. }
            | SagaEvent::TellFailed { .. }
            | SagaEvent::ExpiryPostponed { .. }
            | SagaEvent::RetryScheduled { .. }
            | SagaEvent::RetryDue
            | SagaEvent::SagaResumed => {}
        }
    }

    /// Undoing moves money too, and is still undoing.
    fn advance(&mut self, step: SagaStep) {
        match self.step {
            SagaStep::Holding | SagaStep::Paying | SagaStep::Issuing => self.step = step,
            SagaStep::Undoing(_)
            | SagaStep::Completed
            | SagaStep::Compensated(_)
            | SagaStep::HandedToHuman(_) => {}
        }
    }
}
