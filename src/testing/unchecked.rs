//! A domain without properties of its own.

use std::sync::Arc;

use crate::check::{Checker, FactKinds, Property, Tally, Violations};
use crate::model::{Domain, Names, Record};

/// Checks nothing.
#[derive(Clone, Debug)]
pub(crate) struct Unchecked;

impl<D: Domain> Checker<D> for Unchecked {
    const PROPERTIES: &'static [Property] = &[];
    const FACTS: FactKinds = FactKinds::NONE;

    fn new(_: &D, _: &Arc<Names>) -> Self {
        Self
    }

    fn observe(&mut self, _: &D, _: &Record<D>, _: &mut Violations) {}

    fn tallies(&self) -> Vec<&Tally> {
        Vec::new()
    }
}
