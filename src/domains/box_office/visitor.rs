//! A customer as the limit of purchases sees one: when the last purchases were begun.

use arrayvec::ArrayVec;

use super::command::Rejection;
use super::event::VisitorEvent;
use super::setup::{LIMIT_MAX, Limit};
use crate::kernel::Instant;

/// The purchases of one customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Visitor {
    /// When the latest were begun, by the clocks of those who decided them.
    begun: ArrayVec<Instant, LIMIT_MAX>,
}

impl Visitor {
    /// Whether one more purchase is within the limit.
    pub(super) fn begin(&self, limit: &Limit, now: Instant) -> Result<VisitorEvent, Rejection> {
        let recent = self.begun.iter().filter(|at| now < **at + limit.per).count();
        if recent >= usize::from(limit.purchases) {
            return Err(Rejection::TooManyPurchases);
        }
        Ok(VisitorEvent::PurchaseBegun { at: now })
    }

    pub fn evolve(&mut self, event: &VisitorEvent) {
        let VisitorEvent::PurchaseBegun { at } = event;
        // The latest are kept, in order of time: clocks may differ.
        if self.begun.is_full() && self.begun.first().is_some_and(|first| first < at) {
            self.begun.remove(0);
        }
        if !self.begun.is_full() {
            let place = self.begun.partition_point(|known| known <= at);
            self.begun.insert(place, *at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Span;

    #[test]
    fn so_many_purchases_begin_in_a_span_and_no_more() {
        let limit = Limit { purchases: 2, per: Span::from_secs(10) };
        let at = |secs| Instant::ZERO + Span::from_secs(secs);
        let mut visitor = Visitor::default();
        for secs in [0, 4] {
            visitor.evolve(&visitor.begin(&limit, at(secs)).expect("within the limit"));
        }
        assert_eq!(visitor.begin(&limit, at(9)), Err(Rejection::TooManyPurchases));
        let third = visitor.begin(&limit, at(10)).expect("the first is ten seconds ago");
        visitor.evolve(&third);
        assert_eq!(visitor.begin(&limit, at(13)), Err(Rejection::TooManyPurchases));
    }
}
