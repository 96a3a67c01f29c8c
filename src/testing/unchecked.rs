//! A domain without properties of its own.

use crate::check::{Checker, Checks, FactKinds, Property};
use crate::model::{Domain, Record};

/// Checks nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unchecked;

impl<D: Domain> Checker<D> for Unchecked {
    const PROPERTIES: &'static [Property] = &[];
    const FACTS: FactKinds = FactKinds::NONE;

    fn observe(&mut self, _: &Record<D>, _: &mut Checks<'_, D>) {}
}
