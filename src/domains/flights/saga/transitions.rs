//! The saga's life cycle as a table, written down apart from its plan: which record may follow which
//! state. The plan asks what to do next; this asks what could ever be right.

use super::{Charge, Doing, End, Extra, LegProgress, LegStep, Movement, Saga};
use crate::domains::flights::event::{ChargeStep, SagaEvent};
use crate::domains::flights::ids::Locator;

impl Saga {
    /// Whether the life cycle allows the record.
    pub fn is_legal_transition(&self, event: &SagaEvent) -> bool {
        let ended = self.end.is_some();
        let handed = matches!(self.end, Some(End::HandedToHuman(_)));
        // While a person is to look at it, it learns and asks nothing.
        let learns = self.started && (!ended || handed);
        let open = self.started && !ended;
        match event {
            SagaEvent::SagaStarted { flights, .. } => !self.started && !flights.is_empty(),
            SagaEvent::LegHoldRequested { leg } => {
                open && self.undoing.is_none()
                    && self.leg_is(*leg, |at| {
                        matches!(at.step, LegStep::Planned | LegStep::Absent)
                            && at.doing == Doing::Hold
                    })
            }
            SagaEvent::LegIssueRequested { leg } => {
                open && self.undoing.is_none()
                    && self.charge.capture == Movement::Done
                    && self.leg_is(*leg, |at| at.step == LegStep::Held)
            }
            SagaEvent::LegCancelRequested { leg } => {
                open && self.undoing.is_some()
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
                open && self.undoing.is_some()
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
                    && self.undoing.is_none()
                    && self.leg_is(*leg, |at| at.may_travel() && *change > at.times.change)
            }
            SagaEvent::LegAcceptRequested { leg } => {
                open && self.undoing.is_none()
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
                        self.undoing.is_none() && self.charge.authorise.may_be_asked()
                    }
                    ChargeStep::Capture => {
                        self.charge.authorise == Movement::Done
                            && self.charge.void != Movement::Done
                            && self.charge.capture.may_be_asked()
                    }
                    ChargeStep::Void => {
                        self.undoing.is_some()
                            && self.charge.capture != Movement::Done
                            && self.charge.void.may_be_asked()
                    }
                    ChargeStep::Refund => {
                        self.undoing.is_some()
                            && self.charge.capture == Movement::Done
                            && self.charge.refund.may_be_asked()
                    }
                }
            }
            SagaEvent::ChargeConfirmed { step } => {
                self.started
                    && *step != ChargeStep::Query
                    && !matches!(self.charge.get(*step), Movement::None | Movement::Done)
            }
            SagaEvent::ChargeDeclined { step } => {
                learns && matches!(self.charge.get(*step), Movement::Asked | Movement::Unknown)
            }
            SagaEvent::ChargeUnknown { step } | SagaEvent::ChargeErrored { step } => {
                open && self.charge.get(*step) == Movement::Asked
            }
            SagaEvent::ChargeRetrieved { .. } => learns && self.charge.querying,
            SagaEvent::BookingTold { .. } => open,
            SagaEvent::TellFailed { tell, .. } => open && self.telling == Some(*tell),
            SagaEvent::ExpiryPostponed { until } => open && *until > self.expires_at,
            SagaEvent::UndoStarted { .. } => {
                self.started
                    && !handed
                    && self.undoing.is_none()
                    && self.end != Some(End::Compensated)
            }
            SagaEvent::RetryScheduled { .. } => open && self.resting.is_none(),
            SagaEvent::RetryDue => open && self.resting.is_some(),
            SagaEvent::SagaResumed => open || self.look_at.is_some(),
            SagaEvent::SagaCompleted => {
                open && self.undoing.is_none()
                    && self.extras.is_empty()
                    && self.legs.iter().all(|leg| {
                        leg.step == LegStep::Ticketed && leg.times.accepted == leg.times.change
                    })
            }
            SagaEvent::SagaCompensated { .. } => {
                open && self.undoing.is_some()
                    && self.extras.is_empty()
                    && self.legs.iter().all(LegProgress::is_undone)
                    && self.charge.is_undone()
            }
            SagaEvent::HandedToHuman { .. } => open,
            SagaEvent::LookScheduled { .. } => handed && self.look_at.is_none(),
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

impl Movement {
    const fn may_be_asked(self) -> bool {
        matches!(self, Self::None | Self::Absent)
    }
}

impl Charge {
    /// Whether the customer has all their money, and nothing of it can move any more.
    fn is_undone(&self) -> bool {
        let free = matches!(self.authorise, Movement::None | Movement::Declined)
            || self.void == Movement::Done;
        if self.capture == Movement::Done { self.refund == Movement::Done } else { free }
    }
}
