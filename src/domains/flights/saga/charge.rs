//! The charge of a trip at the provider, as far as the saga knows.

use std::hash::{Hash, Hasher};

use crate::domains::flights::event::ChargeStep;
use crate::domains::flights::ids::Attempt;
use crate::domains::flights::money::Money;
use crate::domains::flights::payment::{Dispute, Key};
use crate::domains::flights::saga_event::Reported;
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
    /// What happens to few charges.
    pub rare: Rare,
}

/// What happens to few charges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rare {
    /// How often the provider said that the customer has yet to confirm the reservation.
    pub pending: u8,
    /// How many reservations have lapsed.
    pub lapses: u8,
    /// Whether the cardholder disputes the charge.
    pub dispute: Dispute,
    /// Our answer to that.
    pub contest: Progress,
    /// How often we gave it.
    pub contests: u8,
    /// What is kept of the price.
    pub kept: Option<Money>,
    /// Commits were lost, and the provider reported what the saga did not know.
    pub reported: bool,
}

impl Hash for Rare {
    /// What has not happened adds nothing: the state of a saga has the digest that it had before such things were
    /// modelled.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let &Self { pending, lapses, dispute, contest, contests, kept, reported } = self;
        if *self != Self::default() {
            (pending, lapses, dispute, contest, contests, kept).hash(state);
        }
        if reported {
            reported.hash(state);
        }
    }
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

/// The index of a movement; `None` for a query, and for what concerns a dispute.
const fn index(step: ChargeStep) -> Option<usize> {
    match step {
        ChargeStep::Authorise => Some(0),
        ChargeStep::Capture => Some(1),
        ChargeStep::Void => Some(2),
        ChargeStep::Refund => Some(3),
        ChargeStep::Query | ChargeStep::Contest | ChargeStep::Dispute => None,
    }
}

impl Charge {
    /// The progress of a movement; a query is either asked or not.
    pub fn get(&self, step: ChargeStep) -> Progress {
        match step {
            ChargeStep::Authorise => self.authorise,
            ChargeStep::Capture => self.capture,
            ChargeStep::Void => self.void,
            ChargeStep::Refund => self.refund,
            ChargeStep::Contest => self.rare.contest,
            ChargeStep::Query if self.querying => Progress::Asked,
            ChargeStep::Query | ChargeStep::Dispute => Progress::None,
        }
    }

    pub(super) fn set(&mut self, step: ChargeStep, progress: Progress) {
        match (step, index(step)) {
            (_, Some(index)) => *self.movements()[index] = progress,
            (ChargeStep::Contest, None) => self.rare.contest = progress,
            (_, None) => self.querying = progress == Progress::Asked,
        }
    }

    /// Whether a movement can be asked for.
    pub(super) fn may_ask(&self, step: ChargeStep) -> bool {
        // To contest twice does no harm.
        let again = step == ChargeStep::Contest && self.rare.contest == Progress::Unknown;
        self.get(step).may_be_asked() || self.takes_another_card(step) || again
    }

    /// Whether a movement was declined that can be tried with another card.
    fn takes_another_card(&self, step: ChargeStep) -> bool {
        step == ChargeStep::Authorise && self.authorise == Progress::Declined
    }

    /// The number of the present key of a movement, or of the newest query.
    pub fn key(&self, step: ChargeStep) -> u8 {
        match (step, index(step)) {
            (_, Some(index)) => self.keys[index].again,
            (ChargeStep::Contest, None) => self.rare.contests,
            (_, None) => self.questions,
        }
    }

    /// Whether the customer has yet to confirm the reservation.
    pub(super) fn is_pending(&self) -> bool {
        self.rare.pending > 0 && self.authorise == Progress::Unknown
    }

    /// Whether a key belongs to a movement whose effect is gone: to a reservation that has lapsed.
    pub(super) fn is_outdated(&self, key: Key) -> bool {
        self.rare.lapses > 0 && key.step == ChargeStep::Authorise && key.again < self.key(key.step)
    }

    /// The reservation has lapsed: it is made again, and then captured, both under other keys. A late answer about
    /// the one that has lapsed says nothing about the next.
    pub(super) fn lapse(&mut self) {
        self.rare.lapses = self.rare.lapses.saturating_add(1);
        self.set(ChargeStep::Authorise, Progress::Absent);
        self.set(ChargeStep::Capture, Progress::None);
        for step in [ChargeStep::Authorise, ChargeStep::Capture] {
            self.spend(step);
            self.renew_key(step);
        }
        self.querying = false;
        self.absence.forget();
    }

    /// The provider says that the customer has yet to confirm.
    pub(super) fn wait_for_customer(&mut self) {
        self.authorise = Progress::Unknown;
        self.querying = false;
        self.rare.pending = self.rare.pending.saturating_add(1);
        self.absence.forget();
    }

    pub(super) fn ask(&mut self, step: ChargeStep) {
        if self.takes_another_card(step) {
            self.attempt = self.attempt.next();
            self.spend(step);
        }
        match step {
            ChargeStep::Query => self.questions = self.questions.wrapping_add(1),
            ChargeStep::Contest => self.rare.contests = self.rare.contests.wrapping_add(1),
            any_of!(ChargeStep: Authorise | Capture | Void | Refund | Dispute) => {
                self.renew_key(step);
            }
        }
        if step == ChargeStep::Authorise {
            self.rare.pending = 0;
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

    /// Takes another key for a movement if the present one is spent.
    fn renew_key(&mut self, step: ChargeStep) {
        if let Some(key) = index(step).map(|index| &mut self.keys[index])
            && key.spent
        {
            *key = KeyUse { again: key.again.wrapping_add(1), spent: false };
        }
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

    /// Whether a report says more than is known: what happened, that it waits for the customer, or keys that are used.
    pub(super) fn is_news(&self, found: &Reported) -> bool {
        let Self { authorise, capture, void, refund, .. } = *self;
        let movements = [authorise, capture, void, refund];
        let happened = movements.iter().zip(found.happened);
        let used = movements.iter().zip(&self.keys).zip(found.keys);
        found.pending && !authorise.is_open()
            || happened.into_iter().any(|(movement, is)| is && *movement != Progress::Done)
            || used.into_iter().any(|((movement, key), used)| {
                used > key.again.saturating_add(u8::from(*movement != Progress::None))
            })
    }

    /// The provider reported what it has after commits were lost. No request is under way: what has not happened will
    /// not. Keys that it knows would be answered as they were then, so others are taken from now on.
    pub(super) fn reported(&mut self, found: Reported) {
        self.found(found.happened);
        self.absence.forget();
        if found.pending {
            self.wait_for_customer();
        }
        for (key, used) in self.keys.iter_mut().zip(found.keys) {
            if key.again < used {
                *key = KeyUse { again: used, spent: false };
            }
        }
        self.rare.kept = found.kept.or(self.rare.kept);
        self.rare.reported = true;
    }

    /// Whether the customer has all the money back, and nothing can move any more.
    pub(super) fn is_undone(&self) -> bool {
        let free = matches!(self.authorise, Progress::None | Progress::Declined)
            || self.void == Progress::Done;
        if self.capture != Progress::Done {
            return free;
        }
        match self.rare.dispute {
            Dispute::None | Dispute::Won => self.refund == Progress::Done,
            Dispute::Open => false,
            // If it was refunded as well, the customer has it twice, which is for an operator to settle.
            Dispute::Lost => true,
        }
    }
}
