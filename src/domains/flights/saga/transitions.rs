//! The saga's life cycle as a table, written down apart from its plan: which record may follow which
//! state. The plan asks what to do next; this asks what could ever be right.

use super::{Charge, Doing, Extra, LegProgress, LegStep, Saga};
use crate::domains::flights::event::{ChargeStep, SagaEvent};
use crate::domains::flights::ids::Locator;
use crate::saga::{End, Progress};

impl Saga {
    /// Whether the life cycle allows the record.
    pub fn is_legal_transition(&self, event: &SagaEvent) -> bool {
        let open = self.started && self.life.is_open();
        let handed = self.life.handed_over().is_some();
        // While a person is to look at it, it learns and asks nothing.
        let learns = open || self.started && handed;
        match event {
            SagaEvent::SagaStarted { flights, .. } => !self.started && !flights.is_empty(),
            SagaEvent::LegHoldRequested { leg } => {
                open && self.life.turned_back.is_none()
                    && self.leg_is(*leg, |at| {
                        matches!(at.step, LegStep::Planned | LegStep::Absent)
                            && at.doing == Doing::Hold
                    })
            }
            SagaEvent::LegIssueRequested { leg } => {
                open && self.life.turned_back.is_none()
                    && self.charge.capture == Progress::Done
                    && self.leg_is(*leg, |at| at.step == LegStep::Held)
            }
            SagaEvent::LegCancelRequested { leg } => {
                open && self.life.turned_back.is_some()
                    && self.leg_is(*leg, |at| {
                        matches!(
                            at.step,
                            LegStep::Held
                                | LegStep::Ticketed
                                | LegStep::NotIssued
                                | LegStep::Withdrawn
                        )
                    })
            }
            SagaEvent::LegRefundRequested { leg } => {
                open && self.life.turned_back.is_some()
                    && self.leg_is(*leg, |at| at.step == LegStep::VoidRefused)
            }
            SagaEvent::LegVoidRefused { leg } => {
                learns && self.leg_is(*leg, |at| at.is_open() && at.doing == Doing::Cancel)
            }
            SagaEvent::LegWithdrawn { leg, .. } => {
                self.started
                    && self.leg_is(*leg, |at| {
                        at.may_travel()
                            || matches!(at.step, LegStep::NotIssued | LegStep::VoidRefused)
                    })
            }
            SagaEvent::LegRescheduled { leg, change, .. } => {
                self.started
                    && self.life.turned_back.is_none()
                    && self.leg_is(*leg, |at| at.may_travel() && *change > at.times.change)
            }
            SagaEvent::LegAcceptRequested { leg } => {
                open && self.life.turned_back.is_none()
                    && self.leg_is(*leg, |at| {
                        at.times.asked == 0 && at.times.accepted < at.times.change
                    })
            }
            SagaEvent::LegAcceptUnknown { leg } => {
                open && self.leg_is(*leg, |at| at.times.asked > 0)
            }
            SagaEvent::LegAccepted { leg, change } => {
                learns
                    && self.leg_is(*leg, |at| {
                        *change > at.times.accepted && *change <= at.times.change
                    })
            }
            SagaEvent::LegRetrieveRequested { leg } => {
                open && self.leg_is(*leg, |at| at.step == LegStep::Unknown)
            }
            SagaEvent::LegHeld { leg, .. } => {
                self.started
                    && self.leg_is(*leg, |at| {
                        !matches!(at.step, LegStep::Planned | LegStep::Held | LegStep::Ticketed)
                    })
            }
            SagaEvent::LegIssued { leg, .. } => {
                self.started
                    && self
                        .leg_is(*leg, |at| !matches!(at.step, LegStep::Planned | LegStep::Ticketed))
            }
            SagaEvent::LegHoldRefused { leg } => learns && self.leg_is(*leg, LegProgress::is_open),
            SagaEvent::LegIssueRefused { leg } => learns && self.leg_is(*leg, LegProgress::is_open),
            SagaEvent::LegAbsent { leg } => {
                learns && self.leg_is(*leg, |at| at.step == LegStep::Retrieving)
            }
            SagaEvent::LegCancelled { leg } => {
                learns
                    && self.leg_is(*leg, |at| {
                        at.is_open() && matches!(at.doing, Doing::Cancel | Doing::Refund)
                    })
            }
            SagaEvent::LegDoubted { leg } => !handed && self.leg_is(*leg, |at| at.can_be_doubted()),
            SagaEvent::LegUnknown { leg } | SagaEvent::LegErrored { leg } => {
                open && self
                    .leg_is(*leg, |at| matches!(at.step, LegStep::Asked | LegStep::Retrieving))
            }
            SagaEvent::LegDuplicated { leg, locator } => {
                self.started
                    && self.leg_is(*leg, |at| at.locator.is_some_and(|one| one != *locator))
            }
            SagaEvent::DuplicateUnknown { leg, locator } => {
                open && self.extra_is(*leg, *locator, |extra| extra.asked)
            }
            SagaEvent::DuplicateCancelRequested { leg, locator } => {
                open && self.extra_is(*leg, *locator, |extra| !extra.asked)
            }
            SagaEvent::DuplicateCancelled { leg, locator } => {
                learns && self.extra_is(*leg, *locator, |_| true)
            }
            SagaEvent::ChargeRequested { step } => {
                open && match step {
                    ChargeStep::Query => !self.charge.querying,
                    ChargeStep::Authorise => {
                        self.life.turned_back.is_none() && self.charge.authorise.may_be_asked()
                    }
                    ChargeStep::Capture => {
                        self.charge.authorise == Progress::Done
                            && self.charge.void != Progress::Done
                            && self.charge.capture.may_be_asked()
                    }
                    ChargeStep::Void => {
                        self.life.turned_back.is_some()
                            && self.charge.capture != Progress::Done
                            && self.charge.void.may_be_asked()
                    }
                    ChargeStep::Refund => {
                        self.life.turned_back.is_some()
                            && self.charge.capture == Progress::Done
                            && self.charge.refund.may_be_asked()
                    }
                }
            }
            SagaEvent::ChargeConfirmed { step } => {
                self.started
                    && *step != ChargeStep::Query
                    && !matches!(self.charge.get(*step), Progress::None | Progress::Done)
            }
            SagaEvent::ChargeDeclined { step } => learns && self.charge.get(*step).is_open(),
            SagaEvent::ChargeUnknown { step } | SagaEvent::ChargeErrored { step } => {
                open && self.charge.get(*step) == Progress::Asked
            }
            SagaEvent::ChargeRetrieved { .. } => learns && self.charge.querying,
            SagaEvent::BookingTold { .. } => open,
            SagaEvent::TellFailed { tell, .. } => open && self.telling.told == Some(*tell),
            SagaEvent::ExpiryPostponed { until } => open && *until > self.expires_at,
            SagaEvent::UndoStarted { .. } => {
                self.started
                    && !handed
                    && self.life.turned_back.is_none()
                    && self.life.end != Some(End::Compensated)
            }
            SagaEvent::SagaCompleted => {
                open && self.life.turned_back.is_none()
                    && self.extras.is_empty()
                    && self.legs.iter().all(|leg| {
                        leg.step == LegStep::Ticketed && leg.times.accepted == leg.times.change
                    })
            }
            SagaEvent::SagaCompensated { .. } => {
                open && self.life.turned_back.is_some()
                    && self.extras.is_empty()
                    && self.legs.iter().all(LegProgress::is_undone)
                    && self.charge.is_undone()
            }
            SagaEvent::RetryScheduled { .. }
            | SagaEvent::RetryDue
            | SagaEvent::SagaResumed
            | SagaEvent::HandedToHuman { .. }
            | SagaEvent::LookScheduled { .. } => self.started && self.life.allows(event),
        }
    }

    fn extra_is(&self, leg: u8, locator: Locator, holds: impl Fn(&Extra) -> bool) -> bool {
        let named = |extra: &&Extra| (extra.leg, extra.locator) == (leg, locator);
        self.extras.iter().find(named).is_some_and(holds)
    }

    fn leg_is(&self, leg: u8, holds: impl Fn(&LegProgress) -> bool) -> bool {
        self.legs.get(usize::from(leg)).is_some_and(holds)
    }
}

impl LegProgress {
    /// Whether nothing of it is left at the vendor.
    fn is_undone(&self) -> bool {
        match self.step {
            LegStep::Planned | LegStep::Absent | LegStep::Refused | LegStep::Cancelled => true,
            LegStep::Asked
            | LegStep::Unknown
            | LegStep::Retrieving
            | LegStep::Held
            | LegStep::NotIssued
            | LegStep::Ticketed
            | LegStep::Withdrawn
            | LegStep::VoidRefused => false,
        }
    }
}

impl Charge {
    /// Whether the customer has all their money, and nothing of it can move any more.
    fn is_undone(&self) -> bool {
        let free = matches!(self.authorise, Progress::None | Progress::Declined)
            || self.void == Progress::Done;
        if self.capture == Progress::Done { self.refund == Progress::Done } else { free }
    }
}
