//! When something happens next, for each order at most once.

use crate::collections::{SortedMap, SortedSet};
use crate::domains::delivery::ids::OrderId;
use crate::kernel::{Instant, Span};

/// What a service does next, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Agenda {
    due: SortedSet<(Instant, OrderId)>,
    of: SortedMap<OrderId, Instant>,
}

impl Agenda {
    /// What is next for an order happens at this time, instead of the time that was set before.
    pub(super) fn set(&mut self, order: OrderId, at: Instant) {
        self.clear(order);
        self.of.insert(order, at);
        self.due.insert((at, order));
    }

    /// Nothing more happens for an order.
    pub(super) fn clear(&mut self, order: OrderId) {
        if let Some(at) = self.of.remove(&order) {
            self.due.remove(&(at, order));
        }
    }

    /// What is next for an order happens later, if anything does.
    pub(super) fn delay(&mut self, order: OrderId, by: Span) {
        if let Some(at) = self.of.get(&order).copied() {
            self.set(order, at + by);
        }
    }

    /// Takes the next order that is due, if any is.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<OrderId> {
        let (_, order) = self.due.iter().next().copied().filter(|(due, _)| *due <= now)?;
        self.clear(order);
        Some(order)
    }

    /// When the next order is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.due.iter().next().map(|(due, _)| *due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_order_has_one_time_and_the_earliest_comes_first() {
        let at = |secs| Instant::ZERO + Span::from_secs(secs);
        let (first, second) = (OrderId(0), OrderId(1));
        let mut agenda = Agenda::default();
        agenda.set(first, at(5));
        agenda.set(second, at(7));
        agenda.set(first, at(9));
        assert_eq!((agenda.next(), agenda.take_due(at(6))), (Some(at(7)), None));
        agenda.delay(second, Span::from_secs(1));
        assert_eq!([at(20); 3].map(|now| agenda.take_due(now)), [Some(second), Some(first), None]);
        agenda.set(first, at(1));
        agenda.clear(first);
        assert_eq!(agenda.next(), None);
    }
}
