//! The saga of a booking: holds, pays for and issues its legs, or undoes what it asked for.
//!
//! It is level-triggered. What it learns from a stimulus goes into its state ([`learn`]), and what it
//! wants next follows from its state and the booking's alone ([`plan`]): a late or superfluous stimulus
//! leads to the same end. A request is recorded before it is sent.

use arrayvec::ArrayVec;

use super::event::{ChargeStep, Reason, SagaEvent, Tell, Trouble};
use super::ids::{BookingId, FlightIds, LEGS_MAX, Locator, TicketNumbers};
use super::money::{Currency, Money};
use crate::kernel::Instant;
use crate::saga::{End, Life, Progress, Telling};

mod charge;
mod effects;
#[cfg(test)]
mod harness;
mod learn;
mod leg;
mod plan;
#[cfg(test)]
mod stories;
mod transitions;

pub(super) use charge::Charge;
pub(super) use effects::{effects, still_wants};
pub(super) use leg::{Doing, Extra, LegProgress, LegStep, Times};
pub(super) use plan::react;

/// The timer of the hold's end.
pub(crate) const TIMER_EXPIRY: u8 = 0;

/// One saga.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Saga {
    /// The booking that it follows.
    pub booking: BookingId,
    pub started: bool,
    /// The price of the trip.
    pub price: Money,
    /// When the booking's hold expires.
    pub expires_at: Instant,
    /// When the saga next checks that; `None` once this time has come.
    pub expiry_at: Option<Instant>,
    /// The legs at their vendors.
    pub legs: ArrayVec<LegProgress, LEGS_MAX>,
    /// Duplicate orders that the vendors may still have.
    pub extras: Vec<Extra>,
    /// The money at the provider.
    pub charge: Charge,
    /// What the booking was told.
    pub telling: Telling<Tell>,
    /// Its life cycle, and why it turned back, if it did.
    pub life: Life<Trouble, Option<Reason>>,
}

impl Saga {
    /// A saga that has not begun.
    pub fn blank(booking: BookingId, currency: Currency) -> Self {
        Self {
            booking,
            started: false,
            price: Money::zero(currency),
            expires_at: Instant::ZERO,
            expiry_at: None,
            legs: ArrayVec::new_const(),
            extras: Vec::new(),
            charge: Charge::default(),
            telling: Telling::default(),
            life: Life::new(None),
        }
    }

    /// The legs' flights.
    pub fn flights(&self) -> FlightIds {
        self.legs.iter().map(|leg| leg.flight).collect()
    }

    /// The amount of a movement: a refund is of the price without what is kept of it.
    pub(super) fn amount(&self, step: ChargeStep) -> Money {
        let rest = || self.charge.rare.kept.and_then(|kept| self.price.minus(kept));
        let part = if step == ChargeStep::Refund { rest() } else { None };
        part.unwrap_or(self.price)
    }

    /// The tickets, if every leg has one.
    pub fn tickets(&self) -> Option<TicketNumbers> {
        self.legs.iter().map(|leg| leg.ticket).collect()
    }

    /// A late success makes a compensated saga undo again.
    fn reopen(&mut self) {
        if self.life.end == Some(End::Compensated) {
            self.life.go_on();
        }
    }

    /// A change at a vendor makes a completed saga go on.
    fn wake_up(&mut self) {
        if self.life.end == Some(End::Completed) {
            self.life.go_on();
        }
    }

    fn extra(&mut self, leg: u8, locator: Locator) -> Option<&mut Extra> {
        self.extras.iter_mut().find(|extra| (extra.leg, extra.locator) == (leg, locator))
    }

    /// An operator has looked at it: every service gets another chance to answer, or to accept.
    fn start_afresh(&mut self) {
        self.telling = Telling::default();
        self.charge.silences = 0;
        for leg in &mut self.legs {
            (leg.silences, leg.errors, leg.times.silences) = (0, 0, 0);
        }
        self.extras.iter_mut().for_each(|extra| extra.silences = 0);
        for undo in [&mut self.charge.void, &mut self.charge.refund] {
            if *undo == Progress::Declined {
                *undo = Progress::Unknown;
            }
        }
    }

    /// The end of the hold that it still has to wait for.
    pub fn awaited_expiry(&self) -> Option<Instant> {
        let may_expire = matches!(self.life.turned_back, None | Some(Reason::Expired));
        self.expiry_at.filter(|_| self.life.is_open() && may_expire)
    }

    /// Whether it waits for the answer of a service, which it cannot rely on after a restart.
    pub fn awaits_answers(&self) -> bool {
        let asked = |leg: &LegProgress| {
            leg.times.asked > 0 || matches!(leg.step, LegStep::Asked | LegStep::Retrieving)
        };
        let Charge { authorise, capture, void, refund, querying, rare, .. } = self.charge;
        self.legs.iter().any(asked)
            || self.extras.iter().any(|extra| extra.asked)
            || querying
            || [authorise, capture, void, refund, rare.contest].contains(&Progress::Asked)
    }

    /// After a restart no answer of a service can be relied on. Commands to the booking and timers are our
    /// own, and are sent again.
    fn doubt_everything(&mut self) {
        for leg in &mut self.legs {
            if matches!(leg.step, LegStep::Asked | LegStep::Retrieving) {
                leg.step = LegStep::Unknown;
            }
            leg.times.asked = 0;
        }
        self.charge.movements().into_iter().for_each(Progress::doubt);
        self.charge.rare.contest.doubt();
        self.charge.querying = false;
        self.extras.iter_mut().for_each(|extra| extra.asked = false);
    }

    /// Folds in what a record says about its leg alone.
    fn evolve_leg(&mut self, event: &SagaEvent) {
        let leg = event.leg().and_then(|leg| self.legs.get_mut(usize::from(leg)));
        let Some(at) = leg else { return };
        let passed = self.life.passed;
        let times = &mut at.times;
        match *event {
            SagaEvent::LegHoldRequested { .. } => at.ask(Doing::Hold),
            SagaEvent::LegIssueRequested { .. } => at.ask(Doing::Issue),
            SagaEvent::LegCancelRequested { .. } => at.ask(Doing::Cancel),
            SagaEvent::LegRefundRequested { .. } => at.ask(Doing::Refund),
            SagaEvent::LegRetrieveRequested { .. } => {
                at.step = LegStep::Retrieving;
                at.questions = at.questions.wrapping_add(1);
                at.absence.ask(passed);
            }
            SagaEvent::LegMissing { until, .. } => {
                at.step = LegStep::Unknown;
                at.absence.miss(until);
            }
            SagaEvent::LegHeld { locator, .. } => {
                (at.step, at.locator) = (LegStep::Held, Some(locator));
            }
            SagaEvent::LegIssued { locator, ticket, .. } => {
                (at.step, at.locator) = (LegStep::Ticketed, Some(locator));
                at.ticket = Some(ticket);
            }
            SagaEvent::LegHoldRefused { .. } => at.step = LegStep::Refused,
            SagaEvent::LegIssueRefused { .. } => at.step = LegStep::NotIssued,
            SagaEvent::LegAbsent { .. } => at.step = LegStep::Absent,
            SagaEvent::LegVoidRefused { .. } => at.step = LegStep::VoidRefused,
            SagaEvent::LegCancelled { .. } => at.step = LegStep::Cancelled,
            SagaEvent::LegWithdrawn { locator, .. } => {
                (at.step, at.locator) = (LegStep::Withdrawn, Some(locator));
            }
            SagaEvent::LegRescheduled { change, later, .. } => {
                (times.change, times.later) = (change, later);
            }
            SagaEvent::LegAcceptRequested { .. } => times.asked = times.change,
            SagaEvent::LegAcceptUnknown { .. } => {
                (times.asked, times.silences) = (0, times.silences.saturating_add(1));
            }
            SagaEvent::LegAccepted { change, .. } => {
                times.accepted = times.accepted.max(change);
                if times.asked <= change {
                    times.asked = 0;
                }
            }
            SagaEvent::LegDoubted { .. } => {
                (at.step, at.errors) = (LegStep::Unknown, at.errors.saturating_add(1));
                at.absence.forget();
            }
            SagaEvent::LegReported { .. } => {
                at.step = LegStep::Unknown;
                at.absence.forget();
            }
            SagaEvent::LegErrored { .. } => {
                (at.step, at.errors) = (LegStep::Unknown, at.errors.saturating_add(1));
            }
            SagaEvent::LegUnknown { .. } => {
                (at.step, at.silences) = (LegStep::Unknown, at.silences.saturating_add(1));
            }
            any_of!(SagaEvent: LegDuplicated | DuplicateUnknown | DuplicateCancelRequested
                | DuplicateCancelled | SagaStarted | ChargeRequested | ChargeConfirmed | ChargeDeclined
                | ChargeUnknown | ChargeErrored | ChargeRetrieved | ChargeMissing | BookingTold | TellFailed
                | ExpiryPostponed | ExpiryDue | UndoStarted | RetryScheduled | RetryDue | SagaResumed
                | SagaCompleted | SagaCompensated | HandedToHuman | LookScheduled | ChargePending
                | ChargeLapsed | DisputeReported | FeeKept | ChargeReported) => {}
        }
    }
}

impl crate::saga::Saga for Saga {
    type Record = SagaEvent;
    type Turned = Option<Reason>;

    const OWN_TIMERS: u8 = 1;

    fn life(&self) -> &Life<Trouble, Option<Reason>> {
        &self.life
    }

    /// Money that was paid back twice is got back by the operator, and what is missing in a refund is paid by hand: the
    /// provider has one refund for each charge.
    fn is_tried_again(trouble: Trouble) -> bool {
        !matches!(trouble, Trouble::PaidBackTwice | Trouble::RefundedOtherwise)
    }

    fn evolve(&mut self, event: &SagaEvent) {
        let looked = self.life.handed_over().is_some();
        self.life.evolve(event);
        self.evolve_leg(event);
        match *event {
            SagaEvent::SagaStarted { ref flights, price, expires_at } => {
                (self.started, self.price) = (true, price);
                (self.expires_at, self.expiry_at) = (expires_at, Some(expires_at));
                self.legs = flights.iter().map(|&flight| LegProgress::planned(flight)).collect();
            }
            SagaEvent::LegHeld { .. } | SagaEvent::LegIssued { .. } => self.reopen(),
            SagaEvent::LegWithdrawn { .. } | SagaEvent::LegRescheduled { .. } => self.wake_up(),
            SagaEvent::LegDoubted { .. } | SagaEvent::LegReported { .. } => {
                self.wake_up();
                self.reopen();
            }
            SagaEvent::ChargeReported { found } => {
                self.charge.reported(found);
                self.wake_up();
                self.reopen();
            }
            // The duplicate is cancelled independently; the leg keeps the first order.
            SagaEvent::LegDuplicated { leg, locator } => {
                self.extras.push(Extra { leg, locator, asked: true, silences: 0 });
                self.reopen();
                self.wake_up();
            }
            SagaEvent::DuplicateUnknown { leg, locator } => {
                if let Some(extra) = self.extra(leg, locator) {
                    (extra.asked, extra.silences) = (false, extra.silences.saturating_add(1));
                }
            }
            SagaEvent::DuplicateCancelRequested { leg, locator } => {
                if let Some(extra) = self.extra(leg, locator) {
                    extra.asked = true;
                }
            }
            SagaEvent::DuplicateCancelled { leg, locator } => {
                self.extras.retain(|extra| (extra.leg, extra.locator) != (leg, locator));
            }
            SagaEvent::ChargeRequested { step } => {
                self.charge.ask(step);
                if step == ChargeStep::Query {
                    self.charge.absence.ask(self.life.passed);
                }
            }
            SagaEvent::ChargeConfirmed { step } => {
                self.charge.set(step, Progress::Done);
                self.reopen();
            }
            SagaEvent::ChargeDeclined { step } => self.charge.set(step, Progress::Declined),
            SagaEvent::ChargeUnknown { step } => self.charge.doubt(step),
            SagaEvent::ChargeErrored { step } => {
                self.charge.doubt(step);
                self.charge.spend(step);
            }
            SagaEvent::ChargeRetrieved { authorised, captured, voided, refunded } => {
                self.charge.found([authorised, captured, voided, refunded]);
            }
            SagaEvent::ChargeMissing { until } => {
                self.charge.querying = false;
                self.charge.absence.miss(until);
            }
            SagaEvent::ChargePending => self.charge.wait_for_customer(),
            SagaEvent::ChargeLapsed => self.charge.lapse(),
            // Also a booking that is ticketed, or refunded, has to deal with it.
            SagaEvent::DisputeReported { dispute } => {
                self.charge.rare.dispute = dispute;
                self.wake_up();
                self.reopen();
            }
            SagaEvent::FeeKept { fee } => self.charge.rare.kept = Some(fee),
            SagaEvent::BookingTold { tell } => {
                self.telling.told = Some(tell);
                if tell == Tell::Expire {
                    self.expiry_at = None;
                }
            }
            SagaEvent::TellFailed { refused, .. } => self.telling.fail(refused),
            SagaEvent::ExpiryPostponed { until } => self.expiry_at = Some(until),
            SagaEvent::ExpiryDue => self.expiry_at = None,
            SagaEvent::UndoStarted { reason } => {
                self.life.turned_back = Some(reason);
                self.life.go_on();
                // Services that did not answer on the way forward get new chances on the way back.
                self.legs.iter_mut().for_each(|leg| (leg.silences, leg.errors) = (0, 0));
                self.charge.silences = 0;
                self.telling.failed = 0;
            }
            SagaEvent::SagaResumed => {
                if looked {
                    self.start_afresh();
                }
                self.doubt_everything();
            }
            any_of!(SagaEvent: SagaCompleted | SagaCompensated | HandedToHuman) => {
                // Pending answers are not needed any more, and commands are not sent again.
                self.charge.querying = false;
                self.telling.told = None;
            }
            any_of!(SagaEvent: LegHoldRequested | LegHoldRefused | LegUnknown | LegErrored
                | LegRetrieveRequested | LegMissing | LegAbsent | LegIssueRequested | LegIssueRefused
                | LegCancelRequested | LegVoidRefused | LegRefundRequested | LegCancelled
                | LegAcceptRequested | LegAcceptUnknown | LegAccepted | RetryScheduled | RetryDue
                | LookScheduled) => {}
        }
    }
}
