//! Events of older schemas, as a checker of today's events sees them.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Checker, FactKinds, Property, Tally, Violations};
use crate::model::{Domain, Fact, Names, Record, Rest};

/// Gives a checker each stored event in today's schema, and each part by itself if it was split since.
#[derive(Clone, Debug)]
pub struct Upcast<C> {
    checker: C,
}

impl<D: Domain, C: Checker<D>> Checker<D> for Upcast<C> {
    const PROPERTIES: &'static [Property] = C::PROPERTIES;
    const FACTS: FactKinds = C::FACTS;

    fn new(domain: &D, names: &Arc<Names>) -> Self {
        Self { checker: C::new(domain, names) }
    }

    fn observe(&mut self, domain: &D, record: &Record<D>, violations: &mut Violations) {
        if let Fact::Stored(stored) = &record.fact
            && let Cow::Owned(parts) = stored.upcast(domain)
        {
            for part in parts {
                let fact = Fact::Stored(Arc::new(part));
                self.checker.observe(domain, &Record { fact, ..*record }, violations);
            }
            return;
        }
        self.checker.observe(domain, record, violations);
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, violations: &mut Violations) {
        self.checker.at_rest(rest, violations);
    }

    fn tallies(&self) -> Vec<&Tally> {
        self.checker.tallies()
    }
}
