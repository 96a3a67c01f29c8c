//! The saga of a booking: holds, pays and issues its legs outside, or undoes what it asked for.
//!
//! It is level-triggered. What it learns from a stimulus goes into its state ([`learn`]), and what it
//! wants next follows from its state and the booking's alone ([`plan`]); so being woken twice, late or
//! for nothing leads to the same end. What it asked for is recorded before it is asked.

use arrayvec::ArrayVec;

use super::event::{Reason, SagaEvent, Tell, Trouble};
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
pub(super) use leg::{Doing, Extra, LegProgress, LegStep};
pub(super) use plan::react;

use charge::KeyUse;
use leg::Times;

/// The timer of the hold's end.
pub(crate) const TIMER_EXPIRY: u8 = 0;
/// One saga.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Saga {
    /// The booking it follows.
    pub booking: BookingId,
    /// Whether it has begun.
    pub started: bool,
    /// What the trip costs.
    pub price: Money,
    /// When the booking's hold runs out.
    pub expires_at: Instant,
    /// When the saga next looks whether it has.
    pub expiry_at: Instant,
    /// The legs at their vendors.
    pub legs: ArrayVec<LegProgress, LEGS_MAX>,
    /// Orders too many that the vendors may still have.
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
            expiry_at: Instant::ZERO,
            legs: ArrayVec::new_const(),
            extras: Vec::new(),
            charge: Charge {
                authorise: Progress::None,
                capture: Progress::None,
                void: Progress::None,
                refund: Progress::None,
                querying: false,
                questions: 0,
                keys: [KeyUse { again: 0, spent: false }; 4],
                silences: 0,
            },
            telling: Telling::default(),
            life: Life::new(None),
        }
    }

    /// The legs' flights.
    pub fn flights(&self) -> FlightIds {
        self.legs.iter().map(|leg| leg.flight).collect()
    }

    /// The tickets, if every leg has one.
    pub fn tickets(&self) -> Option<TicketNumbers> {
        self.legs.iter().map(|leg| leg.ticket).collect()
    }

    fn ask(&mut self, leg: u8, doing: Doing) {
        if let Some(leg) = self.legs.get_mut(usize::from(leg)) {
            leg.doing = doing;
            leg.step = LegStep::Asked;
        }
    }

    fn step(&mut self, leg: u8, step: LegStep) {
        if let Some(leg) = self.legs.get_mut(usize::from(leg)) {
            leg.step = step;
        }
    }

    fn name(&mut self, leg: u8, locator: Locator) {
        if let Some(leg) = self.legs.get_mut(usize::from(leg)) {
            leg.locator = Some(locator);
        }
    }

    /// A late success makes a compensated saga begin again to undo.
    fn reopen(&mut self) {
        if self.life.end == Some(End::Compensated) {
            self.life.go_on();
        }
    }

    /// News of a vendor makes a completed saga go on.
    fn wake_up(&mut self) {
        if self.life.end == Some(End::Completed) {
            self.life.go_on();
        }
    }

    fn times(&mut self, leg: u8) -> Option<&mut Times> {
        self.legs.get_mut(usize::from(leg)).map(|leg| &mut leg.times)
    }

    fn extra(&mut self, leg: u8, locator: Locator) -> Option<&mut Extra> {
        self.extras.iter_mut().find(|extra| (extra.leg, extra.locator) == (leg, locator))
    }

    /// A person has looked at it: every service gets another chance to answer, or to accept.
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

    /// Whether it waits for an answer from outside, which it cannot rely on after a restart.
    pub fn awaits_answers(&self) -> bool {
        let [authorise, capture, void, refund] =
            [self.charge.authorise, self.charge.capture, self.charge.void, self.charge.refund];
        let asked = |leg: &LegProgress| {
            leg.times.asked > 0 || matches!(leg.step, LegStep::Asked | LegStep::Retrieving)
        };
        self.legs.iter().any(asked)
            || self.extras.iter().any(|extra| extra.asked)
            || self.charge.querying
            || [authorise, capture, void, refund].contains(&Progress::Asked)
    }

    /// After a restart nothing that was asked outside can be relied on to be answered. What the booking
    /// was told and the timers are our own, and sent again.
    fn doubt_everything(&mut self) {
        for leg in &mut self.legs {
            if matches!(leg.step, LegStep::Asked | LegStep::Retrieving) {
                leg.step = LegStep::Unknown;
            }
            leg.times.asked = 0;
        }
        self.charge.movements().into_iter().for_each(Progress::doubt);
        self.charge.querying = false;
        self.extras.iter_mut().for_each(|extra| extra.asked = false);
    }
}

impl crate::saga::Saga for Saga {
    type Record = SagaEvent;
    type Turned = Option<Reason>;

    const OWN_TIMERS: u8 = 1;

    fn life(&self) -> &Life<Trouble, Option<Reason>> {
        &self.life
    }

    fn evolve(&mut self, event: &SagaEvent) {
        let looked = self.life.handed_over().is_some();
        self.life.evolve(event);
        match event {
            SagaEvent::SagaStarted { flights, price, expires_at } => {
                self.started = true;
                self.price = *price;
                self.expires_at = *expires_at;
                self.expiry_at = *expires_at;
                self.legs = flights.iter().map(|&flight| LegProgress::planned(flight)).collect();
            }
            SagaEvent::LegHoldRequested { leg } => self.ask(*leg, Doing::Hold),
            SagaEvent::LegIssueRequested { leg } => self.ask(*leg, Doing::Issue),
            SagaEvent::LegCancelRequested { leg } => self.ask(*leg, Doing::Cancel),
            SagaEvent::LegRefundRequested { leg } => self.ask(*leg, Doing::Refund),
            SagaEvent::LegRetrieveRequested { leg } => {
                self.step(*leg, LegStep::Retrieving);
                if let Some(leg) = self.legs.get_mut(usize::from(*leg)) {
                    leg.questions = leg.questions.wrapping_add(1);
                }
            }
            SagaEvent::LegHeld { leg, locator } => {
                self.step(*leg, LegStep::Held);
                self.name(*leg, *locator);
                self.reopen();
            }
            SagaEvent::LegIssued { leg, locator, ticket } => {
                self.step(*leg, LegStep::Ticketed);
                self.name(*leg, *locator);
                if let Some(leg) = self.legs.get_mut(usize::from(*leg)) {
                    leg.ticket = Some(*ticket);
                }
                self.reopen();
            }
            SagaEvent::LegHoldRefused { leg } => self.step(*leg, LegStep::Refused),
            SagaEvent::LegIssueRefused { leg } => self.step(*leg, LegStep::NotIssued),
            SagaEvent::LegAbsent { leg } => self.step(*leg, LegStep::Absent),
            SagaEvent::LegVoidRefused { leg } => self.step(*leg, LegStep::VoidRefused),
            SagaEvent::LegCancelled { leg } => self.step(*leg, LegStep::Cancelled),
            SagaEvent::LegWithdrawn { leg, locator } => {
                self.step(*leg, LegStep::Withdrawn);
                self.name(*leg, *locator);
                self.wake_up();
            }
            SagaEvent::LegRescheduled { leg, change, later } => {
                if let Some(times) = self.times(*leg) {
                    (times.change, times.later) = (*change, *later);
                }
                self.wake_up();
            }
            SagaEvent::LegAcceptRequested { leg } => {
                if let Some(times) = self.times(*leg) {
                    times.asked = times.change;
                }
            }
            SagaEvent::LegAcceptUnknown { leg } => {
                if let Some(times) = self.times(*leg) {
                    times.asked = 0;
                    times.silences = times.silences.saturating_add(1);
                }
            }
            SagaEvent::LegAccepted { leg, change } => {
                if let Some(times) = self.times(*leg) {
                    times.accepted = times.accepted.max(*change);
                    if times.asked <= *change {
                        times.asked = 0;
                    }
                }
            }
            SagaEvent::LegDoubted { leg } => {
                self.step(*leg, LegStep::Unknown);
                if let Some(leg) = self.legs.get_mut(usize::from(*leg)) {
                    leg.errors = leg.errors.saturating_add(1);
                }
                self.wake_up();
                self.reopen();
            }
            SagaEvent::LegErrored { leg } => {
                self.step(*leg, LegStep::Unknown);
                if let Some(leg) = self.legs.get_mut(usize::from(*leg)) {
                    leg.errors = leg.errors.saturating_add(1);
                }
            }
            SagaEvent::LegUnknown { leg } => {
                self.step(*leg, LegStep::Unknown);
                if let Some(leg) = self.legs.get_mut(usize::from(*leg)) {
                    leg.silences = leg.silences.saturating_add(1);
                }
            }
            // The order too many is cancelled on the side; the leg keeps the first.
            SagaEvent::LegDuplicated { leg, locator } => {
                self.extras.push(Extra { leg: *leg, locator: *locator, asked: true, silences: 0 });
                self.reopen();
                self.wake_up();
            }
            SagaEvent::DuplicateUnknown { leg, locator } => {
                if let Some(extra) = self.extra(*leg, *locator) {
                    extra.asked = false;
                    extra.silences = extra.silences.saturating_add(1);
                }
            }
            SagaEvent::DuplicateCancelRequested { leg, locator } => {
                if let Some(extra) = self.extra(*leg, *locator) {
                    extra.asked = true;
                }
            }
            SagaEvent::DuplicateCancelled { leg, locator } => {
                self.extras.retain(|extra| (extra.leg, extra.locator) != (*leg, *locator));
            }
            SagaEvent::ChargeRequested { step } => self.charge.ask(*step),
            SagaEvent::ChargeConfirmed { step } => {
                self.charge.set(*step, Progress::Done);
                self.reopen();
            }
            SagaEvent::ChargeDeclined { step } => self.charge.set(*step, Progress::Declined),
            SagaEvent::ChargeUnknown { step } => self.charge.doubt(*step),
            SagaEvent::ChargeErrored { step } => {
                self.charge.doubt(*step);
                self.charge.spend(*step);
            }
            SagaEvent::ChargeRetrieved { authorised, captured, voided, refunded } => {
                self.charge.found(*authorised, *captured, *voided, *refunded);
            }
            SagaEvent::BookingTold { tell } => self.telling.told = Some(*tell),
            SagaEvent::TellFailed { refused, .. } => self.telling.fail(*refused),
            SagaEvent::ExpiryPostponed { until } => self.expiry_at = *until,
            SagaEvent::UndoStarted { reason } => {
                self.life.turned_back = Some(*reason);
                self.life.go_on();
                // Services that did not answer on the way there get new chances on the way back.
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
            SagaEvent::SagaCompleted
            | SagaEvent::SagaCompensated { .. }
            | SagaEvent::HandedToHuman { .. } => {
                // What is still on its way needs no answer any more, and need not be said again.
                self.charge.querying = false;
                self.telling.told = None;
            }
            SagaEvent::RetryScheduled { .. }
            | SagaEvent::RetryDue
            | SagaEvent::LookScheduled { .. } => {}
        }
    }
}
