//! What a saga wants next: a function of what it knows, what its booking says, and the time.
//!
//! Forward: hold each leg in order, wait for the customer to pay, have the money reserved and taken,
//! have each leg issued. Back: end the booking first, so that nobody pays for it any more, then cancel
//! every leg that was ever asked for, then give the money back.

use super::learn::learn;
use super::{Doing, Extra, LegProgress, LegStep, Saga, TIMER_EXPIRY};
use crate::domains::flights::booking::{Booking, Funds, Seats};
use crate::domains::flights::event::{ChargeStep, Reason, SagaEvent, Tell, Trouble};
use crate::domains::flights::setup::Flights;
use crate::kernel::Instant;
use crate::model::Stimulus;
use crate::saga::{Course, Draft, End, Progress};

/// A vendor that does not answer a hold in time: the customer is let go at once, our seats with them,
/// and what the vendor may hold is found and undone afterwards.
const SILENCES_HOLD_MAX: u8 = 1;
/// A vendor that fails at a hold answers at least, and is given some more chances.
const DOUBTS_HOLD_MAX: u8 = 3;
/// After so many silences on the way to a paid ticket the saga turns back.
const SILENCES_FORWARD_MAX: u8 = 5;
/// After so many silences where only an answer helps, a person has to look at it.
const SILENCES_MAX: u8 = 12;
/// What the saga records next.
pub(crate) fn react(
    saga: &Saga,
    subject: &Booking,
    stimulus: &Stimulus<'_, Flights>,
    now: Instant,
) -> Vec<SagaEvent> {
    if !saga.started && subject.seats == Seats::None {
        return Vec::new();
    }
    let mut draft = Draft::woken(saga, stimulus, now);
    learn(&mut draft, stimulus);
    draft.wake();
    draft.settle(|draft| {
        let expiry_due = draft.is_due(TIMER_EXPIRY, draft.saga.expiry_at);
        Planner { saga: &draft.saga, subject, expiry_due }.next()
    })
}

struct Planner<'a> {
    saga: &'a Saga,
    subject: &'a Booking,
    expiry_due: bool,
}

impl Planner<'_> {
    fn next(&self) -> Option<SagaEvent> {
        let Self { saga, subject, .. } = *self;
        if !saga.started {
            let (flights, price) = (subject.legs.flights(), subject.legs.price());
            let expires_at = subject.expires_at;
            return Some(SagaEvent::SagaStarted { flights, price, expires_at });
        }
        match saga.life.end {
            None => {}
            Some(End::Completed) if subject.is_over() => return Some(turn_back(Reason::Cancelled)),
            Some(End::Completed | End::Compensated | End::HandedToHuman(_)) => return None,
        }
        if let Some(record) = self.cancel_extras() {
            return Some(record);
        }
        match saga.life.turned_back {
            None if subject.is_over() => Some(turn_back(why_over(subject))),
            None => self.forward(),
            Some(reason) if subject.is_over() => self.undo(reason),
            Some(reason) => self.end_booking(reason),
        }
    }

    /// What a vendor has too many of is cancelled beside everything else; only the end waits for it.
    fn cancel_extras(&self) -> Option<SagaEvent> {
        let extra = self.saga.extras.iter().find(|extra| !extra.asked)?;
        let Extra { leg, locator, silences, .. } = *extra;
        if silences >= SILENCES_MAX {
            return Some(SagaEvent::HandedToHuman { trouble: Trouble::VendorUnreachable { leg } });
        }
        let resting = self.saga.life.resting.is_some();
        (!resting).then_some(SagaEvent::DuplicateCancelRequested { leg, locator })
    }

    // ---- forward

    fn forward(&self) -> Option<SagaEvent> {
        let Self { saga, subject, .. } = *self;
        if self.expiry_due && subject.seats == Seats::Held && subject.funds <= Funds::Authorized {
            return self.tell(Tell::Expire);
        }
        if let Some(record) = self.follow_times() {
            return Some(record);
        }
        for (number, leg) in (0..).zip(&saga.legs) {
            match (leg.step, leg.doing) {
                (LegStep::Held | LegStep::Ticketed, _) => {}
                (LegStep::Planned, _) | (LegStep::Absent, Doing::Hold) => {
                    return Some(SagaEvent::LegHoldRequested { leg: number });
                }
                (LegStep::Asked | LegStep::Retrieving, _) => return None,
                (LegStep::Unknown, doing) => {
                    let (silent, limit) = match doing {
                        Doing::Hold if leg.silences >= SILENCES_HOLD_MAX => {
                            return Some(turn_back(Reason::VendorSilent));
                        }
                        Doing::Hold | Doing::Cancel | Doing::Refund => {
                            (Reason::VendorSilent, DOUBTS_HOLD_MAX)
                        }
                        // What is ticketed already is not given up because of a question.
                        Doing::Issue if leg.ticket.is_some() => {
                            let trouble = Trouble::VendorUnreachable { leg: number };
                            return self.retrieve(number, leg, SILENCES_MAX, || {
                                SagaEvent::HandedToHuman { trouble }
                            });
                        }
                        Doing::Issue => (Reason::IssueFailed, SILENCES_FORWARD_MAX),
                    };
                    return self.retrieve(number, leg, limit, || turn_back(silent));
                }
                (LegStep::Withdrawn, _) => return Some(turn_back(Reason::FlightCancelled)),
                (LegStep::Refused, _) => return Some(turn_back(Reason::VendorRefused)),
                (LegStep::NotIssued, _)
                | (LegStep::Absent, Doing::Issue | Doing::Cancel | Doing::Refund)
                | (LegStep::VoidRefused | LegStep::Cancelled, _) => {
                    return Some(turn_back(Reason::IssueFailed));
                }
            }
        }
        match (subject.seats, subject.funds) {
            (Seats::Ticketed, _) if self.has_followed_times() && saga.extras.is_empty() => {
                Some(SagaEvent::SagaCompleted)
            }
            (Seats::Ticketed, _) => None,
            (_, Funds::Requested) => self.authorise(),
            (_, Funds::Authorized) => self.tell(Tell::StartCapture),
            (_, Funds::Capturing) => self.capture(),
            (_, Funds::Captured) => self.issue(),
            (
                _,
                Funds::Untouched
                | Funds::Failed
                | Funds::Voided
                | Funds::Refunding
                | Funds::Refunded,
            ) => None,
        }
    }

    /// A vendor that moved its flight is told that we go along, and so is the booking. Neither holds up
    /// anything else.
    fn follow_times(&self) -> Option<SagaEvent> {
        let Self { saga, subject, .. } = *self;
        for (number, leg) in (0..).zip(&saga.legs) {
            let times = &leg.times;
            if times.accepted < times.change && times.asked == 0 {
                if times.silences >= SILENCES_MAX {
                    let trouble = Trouble::VendorUnreachable { leg: number };
                    return Some(SagaEvent::HandedToHuman { trouble });
                }
                if saga.life.resting.is_none() {
                    return Some(SagaEvent::LegAcceptRequested { leg: number });
                }
            }
            let tell = Tell::Rescheduled { leg: number, change: times.change };
            if !shows(subject, tell)
                && let Some(record) = self.tell(tell)
            {
                return Some(record);
            }
        }
        None
    }

    fn has_followed_times(&self) -> bool {
        (0..).zip(&self.saga.legs).all(|(number, leg): (u8, _)| {
            let tell = Tell::Rescheduled { leg: number, change: leg.times.change };
            leg.times.accepted == leg.times.change && shows(self.subject, tell)
        })
    }

    fn authorise(&self) -> Option<SagaEvent> {
        match self.saga.charge.authorise {
            Progress::None | Progress::Absent => charge(ChargeStep::Authorise),
            Progress::Asked => None,
            Progress::Unknown => {
                self.query(SILENCES_FORWARD_MAX, || turn_back(Reason::ProviderSilent))
            }
            Progress::Done => self.tell(Tell::Authorized),
            Progress::Declined => self.tell(Tell::PaymentFailed),
        }
    }

    /// The booking is claimed for capture: nothing else can happen to it until the outcome is known.
    fn capture(&self) -> Option<SagaEvent> {
        match self.saga.charge.capture {
            Progress::None | Progress::Absent => charge(ChargeStep::Capture),
            Progress::Asked => None,
            Progress::Unknown => self.query_or_hand_over(),
            Progress::Done => self.tell(Tell::Captured),
            Progress::Declined => self.tell(Tell::PaymentFailed),
        }
    }

    fn issue(&self) -> Option<SagaEvent> {
        let held = self.saga.legs.iter().position(|leg| leg.step == LegStep::Held);
        match held {
            Some(leg) => Some(SagaEvent::LegIssueRequested { leg: leg as u8 }),
            None => self.tell(Tell::Ticketed),
        }
    }

    // ---- back

    fn end_booking(&self, reason: Reason) -> Option<SagaEvent> {
        match (self.subject.funds, reason) {
            (Funds::Capturing, _) => self.capture(),
            (_, Reason::Expired) if self.expiry_due => self.tell(Tell::Expire),
            (_, Reason::Expired) => None,
            (
                _,
                Reason::VendorRefused
                | Reason::VendorSilent
                | Reason::PaymentDeclined
                | Reason::ProviderSilent
                | Reason::IssueFailed
                | Reason::Cancelled
                | Reason::FlightCancelled,
            ) => self.tell(Tell::Release(reason)),
        }
    }

    fn undo(&self, reason: Reason) -> Option<SagaEvent> {
        let mut waiting = !self.saga.extras.is_empty();
        for (number, leg) in (0..).zip(&self.saga.legs) {
            match leg.step {
                LegStep::Planned | LegStep::Absent | LegStep::Refused | LegStep::Cancelled => {}
                LegStep::Asked | LegStep::Retrieving => waiting = true,
                LegStep::Unknown => {
                    let trouble = Trouble::VendorUnreachable { leg: number };
                    let asked = self.retrieve(number, leg, SILENCES_MAX, || {
                        SagaEvent::HandedToHuman { trouble }
                    });
                    match asked {
                        Some(record) => return Some(record),
                        None => waiting = true,
                    }
                }
                LegStep::VoidRefused => {
                    return Some(SagaEvent::LegRefundRequested { leg: number });
                }
                LegStep::Held | LegStep::Ticketed | LegStep::NotIssued | LegStep::Withdrawn => {
                    return Some(SagaEvent::LegCancelRequested { leg: number });
                }
            }
        }
        let taken = self.saga.charge.capture == Progress::Done;
        match if taken { self.refund(waiting) } else { self.set_free() } {
            Course::Next(record) => Some(record),
            Course::Waits => None,
            Course::Finished if waiting => None,
            Course::Finished => Some(SagaEvent::SagaCompensated { reason }),
        }
    }

    /// Money that was taken is given back, once no vendor has anything of ours any more.
    fn refund(&self, waiting: bool) -> Course<SagaEvent> {
        if waiting {
            return Course::Waits;
        }
        if self.subject.funds == Funds::Captured {
            return Course::from(self.tell(Tell::StartRefund));
        }
        match self.saga.charge.refund {
            Progress::None | Progress::Absent => Course::from(charge(ChargeStep::Refund)),
            Progress::Asked => Course::Waits,
            Progress::Unknown => Course::from(self.query_or_hand_over()),
            Progress::Declined => declined(ChargeStep::Refund),
            Progress::Done if self.subject.funds == Funds::Refunding => {
                Course::from(self.tell(Tell::Refunded))
            }
            Progress::Done => Course::Finished,
        }
    }

    /// A reservation is set free, even one that the provider has not heard of: it may still arrive.
    fn set_free(&self) -> Course<SagaEvent> {
        let charge_now = self.saga.charge;
        match charge_now.authorise {
            Progress::None | Progress::Declined => return Course::Finished,
            Progress::Asked => return Course::Waits,
            Progress::Unknown => return Course::from(self.query_or_hand_over()),
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

    // ---- asking

    /// Asks a silent vendor what it has, before anything else is asked of it.
    fn retrieve(
        &self,
        number: u8,
        leg: &LegProgress,
        limit: u8,
        given_up: impl FnOnce() -> SagaEvent,
    ) -> Option<SagaEvent> {
        if leg.doubts() >= limit {
            return Some(given_up());
        }
        let resting = self.saga.life.resting.is_some();
        (!resting).then_some(SagaEvent::LegRetrieveRequested { leg: number })
    }

    /// Asks a silent provider how things stand, before anything else is asked of it.
    fn query(&self, limit: u8, given_up: impl FnOnce() -> SagaEvent) -> Option<SagaEvent> {
        if self.saga.charge.querying {
            return None;
        }
        if self.saga.charge.silences >= limit {
            return Some(given_up());
        }
        let resting = self.saga.life.resting.is_some();
        (!resting).then_some(SagaEvent::ChargeRequested { step: ChargeStep::Query })
    }

    fn query_or_hand_over(&self) -> Option<SagaEvent> {
        let trouble = Trouble::ProviderUnreachable;
        self.query(SILENCES_MAX, || SagaEvent::HandedToHuman { trouble })
    }

    /// Tells the booking something, unless it is still being told something else.
    fn tell(&self, tell: Tell) -> Option<SagaEvent> {
        if !self.saga.telling.is_free(|told| shows(self.subject, told)) {
            return None;
        }
        if self.saga.telling.is_hopeless() {
            return Some(SagaEvent::HandedToHuman { trouble: Trouble::BookingUnreachable(tell) });
        }
        Some(SagaEvent::BookingTold { tell })
    }
}

fn charge(step: ChargeStep) -> Option<SagaEvent> {
    Some(SagaEvent::ChargeRequested { step })
}

fn declined(step: ChargeStep) -> Course<SagaEvent> {
    Course::Next(SagaEvent::HandedToHuman { trouble: Trouble::UndoDeclined(step) })
}

const fn turn_back(reason: Reason) -> SagaEvent {
    SagaEvent::UndoStarted { reason }
}

/// Why a booking gave its seats back.
fn why_over(subject: &Booking) -> Reason {
    match subject.seats {
        Seats::Expired => Reason::Expired,
        Seats::Released => subject.released.unwrap_or(Reason::Cancelled),
        Seats::None | Seats::Held | Seats::Ticketed | Seats::Cancelled => Reason::Cancelled,
    }
}

/// Whether the booking shows that it took what it was told.
fn shows(subject: &Booking, tell: Tell) -> bool {
    match tell {
        Tell::Authorized => subject.funds >= Funds::Authorized,
        Tell::StartCapture => subject.funds >= Funds::Capturing,
        Tell::Captured => subject.funds >= Funds::Captured,
        Tell::Ticketed => subject.seats >= Seats::Ticketed,
        Tell::PaymentFailed => subject.funds >= Funds::Failed,
        Tell::Expire | Tell::Release(_) => subject.is_over(),
        Tell::StartRefund => subject.funds >= Funds::Refunding,
        Tell::Refunded => subject.funds >= Funds::Refunded,
        Tell::Voided => subject.funds >= Funds::Failed,
        Tell::Rescheduled { leg, change } => {
            subject.is_over() || subject.changes[usize::from(leg)] >= change
        }
    }
}
