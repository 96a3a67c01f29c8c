//! The saga's life cycle as a table, independent of its plan: which record may follow which state. The plan
//! determines what comes next; this determines what is legal.

use super::{Doing, Extra, LegProgress, LegStep, Saga};
use crate::domains::flights::event::{ChargeStep, Reason, SagaEvent};
use crate::domains::flights::ids::Locator;
use crate::domains::flights::payment::Dispute;
use crate::saga::{End, Progress};

impl Saga {
    /// Whether it takes note of answers. While an operator is to look at it, it learns and asks nothing; once it has
    /// ended otherwise, only what contradicts the end is news.
    pub(super) fn learns(&self) -> bool {
        self.started && (self.life.is_open() || self.life.handed_over().is_some())
    }

    /// Whether the life cycle allows the record.
    pub fn is_legal_transition(&self, event: &SagaEvent) -> bool {
        use LegStep::*;
        let Self { started, charge, .. } = self;
        let open = *started && self.life.is_open();
        let turned_back = self.life.turned_back.is_some();
        let (forward, back) = (open && !turned_back, open && turned_back);
        let handed = self.life.handed_over().is_some();
        let learns = self.learns();
        let at = event.leg().and_then(|leg| self.legs.get(usize::from(leg)));
        let is = |step: LegStep| at.is_some_and(|at| at.step == step);
        match *event {
            SagaEvent::SagaStarted { ref flights, .. } => !*started && !flights.is_empty(),
            SagaEvent::LegHoldRequested { .. } => {
                forward
                    && (is(Planned) || is(Absent))
                    && at.is_some_and(|at| at.doing == Doing::Hold)
            }
            SagaEvent::LegIssueRequested { .. } => {
                forward && charge.capture == Progress::Done && is(Held)
            }
            SagaEvent::LegCancelRequested { .. } => {
                back && (is(Held) || is(Ticketed) || is(NotIssued) || is(Withdrawn))
            }
            SagaEvent::LegRefundRequested { .. } => back && is(VoidRefused),
            SagaEvent::LegVoidRefused { .. } => {
                learns && at.is_some_and(|at| at.is_open() && at.doing == Doing::Cancel)
            }
            SagaEvent::LegWithdrawn { .. } => {
                let travels = at.is_some_and(LegProgress::may_travel);
                *started && (travels || is(NotIssued) || is(VoidRefused))
            }
            SagaEvent::LegRescheduled { change, .. } => {
                let newer = |at: &LegProgress| at.may_travel() && change > at.times.change;
                *started && !turned_back && at.is_some_and(newer)
            }
            SagaEvent::LegAcceptRequested { .. } => {
                let times = at.map(|at| at.times);
                forward
                    && times.is_some_and(|times| times.asked == 0 && times.accepted < times.change)
            }
            SagaEvent::LegAcceptUnknown { .. } => open && at.is_some_and(|at| at.times.asked > 0),
            SagaEvent::LegAccepted { change, .. } => {
                let times = at.map(|at| at.times);
                let newer = times.is_some_and(|t| change > t.accepted && change <= t.change);
                learns && newer
            }
            SagaEvent::LegRetrieveRequested { .. } => open && is(Unknown),
            SagaEvent::LegHeld { .. } => {
                *started && at.is_some() && !(is(Planned) || is(Held) || is(Ticketed))
            }
            SagaEvent::LegIssued { .. } => {
                *started && at.is_some() && !(is(Planned) || is(Ticketed))
            }
            SagaEvent::LegHoldRefused { .. } | SagaEvent::LegIssueRefused { .. } => {
                learns && at.is_some_and(LegProgress::is_open)
            }
            any_of!(SagaEvent { .. }: LegAbsent | LegMissing) => learns && is(Retrieving),
            SagaEvent::LegCancelled { .. } => {
                let undoing = |at: &LegProgress| matches!(at.doing, Doing::Cancel | Doing::Refund);
                learns && at.is_some_and(|at| at.is_open() && undoing(at))
            }
            SagaEvent::LegDoubted { .. } => !handed && at.is_some_and(LegProgress::can_be_doubted),
            SagaEvent::LegReported { .. } => *started && at.is_some(),
            SagaEvent::ChargeReported { .. } => *started,
            SagaEvent::LegUnknown { .. } | SagaEvent::LegErrored { .. } => {
                open && (is(Asked) || is(Retrieving))
            }
            SagaEvent::LegDuplicated { locator, .. } => {
                let other = |at: &LegProgress| at.locator.is_some_and(|one| one != locator);
                *started && at.is_some_and(other)
            }
            SagaEvent::DuplicateUnknown { leg, locator } => {
                open && self.extra_is(leg, locator, |extra| extra.asked)
            }
            SagaEvent::DuplicateCancelRequested { leg, locator } => {
                open && self.extra_is(leg, locator, |extra| !extra.asked)
            }
            SagaEvent::DuplicateCancelled { leg, locator } => {
                learns && self.extra_is(leg, locator, |_| true)
            }
            SagaEvent::ChargeRequested { step: ChargeStep::Query } => open && !charge.querying,
            SagaEvent::ChargeRequested { step } => {
                let captured = charge.capture == Progress::Done;
                let in_turn = match step {
                    ChargeStep::Authorise => !turned_back,
                    ChargeStep::Capture => {
                        charge.authorise == Progress::Done && charge.void != Progress::Done
                    }
                    ChargeStep::Void => turned_back && !captured,
                    ChargeStep::Refund => turned_back && captured,
                    ChargeStep::Contest => charge.rare.dispute == Dispute::Open,
                    ChargeStep::Query | ChargeStep::Dispute => false,
                };
                open && in_turn && charge.may_ask(step)
            }
            SagaEvent::ChargeConfirmed { step } => {
                let asked = !matches!(charge.get(step), Progress::None | Progress::Done);
                *started && step != ChargeStep::Query && asked
            }
            SagaEvent::ChargeDeclined { step } => learns && charge.get(step).is_open(),
            SagaEvent::ChargeUnknown { step } | SagaEvent::ChargeErrored { step } => {
                open && charge.get(step) == Progress::Asked
            }
            any_of!(SagaEvent { .. }: ChargeRetrieved | ChargeMissing) => learns && charge.querying,
            SagaEvent::ChargePending => learns && charge.authorise.is_open(),
            SagaEvent::ChargeLapsed => learns && charge.capture.is_open(),
            SagaEvent::DisputeReported { dispute } => *started && dispute > charge.rare.dispute,
            SagaEvent::FeeKept { .. } => back && charge.refund.may_be_asked(),
            SagaEvent::BookingTold { .. } => open,
            SagaEvent::TellFailed { tell, .. } => open && self.telling.told == Some(tell),
            SagaEvent::ExpiryPostponed { until } => open && until > self.expires_at,
            SagaEvent::ExpiryDue => *started && self.awaited_expiry().is_some(),
            // Its booking was made anew after everything was undone.
            SagaEvent::UndoStarted { reason: Reason::Lost }
                if self.life.end == Some(End::Compensated) =>
            {
                self.life.turned_back == Some(Reason::Lost)
            }
            SagaEvent::UndoStarted { .. } => {
                *started && !handed && !turned_back && self.life.end != Some(End::Compensated)
            }
            SagaEvent::SagaCompleted => {
                let done = |leg: &LegProgress| {
                    leg.step == Ticketed && leg.times.accepted == leg.times.change
                };
                let paid = matches!(charge.rare.dispute, Dispute::None | Dispute::Won);
                forward && paid && self.extras.is_empty() && self.legs.iter().all(done)
            }
            SagaEvent::SagaCompensated { .. } => {
                let undone = self.legs.iter().all(LegProgress::is_undone) && charge.is_undone();
                back && self.extras.is_empty() && undone
            }
            any_of!(SagaEvent: RetryScheduled | RetryDue | SagaResumed | HandedToHuman | LookScheduled) => {
                *started && self.life.allows(event)
            }
        }
    }

    fn extra_is(&self, leg: u8, locator: Locator, holds: impl Fn(&Extra) -> bool) -> bool {
        let named = |extra: &&Extra| (extra.leg, extra.locator) == (leg, locator);
        self.extras.iter().find(named).is_some_and(holds)
    }
}
