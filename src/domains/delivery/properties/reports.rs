//! `stage-by-report`: an order says what has happened outside, and not more.

use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::collections::SortedMap;
use crate::domains::delivery::event::{Event, OrderEvent};
use crate::domains::delivery::ids::{CourierId, OrderId};
use crate::domains::delivery::outside::{CourierEntry, Entry, KitchenEntry, Leg, Stage};
use crate::domains::delivery::setup::Delivery;
use crate::kernel::Step;
use crate::model::{Fact, Record};

/// An order is where its food is.
pub static STAGE_BY_REPORT: Property = Property {
    id: "stage-by-report",
    when: When::Always,
    says: "a restaurant gets an order only after it was paid; an order is confirmed, prepared, ready, out \
           for delivery or delivered only after the ledger of its restaurant or of the couriers says so",
};

/// What the ledgers say about each order.
#[derive(Clone, Debug, Default)]
pub(super) struct Reports {
    orders: SortedMap<OrderId, Known>,
}

#[derive(Clone, Debug, Default)]
struct Known {
    paid: bool,
    stage: Option<Stage>,
    /// All couriers that were ever found for it.
    couriers: Vec<CourierId>,
    leg: Option<Leg>,
    touched: Step,
}

impl Checker<Delivery> for Reports {
    const PROPERTIES: &'static [Property] = &[STAGE_BY_REPORT];
    const FACTS: FactKinds = kinds!(Stored Entered);

    fn observe(&mut self, record: &Record<Delivery>, checks: &mut Checks<'_, Delivery>) {
        match &record.fact {
            Fact::Stored(stored) => {
                let order = OrderId(stored.stream.number);
                let known = self.orders.entry(order).or_default();
                if let Event::Order(event) = &stored.event {
                    known.stored(order, event, checks);
                }
            }
            Fact::Entered { entry, .. } => {
                let known = self.orders.entry(entry.order()).or_default();
                known.entered(entry, checks);
            }
            _ => {}
        }
    }
}

impl Known {
    fn entered(&mut self, entry: &Entry, checks: &mut Checks<'_, Delivery>) {
        let (order, because) = (entry.order(), [self.touched, checks.step()]);
        self.touched = checks.step();
        match entry {
            Entry::Charge(_) => {}
            Entry::Kitchen(KitchenEntry::Taken { .. }) => {
                self.stage = Some(Stage::Received);
                checks.that(&STAGE_BY_REPORT, self.paid, because, |_| {
                    format!("the restaurant has {order}, which is not paid")
                });
            }
            Entry::Kitchen(KitchenEntry::Moved { stage, .. }) => self.stage = Some(*stage),
            Entry::Courier(CourierEntry::Assigned { courier, .. }) => self.couriers.push(*courier),
            Entry::Courier(CourierEntry::Moved { leg, .. }) => self.leg = Some(*leg),
            Entry::Kitchen(KitchenEntry::GivenUp { .. } | KitchenEntry::Withdrawn { .. })
            | Entry::Courier(
                CourierEntry::Noted { .. }
                | CourierEntry::Quit { .. }
                | CourierEntry::Released { .. },
            ) => {}
        }
    }

    fn stored(&mut self, order: OrderId, event: &OrderEvent, checks: &mut Checks<'_, Delivery>) {
        let holds = match event {
            OrderEvent::OrderConfirmed { .. } => self.stage >= Some(Stage::Accepted),
            OrderEvent::OrderPreparing { .. } => self.stage >= Some(Stage::Cooking),
            OrderEvent::OrderReady { .. } => self.stage >= Some(Stage::Ready),
            OrderEvent::CourierAssigned { courier, .. } => self.couriers.contains(courier),
            OrderEvent::OrderOutForDelivery { courier, .. } => {
                self.leg >= Some(Leg::PickedUp) && self.couriers.contains(courier)
            }
            OrderEvent::OrderDelivered { .. } => self.leg >= Some(Leg::Delivered),
            OrderEvent::OrderPaid { .. } => {
                self.paid = true;
                return;
            }
            OrderEvent::OrderCreated { .. }
            | OrderEvent::DropOffChanged { .. }
            | OrderEvent::CourierMoved { .. }
            | OrderEvent::OrderCancelled { .. } => return,
        };
        let because = [self.touched, checks.step()];
        checks.that(&STAGE_BY_REPORT, holds, because, |_| {
            format!("{} is stored for {order}, but no ledger says so", event.name())
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, PRICE};
    use crate::domains::delivery::order::Status;

    const NOTHING: [&str; 0] = [];
    const EARLY: [&str; 1] = ["stage-by-report"];

    #[test]
    fn stages_that_the_outside_has_reached_are_accepted() {
        assert_eq!(History::at(Status::Delivered).violated(), NOTHING);
    }

    #[test]
    fn a_stage_before_its_report_is_rejected() {
        for (stage, next) in [
            (Status::Created, Status::Confirmed),
            (Status::Confirmed, Status::Preparing),
            (Status::Preparing, Status::Ready),
            (Status::Ready, Status::OutForDelivery),
            (Status::OutForDelivery, Status::Delivered),
        ] {
            let mut story = History::at(stage);
            story.reach(next);
            assert_eq!(story.violated(), EARLY, "{next:?}");
        }
    }

    #[test]
    fn a_restaurant_that_cooks_an_unpaid_order_is_rejected() {
        let mut story = History::new();
        story.created(PRICE);
        story.charge(PRICE);
        story.offer();
        assert_eq!(story.violated(), EARLY);
    }

    #[test]
    fn a_courier_whom_nobody_has_found_is_rejected() {
        let mut story = History::at(Status::Preparing);
        story.courier_assigned(7);
        assert_eq!(story.violated(), EARLY);
    }
}
