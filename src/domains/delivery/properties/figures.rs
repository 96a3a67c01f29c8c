//! `analytics-reconcile`: the figures of every hour are those of the log.

use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::collections::SortedMap;
use crate::domains::delivery::Row;
use crate::domains::delivery::event::{Event, OrderEvent};
use crate::domains::delivery::setup::Delivery;
use crate::domains::delivery::views::ANALYTICS;
use crate::kernel::Step;
use crate::model::{Fact, Record, Rest, RowKey, Stored};

/// The figures are those of the log.
pub static ANALYTICS_RECONCILE: Property = Property {
    id: "analytics-reconcile",
    when: When::AtRest,
    says: "at rest, the counts and sums of each hour are those of the events that the store recorded in \
           that hour, and there are no others",
};

/// Counts by hour: created, confirmed, delivered, cancelled, paid, refunded; amounts in minor units.
type Counts = [i64; 6];

/// The names of these figures.
const NAMES: [&str; 6] = ["created", "confirmed", "delivered", "cancelled", "paid", "refunded"];

/// Counts again.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures {
    hours: SortedMap<u64, (Counts, Step)>,
}

impl Checker<Delivery> for Figures {
    const PROPERTIES: &'static [Property] = &[ANALYTICS_RECONCILE];
    const FACTS: FactKinds = kinds!(Stored);

    fn observe(&mut self, record: &Record<Delivery>, checks: &mut Checks<'_, Delivery>) {
        let Fact::Stored(stored) = &record.fact else { return };
        let Event::Order(event) = &stored.event else { return };
        let Some(added) = counts(event) else { return };
        let hour = hour_of(checks.words.domain, stored);
        let (counts, step) = self.hours.entry(hour).or_default();
        counts.iter_mut().zip(added).for_each(|(count, by)| *count += by);
        *step = record.step;
    }

    fn at_rest(&mut self, rest: &Rest<'_, Delivery>, checks: &mut Checks<'_, Delivery>) {
        let rows = &rest.rows[usize::from(ANALYTICS.0)];
        let is_known = |hour: u64| rest.is_known(ANALYTICS, RowKey(hour as u32));
        for (hour, row) in (0_u64..).zip(rows).filter(|(hour, _)| is_known(*hour)) {
            let shown = row.as_ref().map_or([0; 6], |row| figures(row));
            let (counted, step) = self.hours.get(&hour).copied().unwrap_or_default();
            for ((name, shown), counted) in NAMES.into_iter().zip(shown).zip(counted) {
                checks.that(&ANALYTICS_RECONCILE, shown == counted, [step], |_| {
                    format!("{name} in hour {hour}: the log says {counted}, the analytics {shown}")
                });
            }
        }
        for (hour, (_, step)) in self.hours.iter().filter(|(hour, _)| is_known(**hour)) {
            let exists = rows.get(*hour as usize).is_some_and(Option::is_some);
            checks.that(&ANALYTICS_RECONCILE, exists, [*step], |_| {
                format!("the analytics have nothing about hour {hour}, in which something happened")
            });
        }
    }
}

/// What an event adds to the figures; `None` if it does not count.
const fn counts(event: &OrderEvent) -> Option<Counts> {
    match event {
        OrderEvent::OrderCreated { .. } => Some([1, 0, 0, 0, 0, 0]),
        OrderEvent::OrderConfirmed { .. } => Some([0, 1, 0, 0, 0, 0]),
        OrderEvent::OrderDelivered { .. } => Some([0, 0, 1, 0, 0, 0]),
        OrderEvent::OrderCancelled { refund, .. } => Some([0, 0, 0, 1, 0, refund.minor]),
        OrderEvent::OrderPaid { amount } => Some([0, 0, 0, 0, amount.minor, 0]),
        OrderEvent::DropOffChanged { .. }
        | OrderEvent::OrderPreparing { .. }
        | OrderEvent::CourierAssigned { .. }
        | OrderEvent::OrderReady { .. }
        | OrderEvent::OrderOutForDelivery { .. }
        | OrderEvent::CourierMoved { .. } => None,
    }
}

fn figures(row: &Row) -> Counts {
    let Row::Hour(hour) = row else { return [0; 6] };
    let count = i64::from;
    [
        count(hour.created),
        count(hour.confirmed),
        count(hour.delivered),
        count(hour.cancelled),
        hour.paid,
        hour.refunded,
    ]
}

/// The hour in which an event was recorded, counted from the midnight before the run.
fn hour_of(delivery: &Delivery, stored: &Stored<Event>) -> u64 {
    let begins = u64::from(delivery.tables.setup.begins.0) * 60;
    (begins + stored.metadata.recorded_at.as_nanos() / 1_000_000_000) / 3_600
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, PRICE};
    use crate::domains::delivery::event::Reason;
    use crate::domains::delivery::order::Status;

    const NOTHING: [&str; 0] = [];
    const WRONG: [&str; 1] = ["analytics-reconcile"];

    #[test]
    fn figures_of_two_hours_that_are_those_of_the_log_are_accepted() {
        let mut story = History::at(Status::Created);
        story.waits(3_600);
        story.cancelled(Status::Created, Reason::ByCustomer, PRICE);
        story.settle();
        story.refund(0);
        assert_eq!(story.at_rest(), NOTHING);
        story.forget_hour(13);
        assert_eq!(
            story.at_rest(),
            ["analytics-reconcile"; 3],
            "one cancelled, one refund, no row"
        );
    }

    #[test]
    fn a_row_that_counts_something_twice_is_rejected() {
        let mut story = History::at(Status::Delivered);
        story.settle();
        story.count_again(12);
        assert_eq!(story.at_rest(), WRONG);
    }
}
