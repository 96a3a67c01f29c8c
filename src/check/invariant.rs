//! A property of stored events alone: the form that most domains begin with.

use std::fmt::Debug;

use super::{Check, Checker, Checks, FactKinds, Property, kinds};
use crate::kernel::Step;
use crate::model::{Domain, Fact, Record, Stored};

/// One property that is checked whenever an event becomes visible.
///
/// `type Properties = Invariants<MyInvariant>` makes it the property of a domain. A check that needs other
/// facts, or has several properties, is a [`Checker`].
pub trait Invariant<D: Domain>: Clone + Debug + Default + 'static {
    /// The property.
    const PROPERTY: &'static Property;

    /// Takes note of an event that is visible from this step on, and checks it.
    fn stored(&mut self, stored: &Stored<D::Event>, step: Step, check: &mut Check<'_>);
}

/// The checker of one invariant.
#[derive(Clone, Debug, Default)]
pub struct Invariants<I>(I);

impl<D: Domain, I: Invariant<D>> Checker<D> for Invariants<I> {
    const PROPERTIES: &'static [Property] = std::slice::from_ref(I::PROPERTY);
    const FACTS: FactKinds = kinds!(Stored);

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        if let Fact::Stored(stored) = &record.fact {
            self.0.stored(stored, record.step, &mut checks.one(I::PROPERTY));
        }
    }
}
