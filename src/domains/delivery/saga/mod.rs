//! The saga of an order: has the card charged, the food cooked and brought, or undoes what it has requested.
//!
//! It is level-triggered: it stores what it learns ([`learn`]), and its next event depends only on its
//! state and the order's ([`plan`]). It records a request before it sends it, and queries an unknown
//! outcome. It can undo without such a query: a refund, a withdrawal and a release close the reference for
//! requests that arrive later.

use super::ids::{CourierId, OrderId, RestaurantId};
use super::outside::{Leg, Stage, Ticket, Trip};
use super::saga_event::{Act, Deadline, Detail, Party, SagaEvent, Tell, Trouble};
use crate::domains::money::{Currency, Money};
use crate::kernel::{Instant, Span};
use crate::saga::{Absence, Life, Progress, Telling};

mod effects;
mod learn;
mod legal;
mod plan;
mod retrieved;
#[cfg(test)]
mod stories;

/// The queries to one service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Talk {
    /// Whether a query is not answered yet.
    pub querying: bool,
    /// The number of queries.
    pub questions: u8,
    /// How many requests in a row were not answered.
    pub silences: u8,
    /// That the service did not find an act.
    pub absence: Absence,
}

/// A deadline, as far as the saga knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Term {
    /// When it is; `None` before it is set.
    pub at: Option<Instant>,
    pub passed: bool,
}

/// One saga.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Saga {
    /// The order that it follows.
    pub order: OrderId,
    pub started: bool,
    pub restaurant: RestaurantId,
    pub total: Money,
    pub portions: u64,
    terms: [Term; 3],
    acts: [Progress; 7],
    talks: [Talk; 3],
    /// What a refund leaves of the charge, in minor units.
    pub keep: i64,
    /// How far the restaurant has come, as far as it has reported.
    pub stage: Option<Stage>,
    /// How long the food takes, as the restaurant says.
    pub estimated: Span,
    /// The restaurant has given the order up.
    pub given_up: bool,
    /// The number of the attempt to find a courier: one more after each that has quit.
    pub attempt: u8,
    pub courier: Option<CourierId>,
    /// How often all couriers were busy.
    pub busy: u8,
    /// How far the courier has come, as far as they have reported.
    pub leg: Leg,
    /// Whether the couriers were asked after the deadline for the delivery, and nothing was done since.
    pub inquired: bool,
    pub telling: Telling<Tell>,
    pub life: Life<Trouble>,
}

impl Saga {
    pub fn blank(order: OrderId, currency: Currency) -> Self {
        Self {
            order,
            started: false,
            restaurant: RestaurantId(0),
            total: Money::zero(currency),
            portions: 0,
            terms: [Term::default(); 3],
            acts: [Progress::None; 7],
            talks: [Talk::default(); 3],
            keep: 0,
            stage: None,
            estimated: Span::ZERO,
            given_up: false,
            attempt: 0,
            courier: None,
            busy: 0,
            leg: Leg::Coming,
            inquired: false,
            telling: Telling::default(),
            life: Life::new(()),
        }
    }

    pub const fn act(&self, act: Act) -> Progress {
        self.acts[act as usize]
    }

    pub const fn talk(&self, party: Party) -> Talk {
        self.talks[party as usize]
    }

    pub const fn term(&self, deadline: Deadline) -> Term {
        self.terms[deadline as usize]
    }

    const fn talk_mut(&mut self, party: Party) -> &mut Talk {
        &mut self.talks[party as usize]
    }

    const fn set(&mut self, act: Act, progress: Progress) {
        self.acts[act as usize] = progress;
    }

    /// Whether it waits for an answer of a service.
    pub fn awaits_answers(&self) -> bool {
        self.acts.contains(&Progress::Asked) || self.talks.iter().any(|talk| talk.querying)
    }

    const fn was_silent(&mut self, party: Party) {
        let talk = self.talk_mut(party);
        talk.silences = talk.silences.saturating_add(1);
    }

    /// A service has said that an act is done.
    const fn done(&mut self, act: Act, detail: Option<Detail>) {
        self.set(act, Progress::Done);
        self.talk_mut(act.party()).silences = 0;
        match detail {
            Some(Detail::Estimated(estimated)) => self.estimated = estimated,
            Some(Detail::Courier(courier)) => {
                self.courier = Some(courier);
                self.busy = 0;
            }
            None => {}
        }
    }

    /// Answers that are still expected may never arrive. If an operator has looked at the saga, all
    /// failed requests are tried again.
    fn resume(&mut self, looked: bool) {
        self.acts.iter_mut().for_each(Progress::doubt);
        self.talks.iter_mut().for_each(|talk| talk.querying = false);
        if looked {
            for undo in [Act::Refund, Act::Withdraw, Act::Release] {
                if self.act(undo) == Progress::Declined {
                    self.set(undo, Progress::Unknown);
                }
            }
            self.talks.iter_mut().for_each(|talk| talk.silences = 0);
            (self.busy, self.inquired) = (0, false);
            self.telling = Telling::default();
        }
    }

    fn ticket(&mut self, ticket: Option<Ticket>) {
        self.talk_mut(Party::Restaurant).querying = false;
        let withdrawn = ticket.is_some_and(|ticket| ticket.withdrawn);
        self.acts[Act::Offer as usize].settle(ticket.is_some());
        self.acts[Act::Withdraw as usize].settle(withdrawn);
        if let Some(ticket) = ticket.filter(|ticket| !ticket.withdrawn) {
            self.stage = self.stage.max(Some(ticket.stage));
            self.estimated = ticket.estimated;
            self.given_up |= ticket.given_up;
        }
    }

    /// What the couriers say about an earlier attempt is not about this one.
    fn trip(&mut self, trip: Option<Trip>) {
        self.talk_mut(Party::Couriers).querying = false;
        let current = trip.filter(|trip| trip.attempt == self.attempt);
        let courier = current.and_then(|trip| trip.courier);
        let released = trip.is_some_and(|trip| trip.released);
        self.acts[Act::Assign as usize].settle(courier.is_some() || released);
        self.acts[Act::Collect as usize].settle(trip.is_some_and(|trip| trip.food_ready));
        self.acts[Act::Release as usize].settle(released);
        self.courier = courier.or(self.courier);
        self.leg = current.map_or(self.leg, |trip| trip.leg.max(self.leg));
        self.inquired = self.term(Deadline::Delivery).passed;
        if current.is_some_and(|trip| trip.quit) {
            self.quit();
        }
    }

    /// The next courier must be looked for under a new number.
    const fn quit(&mut self) {
        self.attempt = self.attempt.wrapping_add(1);
        self.courier = None;
        self.set(Act::Assign, Progress::None);
    }
}

impl crate::saga::Saga for Saga {
    type Record = SagaEvent;
    type Turned = ();

    const OWN_TIMERS: u8 = Deadline::ALL.len() as u8;

    fn life(&self) -> &Life<Trouble> {
        &self.life
    }

    fn evolve(&mut self, event: &SagaEvent) {
        let looked = self.life.handed_over().is_some();
        self.life.evolve(event);
        match event {
            SagaEvent::SagaStarted { restaurant, total, portions } => {
                self.started = true;
                (self.restaurant, self.total, self.portions) = (*restaurant, *total, *portions);
            }
            SagaEvent::DeadlineSet { deadline, at } => {
                self.terms[*deadline as usize] = Term { at: Some(*at), passed: false };
            }
            SagaEvent::DeadlinePassed { deadline } => self.terms[*deadline as usize].passed = true,
            SagaEvent::Asked { act, keep } => {
                self.set(*act, Progress::Asked);
                if *act == Act::Refund {
                    self.keep = *keep;
                }
                self.talk_mut(act.party()).absence.forget();
            }
            SagaEvent::Done { act, detail } => self.done(*act, *detail),
            SagaEvent::CouriersBusy => {
                self.set(Act::Assign, Progress::Absent);
                self.busy = self.busy.saturating_add(1);
                self.talk_mut(Party::Couriers).silences = 0;
            }
            SagaEvent::CourierQuit => self.quit(),
            SagaEvent::Declined { act } => self.set(*act, Progress::Declined),
            SagaEvent::Unknown { act } => {
                self.set(*act, Progress::Unknown);
                self.was_silent(act.party());
            }
            SagaEvent::Queried { party } => {
                let passed = self.life.passed;
                let talk = self.talk_mut(*party);
                talk.absence.ask(passed);
                talk.querying = true;
                talk.questions = talk.questions.wrapping_add(1);
            }
            SagaEvent::QueryUnanswered { party } => {
                self.talk_mut(*party).querying = false;
                self.was_silent(*party);
            }
            SagaEvent::Missing { party, until } => {
                let talk = self.talk_mut(*party);
                talk.querying = false;
                talk.absence.miss(*until);
            }
            SagaEvent::ChargeRetrieved { charged, closed } => {
                self.talk_mut(Party::Provider).querying = false;
                self.acts[Act::Charge as usize].settle(*charged);
                self.acts[Act::Refund as usize].settle(*closed);
            }
            SagaEvent::TicketRetrieved { ticket } => self.ticket(*ticket),
            SagaEvent::TripRetrieved { trip } => self.trip(*trip),
            SagaEvent::KitchenMoved { stage } => self.stage = Some(*stage),
            SagaEvent::KitchenGaveUp => self.given_up = true,
            SagaEvent::TripMoved { leg } => self.leg = *leg,
            SagaEvent::OrderTold { tell } => {
                self.telling.told = Some(*tell);
                self.inquired = false;
            }
            SagaEvent::TellFailed { refused, .. } => self.telling.fail(*refused),
            SagaEvent::SagaResumed => self.resume(looked),
            SagaEvent::RetryScheduled { .. }
            | SagaEvent::RetryDue
            | SagaEvent::SagaCompleted
            | SagaEvent::SagaCompensated
            | SagaEvent::HandedToHuman { .. }
            | SagaEvent::LookScheduled { .. } => {}
        }
    }
}
