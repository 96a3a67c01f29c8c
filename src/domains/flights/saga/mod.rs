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

mod charge;
mod effects;
#[cfg(test)]
mod harness;
mod learn;
mod leg;
mod plan;
mod react;
#[cfg(test)]
mod stories;
mod transitions;

pub(super) use charge::{Charge, Movement};
pub(super) use effects::{effects, still_wants};
pub(super) use leg::{Doing, Extra, LegProgress, LegStep};
pub(super) use react::react;

use charge::KeyUse;
use leg::Times;

/// The timer of the hold's end.
pub(crate) const TIMER_EXPIRY: u8 = 0;
/// The timer of the pause between two attempts.
pub(crate) const TIMER_RETRY: u8 = 1;
/// The timer of the person who works through the list of what sagas could not settle.
pub(crate) const TIMER_LOOK: u8 = 2;

/// How often a person has a saga try again before it stays on their list.
const LOOKS_MAX: u8 = 3;
/// A booking that could not be reached for minutes weighs as much as so many refusals.
const UNREACHED_WEIGHS: u8 = 5;

/// How a saga ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// With tickets.
    Completed,
    /// With nothing left.
    Compensated,
    /// With a question for a person.
    HandedToHuman(Trouble),
}

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
    /// What the booking was told and has not answered.
    pub telling: Option<Tell>,
    /// How often in a row the booking did not take what it was told.
    pub failed_tells: u8,
    /// Until when the saga pauses, if it does.
    pub resting: Option<Instant>,
    /// Why it turned back, if it did.
    pub undoing: Option<Reason>,
    /// How it ended, if it did.
    pub end: Option<End>,
    /// When a person will have it try again, if it was handed over.
    pub look_at: Option<Instant>,
    /// How often a person was to look at it.
    pub looks: u8,
}

impl Saga {
    /// A saga that has not begun.
    pub const fn blank(booking: BookingId, currency: Currency) -> Self {
        Self {
            booking,
            started: false,
            price: Money::zero(currency),
            expires_at: Instant::ZERO,
            expiry_at: Instant::ZERO,
            legs: ArrayVec::new_const(),
            extras: Vec::new(),
            charge: Charge {
                authorise: Movement::None,
                capture: Movement::None,
                void: Movement::None,
                refund: Movement::None,
                querying: false,
                questions: 0,
                keys: [KeyUse { again: 0, spent: false }; 4],
                silences: 0,
            },
            telling: None,
            failed_tells: 0,
            resting: None,
            undoing: None,
            end: None,
            look_at: None,
            looks: 0,
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

    /// Whether it has come to its end. While a person is still to look at it, it has not.
    pub const fn is_over(&self) -> bool {
        self.end.is_some() && self.look_at.is_none()
    }

    /// Why it is on a person's work list, if it is there.
    pub const fn handed_over(&self) -> Option<Trouble> {
        match self.end {
            Some(End::HandedToHuman(trouble)) => Some(trouble),
            None | Some(End::Completed | End::Compensated) => None,
        }
    }

    /// Folds an event in.
    pub fn evolve(&mut self, event: &SagaEvent) {
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
                self.charge.set(*step, Movement::Done);
                self.reopen();
            }
            SagaEvent::ChargeDeclined { step } => self.charge.set(*step, Movement::Declined),
            SagaEvent::ChargeUnknown { step } => self.charge.doubt(*step),
            SagaEvent::ChargeErrored { step } => {
                self.charge.doubt(*step);
                self.charge.spend(*step);
            }
            SagaEvent::ChargeRetrieved { authorised, captured, voided, refunded } => {
                self.charge.found(*authorised, *captured, *voided, *refunded);
            }
            SagaEvent::BookingTold { tell } => self.telling = Some(*tell),
            SagaEvent::TellFailed { refused, .. } => {
                self.telling = None;
                let weight = if *refused { 1 } else { UNREACHED_WEIGHS };
                self.failed_tells = self.failed_tells.saturating_add(weight);
            }
            SagaEvent::ExpiryPostponed { until } => self.expiry_at = *until,
            SagaEvent::UndoStarted { reason } => {
                self.undoing = Some(*reason);
                self.end = None;
                self.resting = None;
                // Turning back is a new start for whoever did not answer on the way there.
                self.legs.iter_mut().for_each(|leg| (leg.silences, leg.errors) = (0, 0));
                self.charge.silences = 0;
                self.failed_tells = 0;
            }
            SagaEvent::RetryScheduled { at } => self.resting = Some(*at),
            SagaEvent::RetryDue => self.resting = None,
            SagaEvent::SagaResumed => {
                if self.handed_over().is_some() {
                    self.start_afresh();
                }
                self.doubt_everything();
            }
            SagaEvent::LookScheduled { at } => {
                self.look_at = Some(*at);
                self.looks = self.looks.saturating_add(1);
            }
            SagaEvent::SagaCompleted => self.finish(End::Completed),
            SagaEvent::SagaCompensated { .. } => self.finish(End::Compensated),
            SagaEvent::HandedToHuman { trouble } => self.finish(End::HandedToHuman(*trouble)),
        }
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

    fn finish(&mut self, end: End) {
        self.end = Some(end);
        // What is still on its way needs no answer any more, and need not be said again.
        self.charge.querying = false;
        self.telling = None;
    }

    /// A late success makes a compensated saga begin again to undo.
    fn reopen(&mut self) {
        if self.end == Some(End::Compensated) {
            self.end = None;
            self.resting = None;
        }
    }

    /// News of a vendor makes a completed saga go on.
    fn wake_up(&mut self) {
        if self.end == Some(End::Completed) {
            self.end = None;
            self.resting = None;
        }
    }

    fn times(&mut self, leg: u8) -> Option<&mut Times> {
        self.legs.get_mut(usize::from(leg)).map(|leg| &mut leg.times)
    }

    fn extra(&mut self, leg: u8, locator: Locator) -> Option<&mut Extra> {
        self.extras.iter_mut().find(|extra| (extra.leg, extra.locator) == (leg, locator))
    }

    /// A person has looked at it: everybody gets another chance to answer, or to say yes.
    fn start_afresh(&mut self) {
        self.end = None;
        self.look_at = None;
        self.resting = None;
        self.telling = None;
        self.failed_tells = 0;
        self.charge.silences = 0;
        for leg in &mut self.legs {
            (leg.silences, leg.errors, leg.times.silences) = (0, 0, 0);
        }
        self.extras.iter_mut().for_each(|extra| extra.silences = 0);
        for undo in [&mut self.charge.void, &mut self.charge.refund] {
            if *undo == Movement::Declined {
                *undo = Movement::Unknown;
            }
        }
    }

    /// Whether it waits for an answer from outside, which whoever knows nothing any more cannot rely on.
    pub fn awaits_answers(&self) -> bool {
        let [authorise, capture, void, refund] =
            [self.charge.authorise, self.charge.capture, self.charge.void, self.charge.refund];
        let asked = |leg: &LegProgress| {
            leg.times.asked > 0 || matches!(leg.step, LegStep::Asked | LegStep::Retrieving)
        };
        self.legs.iter().any(asked)
            || self.extras.iter().any(|extra| extra.asked)
            || self.charge.querying
            || [authorise, capture, void, refund].contains(&Movement::Asked)
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
        for movement in self.charge.movements() {
            if *movement == Movement::Asked {
                *movement = Movement::Unknown;
            }
        }
        self.charge.querying = false;
        self.extras.iter_mut().for_each(|extra| extra.asked = false);
    }
}
