//! A workload: customers besides those of the script, when they act, and what they do.
//!
//! In an *open* workload customers arrive at a rate, whatever happens to those before. In a *closed* one so many
//! customers each act again when all that they did before is over. An occasion on which a customer of a workload
//! acts is a *turn*.

mod intensity;

pub(crate) use intensity::Intensity;

use crate::kernel::{Entity, Instant, Span};
use crate::model::{CustomerId, Domain};

/// Customers of one kind, who do one mix of actions.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload<D: Domain> {
    /// The first of its customers.
    pub first: CustomerId,
    /// The number of customers.
    pub customers: u32,
    /// When they act.
    pub turns: Loop,
    /// The first turn.
    pub from: Instant,
    /// The end of turns, exclusive.
    pub until: Instant,
    /// Their actions, with weights.
    pub mix: Vec<(u32, D::Action)>,
}

/// When the customers of a workload act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loop {
    /// They arrive at a rate.
    Open {
        /// The rate, as it changes.
        intensity: Intensity,
        /// How arrivals follow each other at that rate.
        spacing: Spacing,
        /// Whether they come in turn, again and again. Otherwise each arrival is a customer who has not come
        /// before and does not come again.
        returning: bool,
    },
    /// Each acts again after a pause that begins when the turn before is over.
    Closed {
        /// The mean of the pause.
        think: Span,
    },
}

/// How arrivals follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// So many at once, at even intervals.
    Groups(u32),
    /// Each on its own, at random.
    Independent,
}

/// An occasion on which a customer of a workload acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The workload.
    pub workload: u8,
    /// Its number in the workload, from 0. Customers take turns in order, starting again with the first.
    pub nth: u64,
    /// The customer, if turns of different customers can be pending at once.
    pub who: Option<CustomerId>,
}

impl<D: Domain> Workload<D> {
    /// The customer with this turn.
    pub(crate) fn in_turn(&self, nth: u64) -> CustomerId {
        CustomerId(self.first.0 + (nth % u64::from(self.customers)) as u32)
    }

    /// How many turns the same customer had before.
    pub(crate) fn round(&self, nth: u64) -> u32 {
        (nth / u64::from(self.customers)) as u32
    }

    /// Whether it is one of its customers.
    pub(crate) fn has(&self, who: CustomerId) -> bool {
        who.0.checked_sub(self.first.0).is_some_and(|nth| nth < self.customers)
    }

    /// Whether each of its customers has one turn only.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self.turns, Loop::Open { returning: false, .. })
    }

    /// Whether another customer than the next in turn can arrive.
    pub(crate) fn is_interchangeable(&self) -> bool {
        matches!(self.turns, Loop::Open { returning: true, .. })
    }

    /// The sum of all weights.
    pub(crate) fn weight(&self) -> u64 {
        self.mix.iter().map(|(weight, _)| u64::from(*weight)).sum()
    }

    /// The action at a place below the sum of all weights, with its number.
    pub(crate) fn chosen(&self, mut place: u64) -> (usize, &D::Action) {
        for (nth, (weight, action)) in self.mix.iter().enumerate() {
            match place.checked_sub(u64::from(*weight)) {
                Some(left) => place = left,
                None => return (nth, action),
            }
        }
        unreachable!("the place is below the sum of all weights")
    }
}

impl Turn {
    /// The thing that its timer is about: the customer in a closed workload. An open one has one timer at a time.
    pub(crate) fn entity(self) -> Entity {
        self.who.map_or(Entity(u64::from(self.workload)), Entity::from)
    }

    /// Its number from 1 among the turns of so many workloads: which turn of which workload it is, whenever it
    /// takes place.
    pub(crate) const fn number(self, workloads: usize) -> u64 {
        self.nth * workloads as u64 + self.workload as u64 + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Add, Counting};

    /// Customers 5, 6 and 7, who add 1 to 10 once and 2 three times as often.
    fn three_customers() -> Workload<Counting> {
        let add = |amount| Add { counter: 0, amount };
        Workload {
            first: CustomerId(5),
            customers: 3,
            turns: Loop::Closed { think: Span::from_secs(1) },
            from: Instant::ZERO,
            until: Instant::MAX,
            mix: vec![(1, add(1)), (3, add(2))],
        }
    }

    #[test]
    fn customers_take_turns_and_each_round_has_its_number() {
        let workload = three_customers();
        let turns = [0, 2, 3, 4, 6, 11];
        assert_eq!(turns.map(|nth| workload.in_turn(nth).0), [5, 7, 5, 6, 5, 7]);
        // What is drawn about a turn is keyed by the customer and this number.
        assert_eq!(turns.map(|nth| workload.round(nth)), [0, 0, 1, 1, 2, 3]);
    }

    #[test]
    fn the_customers_of_others_are_not_its_own() {
        let workload = three_customers();
        assert_eq!(
            [4, 5, 7, 8].map(|who| workload.has(CustomerId(who))),
            [false, true, true, false]
        );
    }

    #[test]
    fn an_action_has_as_many_places_as_its_weight() {
        let workload = three_customers();
        assert_eq!(workload.weight(), 4);
        assert_eq!([0, 1, 2, 3].map(|place| workload.chosen(place).0), [0, 1, 1, 1]);
    }
}
