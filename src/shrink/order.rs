//! The order of a failure from scratch: fewer waits than are left, between other deliveries.

use super::element::{Element, Elements};
use crate::kernel::{Delivered, Hold};

/// The most orders that are tried in the place of one.
const ORDERS_MAX: usize = 256;

/// Elements without what changes their order, if several do: fewer waits may be enough.
pub(super) fn without_order(elements: &Elements) -> Option<(Elements, usize)> {
    let order = elements.all().iter().copied().filter(Element::is_order);
    let order: Vec<Element> = order.collect();
    (order.len() > 1).then(|| (elements.without(&order), order.len()))
}

/// Sets of fewer than `many` waits, at most two, that can be put into a run with these deliveries: single ones first.
pub(super) fn orders(deliveries: &[Delivered], many: usize) -> impl Iterator<Item = Vec<Hold>> {
    let singles = waits(deliveries);
    let pairs = if many > 2 { pairs(&singles) } else { Vec::new() };
    singles.into_iter().map(|hold| vec![hold]).chain(pairs).take(ORDERS_MAX)
}

/// Each message with each of the deliveries that come after it at its node, those next to each other first: of two
/// orders that fail the one that changes less is the simpler one.
fn waits(deliveries: &[Delivered]) -> Vec<Hold> {
    let is_message = |delivered: &&Delivered| !delivered.is_poll && !delivered.key.actor.is_own();
    let mut found = Vec::new();
    for (at, delivered) in deliveries.iter().enumerate().filter(|(_, it)| is_message(it)) {
        let here = |other: &&Delivered| other.key.actor.to == delivered.key.actor.to;
        let after = deliveries[at + 1..].iter().filter(|other| !other.is_poll).filter(here);
        let hold = |other: &Delivered| Hold { delivery: delivered.key, until: other.key };
        found.extend(after.enumerate().map(|(nth, other)| (nth, hold(other))));
    }
    found.sort_by_key(|(nth, _)| *nth);
    found.into_iter().map(|(_, hold)| hold).collect()
}

/// Each two that concern different deliveries.
fn pairs(singles: &[Hold]) -> Vec<Vec<Hold>> {
    let near = &singles[..singles.len().min(ORDERS_MAX)];
    let with_later = |(nth, one): (usize, &Hold)| {
        let later = near[nth + 1..].iter().filter(|other| other.delivery != one.delivery);
        later.map(|other| vec![*one, *other]).collect::<Vec<_>>()
    };
    near.iter().enumerate().flat_map(with_later).collect()
}
