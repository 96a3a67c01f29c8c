//! The money of a trip, as far as the saga knows.

use crate::domains::flights::event::ChargeStep;
use crate::saga::Progress;

/// The money, as far as the saga knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Charge {
    /// The reservation.
    pub authorise: Progress,
    /// The taking.
    pub capture: Progress,
    /// The setting free.
    pub void: Progress,
    /// The giving back.
    pub refund: Progress,
    /// Whether the provider was asked how things stand, and has not answered.
    pub querying: bool,
    /// How often the provider was asked how things stand.
    pub questions: u8,
    /// For each movement: how many keys are used up, and whether the present one is.
    pub keys: [KeyUse; 4],
    /// How often the provider did not answer.
    pub silences: u8,
}

/// Under which idempotency key a movement is asked for. A key under which the provider failed answers
/// nothing else any more; once it is known that nothing happened, another one is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct KeyUse {
    /// How many keys were given up.
    pub again: u8,
    /// Whether the present one is used up.
    pub spent: bool,
}

impl Charge {
    /// How far a movement is; a query is as far as its answer.
    pub const fn get(&self, step: ChargeStep) -> Progress {
        match step {
            ChargeStep::Authorise => self.authorise,
            ChargeStep::Capture => self.capture,
            ChargeStep::Void => self.void,
            ChargeStep::Refund => self.refund,
            ChargeStep::Query if self.querying => Progress::Asked,
            ChargeStep::Query => Progress::None,
        }
    }

    pub(super) fn set(&mut self, step: ChargeStep, movement: Progress) {
        match step {
            ChargeStep::Authorise => self.authorise = movement,
            ChargeStep::Capture => self.capture = movement,
            ChargeStep::Void => self.void = movement,
            ChargeStep::Refund => self.refund = movement,
            ChargeStep::Query => self.querying = movement == Progress::Asked,
        }
    }

    /// The present key of a movement, or the number of the newest question.
    pub const fn key(&self, step: ChargeStep) -> u8 {
        match step {
            ChargeStep::Authorise => self.keys[0].again,
            ChargeStep::Capture => self.keys[1].again,
            ChargeStep::Void => self.keys[2].again,
            ChargeStep::Refund => self.keys[3].again,
            ChargeStep::Query => self.questions,
        }
    }

    pub(super) fn key_use(&mut self, step: ChargeStep) -> Option<&mut KeyUse> {
        match step {
            ChargeStep::Authorise => Some(&mut self.keys[0]),
            ChargeStep::Capture => Some(&mut self.keys[1]),
            ChargeStep::Void => Some(&mut self.keys[2]),
            ChargeStep::Refund => Some(&mut self.keys[3]),
            ChargeStep::Query => None,
        }
    }

    pub(super) fn ask(&mut self, step: ChargeStep) {
        match self.key_use(step) {
            None => self.questions = self.questions.wrapping_add(1),
            Some(key) if key.spent => {
                *key = KeyUse { again: key.again.wrapping_add(1), spent: false };
            }
            Some(_) => {}
        }
        self.set(step, Progress::Asked);
    }

    /// Nobody knows what became of a movement. A question that is open was asked before that was so, and
    /// perhaps before the movement itself: its answer, however late, would say nothing about it.
    pub(super) fn doubt(&mut self, step: ChargeStep) {
        self.set(step, Progress::Unknown);
        self.querying = false;
        self.silences = self.silences.saturating_add(1);
    }

    pub(super) fn spend(&mut self, step: ChargeStep) {
        if let Some(key) = self.key_use(step) {
            key.spent = true;
        }
    }

    pub(super) fn movements(&mut self) -> [&mut Progress; 4] {
        [&mut self.authorise, &mut self.capture, &mut self.void, &mut self.refund]
    }

    /// The provider said how things stand.
    pub(super) fn found(&mut self, authorised: bool, captured: bool, voided: bool, refunded: bool) {
        self.querying = false;
        let found = [authorised, captured, voided, refunded];
        for (movement, found) in self.movements().into_iter().zip(found) {
            movement.settle(found);
        }
    }
}
