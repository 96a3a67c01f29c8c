//! Gives checkers events of older schemas as current events.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Checker, Checks, FactKinds, Property};
use crate::model::{Domain, Fact, Record, Rest};

/// Gives a checker each stored event in the current schema. An event that was split since is given as its
/// parts, one by one.
#[derive(Clone, Debug, Default)]
pub struct Upcast<C>(C);

impl<D: Domain, C: Checker<D>> Checker<D> for Upcast<C> {
    const PROPERTIES: &'static [Property] = C::PROPERTIES;
    const FACTS: FactKinds = C::FACTS;

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        if let Fact::Stored(stored) = &record.fact
            && let Cow::Owned(parts) = stored.upcast(checks.words.domain)
        {
            for part in parts {
                let fact = Fact::Stored(Arc::new(part));
                self.0.observe(&Record { fact, ..*record }, checks);
            }
            return;
        }
        self.0.observe(record, checks);
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        self.0.at_rest(rest, checks);
    }
}
