//! A property of what is stored, and nothing else: the kind that most domains begin with.

use std::fmt::Debug;
use std::sync::Arc;

use super::{Checker, FactKinds, Property, Tally, Violations};
use crate::kernel::{Instant, Step};
use crate::model::{Domain, Fact, FactKind, Names, Record, Stored};

/// One property that is checked whenever an event can be read.
///
/// `type Checker = Invariants<MyLaw>` makes it the property of a domain. What needs to see more than events,
/// or has several properties, is an [`Checker`] by itself.
pub trait Invariant<D: Domain>: Clone + Debug + Default + 'static {
    /// What it says.
    const PROPERTY: &'static Property;

    /// Takes note of an event that can be read from this step on, and checks it.
    fn stored(&mut self, stored: &Stored<D::Event>, step: Step, check: &mut Check<'_>);
}

/// Notes whether the property of a law holds, and how often that was asked.
#[derive(Debug)]
pub struct Check<'a> {
    tally: &'a mut Tally,
    violations: &'a mut Violations,
    at: Instant,
    step: Step,
}

impl Check<'_> {
    /// Checks once. `says` is asked for the facts that contradict each other only if the property does
    /// not hold; `because` are the earlier steps that led to this one.
    pub fn that(
        &mut self,
        holds: bool,
        because: impl IntoIterator<Item = Step>,
        says: impl FnOnce() -> String,
    ) {
        let (at, step) = (self.at, self.step);
        let says = || (says(), because.into_iter().chain([step]).collect());
        self.tally.check(holds, at, step, self.violations, says);
    }
}

/// The checker of one law.
#[derive(Clone, Debug)]
pub struct Invariants<L> {
    tally: Tally,
    invariant: L,
}

impl<D: Domain, L: Invariant<D>> Checker<D> for Invariants<L> {
    const PROPERTIES: &'static [Property] = std::slice::from_ref(L::PROPERTY);
    const FACTS: FactKinds = FactKinds::of(&[FactKind::Stored]);

    fn new(_: &D, _: &Arc<Names>) -> Self {
        Self { tally: Tally::new(L::PROPERTY), invariant: L::default() }
    }

    fn observe(&mut self, _: &D, record: &Record<D>, violations: &mut Violations) {
        let (Self { tally, invariant }, Fact::Stored(stored)) = (self, &record.fact) else {
            return;
        };
        let mut check = Check { tally, violations, at: record.at, step: record.step };
        invariant.stored(stored, record.step, &mut check);
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.tally]
    }
}
