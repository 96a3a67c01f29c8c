//! The charge of a trip at the provider, as far as the saga knows.

use crate::domains::flights::event::ChargeStep;
use crate::domains::flights::ids::Attempt;
use crate::saga::{Absence, Progress};

/// The four movements of money, and the queries about them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Charge {
    pub authorise: Progress,
    pub capture: Progress,
    pub void: Progress,
    pub refund: Progress,
    /// The customer's attempt that it belongs to: after a decline the next one has another card.
    pub attempt: Attempt,
    /// A query is not answered.
    pub querying: bool,
    /// The number of queries.
    pub questions: u8,
    /// That the provider did not find a movement.
    pub absence: Absence,
    /// The keys of each movement.
    pub keys: [KeyUse; 4],
    /// How often the provider did not answer.
    pub silences: u8,
}

/// The idempotency keys of a movement. A key under which the provider failed gets the same failure for
/// every resend; once it is known that nothing happened, another key is used. Another card has another key
/// too, so that a late answer about the first is recognised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct KeyUse {
    /// How many keys were given up.
    pub again: u8,
    /// The present key is to be given up.
    pub spent: bool,
}

/// The index of a movement; `None` for a query.
const fn index(step: ChargeStep) -> Option<usize> {
    match step {
        ChargeStep::Authorise => Some(0),
        ChargeStep::Capture => Some(1),
        ChargeStep::Void => Some(2),
        ChargeStep::Refund => Some(3),
        ChargeStep::Query => None,
    }
}

impl Charge {
    /// The progress of a movement; a query is either asked or not.
    pub fn get(&self, step: ChargeStep) -> Progress {
        match index(step) {
            Some(index) => [self.authorise, self.capture, self.void, self.refund][index],
            None if self.querying => Progress::Asked,
            None => Progress::None,
        }
    }

    pub(super) fn set(&mut self, step: ChargeStep, progress: Progress) {
        match index(step) {
            Some(index) => *self.movements()[index] = progress,
            None => self.querying = progress == Progress::Asked,
        }
    }

    /// Whether a movement can be asked for.
    pub(super) fn may_ask(&self, step: ChargeStep) -> bool {
        self.get(step).may_be_asked() || self.takes_another_card(step)
    }

    /// Whether a movement was declined that can be tried with another card.
    fn takes_another_card(&self, step: ChargeStep) -> bool {
        step == ChargeStep::Authorise && self.authorise == Progress::Declined
    }

    /// The number of the present key of a movement, or of the newest query.
    pub fn key(&self, step: ChargeStep) -> u8 {
        index(step).map_or(self.questions, |index| self.keys[index].again)
    }

    pub(super) fn ask(&mut self, step: ChargeStep) {
        if self.takes_another_card(step) {
            self.attempt = self.attempt.next();
            self.spend(step);
        }
        match index(step).map(|index| &mut self.keys[index]) {
            None => self.questions = self.questions.wrapping_add(1),
            Some(key) if key.spent => {
                *key = KeyUse { again: key.again.wrapping_add(1), spent: false };
            }
            Some(_) => {}
        }
        if step != ChargeStep::Query {
            self.absence.forget();
        }
        self.set(step, Progress::Asked);
    }

    /// The outcome of a movement is unknown. A pending query was asked before, perhaps even before the
    /// movement: its answer says nothing about the outcome.
    pub(super) fn doubt(&mut self, step: ChargeStep) {
        self.set(step, Progress::Unknown);
        self.querying = false;
        self.silences = self.silences.saturating_add(1);
    }

    pub(super) fn spend(&mut self, step: ChargeStep) {
        if let Some(index) = index(step) {
            self.keys[index].spent = true;
        }
    }

    pub(super) fn movements(&mut self) -> [&mut Progress; 4] {
        [&mut self.authorise, &mut self.capture, &mut self.void, &mut self.refund]
    }

    /// Whether a movement with an unknown outcome is not among those that have happened.
    pub(super) fn misses(&self, happened: [bool; 4]) -> bool {
        let movements = [self.authorise, self.capture, self.void, self.refund];
        movements
            .into_iter()
            .zip(happened)
            .any(|(movement, happened)| movement == Progress::Unknown && !happened)
    }

    /// The provider answered a query: whether each movement has happened.
    pub(super) fn found(&mut self, happened: [bool; 4]) {
        self.querying = false;
        for (movement, happened) in self.movements().into_iter().zip(happened) {
            movement.settle(happened);
        }
    }

    /// Whether the customer has all the money back, and nothing can move any more.
    pub(super) fn is_undone(&self) -> bool {
        let free = matches!(self.authorise, Progress::None | Progress::Declined)
            || self.void == Progress::Done;
        if self.capture == Progress::Done { self.refund == Progress::Done } else { free }
    }
}
