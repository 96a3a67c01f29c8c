//! What a saga wants next: a function of what it knows, what its booking says, and the time.
//!
//! Forward: hold each leg in order, wait for the customer to pay, have the money reserved and taken,
//! have each leg issued. Back: end the booking first, so that nobody pays for it any more, then cancel
//! every leg that was ever asked for, then give the money back.

use super::react::Draft;
use super::{
    Doing, End, Extra, LOOKS_MAX, LegProgress, LegStep, Movement, Saga, TIMER_EXPIRY, TIMER_LOOK,
    TIMER_RETRY,
};
use crate::domains::flights::booking::{Booking, Funds, Seats};
use crate::domains::flights::event::{ChargeStep, Reason, SagaEvent, Tell, Trouble};
use crate::domains::flights::setup::Flights;
use crate::kernel::{Instant, Span};
use crate::model::Stimulus;

/// A vendor that does not answer a hold in time: the customer is let go at once, our seats with them,
/// and what the vendor may hold is found and undone afterwards.
const SILENCES_HOLD_MAX: u8 = 1;
/// A vendor that fails at a hold answers at least, and is given some more chances.
const DOUBTS_HOLD_MAX: u8 = 3;
/// After so many silences on the way to a paid ticket the saga turns back.
const SILENCES_FORWARD_MAX: u8 = 5;
/// After so many silences where only an answer helps, a person has to look at it.
const SILENCES_MAX: u8 = 12;
/// After the booking refused so often what it is told, a person has to look at it.
const FAILED_TELLS_MAX: u8 = 10;
/// Pauses double up to 64 seconds.
pub(super) const DOUBLINGS_MAX: u32 = 6;
/// How soon a person has worked through their list.
const LOOK_AFTER: Span = Span::from_secs(10 * 60);
/// More records at once than any plan makes.
const RECORDS_MAX: usize = 64;

pub(super) fn plan(
    draft: &mut Draft,
    subject: &Booking,
    stimulus: &Stimulus<'_, Flights>,
    now: Instant,
) {
    // Timers and sagas may go by different clocks: whoever is told that it is time believes it.
    let due = |timer| matches!(stimulus, Stimulus::Due(fired) if *fired == timer);
    if draft.saga.resting.is_some_and(|until| now >= until || due(TIMER_RETRY))
        && draft.saga.end.is_none()
    {
        draft.record(SagaEvent::RetryDue);
    }
    // A person knows no more than the saga does; but by now whoever was silent may have come back.
    if draft.saga.look_at.is_some_and(|at| now >= at || due(TIMER_LOOK)) {
        draft.record(SagaEvent::SagaResumed);
    }
    loop {
        let expiry_due = now >= draft.saga.expiry_at || due(TIMER_EXPIRY);
        let Some(record) = (Planner { saga: &draft.saga, subject, expiry_due }).next() else {
            return;
        };
        let handed = matches!(record, SagaEvent::HandedToHuman { .. });
        draft.record(record);
        if handed && draft.saga.looks < LOOKS_MAX {
            draft.record(SagaEvent::LookScheduled { at: now + LOOK_AFTER });
        }
        assert!(draft.records.len() < RECORDS_MAX, "a saga's plan comes to rest");
    }
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
        match saga.end {
            None => {}
            Some(End::Completed) if subject.is_over() => return Some(turn_back(Reason::Cancelled)),
            Some(End::Completed | End::Compensated | End::HandedToHuman(_)) => return None,
        }
        if let Some(record) = self.cancel_extras() {
            return Some(record);
        }
        match saga.undoing {
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
        let resting = self.saga.resting.is_some();
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
                if saga.resting.is_none() {
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
            Movement::None | Movement::Absent => charge(ChargeStep::Authorise),
            Movement::Asked => None,
            Movement::Unknown => {
                self.query(SILENCES_FORWARD_MAX, || turn_back(Reason::ProviderSilent))
            }
            Movement::Done => self.tell(Tell::Authorized),
            Movement::Declined => self.tell(Tell::PaymentFailed),
        }
    }

    /// The booking is claimed for capture: nothing else can happen to it until the outcome is known.
    fn capture(&self) -> Option<SagaEvent> {
        match self.saga.charge.capture {
            Movement::None | Movement::Absent => charge(ChargeStep::Capture),
            Movement::Asked => None,
            Movement::Unknown => self.query_or_hand_over(),
            Movement::Done => self.tell(Tell::Captured),
            Movement::Declined => self.tell(Tell::PaymentFailed),
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
        let taken = self.saga.charge.capture == Movement::Done;
        match if taken { self.refund(waiting) } else { self.set_free() } {
            Undo::Next(record) => Some(record),
            Undo::Waits => None,
            Undo::Finished if waiting => None,
            Undo::Finished => Some(SagaEvent::SagaCompensated { reason }),
        }
    }

    /// Money that was taken is given back, once no vendor has anything of ours any more.
    fn refund(&self, waiting: bool) -> Undo {
        if waiting {
            return Undo::Waits;
        }
        if self.subject.funds == Funds::Captured {
            return Undo::from(self.tell(Tell::StartRefund));
        }
        match self.saga.charge.refund {
            Movement::None | Movement::Absent => Undo::from(charge(ChargeStep::Refund)),
            Movement::Asked => Undo::Waits,
            Movement::Unknown => Undo::from(self.query_or_hand_over()),
            Movement::Declined => declined(ChargeStep::Refund),
            Movement::Done if self.subject.funds == Funds::Refunding => {
                Undo::from(self.tell(Tell::Refunded))
            }
            Movement::Done => Undo::Finished,
        }
    }

    /// A reservation is set free, even one that the provider has not heard of: it may still arrive.
    fn set_free(&self) -> Undo {
        let charge_now = self.saga.charge;
        match charge_now.authorise {
            Movement::None | Movement::Declined => return Undo::Finished,
            Movement::Asked => return Undo::Waits,
            Movement::Unknown => return Undo::from(self.query_or_hand_over()),
            Movement::Absent | Movement::Done => {}
        }
        match charge_now.void {
            Movement::None | Movement::Absent => Undo::from(charge(ChargeStep::Void)),
            Movement::Asked => Undo::Waits,
            Movement::Unknown => Undo::from(self.query_or_hand_over()),
            Movement::Declined => declined(ChargeStep::Void),
            Movement::Done if self.subject.funds == Funds::Authorized => {
                Undo::from(self.tell(Tell::Voided))
            }
            Movement::Done => Undo::Finished,
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
        let resting = self.saga.resting.is_some();
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
        self.saga
            .resting
            .is_none()
            .then_some(SagaEvent::ChargeRequested { step: ChargeStep::Query })
    }

    fn query_or_hand_over(&self) -> Option<SagaEvent> {
        let trouble = Trouble::ProviderUnreachable;
        self.query(SILENCES_MAX, || SagaEvent::HandedToHuman { trouble })
    }

    /// Tells the booking something, unless it is still being told something else.
    fn tell(&self, tell: Tell) -> Option<SagaEvent> {
        if self.saga.telling.is_some_and(|told| !shows(self.subject, told)) {
            return None;
        }
        if self.saga.failed_tells >= FAILED_TELLS_MAX {
            return Some(SagaEvent::HandedToHuman { trouble: Trouble::BookingUnreachable(tell) });
        }
        Some(SagaEvent::BookingTold { tell })
    }
}

/// How far an undoing is.
enum Undo {
    Next(SagaEvent),
    Waits,
    Finished,
}

impl From<Option<SagaEvent>> for Undo {
    fn from(record: Option<SagaEvent>) -> Self {
        record.map_or(Self::Waits, Self::Next)
    }
}

fn charge(step: ChargeStep) -> Option<SagaEvent> {
    Some(SagaEvent::ChargeRequested { step })
}

fn declined(step: ChargeStep) -> Undo {
    Undo::Next(SagaEvent::HandedToHuman { trouble: Trouble::UndoDeclined(step) })
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
