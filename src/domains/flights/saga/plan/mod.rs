//! The next record of a saga: a function of its state, its booking's state, and the time.
//!
//! Forward: hold each leg in order, wait for the customer to pay, have the money reserved and captured, have
//! each leg issued. Back: end the booking first, so that it cannot be paid for any more, then cancel every
//! leg that was ever asked for, then give the money back. The steps with money are in [`money`].

use super::learn::{begin, learn};
use super::{Doing, Extra, LegProgress, LegStep, Saga, TIMER_EXPIRY};
use crate::domains::flights::booking::{Booking, Funds, Seats};
use crate::domains::flights::defects::{
    CANCEL_KILLS_COMPENSATION, COMPENSATION_AFTER_SUCCESS, EXPIRY_FREES_SOLD_SEAT,
    ISSUE_BEFORE_CAPTURE,
};
use crate::domains::flights::event::{Reason, SagaEvent, Tell, Trouble};
use crate::domains::flights::payment::Dispute;
use crate::domains::flights::setup::Flights;
use crate::kernel::Instant;
use crate::model::Stimulus;
use crate::saga::{Course, Draft, End, Progress};

mod money;

/// If a vendor does not answer a hold in time, the booking and our seats are released at once; what the
/// vendor may hold is retrieved and undone afterwards.
const SILENCES_HOLD_MAX: u8 = 1;
/// A vendor that fails at a hold does answer, and gets more chances.
const DOUBTS_HOLD_MAX: u8 = 3;
/// After this many silences on the way to a paid ticket the saga turns back.
const SILENCES_FORWARD_MAX: u8 = 5;
/// After this many silences where only an answer helps, the saga is handed to an operator.
const SILENCES_MAX: u8 = 12;

/// What the saga records next.
pub(crate) fn react(
    flights: &Flights,
    saga: &Saga,
    subject: &Booking,
    stimulus: &Stimulus<'_, Flights>,
    now: Instant,
) -> Vec<SagaEvent> {
    let mut draft = Draft::woken(saga, stimulus, now);
    if !saga.started {
        match (stimulus, subject.seats) {
            (Stimulus::Reported(replies), Seats::None) => {
                begin(flights, replies, now).into_iter().for_each(|record| draft.record(record));
            }
            (_, Seats::None) => return Vec::new(),
            (Stimulus::Reported(_), _) => draft.record(start(subject)),
            _ => {}
        }
    }
    learn(&mut draft, flights, stimulus);
    draft.wake();
    draft.settle(|draft| {
        let saga = &draft.saga;
        let expiry_due = saga.expiry_at.is_none_or(|at| draft.is_due(TIMER_EXPIRY, at));
        let next = Planner { flights, saga, subject, expiry_due }.next();
        // The timer does not fire again. If the saga is busy with something else, it must remember that.
        let fired = draft.fired(TIMER_EXPIRY) && saga.awaited_expiry().is_some();
        next.or_else(|| fired.then_some(SagaEvent::ExpiryDue))
    })
}

struct Planner<'a> {
    flights: &'a Flights,
    saga: &'a Saga,
    subject: &'a Booking,
    expiry_due: bool,
}

impl Planner<'_> {
    fn next(&self) -> Option<SagaEvent> {
        let Self { saga, subject, .. } = *self;
        if !saga.started {
            return Some(start(subject));
        }
        match saga.life.end {
            None => {}
            Some(End::Completed) if subject.is_over() => return Some(turn_back(why_over(subject))),
            // A client has sent its command again, after the first booking was lost and undone.
            Some(End::Compensated)
                if saga.life.turned_back == Some(Reason::Lost) && subject.seats == Seats::Held =>
            {
                return Some(turn_back(Reason::Lost));
            }
            Some(End::Completed | End::Compensated | End::HandedToHuman(_)) => return None,
        }
        if let Some(record) = self.cancel_extras().or_else(|| self.contest()) {
            return Some(record);
        }
        match saga.life.turned_back {
            None if subject.seats == Seats::Cancelled
                && self.flights.has(&CANCEL_KILLS_COMPENSATION) =>
            {
                Some(SagaEvent::SagaCompleted)
            }
            None if subject.is_over() => Some(turn_back(why_over(subject))),
            None => self.forward(),
            // Without a booking there is nothing to end first.
            Some(reason) if subject.is_over() || subject.seats == Seats::None => self.undo(reason),
            Some(reason) => self.end_booking(reason),
        }
    }

    /// Duplicates are cancelled while everything else goes on; only the end waits for that.
    fn cancel_extras(&self) -> Option<SagaEvent> {
        let extra = self.saga.extras.iter().find(|extra| !extra.asked)?;
        let Extra { leg, locator, silences, .. } = *extra;
        if silences >= SILENCES_MAX {
            return Some(unreachable_vendor(leg));
        }
        self.unless_resting(SagaEvent::DuplicateCancelRequested { leg, locator })
    }

    // ---- forward

    fn forward(&self) -> Option<SagaEvent> {
        let Self { saga, subject, .. } = *self;
        if self.is_ahead() {
            return Some(turn_back(Reason::Lost));
        }
        let may_expire = subject.is_untaken() || self.flights.has(&EXPIRY_FREES_SOLD_SEAT);
        if self.expiry_due && subject.seats == Seats::Held && may_expire {
            return self.tell(Tell::Expire);
        }
        if self.is_charged_back() {
            return Some(turn_back(Reason::ChargedBack));
        }
        if let Some(record) = self.follow_times() {
            return Some(record);
        }
        for (leg, at) in (0..).zip(&saga.legs) {
            use LegStep::*;
            return match (at.step, at.doing) {
                (Held | Ticketed, _) => continue,
                (Planned, _) | (Absent, Doing::Hold) => Some(SagaEvent::LegHoldRequested { leg }),
                (Asked | Retrieving, _) => None,
                (Unknown, Doing::Hold) if at.silences >= SILENCES_HOLD_MAX => {
                    Some(turn_back(Reason::VendorSilent))
                }
                (Unknown, Doing::Hold | Doing::Cancel | Doing::Refund) => {
                    self.retrieve(leg, at, DOUBTS_HOLD_MAX, turn_back(Reason::VendorSilent))
                }
                // An issued ticket is not given up because of a question.
                (Unknown, Doing::Issue) if at.ticket.is_some() => {
                    self.retrieve(leg, at, SILENCES_MAX, unreachable_vendor(leg))
                }
                (Unknown, Doing::Issue) => {
                    self.retrieve(leg, at, SILENCES_FORWARD_MAX, turn_back(Reason::IssueFailed))
                }
                (Withdrawn, _) => Some(turn_back(Reason::FlightCancelled)),
                (Refused, _) => Some(turn_back(Reason::VendorRefused)),
                // Given back in events that are lost.
                (Absent, _) if subject.seats == Seats::Ticketed => Some(turn_back(Reason::Lost)),
                (NotIssued | VoidRefused | Cancelled, _)
                | (Absent, Doing::Issue | Doing::Cancel | Doing::Refund) => {
                    Some(turn_back(Reason::IssueFailed))
                }
            };
        }
        match (subject.seats, subject.funds) {
            (Seats::Ticketed, _) if !self.has_followed_times() || !saga.extras.is_empty() => None,
            (Seats::Ticketed, _) if saga.charge.rare.dispute == Dispute::Open => {
                self.await_decision()
            }
            (Seats::Ticketed, _) => Some(SagaEvent::SagaCompleted),
            (_, Funds::Requested) => self.authorise(),
            (_, Funds::Authorized) => self.tell(Tell::StartCapture),
            (_, Funds::Capturing)
                if saga.charge.capture == Progress::Asked
                    && self.flights.has(&ISSUE_BEFORE_CAPTURE) =>
            {
                self.issue()
            }
            (_, Funds::Capturing) => self.capture(),
            (_, Funds::Captured) => self.issue(),
            (
                _,
                any_of!(Funds: Untouched | Failed | Voided | Refunding | Refunded | ChargedBack),
            ) => None,
        }
    }

    /// A vendor that moved its flight is told that we accept, and the booking is told of the new times.
    /// Everything else goes on meanwhile.
    fn follow_times(&self) -> Option<SagaEvent> {
        let Self { saga, subject, .. } = *self;
        (0..).zip(&saga.legs).find_map(|(leg, at)| {
            let times = &at.times;
            let accept = match times.accepted < times.change && times.asked == 0 {
                true if times.silences >= SILENCES_MAX => Some(unreachable_vendor(leg)),
                true => self.unless_resting(SagaEvent::LegAcceptRequested { leg }),
                false => None,
            };
            let tell = Tell::Rescheduled { leg, change: times.change };
            accept.or_else(|| if shows(subject, tell) { None } else { self.tell(tell) })
        })
    }

    fn has_followed_times(&self) -> bool {
        (0..).zip(&self.saga.legs).all(|(number, leg): (u8, _)| {
            let tell = Tell::Rescheduled { leg: number, change: leg.times.change };
            leg.times.accepted == leg.times.change && shows(self.subject, tell)
        })
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
                any_of!(Reason: VendorRefused | VendorSilent | PaymentDeclined | ProviderSilent
                | IssueFailed | Cancelled | FlightCancelled | ChargedBack | Bumped | Lost),
            ) => self.tell(Tell::Release(reason)),
        }
    }

    fn undo(&self, reason: Reason) -> Option<SagaEvent> {
        let mut waiting = !self.saga.extras.is_empty();
        for (leg, at) in (0..).zip(&self.saga.legs) {
            use LegStep::*;
            let record = match at.step {
                Planned | Absent | Refused | Cancelled => continue,
                Asked | Retrieving => None,
                Unknown if self.flights.has(&COMPENSATION_AFTER_SUCCESS) => continue,
                Unknown => self.retrieve(leg, at, SILENCES_MAX, unreachable_vendor(leg)),
                VoidRefused => Some(SagaEvent::LegRefundRequested { leg }),
                Held | Ticketed | NotIssued | Withdrawn => {
                    Some(SagaEvent::LegCancelRequested { leg })
                }
            };
            if record.is_some() {
                return record;
            }
            waiting = true;
        }
        let taken = self.saga.charge.capture == Progress::Done;
        match if taken { self.refund(waiting) } else { self.void() } {
            Course::Next(record) => Some(record),
            Course::Waits => None,
            Course::Finished if waiting => None,
            Course::Finished => Some(SagaEvent::SagaCompensated { reason }),
        }
    }

    // ---- asking

    /// Asks a silent vendor what it has, before anything else; after `limit` doubts, gives up.
    fn retrieve(
        &self,
        leg: u8,
        at: &LegProgress,
        limit: u8,
        given_up: SagaEvent,
    ) -> Option<SagaEvent> {
        if at.doubts() >= limit {
            return Some(given_up);
        }
        self.unless_resting(SagaEvent::LegRetrieveRequested { leg })
    }

    fn unless_resting(&self, record: SagaEvent) -> Option<SagaEvent> {
        self.saga.life.resting.is_none().then_some(record)
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

/// The first event of the saga of a booking.
fn start(subject: &Booking) -> SagaEvent {
    let (flights, price) = (subject.legs.flights(), subject.legs.price());
    SagaEvent::SagaStarted { flights, price, expires_at: subject.expires_at }
}

const fn unreachable_vendor(leg: u8) -> SagaEvent {
    SagaEvent::HandedToHuman { trouble: Trouble::VendorUnreachable { leg } }
}

const fn turn_back(reason: Reason) -> SagaEvent {
    SagaEvent::UndoStarted { reason }
}

/// Why a booking returned its seats.
fn why_over(subject: &Booking) -> Reason {
    match subject.seats {
        Seats::Expired => Reason::Expired,
        Seats::Released => subject.released.unwrap_or(Reason::Cancelled),
        any_of!(Seats: None | Held | Ticketed | Cancelled) => Reason::Cancelled,
    }
}

/// Whether the booking's state shows that it accepted what it was told.
fn shows(subject: &Booking, tell: Tell) -> bool {
    match tell {
        Tell::Authorized => subject.funds >= Funds::Authorized,
        Tell::StartCapture => subject.funds >= Funds::Capturing,
        Tell::Captured => subject.funds >= Funds::Captured,
        Tell::Ticketed => subject.seats >= Seats::Ticketed,
        Tell::PaymentFailed(attempt) => subject.attempt > attempt,
        Tell::Voided => subject.funds >= Funds::Voided,
        Tell::Expire | Tell::Release(_) => subject.is_over(),
        Tell::StartRefund => subject.funds >= Funds::Refunding,
        Tell::Refunded => subject.funds >= Funds::Refunded,
        Tell::ChargedBack => subject.funds >= Funds::ChargedBack,
        Tell::Rescheduled { leg, change } => {
            subject.is_over() || subject.changes[usize::from(leg)] >= change
        }
    }
}
