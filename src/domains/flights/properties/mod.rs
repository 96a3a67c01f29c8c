//! What must hold of flights in particular, judged from facts and ledgers alone.

use std::sync::Arc;

use super::setup::Flights;
use crate::check::{Judge, Oracle, Property, Rest};
use crate::platform::Names;
use crate::trace::Record;

mod inventory;

pub use inventory::NO_DOUBLE_SALE;

/// The domain's oracle.
#[derive(Clone, Debug)]
pub struct FlightsOracle {
    inventory: inventory::Inventory,
}

impl Oracle<Flights> for FlightsOracle {
    const PROPERTIES: &'static [Property] = &[NO_DOUBLE_SALE];

    fn new(domain: &Flights, _names: &Arc<Names>) -> Self {
        Self { inventory: inventory::Inventory::new(domain) }
    }

    fn observe(&mut self, domain: &Flights, record: &Record<Flights>, judge: &mut Judge) {
        self.inventory.observe(domain, record, judge);
    }

    fn at_rest(&mut self, _rest: &Rest<'_, Flights>, _judge: &mut Judge) {}

    fn checks(&self) -> Vec<(&'static Property, u64)> {
        vec![self.inventory.checks()]
    }
}
