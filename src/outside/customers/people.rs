//! All customers whose clients are kept: those who may come again, and those who have not left yet.

use super::person::Person;
use crate::collections::Table;
use crate::model::{CustomerId, Domain};
use crate::platform::{Plan, Turn};

/// The clients of customers.
#[derive(Clone, Debug)]
pub(super) struct People<D: Domain> {
    /// Those who may come again, by number.
    returning: Vec<Person<D>>,
    /// Those who come once, until they leave.
    passing: Table<CustomerId, Person<D>>,
    /// The number of customers that are kept, and of their requests.
    pub(super) kept: u64,
    /// The timeline of the event store.
    pub(super) timeline: u32,
}

impl<D: Domain> People<D> {
    pub(super) fn new() -> Self {
        Self { returning: Vec::new(), passing: Table::default(), kept: 0, timeline: 0 }
    }

    /// The client of a customer.
    pub(super) fn get(&mut self, who: CustomerId, plan: &Plan<D>) -> &mut Person<D> {
        let timeline = self.timeline;
        let person = self.any(who, plan);
        person.live_in(timeline);
        person
    }

    fn any(&mut self, who: CustomerId, plan: &Plan<D>) -> &mut Person<D> {
        let Self { returning, passing, kept, .. } = self;
        if is_passing(who, plan) {
            return passing.get_or_insert_with(who, || {
                *kept += 1;
                Person::new()
            });
        }
        let index = who.0 as usize;
        if returning.len() <= index {
            *kept += (index + 1 - returning.len()) as u64;
            returning.resize_with(index + 1, Person::new);
        }
        &mut returning[index]
    }

    /// The customer acts again after a pause: how often they have acted before, if they come once. Nothing else
    /// counts that.
    pub(super) fn another_act(&mut self, who: CustomerId, plan: &Plan<D>) -> Option<u32> {
        let person = self.get(who, plan);
        person.again += 1;
        let again = person.again;
        is_passing(who, plan).then_some(again)
    }

    /// A part of what the customer began is over; what that means for the customer.
    pub(super) fn settle(&mut self, who: CustomerId, plan: &Plan<D>) -> Settled {
        let person = self.get(who, plan);
        person.open -= 1;
        if person.open > 0 {
            return Settled::Open;
        }
        let turn = person.turn.take();
        if !is_passing(who, plan) {
            return turn.map_or(Settled::Open, Settled::Turn);
        }
        self.kept -= 1 + u64::from(person.requests);
        self.passing.remove(&who);
        Settled::Left
    }
}

/// What is over.
pub(super) enum Settled {
    /// Nothing that matters.
    Open,
    /// A turn in a closed workload.
    Turn(Turn),
    /// The customer came once, and is forgotten.
    Left,
}

/// Whether a customer comes once.
fn is_passing<D: Domain>(who: CustomerId, plan: &Plan<D>) -> bool {
    plan.workloads.iter().any(|workload| workload.is_passing() && workload.has(who))
}
