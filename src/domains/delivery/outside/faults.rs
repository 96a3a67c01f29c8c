//! Faults of restaurants and couriers: what they do that was not agreed.

use super::couriers::CourierLedger;
use super::kitchen::KitchenLedger;
use super::services::{Entry, Ledger, Reply};
use super::{CourierReply, KitchenReply};
use crate::domains::delivery::ids::OrderId;
use crate::domains::delivery::setup::Delivery;
use crate::kernel::{Fault, Scope, Site, Span, Unit};
use crate::model::ServiceFault;

const MINUTE: u64 = 60_000_000;
/// The family of these faults, and where they happen.
const DELIVERY: (&str, Scope) = ("Delivery", Scope::Service);

/// All of them, in order of their sites. If a fault could affect several orders, its size determines which.
pub(super) const FAULTS: &[ServiceFault<Delivery>] = &[
    ServiceFault {
        fault: &Fault::new(
            DELIVERY,
            (Site::new(112, "delivery.kitchen-gives-up"), "KitchenGivesUp"),
            (Unit::Times, &[1, 2, 3]),
            "the restaurant gives up the nth order that is in its kitchen, and reports it",
            "a restaurant that has run out of something, or closes early",
        ),
        is_applicable: |ledger| in_work(ledger).next().is_some(),
        inject: |ledger, size, now, entries| {
            if let (Some(order), Some(kitchen)) = (pick(in_work(ledger), size), kitchen_mut(ledger))
            {
                let mut lines = Vec::new();
                kitchen.give_up(order, now, &mut lines);
                entries.extend(lines.into_iter().map(Entry::Kitchen));
            }
        },
        is_observable: |reply| matches!(reply, Reply::Kitchen(KitchenReply::GivenUp { .. })),
    },
    ServiceFault {
        fault: &Fault::new(
            DELIVERY,
            (Site::new(113, "delivery.kitchen-late"), "KitchenLate"),
            (Unit::Span, &[20 * MINUTE, 5 * MINUTE, 90 * MINUTE]),
            "what the kitchen does next for an order takes this much longer",
            "a full restaurant, a cook who is ill",
        ),
        is_applicable: |ledger| in_work(ledger).next().is_some(),
        inject: |ledger, size, _, _| {
            let order = pick(in_work(ledger), size / MINUTE);
            if let (Some(order), Some(kitchen)) = (order, kitchen_mut(ledger)) {
                kitchen.delay(order, Span::from_micros(size));
            }
        },
        is_observable: |reply| {
            use KitchenReply::{Found, Moved, Withdrawn};
            matches!(reply, Reply::Kitchen(Moved { .. } | Found { .. } | Withdrawn { .. }))
        },
    },
    ServiceFault {
        fault: &Fault::new(
            DELIVERY,
            (Site::new(114, "delivery.courier-quits"), "CourierQuits"),
            (Unit::Times, &[1, 2, 3]),
            "the courier of the nth order that is not picked up yet quits, and the service reports it",
            "a flat tyre, a courier who is offered a better trip",
        ),
        is_applicable: |ledger| coming(ledger).next().is_some(),
        inject: |ledger, size, now, entries| {
            if let (Some(order), Some(couriers)) =
                (pick(coming(ledger), size), couriers_mut(ledger))
            {
                let mut lines = Vec::new();
                couriers.quit(order, now, &mut lines);
                entries.extend(lines.into_iter().map(Entry::Courier));
            }
        },
        is_observable: |reply| matches!(reply, Reply::Courier(CourierReply::Quit { .. })),
    },
];

fn kitchen_mut(ledger: &mut Ledger) -> Option<&mut KitchenLedger> {
    match ledger {
        Ledger::Kitchen(ledger) => Some(ledger),
        Ledger::Provider(_) | Ledger::Couriers(_) => None,
    }
}

fn couriers_mut(ledger: &mut Ledger) -> Option<&mut CourierLedger> {
    match ledger {
        Ledger::Couriers(ledger) => Some(ledger),
        Ledger::Provider(_) | Ledger::Kitchen(_) => None,
    }
}

fn in_work(ledger: &Ledger) -> impl Iterator<Item = OrderId> + '_ {
    let kitchen = match ledger {
        Ledger::Kitchen(ledger) => Some(ledger),
        Ledger::Provider(_) | Ledger::Couriers(_) => None,
    };
    kitchen.into_iter().flat_map(KitchenLedger::in_work)
}

fn coming(ledger: &Ledger) -> impl Iterator<Item = OrderId> + '_ {
    let couriers = match ledger {
        Ledger::Couriers(ledger) => Some(ledger),
        Ledger::Provider(_) | Ledger::Kitchen(_) => None,
    };
    couriers.into_iter().flat_map(CourierLedger::coming)
}

/// The nth, counted from 1; after the last the first follows.
fn pick(all: impl Iterator<Item = OrderId>, nth: u64) -> Option<OrderId> {
    let all: Vec<OrderId> = all.collect();
    let place = nth.saturating_sub(1).checked_rem(all.len() as u64)?;
    Some(all[place as usize])
}
