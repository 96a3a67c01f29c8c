//! What must hold of flights in particular, judged from facts and ledgers alone.
//!
//! One file a family. Each counts again what it judges: a vendor's own sums and our own states are
//! not believed.

use std::borrow::Cow;
use std::sync::Arc;

use super::event::SagaEvent;
use super::setup::Flights;
use crate::check::{Judge, Oracle, Property};
use crate::model::{Fact, Names, Record, Rest};

#[cfg(test)]
mod history;
mod inventory;
mod knowledge;
mod money;
mod orders;
mod release;

pub use inventory::NO_DOUBLE_SALE;
pub use money::{MONEY_CONSERVED, PAID_BEFORE_TICKET, SINGLE_CAPTURE};
pub use orders::{COMPENSATED, NO_ORPHAN};
pub use release::NO_EARLY_RELEASE;

/// Whether a saga's record puts what is left on a person's work list, or takes it off. `None`: neither.
fn is_handed_over(event: &SagaEvent) -> Option<bool> {
    if let SagaEvent::HandedToHuman { .. } = event {
        return Some(true);
    }
    let goes_on = matches!(
        event,
        SagaEvent::SagaResumed | SagaEvent::SagaCompleted | SagaEvent::SagaCompensated { .. }
    );
    goes_on.then_some(false)
}

/// The domain's oracle.
#[derive(Clone, Debug)]
pub struct FlightsOracle {
    inventory: inventory::Inventory,
    money: money::Books,
    orders: orders::Orders,
    releases: release::Releases,
}

impl Oracle<Flights> for FlightsOracle {
    const PROPERTIES: &'static [Property] = &[
        NO_DOUBLE_SALE,
        SINGLE_CAPTURE,
        MONEY_CONSERVED,
        PAID_BEFORE_TICKET,
        NO_ORPHAN,
        COMPENSATED,
        NO_EARLY_RELEASE,
    ];

    fn new(domain: &Flights, _: &Arc<Names>) -> Self {
        Self {
            inventory: inventory::Inventory::new(domain),
            money: money::Books::new(domain),
            orders: orders::Orders::new(),
            releases: release::Releases::new(),
        }
    }

    fn observe(&mut self, domain: &Flights, record: &Record<Flights>, judge: &mut Judge) {
        if let Fact::Stored(stored) = &record.fact
            && let Cow::Owned(parts) = stored.upcast(domain)
        {
            for part in parts {
                let fact = Fact::Stored(Arc::new(part));
                self.observe(domain, &Record { fact, ..*record }, judge);
            }
            return;
        }
        self.inventory.observe(domain, record, judge);
        self.money.observe(record, judge);
        self.orders.observe(record);
        self.releases.observe(record, judge);
    }

    fn at_rest(&mut self, rest: &Rest<'_, Flights>, judge: &mut Judge) {
        self.money.at_rest(rest, judge);
        self.orders.at_rest(rest, judge);
    }

    fn checks(&self) -> Vec<(&'static Property, u64)> {
        let mut checks = vec![self.inventory.checks()];
        checks.extend(self.money.checks());
        checks.extend(self.orders.checks());
        checks.push(self.releases.checks());
        checks
    }
}
