//! What must hold of orders in particular, judged from facts and ledgers alone.
//!
//! One file a family. Each counts again what it judges: our own states are not believed.

use std::sync::Arc;

use super::event::Event;
use super::ids::OrderId;
use super::saga_event::SagaEvent;
use super::setup::Orders;
use crate::check::{Judge, Oracle, Property};
use crate::model::{Fact, Names, Record, Rest};

mod conversation;
#[cfg(test)]
mod history;
mod life;

pub use conversation::CORRELATED;
pub use life::{AMOUNT_MATCHES, CANCEL_REFUNDS, SHIP_AFTER_PAY};

/// The domain's oracle.
#[derive(Clone, Debug)]
pub struct OrdersOracle {
    lives: life::Lives,
    conversations: conversation::Conversations,
}

impl Oracle<Orders> for OrdersOracle {
    const PROPERTIES: &'static [Property] =
        &[AMOUNT_MATCHES, SHIP_AFTER_PAY, CANCEL_REFUNDS, CORRELATED];

    fn new(domain: &Orders, _: &Arc<Names>) -> Self {
        Self {
            lives: life::Lives::new(domain.currency()),
            conversations: conversation::Conversations::new(),
        }
    }

    fn observe(&mut self, domain: &Orders, record: &Record<Orders>, judge: &mut Judge) {
        match &record.fact {
            Fact::Stored(stored) => {
                self.conversations.stored(domain, stored, record, judge);
                let order = OrderId(stored.stream.number);
                match &stored.event {
                    Event::Order(event) => self.lives.stored(order, event, record, judge),
                    Event::Saga(SagaEvent::HandedToHuman { .. }) => {
                        self.lives.handed(order, true);
                    }
                    Event::Saga(
                        SagaEvent::SagaResumed
                        | SagaEvent::SagaCompleted
                        | SagaEvent::SagaCompensated,
                    ) => self.lives.handed(order, false),
                    Event::Saga(_) => {}
                }
            }
            Fact::Entered { entry, .. } => self.lives.entered(entry, record, judge),
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, Orders>, judge: &mut Judge) {
        self.lives.at_rest(rest, judge);
    }

    fn checks(&self) -> Vec<(&'static Property, u64)> {
        let mut checks = self.lives.checks().to_vec();
        checks.push(self.conversations.checks());
        checks
    }
}
